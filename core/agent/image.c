// Laying an image out.
#include "agent/image.h"

#include "agent/isa.h"

// Where the next part goes, as long as there is room.
struct space {
    struct aur_image *image;
    uint64_t at, room;
};

static uint32_t take(struct space *space, uint64_t bytes)
{
    uint64_t at = space->at;
    space->at = at + ((bytes + 7u) & ~7ull);
    return (uint32_t)at;
}

static bool has_room(const struct space *space)
{
    return space->at <= space->room && space->at <= UINT32_MAX;
}

static uint32_t length_of(const char *name)
{
    uint32_t length = 0;
    while (name && name[length])
        length++;
    return length;
}

// Copies a name behind the last one; *at is where that ends.
static uint32_t put_name(struct aur_image *image, uint32_t *at, const char *name)
{
    uint32_t here = *at, length = length_of(name);
    memcpy((unsigned char *)image + here, name, length);
    *at = here + length + 1;
    return here;
}

static bool refuse(struct aur_agent_refusal *refusal, enum aur_agent_status status, uint32_t at)
{
    *refusal = (struct aur_agent_refusal){status, at};
    return false;
}

// Marks the second halves, then where functions begin: by name, or because they are called.
static bool mark(const struct aur_agent_source *source, unsigned char *marks,
                 struct aur_agent_refusal *refusal)
{
    uint32_t count = source->instruction_count;
    const struct aur_instruction *in = source->instructions;
    for (uint32_t at = 0; at < count; at++)
        if (in[at].opcode == AUR_BPF_LD_IMM64 && at + 1 < count)
            marks[++at] |= AUR_MARK_SECOND;
    marks[0] |= AUR_MARK_START;
    for (uint32_t i = 0; i < source->program_count; i++)
        if (source->programs[i].first < count)
            marks[source->programs[i].first] |= AUR_MARK_START;
    for (uint32_t at = 0; at < count; at++) {
        if (marks[at] & AUR_MARK_SECOND || !aur_bpf_is_local_call(in[at]))
            continue;
        uint32_t to = aur_bpf_target(in[at], at, count);
        if (to == AUR_NONE || marks[to] & AUR_MARK_SECOND)
            return refuse(refusal, AUR_AGENT_BAD_CALL, at);
        marks[to] |= AUR_MARK_START;
    }
    return true;
}

static uint32_t count_functions(const unsigned char *marks, uint32_t count)
{
    uint32_t functions = 0;
    for (uint32_t at = 0; at < count; at++)
        functions += (marks[at] & AUR_MARK_START) != 0;
    return functions;
}

static const struct aur_agent_program_source *named(const struct aur_agent_source *source,
                                                    uint32_t first)
{
    static const struct aur_agent_program_source main = {"main", 0, 0, true};
    if (source->program_count == 0 && first == 0)
        return &main;
    for (uint32_t i = 0; i < source->program_count; i++)
        if (source->programs[i].first == first)
            return &source->programs[i];
    return NULL;
}

static void put_programs(struct aur_image *image, const struct aur_agent_source *source,
                         uint32_t *names)
{
    const unsigned char *marks = aur_image_marks(image);
    struct aur_program *all = (struct aur_program *)(uintptr_t)aur_image_program(image, 0);
    uint32_t used = 0;
    for (uint32_t at = 0; at < image->instruction_count; at++) {
        if (marks[at] & AUR_MARK_START) {
            const struct aur_agent_program_source *from = named(source, at);
            all[used++] = (struct aur_program){.name_at = from ? put_name(image, names, from->name)
                                                               : image->names_at,
                                               .first = at,
                                               .is_entry = from && from->is_entry};
        }
        all[used - 1].count++;
    }
}

static bool put_maps(struct aur_image *image, const struct aur_agent_source *source,
                     struct space *space, uint32_t *names)
{
    for (uint32_t i = 0; i < source->map_count; i++) {
        const struct aur_agent_map_source *from = &source->maps[i];
        struct aur_map *map = aur_image_map_at(image, i);
        *map = (struct aur_map){.kind = from->kind,
                                .flags = from->flags,
                                .key_bytes = from->key_bytes,
                                .value_bytes = from->value_bytes,
                                .entries = from->entries};
        if (!aur_map_measure(map, image->cpus, image->tasks))
            return false;
        map->name_at = put_name(image, names, from->name);
        map->values_at = take(space, map->bytes);
        map->index_at = map->values_at + map->values_bytes;
        if (!has_room(space))
            return false;
        memset((unsigned char *)image + map->values_at, 0, map->bytes);
        aur_map_init(image, map);
        size_t stride = from->contents_stride ? from->contents_stride : from->value_bytes;
        for (uint32_t entry = 0; from->contents && entry < map->entries; entry++)
            memcpy((unsigned char *)image + map->values_at + (size_t)entry * map->stride,
                   (const unsigned char *)from->contents + entry * stride, map->value_bytes);
    }
    return true;
}

static bool is_in_range(const struct aur_agent_source *source)
{
    for (uint32_t i = 0; i < source->program_count; i++)
        if (source->programs[i].first >= source->instruction_count)
            return false;
    return source->cpus >= 1 && source->cpus <= AUR_CPUS_MAX && source->tasks >= 1 &&
           source->tasks <= AUR_TASKS_MAX;
}

size_t aur_agent_build(const struct aur_agent_source *source, void *block, size_t room,
                       struct aur_agent_refusal *refusal)
{
    uint32_t count = source->instruction_count;
    *refusal = (struct aur_agent_refusal){AUR_AGENT_DONE, AUR_NONE};
    if (count == 0)
        return refuse(refusal, AUR_AGENT_EMPTY, AUR_NONE);
    if (count > AUR_AGENT_INSTRUCTIONS_MAX || source->map_count > AUR_AGENT_MAPS_MAX)
        return refuse(refusal, AUR_AGENT_TOO_LONG, AUR_NONE);
    if (!is_in_range(source))
        return refuse(refusal, AUR_AGENT_BAD_IMAGE, AUR_NONE);

    struct aur_image *image = block;
    struct space space = {.image = image, .room = room};
    take(&space, sizeof *image);
    uint32_t instructions_at = take(&space, (uint64_t)count * sizeof *source->instructions);
    uint32_t marks_at = take(&space, count);
    if (!has_room(&space))
        return refuse(refusal, AUR_AGENT_NO_ROOM, AUR_NONE);
    memset(block, 0, (size_t)space.at);
    *image = (struct aur_image){.magic = AUR_IMAGE_MAGIC,
                                .cpus = source->cpus,
                                .tasks = source->tasks,
                                .instruction_count = count,
                                .instructions_at = instructions_at,
                                .marks_at = marks_at,
                                .map_count = source->map_count};
    memcpy((unsigned char *)block + instructions_at, source->instructions,
           count * sizeof *source->instructions);
    if (!mark(source, aur_image_marks(image), refusal))
        return 0;
    image->program_count = count_functions(aur_image_marks(image), count);
    if (image->program_count > AUR_AGENT_PROGRAMS_MAX)
        return refuse(refusal, AUR_AGENT_TOO_LONG, AUR_NONE);
    image->programs_at = take(&space, image->program_count * sizeof(struct aur_program));
    image->maps_at = take(&space, image->map_count * sizeof(struct aur_map));
    image->names_bytes = 1 + 5; // no name, and "main"
    for (uint32_t i = 0; i < source->program_count; i++)
        image->names_bytes += length_of(source->programs[i].name) + 1;
    for (uint32_t i = 0; i < source->map_count; i++)
        image->names_bytes += length_of(source->maps[i].name) + 1;
    image->names_at = take(&space, image->names_bytes);
    if (!has_room(&space))
        return refuse(refusal, AUR_AGENT_NO_ROOM, AUR_NONE);
    memset((unsigned char *)block + image->programs_at, 0, (size_t)space.at - image->programs_at);

    uint32_t names = image->names_at + 1;
    put_programs(image, source, &names);
    if (!put_maps(image, source, &space, &names))
        return refuse(refusal, has_room(&space) ? AUR_AGENT_BAD_IMAGE : AUR_AGENT_NO_ROOM,
                      AUR_NONE);
    image->bytes = (uint32_t)space.at;
    image->level = aur_agent_needs(image);
    return aur_agent_structure(image, image->bytes, refusal) ? image->bytes : 0;
}

size_t aur_agent_rebuild(const struct aur_image *image, uint32_t cpus, uint32_t tasks, void *block,
                         size_t room, struct aur_agent_refusal *refusal)
{
    struct aur_agent_program_source programs[AUR_AGENT_PROGRAMS_MAX];
    struct aur_agent_map_source maps[AUR_AGENT_MAPS_MAX];
    struct aur_agent_source source = {.instructions = aur_image_instructions(image),
                                      .instruction_count = image->instruction_count,
                                      .programs = programs,
                                      .program_count = image->program_count,
                                      .maps = maps,
                                      .map_count = image->map_count,
                                      .cpus = cpus,
                                      .tasks = tasks};
    for (uint32_t i = 0; i < image->program_count; i++) {
        const struct aur_program *program = aur_image_program(image, i);
        programs[i] =
            (struct aur_agent_program_source){.name = aur_image_name(image, program->name_at),
                                              .first = program->first,
                                              .count = program->count,
                                              .is_entry = program->is_entry};
    }
    for (uint32_t i = 0; i < image->map_count; i++) {
        const struct aur_map *map = aur_image_map(image, i);
        maps[i] = (struct aur_agent_map_source){
            .name = aur_image_name(image, map->name_at),
            .kind = map->kind,
            .flags = map->flags,
            .key_bytes = map->key_bytes,
            .value_bytes = map->value_bytes,
            .entries = map->entries,
            .contents =
                map->kind == AUR_MAP_ARRAY ? (const unsigned char *)image + map->values_at : NULL,
            .contents_stride = map->stride};
    }
    return aur_agent_build(&source, block, room, refusal);
}
