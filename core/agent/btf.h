// BTF, as far as it describes maps and tables of operations.
#ifndef AURORA_AGENT_BTF_H
#define AURORA_AGENT_BTF_H

#include <aurora/object.h>

// Fills kind, sizes and entries of the map called map->name from the variable of that name in the
// BTF data. NULL, or what is wrong.
const char *aur_btf_map(const unsigned char *btf, size_t size, struct aur_agent_map_source *map);

// The name of the member at byte `offset` of the struct that the variable is; NULL if there is
// none.
const char *aur_btf_member(const unsigned char *btf, size_t size, const char *variable,
                           uint64_t offset);

#endif
