// The tables of aurora/agent.h as text.
#include "agent/image.h"

static const struct helper {
    uint32_t number;
    enum aur_agent_level level;
    uint32_t arguments;
    const char *name;
} helpers[] = {
#define X(id, number, level, arguments, name) {number, AUR_LEVEL_##level, arguments, name},
    AUR_HELPER_TABLE(X)
#undef X
};
#define HELPERS (sizeof helpers / sizeof helpers[0])

static const char *const status_text[] = {
#define X(name, text) text,
    AUR_AGENT_STATUS_TABLE(X)
#undef X
};

const char *aur_agent_status_text(uint32_t status)
{
    return status < AUR_AGENT_STATUS_COUNT ? status_text[status] : "unknown";
}

static const struct helper *helper_of(uint32_t number)
{
    for (uint32_t i = 0; i < HELPERS; i++)
        if (helpers[i].number == number)
            return &helpers[i];
    return NULL;
}

const char *aur_helper_name(uint32_t helper)
{
    const struct helper *found = helper_of(helper);
    return found ? found->name : NULL;
}

enum aur_agent_level aur_helper_level(uint32_t helper)
{
    const struct helper *found = helper_of(helper);
    return found ? found->level : AUR_LEVEL_SCHEDULE;
}

uint32_t aur_helper_arguments(uint32_t helper)
{
    const struct helper *found = helper_of(helper);
    return found ? found->arguments : 0;
}

static bool is_called(const char *name, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (name[i] == '\0' || name[i] != text[i])
            return false;
    return name[length] == '\0';
}

uint32_t aur_helper_find(const char *name, size_t length)
{
    for (uint32_t i = 0; i < HELPERS; i++)
        if (is_called(helpers[i].name, name, length))
            return helpers[i].number;
    return AUR_NONE;
}

uint32_t aur_image_find(const struct aur_image *image, const char *name)
{
    size_t length = 0;
    while (name[length])
        length++;
    for (uint32_t program = 0; program < image->program_count; program++) {
        const struct aur_program *p = aur_image_program(image, program);
        if (p->is_entry && is_called(aur_image_name(image, p->name_at), name, length))
            return program;
    }
    return AUR_NONE;
}
