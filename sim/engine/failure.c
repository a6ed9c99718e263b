#include "engine/failure.h"

#include <stdarg.h>
#include <stdio.h>

bool aur_fail(struct aur_failure *failure, const char *file, uint32_t line, const char *format, ...)
{
    if (failure->text[0] != '\0')
        return false;
    int used = 0;
    if (file && line)
        used = snprintf(failure->text, sizeof failure->text, "%s:%u: ", file, line);
    else if (file)
        used = snprintf(failure->text, sizeof failure->text, "%s: ", file);
    if (used < 0 || (size_t)used >= sizeof failure->text)
        return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->text + used, sizeof failure->text - (size_t)used, format, arguments);
    va_end(arguments);
    return false;
}
