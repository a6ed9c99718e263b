#include "cli/output.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

FILE *aur_output_open(const char *path, struct aur_failure *failure)
{
    if (strcmp(path, "-") == 0)
        return stdout;
    FILE *file = fopen(path, "wb");
    if (!file)
        aur_fail(failure, path, 0, "%s, name another file with -o", strerror(errno));
    return file;
}

bool aur_output_close(FILE *file, const char *path, bool good, struct aur_failure *failure)
{
    struct stat status;
    errno = 0;
    bool written = fflush(file) == 0 && !ferror(file);
    int error = errno;
    bool regular = fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode);
    if (file != stdout && fclose(file) != 0 && written) {
        written = false;
        error = errno;
    }
    if (!written)
        aur_fail(failure, path, 0, "%s, make room or name another file with -o",
                 error ? strerror(error) : "write error");
    if ((!good || !written) && regular && file != stdout)
        unlink(path);
    return good && written;
}

bool aur_output_write(const char *path, const void *bytes, size_t size, struct aur_failure *failure)
{
    FILE *file = aur_output_open(path, failure);
    if (!file)
        return false;
    fwrite(bytes, 1, size, file); // an error stays with the stream until it is closed
    return aur_output_close(file, path, true, failure);
}
