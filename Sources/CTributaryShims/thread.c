#include "CTributaryShims.h"
#include <pthread.h>

__thread tri_thread_state tri_thread_local_state;

static pthread_key_t exit_key;
static pthread_once_t exit_once = PTHREAD_ONCE_INIT;
static void (*exit_handler)(void *);

static void run_exit_handler(void *unused) {
  (void)unused;
  void (*handler)(void *) = __atomic_load_n(&exit_handler, __ATOMIC_ACQUIRE);
  if (tri_thread_local_state.memory) handler(tri_thread_local_state.memory);
}

static void make_exit_key(void) { pthread_key_create(&exit_key, run_exit_handler); }

void tri_thread_on_exit(void (*at_exit)(void *memory)) {
  /* One handler for the process: every caller passes the same function. */
  __atomic_store_n(&exit_handler, at_exit, __ATOMIC_RELEASE);
  pthread_once(&exit_once, make_exit_key);
  pthread_setspecific(exit_key, (void *)1);
}
