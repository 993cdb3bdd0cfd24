#ifndef TRI_STREAM_PRIVATE_H
#define TRI_STREAM_PRIVATE_H

#include "CTributaryKernels.h"

/* Stores past the caches, for results that no cache would hold until they are read: a store into a line that is in no cache
   fetches it first, a third more to move. On AMD's processors, through blocks, that made an addition of 10 M floats 1.27
   times as fast, a copy 1.5 (Zen 3); one by one an addition is 1.3 times as fast again (Zen 5). On Intel's (Cascade Lake) all
   were slower, and there it is off. */

/* Bytes of a result from which on it is: three quarters of the shared cache of most of those processors. */
#define TRI_STREAM_LEAST (24 << 20)

/* A block of the result, in the first-level cache beside the blocks that it is made from. */
#define TRI_STREAM_BLOCK 4096

#endif
