// Freestanding, as stream.c is.
#include "tests/agent_scene.h"

#include <aurora/assembler.h>
#include <aurora/ext.h>

#include "lib/memory.h"

const char agent_scene_text[] =
    ".map kept array 4 4 64\n"
    ".map count array 4 4 1\n" // of those kept
    ".program init\n"
    "    r1 = 0; r2 = -1; call scx_bpf_create_dsq; exit\n"

    ".program init_task\n"
    "    r0 = 0; exit\n"

    ".program select_cpu\n"
    "    r6 = r1\n"
    "    r1 = *(u64 *)(r6 + 0); r2 = *(u64 *)(r6 + 8); r3 = *(u64 *)(r6 + 16)\n"
    "    r4 = r10; r4 += -8; call scx_bpf_select_cpu_dfl; r7 = r0\n"
    "    r1 = *(u8 *)(r10 - 8); if r1 == 0 goto chosen\n"
    "    r1 = *(u64 *)(r6 + 0); r2 = 0x8000000000000002 ll; r3 = 3000000; r4 = 0\n"
    "    call scx_bpf_dsq_insert\n"
    "chosen:\n"
    "    r0 = r7; exit\n"

    ".program enqueue\n"
    "    r6 = r1; call bpf_get_prandom_u32\n"
    "    r0 &= 7\n"
    "    if r0 == 1 goto local\n"
    "    if r0 == 2 goto global\n"
    "    if r0 == 3 goto keep\n"
    "shared:\n"
    "    r1 = *(u64 *)(r6 + 0); r4 = *(u64 *)(r1 + 8)\n"
    "    r2 = 0; r3 = 3000000; r5 = *(u64 *)(r6 + 8); call scx_bpf_dsq_insert_vtime; exit\n"
    "local:\n"
    "    r1 = *(u64 *)(r6 + 0); r2 = 0x8000000000000002 ll; r3 = 1000000; r4 = 1; r4 <<= 32\n"
    "    call scx_bpf_dsq_insert; exit\n"
    "global:\n"
    "    r1 = *(u64 *)(r6 + 0); r2 = 0x8000000000000001 ll; r3 = 0; r4 = 0\n"
    "    call scx_bpf_dsq_insert; exit\n"
    "keep:\n" // its pid, on top of those kept
    "    r8 = count ll\n"
    "    w1 = 0; *(u32 *)(r10 - 4) = r1; r1 = r8; r2 = r10; r2 += -4\n"
    "    call bpf_map_lookup_elem; if r0 == 0 goto shared\n"
    "    r7 = r0; r1 = *(u32 *)(r7 + 0); if r1 > 63 goto shared\n"
    "    *(u32 *)(r10 - 4) = r1; r1 += 1; *(u32 *)(r7 + 0) = r1\n"
    "    r1 = *(u64 *)(r6 + 0); r1 = *(u32 *)(r1 + 40); *(u32 *)(r10 - 8) = r1\n"
    "    r1 = kept ll; r2 = r10; r2 += -4; r3 = r10; r3 += -8; r4 = 0\n"
    "    call bpf_map_update_elem\n"
    "    r1 = *(u64 *)(r6 + 0); call scx_bpf_task_cpu; r1 = r0; r2 = 0\n"
    "    call scx_bpf_kick_cpu; exit\n"

    ".program dispatch\n" // the last one that was kept, to any CPU that it may use; then the shared
    "    r6 = r1; w1 = 0; *(u32 *)(r10 - 4) = r1; r1 = count ll; r2 = r10; r2 += -4\n"
    "    call bpf_map_lookup_elem; if r0 == 0 goto take\n"
    "    r1 = *(u32 *)(r0 + 0); if r1 == 0 goto take\n"
    "    r1 += -1; *(u32 *)(r0 + 0) = r1; *(u32 *)(r10 - 4) = r1\n"
    "    r1 = kept ll; r2 = r10; r2 += -4; call bpf_map_lookup_elem; if r0 == 0 goto take\n"
    "    r1 = *(u32 *)(r0 + 0); call bpf_task_from_pid; if r0 == 0 goto take\n"
    "    r7 = r0; r1 = r7; r2 = 0x8000000000000001 ll; r3 = 2000000; r4 = 0\n"
    "    call scx_bpf_dsq_insert; r1 = r7; call bpf_task_release\n"
    "take:\n"
    "    r1 = 0; call scx_bpf_dsq_move_to_local; exit\n"

    ".program stopping\n" // what is gone of the slice, for its weight
    "    r1 = *(u64 *)(r1 + 0); r2 = *(u64 *)(r1 + 0); r3 = 3000000\n"
    "    if r2 > r3 goto left; r3 -= r2; r3 *= 100; r4 = *(u32 *)(r1 + 44); r3 /= r4\n"
    "    r2 = *(u64 *)(r1 + 8); r2 += r3; *(u64 *)(r1 + 8) = r2\n"
    "left:\n"
    "    exit\n";

const char agent_scene_fifo[] =
    ".program init\n"
    "    r1 = 0; r2 = -1; call scx_bpf_create_dsq; exit\n"
    ".program select_cpu\n"
    "    r6 = r1\n"
    "    r1 = *(u64 *)(r6 + 0); r2 = *(u64 *)(r6 + 8); r3 = *(u64 *)(r6 + 16)\n"
    "    r4 = r10; r4 += -8; call scx_bpf_select_cpu_dfl; exit\n"
    ".program enqueue\n"
    "    r4 = *(u64 *)(r1 + 8); r1 = *(u64 *)(r1 + 0); r2 = 0; r3 = -1\n"
    "    call scx_bpf_dsq_insert; exit\n"
    ".program dispatch\n"
    "    r1 = 0; call scx_bpf_dsq_move_to_local; exit\n";

const char *agent_scene_chosen = agent_scene_text;

void agent_scene_stack(struct aur_config *config)
{
    uint32_t agent = aur_class_find("agent"), eevdf = aur_class_find("eevdf");
    if (config->classes[AUR_SLOT_FAIR] != agent)
        return;
    config->classes[AUR_SLOT_EXT] = agent;
    memcpy(config->params[AUR_SLOT_EXT], config->params[AUR_SLOT_FAIR],
           sizeof config->params[AUR_SLOT_EXT]);
    config->classes[AUR_SLOT_FAIR] = eevdf;
    const struct aur_class_info *info = aur_class_info(eevdf);
    for (uint32_t i = 0; i < AUR_CLASS_PARAMS && info->params[i].name; i++)
        config->params[AUR_SLOT_FAIR][i] = info->params[i].value;
    config->agent_bytes = AGENT_SCENE_BYTES;
}

size_t agent_scene_build(const struct aur_config *config, const char *text,
                         uint64_t image[AGENT_SCENE_BYTES / 8])
{
    static struct aur_assembly assembly;
    struct aur_agent_refusal refusal;
    size_t length = 0;
    while (text[length])
        length++;
    memset(image, 0, AGENT_SCENE_BYTES);
    if (!aur_agent_assemble(text, length, &assembly))
        return 0;
    assembly.source.cpus = config->cpus;
    assembly.source.tasks = config->tasks;
    return aur_agent_build(&assembly.source, image, AGENT_SCENE_BYTES, &refusal);
}
