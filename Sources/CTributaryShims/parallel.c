#define _GNU_SOURCE
#include "CTributaryShims.h"
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

__thread tri_parallel_state tri_parallel_local_state;

void tri_futex_wait(const void *word, uint32_t expected) {
#if defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
#else
  (void)word, (void)expected;
  sched_yield(); /* callers look again after every return */
#endif
}

void tri_futex_wake(const void *word) {
#if defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
#else
  (void)word;
#endif
}

void tri_yield(void) { sched_yield(); }

uint64_t tri_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void tri_stack_find(void) {
  tri_parallel_state *state = tri_parallel();
  state->stack_low = 1; /* on failure: bounds in which no address lies */
  state->stack_high = 1;
#if defined(__linux__)
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  void *low = NULL;
  size_t size = 0;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0 && size != 0) {
    state->stack_low = (uintptr_t)low;
    state->stack_high = (uintptr_t)low + size;
  }
  pthread_attr_destroy(&attributes);
#endif
}

typedef struct {
  void (*work)(void *);
  void *argument;
  tri_thread_state thread;
  tri_parallel_state parallel;
} moved_call;

/* The new thread takes over who the old one is, but not what it caches: `memory` and `teardown` are its own. */
static void *run_moved(void *raw) {
  moved_call *call = raw;
  tri_thread_state *thread = tri_thread();
  thread->team = call->thread.team;
  thread->worker = call->thread.worker;
  thread->depth = call->thread.depth;
  tri_parallel()->pass = call->parallel.pass;
  tri_parallel()->pass_depth = call->parallel.pass_depth;
  tri_parallel()->node = call->parallel.node;
  call->work(call->argument);
  return NULL;
}

bool tri_run_on_fresh_stack(size_t bytes, void (*work)(void *), void *argument) {
  moved_call call = {work, argument, *tri_thread(), *tri_parallel()};
  pthread_attr_t attributes;
  pthread_t thread;
  if (pthread_attr_init(&attributes) != 0) return false;
  bool started = pthread_attr_setstacksize(&attributes, bytes) == 0 &&
                 pthread_create(&thread, &attributes, run_moved, &call) == 0;
  pthread_attr_destroy(&attributes);
  if (started) pthread_join(thread, NULL);
  return started;
}

typedef struct {
  void (*work)(void *);
  void *argument;
} started_call;

static void *run_started(void *raw) {
  started_call call = *(started_call *)raw;
  free(raw);
  call.work(call.argument);
  return NULL;
}

bool tri_start_thread(void (*work)(void *), void *argument) {
  started_call *call = malloc(sizeof *call);
  if (!call) return false;
  *call = (started_call){work, argument};
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) {
    free(call);
    return false;
  }
  pthread_t thread;
  bool started = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
                 pthread_create(&thread, &attributes, run_started, call) == 0;
  pthread_attr_destroy(&attributes);
  if (!started) free(call);
  return started;
}

int tri_affinity_get(uint64_t *words, int capacity) {
#if defined(__linux__)
  memset(words, 0, (size_t)capacity * 8);
  /* The system call, not the library's wrapper, returns how many bytes the kernel's mask takes. */
  long bytes = syscall(SYS_sched_getaffinity, 0, (size_t)capacity * 8, words);
  return bytes > 0 ? (int)((bytes + 7) / 8) : 0;
#else
  (void)words, (void)capacity;
  return 0;
#endif
}

bool tri_affinity_set(const uint64_t *words, int count) {
#if defined(__linux__)
  return syscall(SYS_sched_setaffinity, 0, (size_t)count * 8, words) == 0;
#else
  (void)words, (void)count;
  return false;
#endif
}

static pthread_once_t fork_once = PTHREAD_ONCE_INIT;
/* Written once, in the child, by its only thread. */
static volatile bool fork_poisoned;

static void poison_child(void) { fork_poisoned = true; }
static void watch_fork(void) { pthread_atfork(NULL, NULL, poison_child); }

void tri_fork_watch(void) { pthread_once(&fork_once, watch_fork); }
bool tri_fork_poisoned(void) { return fork_poisoned; }
