#ifndef TRI_MEMORY_H
#define TRI_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* What TributaryMemory needs of glibc's extensions, which Swift does not see. */

/* The core that the calling thread runs on just now; -1 if the system does not tell. */
int tri_current_core(void);

/* Gives malloc's free pages back to the system, where malloc has such a call. */
void tri_malloc_trim(void);

/* Whether this is a build for the thread sanitizer. */
extern const bool tri_is_thread_sanitized;

/* There: gives `block`, of posix_memalign and 64-byte aligned, back to malloc and takes another of `bytes` in its place.
   A block that goes from hand to hand through the pool was last used by threads that then counted down references to it,
   which orders their uses before the next owner's; but the sanitizer does not see reference counts. What malloc hands out
   it takes for memory that nobody has used. */
void *_Nonnull tri_renewed(void *_Nonnull block, size_t bytes);

#endif
