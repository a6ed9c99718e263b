// Both functions reduce the argument to a small interval and sum a Taylor series there, long enough
// that what is left out lies below a tenth of a unit in the last place. The order of the final
// additions, which keeps the rounding errors small, is that of fdlibm (Sun Microsystems, 1993).
#include "engine/real.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

// Wider intermediate results, as of the x87, would give other bits.
_Static_assert(FLT_EVAL_METHOD == 0, "double arithmetic must round to double");

#define LN2_HIGH    0x1.62e42fee00000p-1 // 33 bits, so that its product with an exponent is exact
#define LN2_LOW     0x1.a39ef35793c76p-33
#define LN2_INVERSE 0x1.71547652b82fep+0

#define EXP_MAX 0x1.62e42fefa39efp+9  // 709.78: beyond it the result overflows
#define EXP_MIN -0x1.74910d52d3051p+9 // -745.13: beyond it the result rounds to 0

static double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint64_t to_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

// 2 to the power of k, which is that of a normal number.
static double power_of_two(int k)
{
    return from_bits((uint64_t)(k + 1023) << 52);
}

double aur_real_exp(double x)
{
    if (x != x)
        return x;
    if (x > EXP_MAX)
        return INFINITY;
    if (x < EXP_MIN)
        return 0;
    // x = k ln 2 + r with |r| <= ln 2 / 2, r = high - low.
    int k = (int)(x * LN2_INVERSE + (x < 0 ? -0.5 : 0.5));
    double high = x - k * LN2_HIGH;
    double low = k * LN2_LOW;
    double r = high - low;
    double lost = (high - r) - low;
    // 1/2! + r/3! + r^2/4! + ...: the first term left out is r^14/14! < 5e-18.
    double sum = 1.0 / 6227020800;
    sum = sum * r + 1.0 / 479001600;
    sum = sum * r + 1.0 / 39916800;
    sum = sum * r + 1.0 / 3628800;
    sum = sum * r + 1.0 / 362880;
    sum = sum * r + 1.0 / 40320;
    sum = sum * r + 1.0 / 5040;
    sum = sum * r + 1.0 / 720;
    sum = sum * r + 1.0 / 120;
    sum = sum * r + 1.0 / 24;
    sum = sum * r + 1.0 / 6;
    sum = sum * r + 0.5;
    double y = 1 + (r + (r * r * sum + lost));
    // In two steps, because 2^k alone may overflow or be subnormal where the result is not.
    int half = k / 2;
    return y * power_of_two(half) * power_of_two(k - half);
}

double aur_real_log(double x)
{
    if (x != x || x < 0)
        return NAN;
    if (x == 0)
        return -INFINITY;
    if (x > 0x1.fffffffffffffp1023)
        return x;
    int k = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        k = -54;
    }
    // x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2).
    uint64_t bits = to_bits(x);
    k += (int)(bits >> 52) - 1023;
    double m = from_bits((bits & ((1ull << 52) - 1)) | 1023ull << 52);
    if (m >= 0x1.6a09e667f3bcdp+0) {
        m *= 0.5;
        k++;
    }
    // log(1 + f) = 2 atanh(s) = 2s (1 + z/3 + z^2/5 + ...) with s = f / (2 + f) and z = s^2 <
    // 0.0295: the first term left out is z^11/23 < 1e-18. 2s = f - f^2/2 + s f^2/2 keeps f, which
    // is exact, apart from what is rounded.
    double f = m - 1;
    double s = f / (2 + f);
    double z = s * s;
    double sum = 2.0 / 21;
    sum = sum * z + 2.0 / 19;
    sum = sum * z + 2.0 / 17;
    sum = sum * z + 2.0 / 15;
    sum = sum * z + 2.0 / 13;
    sum = sum * z + 2.0 / 11;
    sum = sum * z + 2.0 / 9;
    sum = sum * z + 2.0 / 7;
    sum = sum * z + 2.0 / 5;
    sum = sum * z + 2.0 / 3;
    double half_square = 0.5 * f * f;
    return k * LN2_HIGH - ((half_square - (s * (half_square + z * sum) + k * LN2_LOW)) - f);
}
