// An agent for tests that try every class: where they name the class `agent` for fair tasks, these
// get it with an agent in it, above eevdf.
#ifndef AURORA_CORE_TESTS_AGENT_SCENE_H
#define AURORA_CORE_TESTS_AGENT_SCENE_H

#include <aurora/agent.h>
#include <aurora/core.h>

#define AGENT_SCENE_BYTES 16384u

// It keeps every CPU busy that it may keep busy: tasks share by virtual time, one in eight goes to
// a CPU's own queue, another to the global one, another is kept for a while.
extern const char agent_scene_text[];
// One queue for all, and each runs to its end.
extern const char agent_scene_fifo[];
// Which of them it is, the first unless a test says otherwise.
extern const char *agent_scene_chosen;

// If the fair class is `agent`, it moves to its slot, with room for an image.
void agent_scene_stack(struct aur_config *config);

// Builds the agent of that text for the configuration. Returns its bytes; 0: it is none.
size_t agent_scene_build(const struct aur_config *config, const char *text,
                         uint64_t image[AGENT_SCENE_BYTES / 8]);

#endif
