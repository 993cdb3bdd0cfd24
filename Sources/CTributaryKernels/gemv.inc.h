/* Vector × matrix, and matrix × vector as its transpose. Bound by memory: B is read once, in long runs. */

enum { TRI_G(strip) = 8192 / sizeof(TRI_T) };

/* sum[0 ..< n] = a[0 ..< k] · B, one block of k, B's columns neighbours. Eight rows of B to one pass over the
   sums, which stay in the first-level cache. */
static void TRI_G(row_times_rows)(int64_t k, int64_t n, const TRI_T *a, int64_t a_stride, const TRI_T *b,
                                  int64_t b_row, TRI_T *sum) {
  for (int64_t j = 0; j < n; j += TRI_GEMM_LANES)
    TRI_G(store_first)(sum + j, (TRI_V)0, (int)tri_gemm_min(TRI_GEMM_LANES, n - j));
  int64_t whole = n / TRI_GEMM_LANES * TRI_GEMM_LANES;
  int rest = (int)(n - whole);
  int64_t p = 0;
#define TRI_ROWS_AT_ONCE(count)                                                                               \
  for (; p + count <= k; p += count) {                                                                        \
    const TRI_T *row = b + p * b_row;                                                                         \
    TRI_V left[count];                                                                                        \
    TRI_UNROLL for (int r = 0; r < count; r++) left[r] = (TRI_V)a[(p + r) * a_stride];                        \
    for (int64_t j = 0; j < whole; j += TRI_GEMM_LANES) {                                                     \
      TRI_V v = TRI_G(load)(sum + j);                                                                         \
      TRI_UNROLL for (int r = 0; r < count; r++) v = TRI_G(fma)(left[r], TRI_G(load)(row + r * b_row + j), v); \
      TRI_G(store)(sum + j, v);                                                                               \
    }                                                                                                         \
    if (rest) {                                                                                               \
      TRI_V v = TRI_G(load_first)(sum + whole, rest);                                                         \
      TRI_UNROLL for (int r = 0; r < count; r++)                                                              \
        v = TRI_G(fma)(left[r], TRI_G(load_first)(row + r * b_row + whole, rest), v);                         \
      TRI_G(store_first)(sum + whole, v, rest);                                                               \
    }                                                                                                         \
  }
  TRI_ROWS_AT_ONCE(8)
  TRI_ROWS_AT_ONCE(1)
#undef TRI_ROWS_AT_ONCE
}

/* A job of one row whose C has column stride `c_column`. */
static void TRI_G(vector_product)(const TRI_G(job) *job, int64_t c_column) {
  _Alignas(64) TRI_T sum[TRI_G(strip)], block_sum[TRI_G(strip)];
  int64_t blocks = tri_gemm_blocks(job->k);
  for (int64_t j = 0; j < job->n; j += TRI_G(strip)) {
    int64_t n = tri_gemm_min(TRI_G(strip), job->n - j);
    for (int64_t block = 0; block < blocks; block++) {
      int64_t p = block * TRI_K_BLOCK, k = tri_gemm_min(TRI_K_BLOCK, job->k - p);
      TRI_G(row_times_rows)(k, n, job->a + p * job->a_column, job->a_column, job->b + p * job->b_row + j,
                            job->b_row, block ? block_sum : sum);
      for (int64_t l = 0; block && l < n; l++) sum[l] = sum[l] + block_sum[l];
    }
    if (c_column == 1) {
      TRI_G(finish)(job, 0, j, 1, n, sum, 0, 0, 0);
      continue;
    }
    TRI_G(job) row = *job;
    if (row.bias_stride) row.bias += row.bias ? j : 0;
    if (row.accumulate)
      for (int64_t l = 0; l < n; l++) block_sum[l] = job->c[(j + l) * c_column];
    row.c = block_sum;
    TRI_G(finish)(&row, 0, 0, 1, n, sum, 0, 0, 0);
    for (int64_t l = 0; l < n; l++) job->c[(j + l) * c_column] = block_sum[l];
  }
}

/* Takes the products of one row or one column that are better off here. */
static int TRI_G(vector_case)(const TRI_G(job) *job) {
  if (job->m == 1 && job->b_column == 1 && job->n > TRI_G(panel)) {
    TRI_G(vector_product)(job, 1);
    return 1;
  }
  if (job->n == 1 && job->m > 1) {
    TRI_G(job) turned = *job;
    turned.m = 1;
    turned.n = job->m;
    turned.a = job->b;
    turned.a_row = 1;
    turned.a_column = job->b_row;
    turned.b = job->a;
    turned.b_row = job->a_column;
    turned.b_column = job->a_row;
    turned.bias_stride = 0;
    if (turned.b_column == 1) {
      TRI_G(vector_product)(&turned, job->c_row);
      return 1;
    }
    if (job->c_row == 1) {
      TRI_G(product)(&turned);
      return 1;
    }
  }
  return 0;
}

/* One micro-tile, one block, B as it lies: without the loops, which would cost more than the product. */
TRI_INLINE int TRI_G(tiny_case)(const TRI_G(job) *job) {
  if (job->m > TRI_GEMM_MR || job->n > TRI_G(panel) || job->k > TRI_K_BLOCK || job->b_column != 1) return 0;
  int order = TRI_G(order)(job), tail;
  if (order < 0) return 0;
  TRI_G(kernel) kernel = TRI_G(choose)(order, job->n, &tail)[job->m - 1];
  int64_t a_stride = order == TRI_A_ROW ? job->a_row : job->a_column;
  if (job->plain) {
    kernel(job->k, job->a, a_stride, job->b, job->b_row, job->c, job->c_row, 0, tail, job->b, 0);
  } else {
    _Alignas(64) TRI_T tile[TRI_GEMM_MR * TRI_G(panel)];
    kernel(job->k, job->a, a_stride, job->b, job->b_row, tile, TRI_G(panel), 0, tail, job->b, 0);
    TRI_G(finish)(job, 0, 0, job->m, job->n, tile, TRI_G(panel), 0, 0);
  }
  return 1;
}

static void TRI_G(multiply)(const TRI_G(job) *job) {
  if (job->m <= 0 || job->n <= 0) return;
  if (TRI_G(tiny_case)(job)) return;
  if ((job->m == 1 || job->n == 1) && TRI_G(vector_case)(job)) return;
  TRI_G(product)(job);
}
