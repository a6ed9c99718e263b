#include "machine/machine.h"

void aur_machine_default(struct aur_machine *machine)
{
    *machine = (struct aur_machine){
#define X(name, value, low, high, unit, summary) .name = value,
        AUR_MACHINE_TABLE(X)
#undef X
    };
}
