#ifndef TRI_BITS_H
#define TRI_BITS_H

/* Every number that can decide a bit of a result: one value for all paths. Changing one changes results. */

#define TRI_K_BLOCK 512 /* matrix product: a block's elements are one chain of fma in the order of k */

#endif
