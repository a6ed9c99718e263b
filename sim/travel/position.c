#include "travel/position.h"

#include <stdlib.h>
#include <string.h>

void aur_position_init(struct aur_position *position)
{
    memset(position, 0, sizeof *position);
    memset(position->dispatched, 0xff, sizeof position->dispatched);
}

void aur_position_free(struct aur_position *position)
{
    free(position->tasks);
    aur_position_init(position);
}

bool aur_position_set(struct aur_position *position, uint32_t slot, uint32_t task)
{
    if (slot >= AUR_TASKS_MAX)
        return true;
    if (slot >= position->room) {
        uint32_t room = position->room ? position->room : 64;
        while (room <= slot)
            room *= 2;
        uint32_t *grown = realloc(position->tasks, room * sizeof *grown);
        if (!grown)
            return false;
        position->tasks = grown;
        position->room = room;
    }
    while (position->slots <= slot)
        position->tasks[position->slots++] = AUR_NONE;
    position->tasks[slot] = task;
    return true;
}

uint32_t aur_position_task(const struct aur_position *position, uint32_t slot)
{
    return slot < position->slots ? position->tasks[slot] : AUR_NONE;
}

bool aur_position_take(struct aur_position *position, const struct aur_record *records,
                       uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct aur_record *record = &records[i];
        if (!aur_record_is_action(record)) {
            position->event = record->kind;
            position->cpu = record->cpu;
            position->events++;
            if (record->kind == AUR_EV_DISPATCH && record->cpu < AUR_CPUS_MAX) {
                if (!(position->again >> record->cpu & 1))
                    position->dispatched[record->cpu] = position->records;
                position->again &= ~(1ull << record->cpu);
            }
        } else if (record->kind == AUR_ACT_AGAIN && position->event == AUR_EV_DISPATCH &&
                   position->cpu < AUR_CPUS_MAX) {
            position->again |= 1ull << position->cpu;
        } else if (record->kind == AUR_ACT_MADE && position->event == AUR_EV_TASK_NEW &&
                   !aur_position_set(position, record->task, (uint32_t)position->made++)) {
            return false;
        }
        position->records++;
    }
    return true;
}
