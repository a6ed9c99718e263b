// Numbers with units for people: "1.23 ms", "8.4 M".
#ifndef AURORA_SIM_CLI_QUANTITY_H
#define AURORA_SIM_CLI_QUANTITY_H

#include <stddef.h>

// A multiple of a unit of the store in which numbers are shown.
struct aur_scale {
    double divisor;
    const char *unit; // "ms"; "" for plain counts
    int decimals;
};

// The scale that shows numbers from `least` (above 0) to `most` of the unit ("ns", "count", "%",
// "1"): four digits of the largest, and two of the smallest if that does not take too many.
struct aur_scale aur_scale_for(const char *unit, double least, double most);

// "1.23 ms" into text[0 .. room), "-" for NAN. Returns text.
char *aur_quantity(double value, const char *unit, char *text, size_t room);

#endif
