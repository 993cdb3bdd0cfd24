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
