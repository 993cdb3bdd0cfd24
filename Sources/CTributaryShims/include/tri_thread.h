#ifndef TRI_THREAD_H
#define TRI_THREAD_H

#include <stdint.h>

/* Words that each thread has for itself. A slot's owner is the Swift file named beside it. */
typedef struct tri_thread_state {
  void *_Nullable memory;    /* TributaryMemory/ThreadCache: free lists and counters */
  void *_Nullable teardown;  /* Tributary/Autograd/Teardown: nodes waiting to be freed */
  uint64_t next_node;        /* Tributary/Autograd/NodeNumber: the number of the next node recorded here */
  void *_Nullable team;      /* TributaryParallel: the team that this thread works for */
  int32_t worker;  /* TributaryParallel: worker number in that team; 0 for a client */
  int32_t depth;   /* TributaryParallel: how many loops or passes this thread is inside */
  uint16_t branch;  /* TributaryParallel/BranchPlace: the branch that this thread records; 0: none */
} tri_thread_state;

extern __thread tri_thread_state tri_thread_local_state;

static inline tri_thread_state *_Nonnull tri_thread(void) { return &tri_thread_local_state; }

/* `at_exit` is called with the value of `memory` when a thread that asked for it ends. */
void tri_thread_on_exit(void (*_Nonnull at_exit)(void *_Nullable memory));

#endif
