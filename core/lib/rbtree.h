// Red-black tree linked by 32-bit indices, so that it lives in a block without pointers.
// Source: Cormen, Leiserson, Rivest, Stein, Introduction to Algorithms, chapters 13 and 14.3
// (augmentation). All operations are O(log n) in the worst case.
//
// Invariant: a red node has a black parent; every path from a node to a leaf passes as many black
// nodes; `first` is the leftmost node; an augmented node holds the aggregate of its subtree.
//
// The functions are inline so that a user's constant `struct aur_rb_ops` is folded into them.
#ifndef AURORA_LIB_RBTREE_H
#define AURORA_LIB_RBTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <aurora/task.h>

#define AUR_RB_NIL 0x7fffffffu // no node: fits beside the colour bit
#define AUR_RB_RED 0x80000000u

#define AUR_RB_INLINE static inline __attribute__((always_inline, unused))

struct aur_rb_root {
    uint32_t root;
    uint32_t first;
};

// How the nodes of one tree are found and ordered. Nodes that are equal by `less` stay in the order
// of their insertion.
struct aur_rb_ops {
    uint32_t stride; // bytes from node i to node i + 1
    bool (*less)(const void *nodes, uint32_t a, uint32_t b);
    // Recomputes the aggregate of a node from itself and its children; returns whether it
    // changed. NULL for a plain tree.
    bool (*update)(void *nodes, uint32_t node);
    // Optional beside update, where an aggregate can be told from what comes and goes: `index`
    // joins or leaves the subtree of `node`. Nobody's other children are looked at then.
    void (*join)(void *nodes, uint32_t node, uint32_t index);
    void (*leave)(void *nodes, uint32_t node, uint32_t index);
};

AUR_RB_INLINE struct aur_rb_node *aur_rb_at(const struct aur_rb_ops *ops, void *nodes,
                                            uint32_t index)
{
    return (struct aur_rb_node *)(void *)((unsigned char *)nodes + (size_t)index * ops->stride);
}

AUR_RB_INLINE uint32_t aur_rb_parent(const struct aur_rb_ops *ops, void *nodes, uint32_t index)
{
    return aur_rb_at(ops, nodes, index)->parent & ~AUR_RB_RED;
}

AUR_RB_INLINE bool aur_rb_is_red(const struct aur_rb_ops *ops, void *nodes, uint32_t index)
{
    return index != AUR_RB_NIL && (aur_rb_at(ops, nodes, index)->parent & AUR_RB_RED) != 0;
}

AUR_RB_INLINE void aur_rb_set_parent(const struct aur_rb_ops *ops, void *nodes, uint32_t index,
                                     uint32_t parent)
{
    struct aur_rb_node *node = aur_rb_at(ops, nodes, index);
    node->parent = parent | (node->parent & AUR_RB_RED);
}

AUR_RB_INLINE void aur_rb_set_red(const struct aur_rb_ops *ops, void *nodes, uint32_t index,
                                  bool red)
{
    struct aur_rb_node *node = aur_rb_at(ops, nodes, index);
    node->parent = red ? node->parent | AUR_RB_RED : node->parent & ~AUR_RB_RED;
}

AUR_RB_INLINE void aur_rb_init(struct aur_rb_root *root)
{
    root->root = AUR_RB_NIL;
    root->first = AUR_RB_NIL;
}

AUR_RB_INLINE bool aur_rb_empty(const struct aur_rb_root *root)
{
    return root->root == AUR_RB_NIL;
}

AUR_RB_INLINE void aur_rb_replace_child(const struct aur_rb_ops *ops, void *nodes,
                                        struct aur_rb_root *root, uint32_t parent, uint32_t from,
                                        uint32_t to)
{
    if (parent == AUR_RB_NIL) {
        root->root = to;
        return;
    }
    struct aur_rb_node *node = aur_rb_at(ops, nodes, parent);
    if (node->left == from)
        node->left = to;
    else
        node->right = to;
}

// Turns `top` down and its child on the other side of `left` up.
AUR_RB_INLINE void aur_rb_rotate(const struct aur_rb_ops *ops, void *nodes,
                                 struct aur_rb_root *root, uint32_t top, bool left)
{
    struct aur_rb_node *t = aur_rb_at(ops, nodes, top);
    uint32_t up = left ? t->right : t->left;
    struct aur_rb_node *u = aur_rb_at(ops, nodes, up);
    uint32_t inner = left ? u->left : u->right;
    uint32_t parent = t->parent & ~AUR_RB_RED;

    if (left) {
        t->right = inner;
        u->left = top;
    } else {
        t->left = inner;
        u->right = top;
    }
    if (inner != AUR_RB_NIL)
        aur_rb_set_parent(ops, nodes, inner, top);
    u->parent = parent | (u->parent & AUR_RB_RED);
    aur_rb_replace_child(ops, nodes, root, parent, top, up);
    t->parent = up | (t->parent & AUR_RB_RED);
    if (ops->update) {
        ops->update(nodes, top);
        ops->update(nodes, up);
    }
}

// Recomputes aggregates from `index` to the root, as far as they change.
AUR_RB_INLINE void aur_rb_propagate(const struct aur_rb_ops *ops, void *nodes, uint32_t index)
{
    if (!ops->update)
        return;
    while (index != AUR_RB_NIL && ops->update(nodes, index))
        index = aur_rb_parent(ops, nodes, index);
}

AUR_RB_INLINE void aur_rb_insert(const struct aur_rb_ops *ops, void *nodes,
                                 struct aur_rb_root *root, uint32_t index)
{
    uint32_t parent = AUR_RB_NIL, at = root->root;
    bool left = true, leftmost = true;
    // Who was preempted comes back to the front: no need to go all the way down to there.
    if (!ops->join && at != AUR_RB_NIL && ops->less(nodes, index, root->first)) {
        parent = root->first;
        at = AUR_RB_NIL;
    }
    while (at != AUR_RB_NIL) {
        parent = at;
        left = ops->less(nodes, index, at);
        leftmost &= left;
        if (ops->join)
            ops->join(nodes, at, index);
        at = left ? aur_rb_at(ops, nodes, at)->left : aur_rb_at(ops, nodes, at)->right;
    }
    struct aur_rb_node *node = aur_rb_at(ops, nodes, index);
    node->left = AUR_RB_NIL;
    node->right = AUR_RB_NIL;
    node->parent = parent | AUR_RB_RED;
    if (leftmost)
        root->first = index;
    if (parent == AUR_RB_NIL)
        root->root = index;
    else if (left)
        aur_rb_at(ops, nodes, parent)->left = index;
    else
        aur_rb_at(ops, nodes, parent)->right = index;
    if (ops->update) {
        ops->update(nodes, index);
        if (!ops->join)
            aur_rb_propagate(ops, nodes, parent);
    }

    while (parent != AUR_RB_NIL && aur_rb_is_red(ops, nodes, parent)) {
        uint32_t grand = aur_rb_parent(ops, nodes, parent);
        bool parent_left = aur_rb_at(ops, nodes, grand)->left == parent;
        uint32_t uncle =
            parent_left ? aur_rb_at(ops, nodes, grand)->right : aur_rb_at(ops, nodes, grand)->left;
        if (aur_rb_is_red(ops, nodes, uncle)) {
            aur_rb_set_red(ops, nodes, parent, false);
            aur_rb_set_red(ops, nodes, uncle, false);
            aur_rb_set_red(ops, nodes, grand, true);
            index = grand;
            parent = aur_rb_parent(ops, nodes, index);
            continue;
        }
        uint32_t inner = parent_left ? aur_rb_at(ops, nodes, parent)->right
                                     : aur_rb_at(ops, nodes, parent)->left;
        if (inner == index) {
            aur_rb_rotate(ops, nodes, root, parent, parent_left);
            parent = index;
        }
        aur_rb_set_red(ops, nodes, parent, false);
        aur_rb_set_red(ops, nodes, grand, true);
        aur_rb_rotate(ops, nodes, root, grand, !parent_left);
        break;
    }
    aur_rb_set_red(ops, nodes, root->root, false);
}

AUR_RB_INLINE uint32_t aur_rb_next(const struct aur_rb_ops *ops, void *nodes, uint32_t index)
{
    uint32_t at = aur_rb_at(ops, nodes, index)->right;
    if (at != AUR_RB_NIL) {
        while (aur_rb_at(ops, nodes, at)->left != AUR_RB_NIL)
            at = aur_rb_at(ops, nodes, at)->left;
        return at;
    }
    uint32_t parent = aur_rb_parent(ops, nodes, index);
    while (parent != AUR_RB_NIL && aur_rb_at(ops, nodes, parent)->right == index) {
        index = parent;
        parent = aur_rb_parent(ops, nodes, index);
    }
    return parent;
}

// After the removal of a black node: `index` (or the leaf below `parent`) lacks one black.
AUR_RB_INLINE void aur_rb_rebalance(const struct aur_rb_ops *ops, void *nodes,
                                    struct aur_rb_root *root, uint32_t index, uint32_t parent)
{
    while (parent != AUR_RB_NIL && !aur_rb_is_red(ops, nodes, index)) {
        bool left = aur_rb_at(ops, nodes, parent)->left == index;
        uint32_t sibling =
            left ? aur_rb_at(ops, nodes, parent)->right : aur_rb_at(ops, nodes, parent)->left;
        if (aur_rb_is_red(ops, nodes, sibling)) {
            aur_rb_set_red(ops, nodes, sibling, false);
            aur_rb_set_red(ops, nodes, parent, true);
            aur_rb_rotate(ops, nodes, root, parent, left);
            sibling =
                left ? aur_rb_at(ops, nodes, parent)->right : aur_rb_at(ops, nodes, parent)->left;
        }
        struct aur_rb_node *s = aur_rb_at(ops, nodes, sibling);
        uint32_t near = left ? s->left : s->right, far = left ? s->right : s->left;
        if (!aur_rb_is_red(ops, nodes, near) && !aur_rb_is_red(ops, nodes, far)) {
            aur_rb_set_red(ops, nodes, sibling, true);
            index = parent;
            parent = aur_rb_parent(ops, nodes, index);
            continue;
        }
        if (!aur_rb_is_red(ops, nodes, far)) {
            aur_rb_set_red(ops, nodes, near, false);
            aur_rb_set_red(ops, nodes, sibling, true);
            aur_rb_rotate(ops, nodes, root, sibling, !left);
            far = sibling;
            sibling = near;
        }
        aur_rb_set_red(ops, nodes, sibling, aur_rb_is_red(ops, nodes, parent));
        aur_rb_set_red(ops, nodes, parent, false);
        aur_rb_set_red(ops, nodes, far, false);
        aur_rb_rotate(ops, nodes, root, parent, left);
        return;
    }
    if (index != AUR_RB_NIL)
        aur_rb_set_red(ops, nodes, index, false);
}

// `index` has gone from the subtree of `at`, and so from those above.
AUR_RB_INLINE void aur_rb_leave(const struct aur_rb_ops *ops, void *nodes, uint32_t at,
                                uint32_t index)
{
    if (!ops->leave)
        aur_rb_propagate(ops, nodes, at);
    else
        for (; at != AUR_RB_NIL; at = aur_rb_parent(ops, nodes, at))
            ops->leave(nodes, at, index);
}

AUR_RB_INLINE void aur_rb_erase(const struct aur_rb_ops *ops, void *nodes, struct aur_rb_root *root,
                                uint32_t index)
{
    struct aur_rb_node *node = aur_rb_at(ops, nodes, index);
    if (root->first == index)
        root->first = aur_rb_next(ops, nodes, index);

    uint32_t parent = node->parent & ~AUR_RB_RED;
    uint32_t child, hole; // `child` moves up into the place of what is cut out, below `hole`
    bool black;
    if (node->left == AUR_RB_NIL || node->right == AUR_RB_NIL) {
        child = node->left == AUR_RB_NIL ? node->right : node->left;
        hole = parent;
        black = !(node->parent & AUR_RB_RED);
        if (child != AUR_RB_NIL)
            aur_rb_set_parent(ops, nodes, child, parent);
        aur_rb_replace_child(ops, nodes, root, parent, index, child);
        aur_rb_leave(ops, nodes, parent, index);
    } else {
        uint32_t heir = node->right;
        while (aur_rb_at(ops, nodes, heir)->left != AUR_RB_NIL)
            heir = aur_rb_at(ops, nodes, heir)->left;
        struct aur_rb_node *h = aur_rb_at(ops, nodes, heir);
        child = h->right;
        black = !(h->parent & AUR_RB_RED);
        if (heir == node->right) {
            hole = heir;
        } else {
            hole = h->parent & ~AUR_RB_RED;
            aur_rb_at(ops, nodes, hole)->left = child;
            if (child != AUR_RB_NIL)
                aur_rb_set_parent(ops, nodes, child, hole);
            h->right = node->right;
            aur_rb_set_parent(ops, nodes, node->right, heir);
        }
        h->left = node->left;
        aur_rb_set_parent(ops, nodes, node->left, heir);
        h->parent = node->parent;
        aur_rb_replace_child(ops, nodes, root, parent, index, heir);
        if (ops->update) {
            // The whole path from the hole changes: an early stop below `heir` would leave
            // heir's aggregate that of its old place.
            for (uint32_t at = hole; at != heir; at = aur_rb_parent(ops, nodes, at))
                if (ops->leave)
                    ops->leave(nodes, at, heir);
                else
                    ops->update(nodes, at);
            ops->update(nodes, heir);
            aur_rb_leave(ops, nodes, parent, index);
        }
    }
    if (black)
        aur_rb_rebalance(ops, nodes, root, child, hole);
}

AUR_RB_INLINE bool aur_rb_is_child(const struct aur_rb_ops *ops, void *nodes, uint32_t capacity,
                                   uint32_t parent, uint32_t child)
{
    return child == AUR_RB_NIL || (child < capacity && aur_rb_parent(ops, nodes, child) == parent);
}

// Whether the links make a tree of nodes below `capacity`, whatever the bytes are: no node but the
// root is visited that is not one child of the node that it names as its parent, so none is visited
// twice.
AUR_RB_INLINE bool aur_rb_linked(const struct aur_rb_ops *ops, void *nodes,
                                 const struct aur_rb_root *root, uint32_t capacity)
{
    if (!aur_rb_is_child(ops, nodes, capacity, AUR_RB_NIL, root->root))
        return false;
    for (uint32_t at = root->root; at != AUR_RB_NIL;) {
        const struct aur_rb_node *node = aur_rb_at(ops, nodes, at);
        if (!aur_rb_is_child(ops, nodes, capacity, at, node->left) ||
            !aur_rb_is_child(ops, nodes, capacity, at, node->right) ||
            (node->left == node->right && node->left != AUR_RB_NIL))
            return false;
        if (node->left != AUR_RB_NIL) {
            at = node->left;
            continue;
        }
        // Up to the next right child that has not been visited.
        uint32_t below = AUR_RB_NIL, right = node->right;
        while (at != AUR_RB_NIL && (right == AUR_RB_NIL || right == below)) {
            below = at;
            at = aur_rb_parent(ops, nodes, at);
            right = at == AUR_RB_NIL ? AUR_RB_NIL : aur_rb_at(ops, nodes, at)->right;
        }
        at = right;
    }
    return true;
}

// Whether links, shape, colours, order and `first` hold, of nodes below `capacity`, which may hold
// anything. Linear; for checks.
AUR_RB_INLINE bool aur_rb_valid(const struct aur_rb_ops *ops, void *nodes,
                                const struct aur_rb_root *root, uint32_t capacity, uint32_t *count)
{
    *count = 0;
    if (root->root == AUR_RB_NIL)
        return root->first == AUR_RB_NIL;
    if (!aur_rb_linked(ops, nodes, root, capacity))
        return false;
    if (aur_rb_is_red(ops, nodes, root->root) ||
        aur_rb_parent(ops, nodes, root->root) != AUR_RB_NIL)
        return false;
    uint32_t at = root->root, black = AUR_RB_NIL;
    while (aur_rb_at(ops, nodes, at)->left != AUR_RB_NIL)
        at = aur_rb_at(ops, nodes, at)->left;
    if (at != root->first)
        return false;
    for (uint32_t previous = AUR_RB_NIL; at != AUR_RB_NIL; at = aur_rb_next(ops, nodes, at)) {
        struct aur_rb_node *node = aur_rb_at(ops, nodes, at);
        if (previous != AUR_RB_NIL && ops->less(nodes, at, previous))
            return false;
        if ((node->left != AUR_RB_NIL && aur_rb_parent(ops, nodes, node->left) != at) ||
            (node->right != AUR_RB_NIL && aur_rb_parent(ops, nodes, node->right) != at))
            return false;
        if (node->left == AUR_RB_NIL || node->right == AUR_RB_NIL) {
            uint32_t blacks = 0;
            for (uint32_t up = at; up != AUR_RB_NIL; up = aur_rb_parent(ops, nodes, up)) {
                bool red = aur_rb_is_red(ops, nodes, up);
                if (red && aur_rb_is_red(ops, nodes, aur_rb_parent(ops, nodes, up)))
                    return false;
                blacks += !red;
            }
            if (black != AUR_RB_NIL && black != blacks)
                return false;
            black = blacks;
        }
        previous = at;
        ++*count;
    }
    return true;
}

#endif
