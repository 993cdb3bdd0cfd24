#include "CAllocationCounter.h"
#include <errno.h>
#include <stddef.h>

/* Of a thread, so that no other thread's work is counted; in the executable's own block of thread-local memory, for
   which nothing has to be allocated (a lazily made one would call malloc from within malloc). */
static __thread long calls __attribute__((tls_model("initial-exec")));

long tri_allocation_count(void) { return calls; }

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define TRI_SANITIZED 1 /* the sanitizers wrap the same functions */
#endif
#endif

#if defined(__GLIBC__) && !defined(TRI_SANITIZED)
/* The C library's own names of its allocator, exported beside the public ones; defined here, those take precedence
   in the whole process. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
  calls++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  calls++;
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  calls++;
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  calls++;
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  void *found = memalign(alignment, size);
  if (!found) return ENOMEM;
  *block = found;
  return 0;
}
#endif
