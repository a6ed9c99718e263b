// Agents in files: ELF objects, assembler text, instructions as bytes or as hexadecimal digits.
#ifndef AURORA_SIM_AGENT_FILE_H
#define AURORA_SIM_AGENT_FILE_H

#include <aurora/agent.h>
#include <aurora/assembler.h>

#include "engine/failure.h"

struct aur_agent_file {
    const char *path;
    struct aur_image *image; // on the heap
    size_t bytes;
    struct aur_text_place *places; // of assembler text: where each instruction stands; else NULL
};

// Reads `path`, which must outlive the result, whatever of the four it is, as an image for so many
// CPUs and tasks. Failures name the place and the mend.
bool aur_agent_file_read(struct aur_agent_file *file, const char *path, uint32_t cpus,
                         uint32_t tasks, struct aur_failure *failure);
// The same of bytes that were read already.
bool aur_agent_file_parse(struct aur_agent_file *file, const char *path, const char *bytes,
                          size_t size, uint32_t cpus, uint32_t tasks, struct aur_failure *failure);
void aur_agent_file_free(struct aur_agent_file *file);

// May it go on to be run at this level? What clang or an author got wrong is named.
bool aur_agent_file_verify(const struct aur_agent_file *file,
                           const struct aur_agent_contract *contract, uint32_t level,
                           struct aur_failure *failure);

// "FILE:LINE:COLUMN: " or "FILE: instruction 5 (r0 = r1): ", and why.
bool aur_agent_file_fail(const struct aur_agent_file *file, const struct aur_agent_refusal *refusal,
                         struct aur_failure *failure);

// Hexadecimal digits, in pairs, with white space anywhere between pairs, as bytes on the heap; NULL
// if it is something else. *size is 0 if there are none.
unsigned char *aur_hex_read(const char *text, size_t length, size_t *size);

#endif
