#include "experiment/measurements.h"

#include <stdlib.h>
#include <string.h>

#include "workload/file.h"

#define COLUMNS_MOST 32u

enum column {
    FIRST_OPTIONAL = AUR_MEASURED_WAKEUPS,
    COLUMN_OTHER = AUR_MEASURED_VALUES,
    COLUMN_TASK
};

struct reading {
    const char *path;
    uint32_t line;
    uint8_t columns[COLUMNS_MOST];
    uint32_t column_count;
    const struct aur_value *rename;
    struct aur_measurements *to;
    struct aur_failure *failure;
};

static bool read_head(struct reading *reading, char *line)
{
    static const char *const names[] = {
        [AUR_MEASURED_RUN_MS] = "runtime_ms",
        [AUR_MEASURED_SWITCHES] = "switches",
        [AUR_MEASURED_MEAN_WAIT_MS] = "mean_wait_ms",
        [AUR_MEASURED_MAX_WAIT_MS] = "max_wait_ms",
        [AUR_MEASURED_WAKEUPS] = "wakeups",
        [AUR_MEASURED_MEAN_WAKEUP_MS] = "mean_wakeup_ms",
    };
    bool seen[COLUMN_TASK + 1] = {false};
    for (char *field; (field = strsep(&line, ",")) != NULL;) {
        uint32_t column = strcmp(field, "task") == 0 ? COLUMN_TASK : COLUMN_OTHER;
        for (uint32_t i = 0; i < AUR_MEASURED_VALUES; i++)
            if (strcmp(field, names[i]) == 0)
                column = i;
        if (reading->column_count == COLUMNS_MOST)
            return aur_fail(reading->failure, reading->path, 1, "more than %u columns",
                            COLUMNS_MOST);
        reading->columns[reading->column_count++] = (uint8_t)column;
        seen[column] = true;
    }
    for (uint32_t i = 0; i < FIRST_OPTIONAL; i++)
        if (!seen[i])
            return aur_fail(reading->failure, reading->path, 1, "there is no column \"%s\"",
                            names[i]);
    return seen[COLUMN_TASK] ||
           aur_fail(reading->failure, reading->path, 1, "there is no column \"task\"");
}

static const char *renamed(const struct reading *reading, const char *name)
{
    const char *to;
    if (!reading->rename->document)
        return name;
    const struct aur_node *node =
        aur_document_find(reading->rename->document, reading->rename->node, name);
    if (node && aur_document_string(reading->rename->document, node, &to, reading->failure))
        return to;
    return name;
}

static struct aur_measured_task *find_task(struct reading *reading, const char *name)
{
    struct aur_measurements *to = reading->to;
    for (uint32_t i = 0; i < to->count; i++)
        if (strcmp(to->tasks[i].name, name) == 0)
            return &to->tasks[i];
    if (to->count == AUR_MEASURED_TASKS_MAX)
        return NULL;
    struct aur_measured_task *tasks = realloc(to->tasks, (to->count + 1u) * sizeof *tasks);
    if (!tasks)
        return NULL;
    to->tasks = tasks;
    tasks[to->count] = (struct aur_measured_task){.name = strdup(name)};
    return tasks[to->count].name ? &tasks[to->count++] : NULL;
}

// Running mean, least and most of each value.
static void add(struct aur_measured_task *task, const double *values)
{
    task->run_ms[task->repetitions++] = values[AUR_MEASURED_RUN_MS];
    for (uint32_t i = 0; i < AUR_MEASURED_VALUES; i++) {
        task->mean[i] += (values[i] - task->mean[i]) / task->repetitions;
        if (task->repetitions == 1 || values[i] < task->least[i])
            task->least[i] = values[i];
        if (task->repetitions == 1 || values[i] > task->most[i])
            task->most[i] = values[i];
    }
}

static bool read_row(struct reading *reading, char *line)
{
    double values[AUR_MEASURED_VALUES] = {0};
    const char *name = NULL;
    uint32_t at = 0;
    for (char *field; (field = strsep(&line, ",")) != NULL; at++) {
        uint32_t column = at < reading->column_count ? reading->columns[at] : COLUMN_OTHER;
        char *end;
        if (column == COLUMN_TASK)
            name = field;
        if (column >= AUR_MEASURED_VALUES)
            continue;
        values[column] = strtod(field, &end);
        if (end == field || *end || values[column] < 0)
            return aur_fail(reading->failure, reading->path, reading->line,
                            "\"%s\" is no number of zero or more", field);
    }
    if (at != reading->column_count || !name || !*name)
        return aur_fail(reading->failure, reading->path, reading->line,
                        "the row has %u fields, the head has %u", at, reading->column_count);
    struct aur_measured_task *task = find_task(reading, renamed(reading, name));
    if (!task)
        return aur_fail(reading->failure, reading->path, reading->line,
                        "more than %u tasks, or memory is out", AUR_MEASURED_TASKS_MAX);
    if (task->repetitions == AUR_REPETITIONS_MAX)
        return aur_fail(reading->failure, reading->path, reading->line,
                        "more than %u repetitions of task %s", AUR_REPETITIONS_MAX, task->name);
    add(task, values);
    return true;
}

bool aur_measurements_read(struct aur_measurements *measurements, const char *path,
                           const struct aur_value *rename, struct aur_failure *failure)
{
    struct reading reading = {
        .path = path, .rename = rename, .to = measurements, .failure = failure};
    char *bytes;
    size_t size;
    bool truncated;

    *measurements = (struct aur_measurements){NULL, 0};
    if (!aur_file_read(path, &bytes, &size, &truncated, failure))
        return false;
    char *text = malloc(size + 1), *rest = text, *line;
    bool good = text != NULL || aur_fail(failure, NULL, 0, "memory is out");
    if (good) {
        memcpy(text, bytes, size);
        text[size] = '\0';
    }
    while (good && (line = strsep(&rest, "\n")) != NULL) {
        reading.line++;
        line[strcspn(line, "\r")] = '\0';
        if (*line)
            good = reading.column_count ? read_row(&reading, line) : read_head(&reading, line);
    }
    if (good && measurements->count == 0)
        good = aur_fail(failure, path, 0, "there are no measurements in it");
    free(text);
    free(bytes);
    if (!good)
        aur_measurements_free(measurements);
    return good;
}

struct aur_measured_share aur_measured_share(const struct aur_measurements *measurements,
                                             uint32_t task, const bool *has)
{
    const struct aur_measured_task *of = &measurements->tasks[task];
    struct aur_measured_share share = {0, 1, 0};
    double all = 0;
    for (uint32_t i = 0; i < measurements->count; i++)
        all += has[i] ? measurements->tasks[i].mean[AUR_MEASURED_RUN_MS] : 0;
    share.mean = all > 0 ? of->mean[AUR_MEASURED_RUN_MS] / all : 0;
    for (uint32_t repetition = 0; repetition < of->repetitions; repetition++) {
        double sum = 0;
        for (uint32_t i = 0; i < measurements->count; i++)
            if (has[i] && repetition < measurements->tasks[i].repetitions)
                sum += measurements->tasks[i].run_ms[repetition];
        double part = sum > 0 ? of->run_ms[repetition] / sum : 0;
        share.least = part < share.least ? part : share.least;
        share.most = part > share.most ? part : share.most;
    }
    return share;
}

void aur_measurements_free(struct aur_measurements *measurements)
{
    for (uint32_t i = 0; i < measurements->count; i++)
        free(measurements->tasks[i].name);
    free(measurements->tasks);
    *measurements = (struct aur_measurements){NULL, 0};
}
