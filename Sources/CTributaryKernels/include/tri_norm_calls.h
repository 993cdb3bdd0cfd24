#ifndef TRI_NORM_CALLS_H
#define TRI_NORM_CALLS_H

/* The functions by which Swift calls tri_norm.h and tri_attention.h. Included by CTributaryKernels.h, after the table. A
   dtype other than float32 and float64 does nothing. */

/* The rows begin ..< end. */
static inline void tri_norm_rows(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const tri_norm_problem *_Nonnull problem, int64_t begin,
    int64_t end) {
  if (dtype <= TRI_F64) kernels->norm.rows[dtype](problem, begin, end);
}

/* The blocks begin ..< end, of TRI_COLUMN_BLOCK rows each. */
static inline void tri_norm_gradient_blocks(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const tri_norm_gradient *_Nonnull problem, int64_t begin,
    int64_t end) {
  if (dtype <= TRI_F64) kernels->norm.gradient[dtype](problem, begin, end);
}

/* The same for groups of channels: the rows begin ..< end. */
static inline void tri_norm_gradient_groups(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const tri_norm_gradient *_Nonnull problem, int64_t begin,
    int64_t end) {
  if (dtype <= TRI_F64) kernels->norm.groups[dtype](problem, begin, end);
}

/* Rows of queries in a block, and keys. */
int64_t tri_attention_queries(void);
int64_t tri_attention_keys(void);

/* The query blocks begin ..< end of one head: fills out and lse. */
static inline void tri_attention_forward(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const tri_attention *_Nonnull problem, int64_t begin,
    int64_t end) {
  if (dtype <= TRI_F64) kernels->attention.forward[dtype](problem, begin, end);
}

/* The sums of g * out over each row of the query blocks begin ..< end, in the order of a row: fills delta. */
static inline void tri_attention_delta(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const tri_attention *_Nonnull problem, int64_t begin,
    int64_t end) {
  if (dtype <= TRI_F64) kernels->attention.delta[dtype](problem, begin, end);
}

/* What the query blocks begin ..< end give to the key blocks key_begin ..< key_end and these to them, added to dq, dk and
   dv. Keys in ascending order within a row of dq, queries in that of dk and dv. */
static inline void tri_attention_backward(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const tri_attention *_Nonnull problem, int64_t begin,
    int64_t end, int64_t key_begin, int64_t key_end) {
  if (dtype <= TRI_F64) kernels->attention.backward[dtype](problem, begin, end, key_begin, key_end);
}

#endif
