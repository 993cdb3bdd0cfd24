/* Attention: included once by each path, after the reductions and the matrix product. */

/* What both dtypes share: C (+)= A · B for rows that lie `c_row` apart. */
TRI_INLINE void tri_attention_product(
    tri_dtype dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t a_row, int64_t a_column, const void *b,
    int64_t b_row, void *c, int64_t c_row, int accumulate) {
  const tri_gemm_problem problem = {
      .dtype = dtype, .m = m, .n = n, .k = k, .a = a, .a_row_stride = a_row, .a_column_stride = a_column, .b = b,
      .b_row_stride = b_row, .b_column_stride = 1, .c = c, .c_row_stride = c_row, .alpha = 1, .accumulate = accumulate};
  tri_gemm_multiply_entry(&problem);
}

/* Rows of query block i0, and the keys that it sees. */
typedef struct {
  int64_t begin, rows, limit;
} tri_attention_block;

TRI_INLINE tri_attention_block tri_attention_block_at(const tri_attention *q, int64_t block) {
  tri_attention_block b = {.begin = block * TRI_ATTENTION_QUERIES, .limit = q->keys};
  int64_t rest = q->queries - b.begin;
  b.rows = rest < TRI_ATTENTION_QUERIES ? rest : TRI_ATTENTION_QUERIES;
  if (q->causal && b.begin + b.rows < b.limit) b.limit = b.begin + b.rows;
  return b;
}

/* Of `count` keys from j0 on, how many row `row` sees. */
TRI_INLINE int64_t tri_attention_seen(const tri_attention *q, int64_t row, int64_t j0, int64_t count) {
  if (!q->causal || row + 1 - j0 >= count) return count;
  return row + 1 - j0 > 0 ? row + 1 - j0 : 0;
}

#define RED_TYPE f32
#define TRI_ATTENTION_DTYPE TRI_F32
#include "attention_type.inc.h"
#undef RED_TYPE
#undef TRI_ATTENTION_DTYPE
#define RED_TYPE f64
#define TRI_ATTENTION_DTYPE TRI_F64
#include "attention_type.inc.h"
#undef RED_TYPE
#undef TRI_ATTENTION_DTYPE

#define TRI_ATTENTION_TABLE \
  { .forward = RED_PAIR(attention_forward), .delta = RED_PAIR(attention_delta), \
    .backward = RED_PAIR(attention_backward) }
