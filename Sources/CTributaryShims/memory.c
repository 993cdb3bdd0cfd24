#define _GNU_SOURCE
#include "tri_memory.h"
#include <sched.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

int tri_current_core(void) { return sched_getcpu(); }

void tri_malloc_trim(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TRI_THREAD_SANITIZED
#endif
#endif

#ifdef TRI_THREAD_SANITIZED
const bool tri_is_thread_sanitized = true;

/* The sanitizer's own; freeing within is not compared with the uses before. */
extern void AnnotateIgnoreWritesBegin(const char *file, int line);
extern void AnnotateIgnoreWritesEnd(const char *file, int line);

void *tri_renewed(void *block, size_t bytes) {
  void *fresh = 0;
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  if (posix_memalign(&fresh, 64, bytes) == 0)
    free(block);
  else
    fresh = block;
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  return fresh;
}
#else
const bool tri_is_thread_sanitized = false;

void *tri_renewed(void *block, size_t bytes) {
  (void)bytes;
  return block;
}
#endif
