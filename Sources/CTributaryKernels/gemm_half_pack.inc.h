/* Halves, widened as they are packed: the first part of gemm_half.inc.h. */

enum {
  tri_gemm_half_panel = tri_gemm_panel_f32,
  tri_gemm_half_sweep = 8 * TRI_GEMM_MR, /* rows whose sums wait on the stack */
  tri_gemm_half_turned = 64              /* elements of k that are turned together */
};

/* A block of [rows, columns] whose columns are neighbours, widened to rows `to_row` apart. */
static void tri_gemm_widen_rows(_Bool brain, int64_t rows, int64_t columns, const uint16_t *from, int64_t row,
                                float *to, int64_t to_row) {
  for (int64_t i = 0; i < rows; i++) tri_widen_row(brain, to + i * to_row, from + i * row, columns);
}

/* The same of any block, element by element. */
static void tri_gemm_widen_any(_Bool brain, int64_t rows, int64_t columns, const uint16_t *from, int64_t row,
                               int64_t column, float *to, int64_t to_row) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++)
      to[i * to_row + j] = tri_float_of_either(brain, from[i * row + j * column]);
}

/* Rows p ..< p + k and columns j ..< j + columns of B (a panel at most) as a panel. */
static void tri_gemm_half_pack_panel(const tri_gemm_half *job, int64_t p, int64_t k, int64_t j, int64_t columns,
                                     float *to) {
  const uint16_t *b = job->b + p * job->b_row + j * job->b_column;
  if (job->b_column == 1) {
    tri_gemm_widen_rows(job->brain, k, columns, b, job->b_row, to, tri_gemm_half_panel);
  } else if (job->b_row == 1) {
    enum { apart = tri_gemm_half_turned + 16 };
    _Alignas(64) float turned[tri_gemm_half_panel * apart];
    for (int64_t q = 0; q < k; q += tri_gemm_half_turned) {
      const int64_t length = tri_gemm_min(tri_gemm_half_turned, k - q);
      tri_gemm_widen_rows(job->brain, columns, length, b + q, job->b_column, turned, apart);
      tri_gemm_pack_panels_f32(length, columns, turned, 1, apart, to + q * tri_gemm_half_panel);
    }
  } else {
    tri_gemm_widen_any(job->brain, k, columns, b, job->b_row, job->b_column, to, tri_gemm_half_panel);
  }
}

/* Rows i ..< i + rows (a micro-tile's at most) and columns p ..< p + k of A as a strip: k columns, as far apart as is
   returned: MR elements, or one where A is a row. */
static int64_t tri_gemm_half_pack_strip(const tri_gemm_half *job, int64_t i, int64_t rows, int64_t p, int64_t k,
                                        float *to) {
  const uint16_t *a = job->a + i * job->a_row + p * job->a_column;
  if (job->m == 1 && job->a_column == 1) {
    tri_widen_row(job->brain, to, a, k);
    return 1;
  }
  if (job->a_row == 1 && job->m - i >= 16) {
    /* Sixteen at a time: those behind the strip fall on the next columns, which are written later. */
    for (int64_t q = 0; q < k; q++) tri_widen_row(job->brain, to + q * TRI_GEMM_MR, a + q * job->a_column, 16);
    return TRI_GEMM_MR;
  }
  enum { apart = tri_gemm_half_turned + 16 };
  _Alignas(64) float rows_of_a[TRI_GEMM_MR * apart];
  for (int64_t q = 0; q < k; q += tri_gemm_half_turned) {
    const int64_t length = tri_gemm_min(tri_gemm_half_turned, k - q);
    if (job->a_column == 1)
      tri_gemm_widen_rows(job->brain, rows, length, a + q, job->a_row, rows_of_a, apart);
    else
      tri_gemm_widen_any(job->brain, rows, length, a + q * job->a_column, job->a_row, job->a_column,
                         rows_of_a, apart);
    tri_gemm_pack_turned_f32(rows, length, rows_of_a, apart, to + q * TRI_GEMM_MR);
  }
  return TRI_GEMM_MR;
}
