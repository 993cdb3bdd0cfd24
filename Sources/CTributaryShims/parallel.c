#define _GNU_SOURCE
#include "CTributaryShims.h"
#include <dirent.h>
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

int64_t tri_thread_number(void) {
#if defined(__linux__)
  // Asked for each recorded operation: a system call once a thread.
  static __thread int64_t number;
  if (number == 0) number = syscall(SYS_gettid);
  return number;
#else
  return (int64_t)(intptr_t)pthread_self();
#endif
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
  thread->branch = call->thread.branch;
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

void tri_affinity_set_others(const uint64_t *words, int count) {
#if defined(__linux__)
  DIR *threads = opendir("/proc/self/task");
  if (!threads) return;
  long own = syscall(SYS_gettid);
  for (struct dirent *entry; (entry = readdir(threads));) {
    long thread = atol(entry->d_name); /* 0: "." and ".." */
    if (thread > 0 && thread != own)
      syscall(SYS_sched_setaffinity, (pid_t)thread, (size_t)count * 8, words);
  }
  closedir(threads);
#else
  (void)words, (void)count;
#endif
}

static uint64_t load_mask[128];
static int load_mask_words;
/* Set once, relaxed: the child of a fork reads what its only thread, or one that it waited for, has written. */
static bool has_workers;
/* Written once, in the child, by its only thread. */
static volatile bool fork_poisoned;

/* libdispatch's own answer whether this is a child whose parent had its threads, in which any call of it traps. Weak:
   some builds of it do not export this. */
extern bool _dispatch_is_fork_of_multithreaded_parent(void) __attribute__((weak));

static void after_fork_in_child(void) {
  if (__atomic_load_n(&has_workers, __ATOMIC_RELAXED) ||
      (_dispatch_is_fork_of_multithreaded_parent && _dispatch_is_fork_of_multithreaded_parent()))
    fork_poisoned = true;
}

/* When the program is loaded there is one thread, with the mask that the process was given. */
__attribute__((constructor)) static void at_load(void) {
  load_mask_words = tri_affinity_get(load_mask, sizeof load_mask / sizeof *load_mask);
  pthread_atfork(NULL, NULL, after_fork_in_child);
}

int tri_affinity_at_load(uint64_t *words, int capacity) {
  int count = load_mask_words < capacity ? load_mask_words : capacity;
  memcpy(words, load_mask, (size_t)count * 8);
  return count;
}

void tri_fork_note_workers(void) {
  if (!__atomic_load_n(&has_workers, __ATOMIC_RELAXED)) __atomic_store_n(&has_workers, true, __ATOMIC_RELAXED);
}
bool tri_fork_poisoned(void) { return fork_poisoned; }

void tri_end_forked_child(void) {
  static const char text[] =
      "tributary: this process was forked inside a node or branch and came back into the engine, whose other threads it "
      "does not have; call exec or _exit in such a child\n";
  ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
  (void)ignored;
  _exit(70); /* EX_SOFTWARE */
}
