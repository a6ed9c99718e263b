// Pipes between tasks: what SEND and RECEIVE of a program do.
#ifndef AURORA_SIM_PIPE_H
#define AURORA_SIM_PIPE_H

#include "machine/world.h"

// Bytes of all pipes of a workload, zero while empty; a pipe has the number of its first condition.
size_t aur_pipes_size(const struct aur_workload *workload);

// The running task writes or reads a message, or blocks until it can try again. False: the run
// failed.
bool aur_pipe_send(struct aur_world *world, uint32_t cpu, uint32_t task, const struct aur_op *op);
bool aur_pipe_receive(struct aur_world *world, uint32_t cpu, uint32_t task,
                      const struct aur_op *op);

#endif
