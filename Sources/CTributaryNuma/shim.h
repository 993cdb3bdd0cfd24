#pragma once
#include <numa.h>
#include <numaif.h>
#include <sched.h>

/* `numa_all_nodes_ptr` is a mutable C global, which Swift 6 does not let through; a function is. */
static inline struct bitmask *tri_numa_all_nodes(void) { return numa_all_nodes_ptr; }
