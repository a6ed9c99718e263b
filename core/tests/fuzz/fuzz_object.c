// Any bytes as an ELF object: refused with a sentence, or read as what makes an image or not.
#include <stdlib.h>
#include <string.h>

#include <aurora/object.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct aur_object_file object;
static uint64_t image[1 << 17];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *bytes = malloc(size + 1); // aligned, and with nothing behind it
    if (!bytes)
        return 0;
    memcpy(bytes, data, size);
    if (aur_agent_read_object(bytes, size, &object)) {
        struct aur_agent_refusal refusal;
        size_t built = aur_agent_build(&object.source, image, sizeof image, &refusal);
        if (built &&
            !aur_agent_structure((const struct aur_image *)(const void *)image, built, &refusal))
            abort();
    } else if (!object.error || !*object.error) {
        abort();
    }
    free(bytes);
    return 0;
}
