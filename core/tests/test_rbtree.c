// The data structures of lib/ against slow and obvious twins.
#include <string.h>

#include "lib/list.h"
#include "lib/rbtree.h"
#include "lib/wide.h"
#include "tests/run_tests.h"

#define NODES 200u

static uint64_t seed;

struct item {
    struct aur_rb_node node;
    uint32_t key;
    uint32_t value;
    uint32_t least; // of value in the subtree
    uint32_t sum;   // likewise
};

static struct item items[NODES];

static bool by_key(const void *nodes, uint32_t a, uint32_t b)
{
    const struct item *all = nodes;
    return all[a].key < all[b].key;
}

static bool keep_least(void *nodes, uint32_t index)
{
    struct item *all = nodes, *item = &all[index];
    uint32_t least = item->value;
    if (item->node.left != AUR_RB_NIL && all[item->node.left].least < least)
        least = all[item->node.left].least;
    if (item->node.right != AUR_RB_NIL && all[item->node.right].least < least)
        least = all[item->node.right].least;
    bool changed = item->least != least;
    item->least = least;
    return changed;
}

static const struct aur_rb_ops plain = {.stride = sizeof(struct item), .less = by_key};
static const struct aur_rb_ops augmented = {
    .stride = sizeof(struct item), .less = by_key, .update = keep_least};

static bool keep_sum(void *nodes, uint32_t index)
{
    struct item *all = nodes, *item = &all[index];
    uint32_t sum = item->value, before = item->sum;
    if (item->node.left != AUR_RB_NIL)
        sum += all[item->node.left].sum;
    if (item->node.right != AUR_RB_NIL)
        sum += all[item->node.right].sum;
    item->sum = sum;
    return sum != before;
}

static void add_value(void *nodes, uint32_t index, uint32_t other)
{
    struct item *all = nodes;
    all[index].sum += all[other].value;
}

static void take_value(void *nodes, uint32_t index, uint32_t other)
{
    struct item *all = nodes;
    all[index].sum -= all[other].value;
}

static const struct aur_rb_ops summed = {.stride = sizeof(struct item),
                                         .less = by_key,
                                         .update = keep_sum,
                                         .join = add_value,
                                         .leave = take_value};

// The twin: the nodes in order of key, equal ones in order of insertion.
struct sorted {
    uint32_t nodes[NODES];
    uint32_t count;
};

static void sorted_insert(struct sorted *twin, uint32_t node)
{
    uint32_t at = twin->count++;
    for (; at > 0 && items[twin->nodes[at - 1]].key > items[node].key; at--)
        twin->nodes[at] = twin->nodes[at - 1];
    twin->nodes[at] = node;
}

static uint32_t sorted_take(struct sorted *twin, uint32_t at)
{
    uint32_t node = twin->nodes[at];
    memmove(&twin->nodes[at], &twin->nodes[at + 1], (--twin->count - at) * sizeof node);
    return node;
}

static uint32_t least_of_subtree(uint32_t at)
{
    if (at == AUR_RB_NIL)
        return UINT32_MAX;
    uint32_t left = least_of_subtree(items[at].node.left);
    uint32_t right = least_of_subtree(items[at].node.right), least = items[at].value;
    least = left < least ? left : least;
    least = right < least ? right : least;
    if (items[at].least != least)
        ck_abort_msg("node %u holds %u, the least below it is %u", at, items[at].least, least);
    return least;
}

static uint32_t sum_of_subtree(uint32_t at)
{
    if (at == AUR_RB_NIL)
        return 0;
    uint32_t sum = items[at].value + sum_of_subtree(items[at].node.left) +
                   sum_of_subtree(items[at].node.right);
    if (items[at].sum != sum)
        ck_abort_msg("node %u holds %u, the sum below it is %u", at, items[at].sum, sum);
    return sum;
}

static void compare(const struct aur_rb_ops *ops, const struct aur_rb_root *root,
                    const struct sorted *twin)
{
    uint32_t count, at = root->first;
    MUST(aur_rb_valid(ops, items, root, LENGTH(items), &count));
    MUST(count == twin->count);
    MUST(aur_rb_empty(root) == (twin->count == 0));
    for (uint32_t i = 0; i < twin->count; i++) {
        MUST(at == twin->nodes[i]);
        at = aur_rb_next(ops, items, at);
    }
    MUST(at == AUR_RB_NIL);
    if (ops->update == keep_least)
        least_of_subtree(root->root);
    if (ops->update == keep_sum)
        sum_of_subtree(root->root);
}

static void match_the_twin(const struct aur_rb_ops *ops, uint32_t keys, uint32_t steps)
{
    uint64_t random = seed;
    struct aur_rb_root root;
    struct sorted twin = {.count = 0};
    bool inside[NODES] = {false};
    memset(items, 0x77, sizeof items);
    aur_rb_init(&root);
    for (uint32_t step = 0; step < steps; step++) {
        // The size wanders between empty and full.
        bool grow = random_below(&random, 100) < (step / 1000 % 2 ? 40u : 60u);
        uint32_t node = (uint32_t)random_below(&random, NODES);
        if (grow && !inside[node]) {
            items[node].key = (uint32_t)random_below(&random, keys);
            items[node].value = (uint32_t)random_below(&random, 1000);
            inside[node] = true;
            aur_rb_insert(ops, items, &root, node);
            sorted_insert(&twin, node);
        } else if (!grow && twin.count > 0) {
            uint32_t at =
                random_below(&random, 4) ? (uint32_t)random_below(&random, twin.count) : 0;
            node = sorted_take(&twin, at);
            inside[node] = false;
            aur_rb_erase(ops, items, &root, node);
        }
        compare(ops, &root, &twin);
    }
}

START_TEST(a_tree_of_distinct_keys_equals_a_sorted_array)
{
    match_the_twin(&plain, UINT32_MAX, 8000);
}
END_TEST

START_TEST(equal_keys_stay_in_the_order_of_their_insertion)
{
    match_the_twin(&plain, 7, 8000);
}
END_TEST

START_TEST(every_node_of_an_augmented_tree_holds_the_least_of_its_subtree)
{
    match_the_twin(&augmented, UINT32_MAX, 8000);
    match_the_twin(&augmented, 7, 8000);
}
END_TEST

START_TEST(sums_told_by_what_joins_and_leaves_are_those_of_the_subtrees)
{
    match_the_twin(&summed, UINT32_MAX, 8000);
    match_the_twin(&summed, 7, 8000);
}
END_TEST

START_TEST(a_tree_is_at_most_twice_as_deep_as_a_full_one)
{
    // Ascending insertion, the worst case of a tree that does not balance; 2 * log2(n + 1).
    struct aur_rb_root root;
    uint32_t deepest = 0;
    aur_rb_init(&root);
    for (uint32_t node = 0; node < NODES; node++) {
        items[node].key = node;
        aur_rb_insert(&plain, items, &root, node);
    }
    for (uint32_t node = 0; node < NODES; node++) {
        uint32_t depth = 0;
        for (uint32_t at = node; at != AUR_RB_NIL; at = aur_rb_parent(&plain, items, at))
            depth++;
        deepest = depth > deepest ? depth : deepest;
    }
    ck_assert_uint_le(deepest, 15);
}
END_TEST

START_TEST(a_broken_tree_is_called_broken)
{
    struct aur_rb_root root;
    uint32_t count;
    aur_rb_init(&root);
    for (uint32_t node = 0; node < 31; node++) {
        items[node].key = node * 37 % 31;
        aur_rb_insert(&plain, items, &root, node);
    }
    ck_assert(aur_rb_valid(&plain, items, &root, 31, &count));
    for (uint32_t node = 0; node < 31; node++) {
        struct item kept = items[node];
        items[node].node.parent ^= AUR_RB_RED;
        ck_assert(!aur_rb_valid(&plain, items, &root, 31, &count));
        items[node] = kept;
        items[node].key += kept.key == 30 ? 0 - 2u : 2u;
        ck_assert(!aur_rb_valid(&plain, items, &root, 31, &count));
        items[node] = kept;
    }
    // Links to anywhere are neither followed nor gone round in.
    for (uint32_t node = 0; node < 31; node++)
        for (uint32_t to = 0; to < 40; to++)
            for (int link = 0; link < 3; link++) {
                struct item kept = items[node];
                uint32_t *links[3] = {&items[node].node.parent, &items[node].node.left,
                                      &items[node].node.right};
                *links[link] = (link == 0 ? *links[0] & AUR_RB_RED : 0) | to;
                bool same = memcmp(&kept, &items[node], sizeof kept) == 0;
                ck_assert(aur_rb_valid(&plain, items, &root, 31, &count) == same);
                items[node] = kept;
            }
    root.first = root.root;
    ck_assert(!aur_rb_valid(&plain, items, &root, 31, &count));
}
END_TEST

static uint64_t edgy(uint64_t *random)
{
    static const uint64_t edges[] = {0,          1,          2,          1ull << 31,
                                     1ull << 32, UINT32_MAX, 1ull << 63, UINT64_MAX,
                                     INT64_MAX,  3,          0 - 2ull,   (1ull << 31) - 1,
                                     1ull << 33, 0x5555,     1ull << 62, 0xffffffff00000000ull};
    if (random_below(random, 2))
        return edges[random_below(random, LENGTH(edges))];
    return random_next(random) >> random_below(random, 64);
}

START_TEST(a_wide_product_equals_the_compilers)
{
    uint64_t random = seed;
    for (int i = 0; i < 1000000; i++) {
        uint64_t a = edgy(&random), b = edgy(&random);
        unsigned __int128 product = (unsigned __int128)a * b;
        struct aur_wide wide = aur_wide_multiply(a, b);
        if (wide.high != (uint64_t)(product >> 64) || wide.low != (uint64_t)product)
            ck_abort_msg("%" PRIu64 " * %" PRIu64, a, b);
    }
}
END_TEST

struct linked {
    struct aur_link link;
    uint32_t other;
};

static void compare_list(struct aur_list_nodes in, const struct aur_list *list,
                         const uint32_t *twin, uint32_t count)
{
    uint32_t previous = AUR_NONE, at = list->first;
    MUST(aur_list_empty(list) == (count == 0));
    for (uint32_t i = 0; i < count; i++) {
        MUST(at == twin[i]);
        MUST(aur_link_at(in, at)->previous == previous);
        previous = at;
        at = aur_link_at(in, at)->next;
    }
    MUST(at == AUR_NONE);
    MUST(list->last == previous);
}

START_TEST(two_lists_equal_two_arrays_whatever_moves_between_them)
{
    static struct linked nodes[32];
    struct aur_list_nodes in = {(unsigned char *)nodes, sizeof *nodes};
    struct aur_list lists[2];
    uint32_t twins[2][32], counts[2] = {0, 0}, where[32];
    uint64_t random = seed;
    for (int i = 0; i < 2; i++)
        aur_list_init(&lists[i]);
    for (uint32_t i = 0; i < 32; i++)
        where[i] = 2;
    for (int step = 0; step < 50000; step++) {
        uint32_t node = (uint32_t)random_below(&random, 32),
                 to = (uint32_t)random_below(&random, 2);
        uint32_t from = where[node];
        if (from == 2 && random_below(&random, 2)) {
            aur_list_push_back(in, &lists[to], node);
            twins[to][counts[to]++] = node;
            where[node] = to;
        } else if (from == 2) {
            aur_list_push_front(in, &lists[to], node);
            memmove(&twins[to][1], &twins[to][0], counts[to]++ * sizeof node);
            twins[to][0] = node;
            where[node] = to;
        } else if (random_below(&random, 20) == 0) {
            aur_list_splice(in, &lists[to], &lists[1 - to]);
            memcpy(&twins[to][counts[to]], twins[1 - to], counts[1 - to] * sizeof node);
            counts[to] += counts[1 - to];
            counts[1 - to] = 0;
            for (uint32_t i = 0; i < counts[to]; i++)
                where[twins[to][i]] = to;
        } else {
            aur_list_remove(in, &lists[from], node);
            uint32_t at = 0;
            while (twins[from][at] != node)
                at++;
            memmove(&twins[from][at], &twins[from][at + 1], (--counts[from] - at) * sizeof node);
            where[node] = 2;
        }
        for (int i = 0; i < 2; i++)
            compare_list(in, &lists[i], twins[i], counts[i]);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_tree_of_distinct_keys_equals_a_sorted_array,
        equal_keys_stay_in_the_order_of_their_insertion,
        every_node_of_an_augmented_tree_holds_the_least_of_its_subtree,
        sums_told_by_what_joins_and_leaves_are_those_of_the_subtrees,
        a_tree_is_at_most_twice_as_deep_as_a_full_one,
        a_broken_tree_is_called_broken,
        a_wide_product_equals_the_compilers,
        two_lists_equal_two_arrays_whatever_moves_between_them,
    };
    seed = random_seed(20261122);
    return run_tests("rbtree", tests, LENGTH(tests));
}
