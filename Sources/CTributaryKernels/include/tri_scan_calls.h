#ifndef TRI_SCAN_CALLS_H
#define TRI_SCAN_CALLS_H

/* The functions by which Swift calls tri_scan.h. Included by CTributaryKernels.h, after the table. */

static inline _Bool tri_scan_supports(const tri_kernels *_Nonnull kernels, tri_scan_op op, tri_dtype dtype) {
  return kernels->scan.scan[op][dtype] != NULL;
}

/* The chains [o, :, j] of o in begin ..< end and j in inner_begin ..< inner_end. */
static inline void tri_scan_run(
    const tri_kernels *_Nonnull kernels, tri_scan_op op, tri_dtype dtype, const tri_scan *_Nonnull problem,
    int64_t begin, int64_t end, int64_t inner_begin, int64_t inner_end) {
  tri_scan_fn f = kernels->scan.scan[op][dtype];
  if (f) f(problem, begin, end, inner_begin, inner_end);
}

/* Blocks of a row of n elements. */
int64_t tri_scan_blocks(int64_t n);

static inline void tri_scan_block_sums(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const tri_scan *_Nonnull problem, int64_t row, int64_t begin,
    int64_t end, void *_Nonnull sums) {
  kernels->scan.sums[dtype](problem, row, begin, end, sums);
}

/* `sums`, of as many blocks, becomes what stands before each. */
void tri_scan_join_sums(tri_dtype dtype, int64_t blocks, void *_Nonnull sums);

static inline void tri_scan_from_sums(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const tri_scan *_Nonnull problem, int64_t row, int64_t begin,
    int64_t end, void *_Nonnull sums) {
  kernels->scan.from_sums[dtype](problem, row, begin, end, sums);
}

/* Running sums of the rows begin ..< end of x [rows, n], in the dtype of a sum. */
static inline void tri_cumsum_rows(
    const tri_kernels *_Nonnull kernels, tri_dtype dtype, const void *_Nonnull x, int64_t n, int64_t begin, int64_t end,
    int32_t reverse, void *_Nonnull out) {
  const tri_scan problem = {.outer = end, .n = n, .inner = 1, .reverse = reverse, .x = x, .y = out};
  if (n > 0) tri_scan_run(kernels, TRI_SCAN_SUM, dtype, &problem, begin, end, 0, 1);
}

/* The table's function of tri_sort.h. */
static inline void tri_select(
    const tri_kernels *_Nonnull kernels, const tri_sort_kind *_Nonnull kind, const void *_Nonnull row, int64_t begin,
    int64_t end, int64_t k, void *_Nonnull words, void *_Nonnull aside) {
  kernels->sort.select(kind, row, begin, end, k, words, aside);
}

#endif
