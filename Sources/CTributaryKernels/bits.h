#ifndef TRI_BITS_H
#define TRI_BITS_H

/* Every number that can decide a bit of a result: one value for all paths. Changing one changes results. */

#define TRI_FAN_IN_RUN 16 /* gradients of one tensor: runs of so many are summed left to right, and so are runs of their sums */
#define TRI_K_BLOCK 512 /* matrix product: a block's elements are one chain of fma in the order of k */

#define TRI_LANES 16         /* reduction over rows: lanes of a block, whatever the register width */
#define TRI_ROW_BLOCK 4096   /* reduction over rows: elements in a block, 256 in a lane */
#define TRI_COLUMN_BLOCK 64  /* reduction over columns: rows in a block, one chain for each column */

/* Running sums: elements of a block. Not a power of two: the blocks that are summed side by side would meet in one set of
   the cache. */
#define TRI_SCAN_BLOCK 4032

#define TRI_ATTENTION_QUERIES 32 /* attention: query rows of a block; its gradients of keys are added block by block */
#define TRI_ATTENTION_KEYS 256   /* attention: keys of a block; a row's maximum and sum go on from block to block */

#endif
