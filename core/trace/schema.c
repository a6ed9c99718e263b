#include <aurora/event.h>

const char *aur_record_kind_text(uint8_t kind)
{
    switch (kind) {
#define X(name, text)                                                                              \
    case AUR_EV_##name:                                                                            \
        return text;
        AUR_EVENT_TABLE(X)
#undef X
#define X(name, text)                                                                              \
    case AUR_ACT_##name:                                                                           \
        return text;
        AUR_ACTION_TABLE(X)
#undef X
    default:
        return "unknown";
    }
}
