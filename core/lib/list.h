// Doubly linked list by 32-bit indices. The links are the first member of each node.
// Invariant: first and last are both NONE or both not; next and previous mirror each other.
#ifndef AURORA_LIB_LIST_H
#define AURORA_LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <aurora/limits.h>

struct aur_link {
    uint32_t next;
    uint32_t previous;
};

struct aur_list {
    uint32_t first;
    uint32_t last;
};

// Where the nodes of a list are: node i at nodes + i * stride.
struct aur_list_nodes {
    unsigned char *nodes;
    uint32_t stride;
};

static inline struct aur_link *aur_link_at(struct aur_list_nodes in, uint32_t index)
{
    return (struct aur_link *)(void *)(in.nodes + (size_t)index * in.stride);
}

static inline void aur_list_init(struct aur_list *list)
{
    list->first = AUR_NONE;
    list->last = AUR_NONE;
}

static inline bool aur_list_empty(const struct aur_list *list)
{
    return list->first == AUR_NONE;
}

static inline void aur_list_push_back(struct aur_list_nodes in, struct aur_list *list,
                                      uint32_t index)
{
    struct aur_link *link = aur_link_at(in, index);
    link->next = AUR_NONE;
    link->previous = list->last;
    if (list->last == AUR_NONE)
        list->first = index;
    else
        aur_link_at(in, list->last)->next = index;
    list->last = index;
}

static inline void aur_list_push_front(struct aur_list_nodes in, struct aur_list *list,
                                       uint32_t index)
{
    struct aur_link *link = aur_link_at(in, index);
    link->previous = AUR_NONE;
    link->next = list->first;
    if (list->first == AUR_NONE)
        list->last = index;
    else
        aur_link_at(in, list->first)->previous = index;
    list->first = index;
}

// `next` is on the list, or NONE for its end.
static inline void aur_list_insert_before(struct aur_list_nodes in, struct aur_list *list,
                                          uint32_t index, uint32_t next)
{
    if (next == AUR_NONE) {
        aur_list_push_back(in, list, index);
        return;
    }
    if (next == list->first) {
        aur_list_push_front(in, list, index);
        return;
    }
    struct aur_link *link = aur_link_at(in, index), *after = aur_link_at(in, next);
    link->next = next;
    link->previous = after->previous;
    aur_link_at(in, after->previous)->next = index;
    after->previous = index;
}

// The links of the removed node still say where it was.
static inline void aur_list_remove(struct aur_list_nodes in, struct aur_list *list, uint32_t index)
{
    struct aur_link *link = aur_link_at(in, index);
    if (link->previous == AUR_NONE)
        list->first = link->next;
    else
        aur_link_at(in, link->previous)->next = link->next;
    if (link->next == AUR_NONE)
        list->last = link->previous;
    else
        aur_link_at(in, link->next)->previous = link->previous;
}

// Moves all of `from` behind the last of `to`.
static inline void aur_list_splice(struct aur_list_nodes in, struct aur_list *to,
                                   struct aur_list *from)
{
    if (from->first == AUR_NONE)
        return;
    if (to->last == AUR_NONE) {
        *to = *from;
    } else {
        aur_link_at(in, to->last)->next = from->first;
        aur_link_at(in, from->first)->previous = to->last;
        to->last = from->last;
    }
    aur_list_init(from);
}

#endif
