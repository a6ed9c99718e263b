// Any bytes as assembler text: refused with a place and a sentence, or assembled; and what is
// assembled is, disassembled, the same again.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <aurora/assembler.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct aur_assembly first, second;
static uint64_t image[1 << 14];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[1 << 20];
    if (!aur_agent_assemble((const char *)data, size, &first)) {
        if (!first.error || !*first.error || !first.place.line || !first.place.column)
            abort();
        return 0;
    }
    struct aur_agent_refusal refusal;
    if (!aur_agent_build(&first.source, image, sizeof image, &refusal))
        return 0;
    size_t used = 0;
    for (uint32_t i = 0; i < first.source.map_count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ".map m%u array 4 4 1\n", i);
    for (uint32_t at = 0; at < first.source.instruction_count;) {
        char line[AUR_DISASSEMBLY_ROOM];
        at += aur_agent_disassemble(first.instructions, at, first.source.instruction_count, line);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", line);
        if (used >= sizeof text)
            return 0;
    }
    if (!aur_agent_assemble(text, used, &second) ||
        first.source.instruction_count != second.source.instruction_count ||
        memcmp(first.instructions, second.instructions,
               first.source.instruction_count * sizeof first.instructions[0]) != 0)
        abort();
    return 0;
}
