// A run's inputs: the draft of its grid point with a copy of the workload in it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <aurora/ext.h>

#include "agent/agent_file.h"
#include "experiment/draft.h"
#include "experiment/keys.h"
#include "experiment/label.h"
#include "experiment/source.h"

static bool is_endless(const struct aur_workload *workload)
{
    for (uint32_t i = 0; i < workload->op_count; i++)
        if (workload->ops[i].code == AUR_OP_LOOP && workload->ops[i].value == AUR_LOOP_FOREVER)
            return true;
    return false;
}

static bool check_times(const struct aur_experiment *experiment, const struct aur_draft *draft,
                        const struct aur_workload *workload, struct aur_failure *failure)
{
    uint64_t end_ns = draft->duration_ns ? draft->duration_ns : workload->duration_ns;
    const struct aur_value *warmup = &draft->warmup;

    if (!end_ns && is_endless(workload))
        return aur_fail(failure, experiment->file, 0,
                        "the workload never ends, give the experiment a \"duration\" or --set "
                        "duration=10s");
    if (end_ns && draft->warmup_ns >= end_ns)
        return aur_fail(failure, warmup->document->file, warmup->node->line,
                        "\"warmup\" takes the whole run of %llu ns, make it shorter",
                        (unsigned long long)end_ns);
    return true;
}

// Blamed on the line of the scheduler, or on the file if it names none.
static bool check_schedulers(const struct aur_experiment *experiment, uint32_t point,
                             const struct aur_draft *draft, const struct aur_workload *workload,
                             struct aur_failure *failure)
{
    struct aur_value value = aur_experiment_value(experiment, point, "scheduler");
    struct aur_failure why = {{0}};
    for (uint32_t slot = 0; slot < AUR_SCHEDULER_SLOTS; slot++)
        if (!aur_scheduler_check(&draft->schedulers[slot], slot, workload, &why))
            return aur_fail(failure, value.document ? value.document->file : experiment->file,
                            value.document ? value.node->line : 0, "%s", why.text);
    return true;
}

// The agent as it is stored, for one CPU and one task.
static struct aur_image *read_agent(const struct aur_draft *draft, struct aur_failure *failure)
{
    const struct aur_agent_contract contract = {AUR_EXT_CONTEXT_BYTES, false};
    struct aur_agent_file file;
    if (!aur_agent_file_read(&file, draft->agent, 1, 1, failure))
        return NULL;
    if (!aur_agent_file_verify(&file, &contract, AUR_LEVEL_SCHEDULE, failure)) {
        aur_agent_file_free(&file);
        return NULL;
    }
    free(file.places);
    return file.image;
}

static bool check_agent(const struct aur_draft *draft, struct aur_failure *failure)
{
    const struct aur_scheduler_choice *choice = &draft->schedulers[AUR_SLOT_FAIR];
    if (!*draft->agent)
        return strcmp(choice->name, "agent") != 0 ||
               aur_fail(failure, NULL, 0,
                        "scheduler agent is what an agent decides: name its file, e.g. "
                        "--set scheduler=agent:fifo.o");
    struct aur_image *agent = read_agent(draft, failure);
    free(agent);
    return agent != NULL;
}

static bool prepare(struct aur_experiment *experiment, uint32_t point, struct aur_draft *draft,
                    const struct aur_workload **workload, struct aur_failure *failure)
{
    if (!aur_draft_make(experiment, point, draft, failure))
        return false;
    *workload = aur_source_workload(experiment, draft, failure);
    return *workload && check_times(experiment, draft, *workload, failure) &&
           check_schedulers(experiment, point, draft, *workload, failure);
}

bool aur_source_check_point(struct aur_experiment *experiment, uint32_t point, bool *random,
                            struct aur_failure *failure)
{
    struct aur_draft draft;
    const struct aur_workload *workload;

    if (!prepare(experiment, point, &draft, &workload, failure) || !check_agent(&draft, failure))
        return false;
    *random = draft.machine.tick_phase_ns != 0;
    for (uint32_t slot = 0; slot < AUR_SCHEDULER_SLOTS; slot++)
        *random |= aur_scheduler_is_needed(workload, slot) &&
                   aur_scheduler_is_random(&draft.schedulers[slot]);
    for (uint32_t i = 0; i < workload->distribution_count; i++)
        *random |= workload->distributions[i].kind != AUR_DISTRIBUTION_CONSTANT;
    return true;
}

bool aur_experiment_resolve(struct aur_experiment *experiment, uint32_t run,
                            struct aur_inputs *inputs, struct aur_failure *failure)
{
    struct aur_draft draft;
    const struct aur_workload *workload;

    if (!prepare(experiment, aur_experiment_point(experiment, run), &draft, &workload, failure))
        return false;
    aur_inputs_init(inputs);
    inputs->machine = draft.machine;
    inputs->scheduler = draft.schedulers[AUR_SLOT_FAIR];
    memcpy(inputs->above, draft.schedulers, sizeof inputs->above);
    inputs->outage_count = draft.outage_count;
    memcpy(inputs->outages, draft.outages, sizeof inputs->outages);
    inputs->seed = draft.seed;
    inputs->replication = aur_experiment_replication(experiment, run);
    inputs->duration_ns = draft.duration_ns;
    inputs->warmup_ns = draft.warmup_ns;
    if (*draft.agent && !(inputs->agent = read_agent(&draft, failure))) {
        aur_inputs_free(inputs);
        return false;
    }
    if (aur_workload_append(&inputs->workload, workload))
        return true;
    aur_inputs_free(inputs);
    return aur_fail(failure, NULL, 0, "memory is out");
}

char *aur_experiment_workload_name(struct aur_experiment *experiment, uint32_t point, char *text,
                                   size_t room)
{
    struct aur_value workload = aur_experiment_value(experiment, point, "workload");
    text[0] = '\0';
    return workload.document ? aur_value_label(&workload, text, room) : text;
}
