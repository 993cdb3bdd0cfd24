#ifndef TRI_PARALLEL_H
#define TRI_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* TributaryParallel's own words of each thread. */
typedef struct tri_parallel_state {
  void *_Nullable pass;   /* the open pass of which this thread runs a node; null outside of any */
  int32_t pass_depth;     /* how many passes lie below on this thread's chain of calls */
  int32_t node;           /* 1 + the NUMA node, an index into the topology, it is pinned to; 0: none */
  int32_t slot;           /* the job slot that this thread used last */
  void *_Nullable loop_log; /* where the loops that this thread opens are written down; null: nowhere */
  uintptr_t stack_low;    /* bounds of this thread's stack; 0 until they were asked for */
  uintptr_t stack_high;
} tri_parallel_state;

extern __thread tri_parallel_state tri_parallel_local_state;

static inline tri_parallel_state *_Nonnull tri_parallel(void) { return &tri_parallel_local_state; }

/* Sleeps while *word == expected; may return early. */
void tri_futex_wait(const void *_Nonnull word, uint32_t expected);
void tri_futex_wake(const void *_Nonnull word);

/* Gives the rest of the time slice away. */
void tri_yield(void);

/* Monotonic clock. */
uint64_t tri_nanoseconds(void);

/* The system's number of the calling thread. */
int64_t tri_thread_number(void);

/* Finds the bounds of the calling thread's stack. */
void tri_stack_find(void);

/* Whether the calling thread has used so much of its stack that a nested pass should move to a fresh one:
   less than a quarter of it, or than 256 KiB, is left (a product's kernel alone takes up to 128). False on a stack
   that is not the thread's own. */
static inline bool tri_stack_is_low(void) {
  tri_parallel_state *state = tri_parallel();
  if (state->stack_high == 0) tri_stack_find();
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  if (here < state->stack_low || here > state->stack_high) return false;
  size_t mark = (state->stack_high - state->stack_low) / 4;
  if (mark < (256u << 10)) mark = 256u << 10;
  return here - state->stack_low < mark;
}

/* Runs work(argument) on a new thread with a stack of `bytes` and waits for it. False: no thread to be had. */
bool tri_run_on_fresh_stack(
    size_t bytes, void (*_Nonnull work)(void *_Nonnull), void *_Nonnull argument);

/* Starts a detached thread. */
bool tri_start_thread(void (*_Nonnull work)(void *_Nonnull), void *_Nonnull argument);

/* The calling thread's affinity mask, bit c of words[c / 64] for core c. Returns the number of words
   that the mask takes, 0 on failure; words beyond are zero. */
int tri_affinity_get(uint64_t *_Nonnull words, int capacity);
bool tri_affinity_set(const uint64_t *_Nonnull words, int count);
/* The same of the process's threads but the calling one, as far as they can be told; for measurements. */
void tri_affinity_set_others(const uint64_t *_Nonnull words, int count);

/* The same of the process's first thread, as it was when the program was loaded. */
int tri_affinity_at_load(uint64_t *_Nonnull words, int capacity);

/* From here on there are threads that a child of a fork will miss. */
void tri_fork_note_workers(void);
/* Whether this process is the child of one that had such threads, or libdispatch's. */
bool tri_fork_poisoned(void);
/* Says on standard error why the process ends, and ends it with status 70. */
_Noreturn void tri_end_forked_child(void);

#endif
