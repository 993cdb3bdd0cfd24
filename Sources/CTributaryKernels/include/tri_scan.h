#ifndef TRI_SCAN_H
#define TRI_SCAN_H

#include "tri_types.h"

/* Running sums and their kin along the middle dim of dense x [outer, n, inner]. Each [o, :, j] is a chain of its own.

   The bits. In the order of the dim, or from its end where `reverse`:
     TRI_SCAN_SUM        blocks of TRI_SCAN_BLOCK elements: within a block each sum is that of the elements from the
                         block's first on, one after another; from the second block on the sum of all blocks before,
                         themselves added one after another, is added to it
     TRI_SCAN_PROD       y = y * x
     TRI_SCAN_RECURRENCE y = x + factor * y, both rounded; but x where the factor is 0, whatever y was, and at first
     TRI_SCAN_LOGSUMEXP  with m the greater of y and x and d their distance, m + log1p(exp(-d)); where they are equal
                         infinities, m
     TRI_SCAN_MAX, _MIN  the greatest, or least, so far, and where it stands: the last of equals; NaN wins, the last one
   Sums and products of integers are taken in int64, the last two have the dtype of x. RECURRENCE and LOGSUMEXP are for
   float32 and float64. */
typedef enum tri_scan_op {
  TRI_SCAN_SUM = 0, TRI_SCAN_PROD, TRI_SCAN_RECURRENCE, TRI_SCAN_LOGSUMEXP, TRI_SCAN_MAX, TRI_SCAN_MIN, TRI_SCAN_COUNT
} tri_scan_op;

typedef struct tri_scan {
  int64_t outer, n, inner; /* n at least 1 */
  int32_t reverse;         /* not for MAX and MIN */
  const void *_Nonnull x;
  const void *_Nullable factor; /* of RECURRENCE, as x */
  void *_Nonnull y;
  int64_t *_Nullable indices;   /* of MAX and MIN */
} tri_scan;

typedef void (*tri_scan_fn)(const tri_scan *_Nonnull problem, int64_t begin, int64_t end, int64_t inner_begin,
                            int64_t inner_end);
/* TRI_SCAN_SUM of one row, inner == 1, by parts: the sums of the blocks begin ..< end to `sums`; and, once each holds the
   sum of those before it, the results of these blocks. */
typedef void (*tri_scan_sums_fn)(const tri_scan *_Nonnull problem, int64_t row, int64_t begin, int64_t end,
                                 void *_Nonnull sums);

typedef struct tri_scan_table {
  tri_scan_fn _Nullable scan[TRI_SCAN_COUNT][TRI_DTYPE_COUNT];
  tri_scan_sums_fn _Nullable sums[TRI_DTYPE_COUNT];
  tri_scan_sums_fn _Nullable from_sums[TRI_DTYPE_COUNT];
} tri_scan_table;

#endif
