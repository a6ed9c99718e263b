// Why something was refused: one line for the user, with the place and the mend.
#ifndef AURORA_SIM_FAILURE_H
#define AURORA_SIM_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#define AUR_FAILURE_TEXT 480u

struct aur_failure {
    char text[AUR_FAILURE_TEXT]; // "FILE:LINE: what is wrong, what to do"; "" if nothing failed
};

// Writes the sentence. file may be NULL (no place), line 0 (no line). Always returns false, so
// that a loader can `return aur_fail(...)`. The first failure stays: a second call is ignored.
bool aur_fail(struct aur_failure *failure, const char *file, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
