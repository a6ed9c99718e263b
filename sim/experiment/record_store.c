// The border to the store: rows of the recorder become rows of a writer.
#include "experiment/record_store.h"

static bool write_metric(void *context, const char *task, const char *name, const char *unit,
                         double value)
{
    struct aur_run_writer *writer = context;
    return *task ? aur_run_task_metric(writer, task, name, unit, value)
                 : aur_run_metric(writer, name, unit, value);
}

static bool write_histogram(void *context, const char *task, const char *name, const char *unit,
                            const struct aur_histogram *histogram)
{
    return aur_run_histogram(context, task, name, unit, histogram);
}

struct aur_record_sink aur_record_into(struct aur_run_writer *writer)
{
    return (struct aur_record_sink){write_metric, write_histogram, writer};
}
