#ifndef CCOPIES_H
#define CCOPIES_H

#include <stdint.h>

/* Copies `bytes` by memcpy, or past the caches by non-temporal stores; for the latter both ends are 64-byte aligned and
   `bytes` a multiple of 64. They overlap nowhere. */
void rates_copy(void *_Nonnull to, const void *_Nonnull from, int64_t bytes);
void rates_copy_streaming(void *_Nonnull to, const void *_Nonnull from, int64_t bytes);

#endif
