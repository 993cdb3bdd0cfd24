/* A product of one type, unpacked from the problem, and the epilogue. */

typedef struct {
  int64_t m, n, k;
  const TRI_T *a, *b;
  int64_t a_row, a_column, b_row, b_column;
  TRI_T *c;
  int64_t c_row;
  TRI_T alpha;
  const TRI_T *bias;
  int64_t bias_stride; /* 1, or 0 where one bias serves the whole row */
  tri_gemm_apply apply;
  int scaled, relu, accumulate;
  int plain; /* no epilogue at all */
} TRI_G(job);

TRI_INLINE TRI_G(job) TRI_G(job_of)(const tri_gemm_problem *q) {
  TRI_G(job) job = {
    .m = q->m, .n = q->n, .k = tri_gemm_max(q->k, 0),
    .a = q->a, .b = q->b, .c = q->c,
    /* A stride of a dimension of one element is never used: 1 is the one that suits the kernels. */
    .a_row = q->m == 1 ? 1 : q->a_row_stride, .a_column = q->k == 1 ? 1 : q->a_column_stride,
    .b_row = q->k == 1 ? 1 : q->b_row_stride, .b_column = q->n == 1 ? 1 : q->b_column_stride,
    .c_row = q->c_row_stride,
    .alpha = (TRI_T)q->alpha, .bias = q->bias, .bias_stride = 1, .apply = q->apply,
    .scaled = q->alpha != 1, .relu = q->activation == TRI_GEMM_RELU, .accumulate = q->accumulate != 0,
  };
  job.plain = !(job.scaled || job.bias || job.apply || job.relu || job.accumulate);
  return job;
}

/* Whether all there is to do with the sum over k is to add it to C, which the kernels do as they store it: of one block.
   (C + (block + block) is not what adding block by block would give.) */
TRI_INLINE int TRI_G(only_adds)(const TRI_G(job) *job) {
  return job->accumulate && job->k <= TRI_K_BLOCK && !(job->scaled || job->bias || job->apply || job->relu);
}

/* The part of a job that makes rows i ..< i + m, columns j ..< j + n of C. */
TRI_INLINE TRI_G(job) TRI_G(part)(const TRI_G(job) *job, int64_t i, int64_t m, int64_t j, int64_t n) {
  TRI_G(job) part = *job;
  part.m = m;
  part.n = n;
  if (i) part.a += i * job->a_row;
  if (j) part.b += j * job->b_column;
  part.c += i * job->c_row + j;
  if (part.bias) part.bias += j * job->bias_stride;
  return part;
}

/* A plain product of block `block` of k alone, into `c`. */
TRI_INLINE TRI_G(job) TRI_G(block_of)(const TRI_G(job) *job, int64_t block, TRI_T *c, int64_t c_row) {
  int64_t p = block * TRI_K_BLOCK;
  return (TRI_G(job)){
    .m = job->m, .n = job->n, .k = tri_gemm_min(TRI_K_BLOCK, job->k - p),
    .a = job->a + p * job->a_column, .b = job->b + p * job->b_row,
    .a_row = job->a_row, .a_column = job->a_column, .b_row = job->b_row, .b_column = job->b_column,
    .c = c, .c_row = c_row, .plain = 1,
  };
}

TRI_INLINE TRI_V TRI_G(epilogue)(const TRI_G(job) *job, TRI_V v, TRI_V bias) {
  if (job->scaled) v = (TRI_V)job->alpha * v;
  if (job->bias) v = v + bias;
  if (job->relu) v = v <= (TRI_V)0 ? (TRI_V)0 : v;
  return v;
}

/* C[i, j] = epilogue(before + sum) for a rectangle whose corner in C is (i0, j0). `before`, the sum of the earlier
   blocks, may be NULL, or C itself; `sum` may be overwritten. */
static void TRI_G(finish)(const TRI_G(job) *job, int64_t i0, int64_t j0, int64_t rows, int64_t columns, TRI_T *sum,
                          int64_t sum_row, const TRI_T *before, int64_t before_row) {
  for (int64_t i = 0; i < rows; i++) {
    TRI_T *from = sum + i * sum_row, *c = job->c + (i0 + i) * job->c_row + j0;
    const TRI_T *earlier = before ? before + i * before_row : 0;
    /* What is applied wants its row in memory, and before C is touched. */
    int staged = job->apply && job->accumulate;
    for (int64_t j = 0; j < columns; j += TRI_GEMM_LANES) {
      int count = (int)tri_gemm_min(TRI_GEMM_LANES, columns - j);
      TRI_V v = TRI_G(load_first)(from + j, count);
      if (earlier) v = TRI_G(load_first)(earlier + j, count) + v;
      TRI_V bias = 0;
      if (job->bias)
        bias = job->bias_stride ? TRI_G(load_first)(job->bias + j0 + j, count) : (TRI_V)*job->bias;
      v = TRI_G(epilogue)(job, v, bias);
      if (job->accumulate && !staged) v = TRI_G(load_first)(c + j, count) + v;
      TRI_G(store_first)(staged ? from + j : c + j, v, count);
    }
    if (!job->apply) continue;
    job->apply(staged ? from : c, columns);
    for (int64_t j = 0; staged && j < columns; j++) c[j] = c[j] + from[j];
  }
}
