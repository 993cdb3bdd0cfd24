#ifndef TRI_REDUCE_H
#define TRI_REDUCE_H

/* Reductions, cumulative sums, softmax and cross-entropy.

   Every input and output is contiguous (the caller copies a view that is not); no pointer needs an
   alignment beyond its element's; an output overlaps no input unless a function says that it may.
   Ranges are half-open. A function reads and writes only what its range names, so a caller may split
   a range over threads at will: the bits are the same for every split and on every path.

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
typedef void (*tri_cumsum_fn)(
    const void *_Nonnull x, int64_t n, int64_t begin, int64_t end, int reverse, void *_Nonnull out);
typedef void (*tri_rows_backward_fn)(
    const void *_Nonnull y, const void *_Nonnull g, int64_t n, int64_t begin, int64_t end, void *_Nonnull out);
typedef void (*tri_cross_entropy_fn)(
    const void *_Nonnull x, const int64_t *_Nonnull targets, int64_t classes, int64_t ignore_index,
    int64_t begin, int64_t end, void *_Nonnull loss, void *_Nonnull saved);
typedef void (*tri_cross_entropy_backward_fn)(
    const void *_Nonnull x, const void *_Nonnull saved, const int64_t *_Nonnull targets,
    const void *_Nonnull g, int64_t g_stride, int64_t classes, int64_t ignore_index, int64_t begin,
    int64_t end, void *_Nonnull out);

/* Not for direct use: call the functions below. An entry is NULL where an operation has no such dtype. */
typedef struct tri_reduce_table {
  tri_rows_fn _Nullable rows[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_rows_fn _Nullable row_blocks[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_combine_fn _Nullable row_combine[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_columns_fn _Nullable columns[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_columns_fn _Nullable column_blocks[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_column_combine_fn _Nullable column_combine[TRI_REDUCE_OP_COUNT][TRI_DTYPE_COUNT];
  tri_arg_rows_fn _Nullable arg_max[TRI_DTYPE_COUNT], arg_min[TRI_DTYPE_COUNT];
  tri_cumsum_fn _Nullable cumsum[TRI_DTYPE_COUNT];
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

/* Whether `op` has a kernel for `dtype`; where it has none, the functions below do nothing. */
static inline _Bool tri_reduce_supports(tri_reduce_op op, tri_dtype dtype) {
  return op != TRI_REDUCE_MEAN || dtype <= TRI_F64;
}

/* Blocks in a row of n elements; blocks in a column of m elements: the units in which one row or one
   column is split. */
int64_t tri_row_block_count(int64_t n);
int64_t tri_column_block_count(int64_t m);

/* -- Rows ------------------------------------------------------------------------------------------ */

/* x: [rows, n] of `dtype`; out: [rows] of `tri_reduce_result(op, dtype)`. Reduces the rows
   begin ..< end. A row of no elements gives 0 for a sum, 1 for a product, NaN for a mean, true for
   all, false for any; max and min of nothing are the caller's error and give the identity. x is never
   read where n is 0. */
static inline void tri_reduce_rows(
    const tri_reduce_table *_Nonnull table, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t n, int64_t begin, int64_t end, void *_Nonnull out) {
  tri_rows_fn f = table->rows[op][dtype];
  if (f) f(x, n, begin, end, out);
}

/* For few long rows, first step. x: [rows, n]; partials: [rows, blocks] of the result's dtype, where
   blocks = tri_row_block_count(n). Unit u of rows * blocks is block u % blocks of row u / blocks;
   fills the units begin ..< end. */
static inline void tri_reduce_row_blocks(
    const tri_reduce_table *_Nonnull table, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t n, int64_t begin, int64_t end, void *_Nonnull partials) {
  tri_rows_fn f = table->row_blocks[op][dtype];
  if (f) f(x, n, begin, end, partials);
}

/* For few long rows, second step: joins the partials of the rows begin ..< end by the tree (a mean is
   divided here). out: [rows]. The two steps give the bits of `tri_reduce_rows`. */
static inline void tri_reduce_row_combine(
    const tri_reduce_table *_Nonnull table, tri_reduce_op op, tri_dtype dtype,
    const void *_Nonnull partials, int64_t n, int64_t begin, int64_t end, void *_Nonnull out) {
  tri_combine_fn f = table->row_combine[op][dtype];
  if (f) f(partials, n, begin, end, out);
}

/* -- Columns --------------------------------------------------------------------------------------- */

/* x: [outer, m, n] of `dtype`, reduced over m; out: [outer, n] of the result's dtype. Fills
   out[o, c] for o in begin ..< end and c in column_begin ..< column_end. (`outer`, the full extent of
   x, is asked for because a row narrower than a vector is read together with what follows it in x.)
   Column ranges that begin at multiples of 16 are fastest. An empty m gives what an empty row does. */
static inline void tri_reduce_columns(
    const tri_reduce_table *_Nonnull table, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t outer, int64_t m, int64_t n, int64_t begin, int64_t end, int64_t column_begin,
    int64_t column_end, void *_Nonnull out) {
  tri_columns_fn f = table->columns[op][dtype];
  if (f) f(x, outer, m, n, 0, begin, end, column_begin, column_end, out);
}

/* For few columns and a large m, first step, for one o of `outer`. partials: [blocks, n] of the
   result's dtype, where blocks = tri_column_block_count(m), for this o alone. Fills the blocks
   begin ..< end in the columns column_begin ..< column_end. */
static inline void tri_reduce_column_blocks(
    const tri_reduce_table *_Nonnull table, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t outer, int64_t m, int64_t n, int64_t o, int64_t begin, int64_t end, int64_t column_begin,
    int64_t column_end, void *_Nonnull partials) {
  tri_columns_fn f = table->column_blocks[op][dtype];
  if (f) f(x, outer, m, n, o, begin, end, column_begin, column_end, partials);
}

/* For few columns and a large m, second step: joins the blocks of one o by the tree (a mean is divided
   here). partials: [blocks, n]; out: [n], the row of this o. The two steps give the bits of
   `tri_reduce_columns`. */
static inline void tri_reduce_column_combine(
    const tri_reduce_table *_Nonnull table, tri_reduce_op op, tri_dtype dtype,
    const void *_Nonnull partials, int64_t m, int64_t n, int64_t column_begin, int64_t column_end,
    void *_Nonnull out) {
  tri_column_combine_fn f = table->column_combine[op][dtype];
  if (f) f(partials, m, n, column_begin, column_end, out);
}

/* -- Position of the maximum, of the minimum --------------------------------------------------------- */

/* `op`: TRI_REDUCE_MAX or TRI_REDUCE_MIN, any dtype. x: [rows, n], n > 0 (with n = 0 nothing is read
   or written); indices: [rows], the first index of the greatest (least) element, or of the first NaN
   where there is one, as PyTorch has it; values: [rows] of x's dtype, the element at that index, or
   NULL. The value compares equal to that of `tri_reduce_rows`; of zeros of both signs it is the first
   in the row. */
static inline void tri_arg_reduce_rows(
    const tri_reduce_table *_Nonnull table, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t n, int64_t begin, int64_t end, void *_Nullable values, int64_t *_Nonnull indices) {
  tri_arg_rows_fn f = (op == TRI_REDUCE_MAX ? table->arg_max : table->arg_min)[dtype];
  if (f) f(x, n, NULL, begin, end, values, indices);
}

/* For few long rows: as `tri_arg_reduce_rows`, with partials: [rows, blocks] that
   `tri_reduce_row_blocks` made of the same x with the same op; reads one block of x in each row. */
static inline void tri_arg_reduce_combine(
    const tri_reduce_table *_Nonnull table, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t n, const void *_Nonnull partials, int64_t begin, int64_t end, void *_Nullable values,
    int64_t *_Nonnull indices) {
  tri_arg_rows_fn f = (op == TRI_REDUCE_MAX ? table->arg_max : table->arg_min)[dtype];
  if (f) f(x, n, partials, begin, end, values, indices);
}

/* -- Cumulative sum -------------------------------------------------------------------------------- */

/* x, out: [rows, n]; out of the sum's dtype (`tri_reduce_result(TRI_REDUCE_SUM, dtype)`). One chain in
   each row, left to right from the first element, or right to left from the last where `reverse` is
   not 0. out may be x where the dtypes are equal. */
static inline void tri_cumsum_rows(
    const tri_reduce_table *_Nonnull table, tri_dtype dtype, const void *_Nonnull x, int64_t n,
    int64_t begin, int64_t end, int reverse, void *_Nonnull out) {
  tri_cumsum_fn f = table->cumsum[dtype];
  if (f) f(x, n, begin, end, reverse, out);
}

/* -- Softmax: float32 and float64; another dtype does nothing ---------------------------------------- */

/* x, y: [rows, n]; y = e / s, where m is the row's max, e = exp(x - m), s is the sum of e in the order
   of a row. The bits are those of max, subtraction, exp, sum, division one after the other. y may be x.
   A row that is all -inf, or holds +inf or NaN, gives NaN where PyTorch does. */
static inline void tri_softmax_rows(
    const tri_reduce_table *_Nonnull table, tri_dtype dtype, const void *_Nonnull x, int64_t n,
    int64_t begin, int64_t end, void *_Nonnull y) {
  if (dtype <= TRI_F64) table->softmax[dtype](x, n, begin, end, y);
}

/* x, y: [rows, n]; y = (x - m) - log(s), with m and s as in `tri_softmax_rows`. y may be x. */
static inline void tri_log_softmax_rows(
    const tri_reduce_table *_Nonnull table, tri_dtype dtype, const void *_Nonnull x, int64_t n,
    int64_t begin, int64_t end, void *_Nonnull y) {
  if (dtype <= TRI_F64) table->log_softmax[dtype](x, n, begin, end, y);
}

/* x: [rows, n]; out: [rows] = log(s) + m, with m and s as in `tri_softmax_rows`, but m = 0 where the
   max is infinite (so a row of -inf gives -inf, a row with +inf gives +inf). An empty row gives -inf. */
static inline void tri_logsumexp_rows(
    const tri_reduce_table *_Nonnull table, tri_dtype dtype, const void *_Nonnull x, int64_t n,
    int64_t begin, int64_t end, void *_Nonnull out) {
  if (dtype <= TRI_F64) table->logsumexp[dtype](x, n, begin, end, out);
}

/* y: the result of softmax, g: the gradient of y, dx: [rows, n]; dx = (g - t) * y, where t is the sum
   of the rounded products g * y in the order of a row. dx may be g or y. */
static inline void tri_softmax_backward_rows(
    const tri_reduce_table *_Nonnull table, tri_dtype dtype, const void *_Nonnull y, const void *_Nonnull g,
    int64_t n, int64_t begin, int64_t end, void *_Nonnull dx) {
  if (dtype <= TRI_F64) table->softmax_backward[dtype](y, g, n, begin, end, dx);
}

/* y: the result of log_softmax, g: the gradient of y, dx: [rows, n]; dx = g - exp(y) * t, where t is
   the sum of g in the order of a row. dx may be g or y. */
static inline void tri_log_softmax_backward_rows(
    const tri_reduce_table *_Nonnull table, tri_dtype dtype, const void *_Nonnull y, const void *_Nonnull g,
    int64_t n, int64_t begin, int64_t end, void *_Nonnull dx) {
  if (dtype <= TRI_F64) table->log_softmax_backward[dtype](y, g, n, begin, end, dx);
}

/* -- Cross-entropy with class indices: float32 and float64 -------------------------------------------- */

/* Checks targets: [rows] in begin ..< end. Returns the first index whose target is neither in
   0 ..< classes nor equal to ignore_index, or -1 where there is none; then *kept, where kept is not
   NULL, is the number of targets that are not ignore_index. Call it before the two functions below,
   which index by the targets. */
int64_t tri_targets_check(
    const int64_t *_Nonnull targets, int64_t begin, int64_t end, int64_t classes, int64_t ignore_index,
    int64_t *_Nullable kept);

/* x: [rows, classes]; targets: [rows]; loss: [rows] = -((x[t] - m) - log(s)), with m and s as in
   `tri_softmax_rows`: the bits of log_softmax at the target, negated; 0 where the target is
   ignore_index. saved: [rows, 2] = (m, log(s)), for the backward pass. */
static inline void tri_cross_entropy_rows(
    const tri_reduce_table *_Nonnull table, tri_dtype dtype, const void *_Nonnull x,
    const int64_t *_Nonnull targets, int64_t classes, int64_t ignore_index, int64_t begin, int64_t end,
    void *_Nonnull loss, void *_Nonnull saved) {
  if (dtype <= TRI_F64) table->cross_entropy[dtype](x, targets, classes, ignore_index, begin, end, loss, saved);
}

/* dx: [rows, classes] = p * g - (g at the target, 0 elsewhere), where p = exp((x - m) - log(s)) and g is
   the gradient of the row's loss; 0 where the target is ignore_index. The gradient of row r is
   g[r * g_stride]: stride 0 for one gradient of all rows (a mean's, already divided by the count).
   dx may be x. */
static inline void tri_cross_entropy_backward_rows(
    const tri_reduce_table *_Nonnull table, tri_dtype dtype, const void *_Nonnull x,
    const void *_Nonnull saved, const int64_t *_Nonnull targets, const void *_Nonnull g, int64_t g_stride,
    int64_t classes, int64_t ignore_index, int64_t begin, int64_t end, void *_Nonnull dx) {
  if (dtype <= TRI_F64)
    table->cross_entropy_backward[dtype](x, saved, targets, g, g_stride, classes, ignore_index, begin, end, dx);
}

#endif
