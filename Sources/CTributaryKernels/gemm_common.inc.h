/* What both element types of the matrix product share. */
#define TRI_UNROLL _Pragma("clang loop unroll(full)")

TRI_INLINE int64_t tri_gemm_min(int64_t a, int64_t b) { return a < b ? a : b; }
TRI_INLINE int64_t tri_gemm_max(int64_t a, int64_t b) { return a > b ? a : b; }
TRI_INLINE int64_t tri_gemm_ceil(int64_t a, int64_t b) { return (a + b - 1) / b; }

/* How a kernel walks A: down a column of neighbours (row stride 1), or along rows (column stride 1). */
enum { TRI_A_COLUMN = 0, TRI_A_ROW = 1 };

/* A block of k holds one element at least, so that k = 0 runs once, over nothing, and gives +0. */
TRI_INLINE int64_t tri_gemm_blocks(int64_t k) { return tri_gemm_max(1, tri_gemm_ceil(k, TRI_K_BLOCK)); }

/* Rows of A packed in row order are this far apart: 33 lines, so that the rows of a micro-tile, which are read in
   step, do not fall into the same sets of the first-level cache as they would 2 KiB apart. */
#define TRI_PACKED_A_BYTES(size) (TRI_K_BLOCK * (size) + 64)
