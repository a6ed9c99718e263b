// Exponential and logarithm that give the same bits on every host.
//
// A C library's exp and log differ in the last bit between glibc, musl and wasm, and a draw that
// differs in its last bit is another run. These use IEEE double + - * / alone, in a fixed order,
// so they need no more than IEEE 754 arithmetic and -ffp-contract=off.
#ifndef AURORA_SIM_ENGINE_REAL_H
#define AURORA_SIM_ENGINE_REAL_H

// e to the power of x, within 1 unit in the last place (a subnormal result: 1.5). Infinite above
// 709.78, 0 below -745.13, NaN for NaN.
double aur_real_exp(double x);

// The natural logarithm of x, within 1 unit in the last place. Minus infinity for 0, NaN for NaN
// and below 0.
double aur_real_log(double x);

#endif
