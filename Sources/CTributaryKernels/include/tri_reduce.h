#ifndef TRI_REDUCE_H
#define TRI_REDUCE_H

/* Reductions, cumulative sums, softmax and cross-entropy.

   Every input and output is contiguous (the caller copies a view that is not); no pointer needs an
   alignment beyond its element's; an output overlaps no input unless a function says that it may.
   Ranges are half-open. A function writes only what its range names, so a caller may split a range
   over threads at will: the bits are the same for every split and on every path.

   ORDER OF A ROW of n elements (the innermost dim is reduced). The row is cut into blocks of
   TRI_ROW_BLOCK (4096) elements, the last one shorter. In a block, 16 lanes: lane j holds the
   elements j, j + 16, j + 32, … of the block, joined one after the other, left to right. Lanes are
   joined by halves: lane j with lane j + 8 for j < 8, then j with j + 4, j + 2, j + 1. A lane without
   an element holds the identity, which changes no value: -0.0 for a sum (so the sum of [-0.0] is
   -0.0), 1 for a product, -inf or the least integer for max, +inf or the greatest for min. Blocks are
   joined by the TREE: neighbours (0,1), (2,3), … are joined, a last one without a partner moves up as
   it is, and so on, level by level, until one is left.

   ORDER OF A COLUMN of m elements (the innermost dim is kept). Blocks of TRI_COLUMN_BLOCK (64)
   elements; in a block one chain, top to bottom, from the first element; blocks by the same TREE.

   Float32 is summed in float32, float64 in float64, integers and bool in int64, modulo 2^64.
   `join(a, b)`, a being the earlier, is a + b, a * b; for max `b > a or b is NaN ? b : a`, so NaN
   propagates and, of two equal values (zeros of different sign), the earlier in the order above stays;
   min alike; for all and any the logic of "is not zero" (NaN is not zero). */

#include "tri_types.h"

typedef enum tri_reduce_op {
  TRI_REDUCE_SUM = 0, /* all dtypes; integers and bool give int64 */
  TRI_REDUCE_MEAN,    /* float32, float64: the sum, then one division by n (or m) */
  TRI_REDUCE_PROD,    /* all dtypes; integers and bool give int64 */
  TRI_REDUCE_MAX,     /* all dtypes; gives the dtype of the input */
  TRI_REDUCE_MIN,     /* all dtypes; gives the dtype of the input */
  TRI_REDUCE_ALL,     /* all dtypes; gives bool */
  TRI_REDUCE_ANY,     /* all dtypes; gives bool */
  TRI_REDUCE_OP_COUNT
} tri_reduce_op;

typedef void (*tri_rows_fn)(const void *_Nonnull x, int64_t n, int64_t begin, int64_t end, void *_Nonnull out);
typedef void (*tri_combine_fn)(
    const void *_Nonnull partials, int64_t n, int64_t begin, int64_t end, void *_Nonnull out);
typedef void (*tri_columns_fn)(
    const void *_Nonnull x, int64_t outer, int64_t m, int64_t n, int64_t o, int64_t begin, int64_t end,
    int64_t column_begin, int64_t column_end, void *_Nonnull out);
typedef void (*tri_column_combine_fn)(
    const void *_Nonnull partials, int64_t m, int64_t n, int64_t column_begin, int64_t column_end,
    void *_Nonnull out);
typedef void (*tri_arg_rows_fn)(
    const void *_Nonnull x, int64_t n, const void *_Nullable partials, int64_t begin, int64_t end,
    void *_Nullable values, int64_t *_Nonnull indices);
typedef void (*tri_rows_backward_fn)(
    const void *_Nonnull y, const void *_Nonnull g, int64_t n, int64_t begin, int64_t end, void *_Nonnull out);
typedef void (*tri_cross_entropy_fn)(
    const void *_Nonnull x, const int64_t *_Nonnull targets, int64_t classes, int64_t ignore_index,
    int64_t begin, int64_t end, void *_Nonnull loss, void *_Nonnull saved);
typedef void (*tri_cross_entropy_backward_fn)(
    const void *_Nonnull x, const void *_Nonnull saved, const int64_t *_Nonnull targets,
    const void *_Nonnull g, int64_t g_stride, int64_t classes, int64_t ignore_index, int64_t begin,
    int64_t end, void *_Nonnull out);

/* Not for direct use: call the functions of tri_reduce_calls.h. An entry is NULL where an operation has no such dtype. */
typedef struct tri_reduce_table {
  tri_rows_fn _Nullable rows[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_rows_fn _Nullable row_blocks[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_combine_fn _Nullable row_combine[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_columns_fn _Nullable columns[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_columns_fn _Nullable column_blocks[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_column_combine_fn _Nullable column_combine[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_arg_rows_fn _Nullable arg_max[TRI_DTYPE_COUNT], arg_min[TRI_DTYPE_COUNT];
  tri_rows_fn _Nullable softmax[2], log_softmax[2], logsumexp[2];
  tri_rows_backward_fn _Nullable softmax_backward[2], log_softmax_backward[2];
  tri_cross_entropy_fn _Nullable cross_entropy[2];
  tri_cross_entropy_backward_fn _Nullable cross_entropy_backward[2];
} tri_reduce_table;

/* The dtype of the result, and of the partial results, of `op` on `dtype`. */
static inline tri_dtype tri_reduce_result(tri_reduce_op op, tri_dtype dtype) {
  if (op == TRI_REDUCE_ALL || op == TRI_REDUCE_ANY) return TRI_BOOL;
  if (op == TRI_REDUCE_SUM || op == TRI_REDUCE_PROD) return dtype <= TRI_F64 ? dtype : TRI_I64;
  return dtype;
}

/* Whether `op` has a kernel for `dtype`; where it has none, the functions that take both do nothing. */
static inline _Bool tri_reduce_supports(tri_reduce_op op, tri_dtype dtype) {
  return !tri_dtype_is_half(dtype) && (op != TRI_REDUCE_MEAN || dtype <= TRI_F64);
}

#endif
