#ifndef TRI_REDUCE_CALLS_H
#define TRI_REDUCE_CALLS_H

/* The functions by which Swift calls the reductions (it reads a C array of arrays as a nested tuple).
   Included by CTributaryKernels.h, after the table. Conventions and orders of summation: tri_reduce.h. */

/* How many contributions to one gradient are summed left to right before a tree joins the sums. */
int64_t tri_fan_in_run(void);

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
    const tri_kernels *_Nonnull kernels, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t n, int64_t begin, int64_t end, void *_Nonnull out) {
  tri_rows_fn f = kernels->reduce.rows[op][dtype];
  if (f) f(x, n, begin, end, out);
}

/* For few long rows, first step. x: [rows, n]; partials: [rows, blocks] of the result's dtype, where
   blocks = tri_row_block_count(n). Unit u of rows * blocks is block u % blocks of row u / blocks;
   fills the units begin ..< end. */
static inline void tri_reduce_row_blocks(
    const tri_kernels *_Nonnull kernels, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t n, int64_t begin, int64_t end, void *_Nonnull partials) {
  tri_rows_fn f = kernels->reduce.row_blocks[op][dtype];
  if (f) f(x, n, begin, end, partials);
}

/* For few long rows, second step: joins the partials of the rows begin ..< end by the tree (a mean is
   divided here). out: [rows]. The two steps give the bits of `tri_reduce_rows`. */
static inline void tri_reduce_row_combine(
    const tri_kernels *_Nonnull kernels, tri_reduce_op op, tri_dtype dtype,
    const void *_Nonnull partials, int64_t n, int64_t begin, int64_t end, void *_Nonnull out) {
  tri_combine_fn f = kernels->reduce.row_combine[op][dtype];
  if (f) f(partials, n, begin, end, out);
}

/* The first step where a row lies in parts, as a channel's elements do: x: [parts, rows, size], row r being the parts
   x[0, r], x[1, r], …, one behind another, n = parts * size. Otherwise as `tri_reduce_row_blocks`; a row of one block
   has one partial, too. A block's elements are put side by side in the first-level cache. */
void tri_reduce_part_blocks(
    const tri_kernels *_Nonnull kernels, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t parts, int64_t rows, int64_t size, int64_t begin, int64_t end, void *_Nonnull partials);

/* -- Columns --------------------------------------------------------------------------------------- */

/* x: [outer, m, n] of `dtype`, reduced over m; out: [outer, n] of the result's dtype. Fills
   out[o, c] for o in begin ..< end and c in column_begin ..< column_end. (`outer`, the full extent of
   x, is asked for because a row narrower than a vector is read together with what follows it in x.)
   Column ranges that begin at multiples of 16 are fastest. An empty m gives what an empty row does. */
static inline void tri_reduce_columns(
    const tri_kernels *_Nonnull kernels, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t outer, int64_t m, int64_t n, int64_t begin, int64_t end, int64_t column_begin,
    int64_t column_end, void *_Nonnull out) {
  tri_columns_fn f = kernels->reduce.columns[op][dtype];
  if (f) f(x, outer, m, n, 0, begin, end, column_begin, column_end, out);
}

/* For few columns and a large m, first step, for one o of `outer`. partials: [blocks, n] of the
   result's dtype, where blocks = tri_column_block_count(m), for this o alone. Fills the blocks
   begin ..< end in the columns column_begin ..< column_end. */
static inline void tri_reduce_column_blocks(
    const tri_kernels *_Nonnull kernels, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t outer, int64_t m, int64_t n, int64_t o, int64_t begin, int64_t end, int64_t column_begin,
    int64_t column_end, void *_Nonnull partials) {
  tri_columns_fn f = kernels->reduce.column_blocks[op][dtype];
  if (f) f(x, outer, m, n, o, begin, end, column_begin, column_end, partials);
}

/* For few columns and a large m, second step: joins the blocks of one o by the tree (a mean is divided
   here). partials: [blocks, n]; out: [n], the row of this o. The two steps give the bits of
   `tri_reduce_columns`. */
static inline void tri_reduce_column_combine(
    const tri_kernels *_Nonnull kernels, tri_reduce_op op, tri_dtype dtype,
    const void *_Nonnull partials, int64_t m, int64_t n, int64_t column_begin, int64_t column_end,
    void *_Nonnull out) {
  tri_column_combine_fn f = kernels->reduce.column_combine[op][dtype];
  if (f) f(partials, m, n, column_begin, column_end, out);
}

/* -- Position of the maximum, of the minimum --------------------------------------------------------- */

/* `op`: TRI_REDUCE_MAX or TRI_REDUCE_MIN, any dtype. x: [rows, n], n > 0 (with n = 0 nothing is read
   or written); indices: [rows], the first index of the greatest (least) element, or of the first NaN
   where there is one, as PyTorch has it; values: [rows] of x's dtype, the element at that index, or
   NULL. The value compares equal to that of `tri_reduce_rows`; of zeros of both signs it is the first
   in the row. */
static inline void tri_arg_reduce_rows(
    const tri_kernels *_Nonnull kernels, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t n, int64_t begin, int64_t end, void *_Nullable values, int64_t *_Nonnull indices) {
  tri_arg_rows_fn f = (op == TRI_REDUCE_MAX ? kernels->reduce.arg_max : kernels->reduce.arg_min)[dtype];
  if (f) f(x, n, NULL, begin, end, values, indices);
}

/* For few long rows: as `tri_arg_reduce_rows`, with partials: [rows, blocks] that
   `tri_reduce_row_blocks` made of the same x with the same op; reads one block of x in each row. */
static inline void tri_arg_reduce_combine(
    const tri_kernels *_Nonnull kernels, tri_reduce_op op, tri_dtype dtype, const void *_Nonnull x,
    int64_t n, const void *_Nonnull partials, int64_t begin, int64_t end, void *_Nullable values,
    int64_t *_Nonnull indices) {
  tri_arg_rows_fn f = (op == TRI_REDUCE_MAX ? kernels->reduce.arg_max : kernels->reduce.arg_min)[dtype];
  if (f) f(x, n, partials, begin, end, values, indices);
}

/* -- Softmax: float32 and float64; another dtype does nothing ---------------------------------------- */

/* x, y: [rows, n]; y = e / s, where m is the row's max, e = exp(x - m), s is the sum of e in the order
   of a row. The bits are those of max, subtraction, exp, sum, division one after the other. y may be x.
   A row that is all -inf, or holds +inf or NaN, gives NaN where PyTorch does. */
static inline void tri_softmax_rows(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const void *_Nonnull x, int64_t n,
    int64_t begin, int64_t end, void *_Nonnull y) {
  if (dtype <= TRI_F64) kernels->reduce.softmax[dtype](x, n, begin, end, y);
}

/* x, y: [rows, n]; y = (x - m) - log(s), with m and s as in `tri_softmax_rows`. y may be x. */
static inline void tri_log_softmax_rows(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const void *_Nonnull x, int64_t n,
    int64_t begin, int64_t end, void *_Nonnull y) {
  if (dtype <= TRI_F64) kernels->reduce.log_softmax[dtype](x, n, begin, end, y);
}

/* x: [rows, n]; out: [rows] = log(s) + m, with m and s as in `tri_softmax_rows`, but m = 0 where the
   max is infinite (so a row of -inf gives -inf, a row with +inf gives +inf). An empty row gives -inf. */
static inline void tri_logsumexp_rows(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const void *_Nonnull x, int64_t n,
    int64_t begin, int64_t end, void *_Nonnull out) {
  if (dtype <= TRI_F64) kernels->reduce.logsumexp[dtype](x, n, begin, end, out);
}

/* y: the result of softmax, g: the gradient of y, dx: [rows, n]; dx = (g - t) * y, where t is the sum
   of the rounded products g * y in the order of a row. dx may be g or y. */
static inline void tri_softmax_backward_rows(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const void *_Nonnull y, const void *_Nonnull g,
    int64_t n, int64_t begin, int64_t end, void *_Nonnull dx) {
  if (dtype <= TRI_F64) kernels->reduce.softmax_backward[dtype](y, g, n, begin, end, dx);
}

/* y: the result of log_softmax, g: the gradient of y, dx: [rows, n]; dx = g - exp(y) * t, where t is
   the sum of g in the order of a row. dx may be g or y. */
static inline void tri_log_softmax_backward_rows(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const void *_Nonnull y, const void *_Nonnull g,
    int64_t n, int64_t begin, int64_t end, void *_Nonnull dx) {
  if (dtype <= TRI_F64) kernels->reduce.log_softmax_backward[dtype](y, g, n, begin, end, dx);
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
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const void *_Nonnull x,
    const int64_t *_Nonnull targets, int64_t classes, int64_t ignore_index, int64_t begin, int64_t end,
    void *_Nonnull loss, void *_Nonnull saved) {
  if (dtype <= TRI_F64) kernels->reduce.cross_entropy[dtype](x, targets, classes, ignore_index, begin, end, loss, saved);
}

/* dx: [rows, classes] = p * g - (g at the target, 0 elsewhere), where p = exp((x - m) - log(s)) and g is
   the gradient of the row's loss; 0 where the target is ignore_index. The gradient of row r is
   g[r * g_stride]: stride 0 for one gradient of all rows (a mean's, already divided by the count).
   dx may be x. */
static inline void tri_cross_entropy_backward_rows(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const void *_Nonnull x,
    const void *_Nonnull saved, const int64_t *_Nonnull targets, const void *_Nonnull g, int64_t g_stride,
    int64_t classes, int64_t ignore_index, int64_t begin, int64_t end, void *_Nonnull dx) {
  if (dtype <= TRI_F64)
    kernels->reduce.cross_entropy_backward[dtype](x, saved, targets, g, g_stride, classes, ignore_index, begin, end, dx);
}

#endif
