/* The micro-kernel: `mr` rows × `nv` vectors of C over one block of k, in registers. */

typedef void (*TRI_G(kernel))(int64_t k, const TRI_T *a, int64_t a_stride, const TRI_T *b, int64_t b_stride,
                              TRI_T *c, int64_t c_stride, int add, int tail, const TRI_T *ahead, int64_t ahead_step);

/* a_stride is the one stride of A that is not 1. `add`: C = C + sum, else C = sum. `masked`: of the last vector
   only the first `tail` lanes exist. `ahead`: the lines at ahead_step (bytes) apart, one for each k, are fetched
   meanwhile for a later call; any address will do, since a prefetch does not fault. `copy`, where it is not NULL,
   gets B packed, a panel's width apart. mr, nv, masked, order and whether there is a copy are constants where this is
   expanded, so that the arrays become registers. */
TRI_INLINE void TRI_G(body)(const int mr, const int nv, const int masked, const int order, TRI_T *copy, int64_t k,
                            const TRI_T *a, int64_t a_stride, const TRI_T *b, int64_t b_stride, TRI_T *c,
                            int64_t c_stride, int add, int tail, const TRI_T *ahead, int64_t ahead_step) {
  TRI_V sum[TRI_GEMM_MR][TRI_GEMM_NV];
  /* Every third row has a pointer of its own; the two after it are reached by one stride and two, which an
     address can express: sixteen general registers would not hold a pointer for each row. */
  const TRI_T *row[(TRI_GEMM_MR + 2) / 3];
  TRI_UNROLL for (int i = 0; i < mr; i++)
    TRI_UNROLL for (int j = 0; j < nv; j++) sum[i][j] = 0;
  TRI_UNROLL for (int g = 0; g < (mr + 2) / 3; g++) row[g] = a + 3 * g * a_stride;
  int64_t p = 0;
#define TRI_STEP(u)                                                                                           \
  {                                                                                                           \
    __builtin_prefetch(ahead, 0, 2);                                                                          \
    ahead = (const TRI_T *)((uintptr_t)ahead + (uintptr_t)ahead_step);                                        \
    TRI_V right[TRI_GEMM_NV];                                                                                 \
    TRI_UNROLL for (int j = 0; j < nv; j++) {                                                                 \
      right[j] = masked && j == nv - 1 ? TRI_G(load_first)(b + j * TRI_GEMM_LANES, tail)                      \
                                       : TRI_G(load)(b + j * TRI_GEMM_LANES);                                 \
      if (TRI_GEMM_NEAR && order == TRI_A_COLUMN)                                                             \
        __builtin_prefetch(b + TRI_GEMM_NEAR * TRI_GEMM_NV * TRI_GEMM_LANES + j * TRI_GEMM_LANES, 0, 3);      \
      if (copy) TRI_G(store)(copy + j * TRI_GEMM_LANES, right[j]);                                            \
    }                                                                                                         \
    TRI_UNROLL for (int i = 0; i < mr; i++) {                                                                 \
      TRI_V left = (TRI_V)(order == TRI_A_ROW ? row[i / 3][(i % 3) * a_stride + u] : a[i]);                   \
      TRI_UNROLL for (int j = 0; j < nv; j++) sum[i][j] = TRI_G(fma)(left, right[j], sum[i][j]);              \
    }                                                                                                         \
    b += b_stride;                                                                                            \
    if (copy) copy += TRI_GEMM_NV * TRI_GEMM_LANES;                                                           \
    if (order == TRI_A_COLUMN) a += a_stride;                                                                 \
  }
  /* The lines of C lie on as many pages as there are rows, and in few sets of a cache where those are powers of two
     apart. They are asked for a fifth of a block before the end: what is asked for at the start has left the first-level
     cache by then (4096 cubed, AVX-512: 236 against 252 GFLOP/s). Not where the loop is too short to make up for it, nor
     in masked tiles, which are few. */
  for (int64_t stop = masked || k < 128 ? k : k - 96;; stop = k) {
    /* Rows: four steps at a time, for the pointers' own arithmetic would be a sixth of the loop's instructions. The
       compiler must not see how the pointers hang together: it then derives each address from the one before, and
       runs out of registers. */
    if (order == TRI_A_ROW) {
#pragma clang loop unroll(disable)
      for (; p + 4 <= stop; p += 4) {
        TRI_UNROLL for (int g = 0; g < (mr + 2) / 3; g++) __asm__("" : "+r"(row[g]));
        TRI_UNROLL for (int u = 0; u < 4; u++) TRI_STEP(u)
        TRI_UNROLL for (int g = 0; g < (mr + 2) / 3; g++) row[g] += 4;
      }
    }
#pragma clang loop unroll(disable)
    for (; p < stop; p++) {
      TRI_STEP(0)
      if (order == TRI_A_ROW)
        TRI_UNROLL for (int g = 0; g < (mr + 2) / 3; g++) row[g]++;
    }
    if (stop == k) break;
    /* Hidden, or the compiler makes all the addresses before the loop, which small products pay for. */
    const TRI_T *sums = c;
    int64_t apart = c_stride;
    __asm__("" : "+r"(sums), "+r"(apart));
    /* The compiler unrolls these by itself, and of the pragma that says so warns that it came too late. */
    for (int i = 0; i < mr; i++)
      for (int j = 0; j < nv; j++) __builtin_prefetch(sums + i * apart + j * TRI_GEMM_LANES, 1, 3);
  }
#undef TRI_STEP
  TRI_UNROLL for (int i = 0; i < mr; i++) {
    TRI_UNROLL for (int j = 0; j < nv; j++) {
      TRI_T *p = c + i * c_stride + j * TRI_GEMM_LANES;
      if (masked && j == nv - 1)
        TRI_G(store_first)(p, add ? TRI_G(load_first)(p, tail) + sum[i][j] : sum[i][j], tail);
      else
        TRI_G(store)(p, add ? TRI_G(load)(p) + sum[i][j] : sum[i][j]);
    }
  }
}

#define TRI_KERNEL_NAME(mr, nv, masked, order) TRI_JOIN(TRI_G(k), TRI_JOIN_(_##mr##_##nv##_##masked##_, order))
#define TRI_KERNEL(mr, nv, masked, order)                                                                     \
  static void TRI_KERNEL_NAME(mr, nv, masked, order)(                                                         \
      int64_t k, const TRI_T *a, int64_t a_stride, const TRI_T *b, int64_t b_stride, TRI_T *c,                \
      int64_t c_stride, int add, int tail, const TRI_T *ahead, int64_t ahead_step) {                          \
    TRI_G(body)                                                                                               \
    (mr, nv, masked, order, 0, k, a, a_stride, b, b_stride, c, c_stride, add, tail, ahead, ahead_step);       \
  }
#define TRI_EACH_ROWS_4(X, ...) X(1, __VA_ARGS__) X(2, __VA_ARGS__) X(3, __VA_ARGS__) X(4, __VA_ARGS__)
#define TRI_EACH_ROWS_6(X, ...) TRI_EACH_ROWS_4(X, __VA_ARGS__) X(5, __VA_ARGS__) X(6, __VA_ARGS__)
#define TRI_EACH_ROWS_8(X, ...) TRI_EACH_ROWS_6(X, __VA_ARGS__) X(7, __VA_ARGS__) X(8, __VA_ARGS__)
#define TRI_EACH_ROWS_12(X, ...)                                                                              \
  TRI_EACH_ROWS_8(X, __VA_ARGS__) X(9, __VA_ARGS__) X(10, __VA_ARGS__) X(11, __VA_ARGS__) X(12, __VA_ARGS__)
#define TRI_EACH_ROWS_14(X, ...) TRI_EACH_ROWS_12(X, __VA_ARGS__) X(13, __VA_ARGS__) X(14, __VA_ARGS__)
#define TRI_EACH_ROWS TRI_JOIN(TRI_EACH_ROWS_, TRI_GEMM_MR)

#define TRI_BOTH_ORDERS(nv, masked)                                                                           \
  TRI_EACH_ROWS(TRI_KERNEL, nv, masked, 0) TRI_EACH_ROWS(TRI_KERNEL, nv, masked, 1)
TRI_BOTH_ORDERS(1, 1)
TRI_BOTH_ORDERS(2, 1)
#if TRI_GEMM_NV == 3
TRI_BOTH_ORDERS(3, 1)
TRI_BOTH_ORDERS(3, 0)
#else
TRI_BOTH_ORDERS(2, 0)
#endif

#define TRI_KERNEL_ENTRY(mr, nv, masked, order) TRI_KERNEL_NAME(mr, nv, masked, order),
#define TRI_KERNEL_LIST(nv, masked, order) {TRI_EACH_ROWS(TRI_KERNEL_ENTRY, nv, masked, order)}
/* By order of A; by vectors less one, with the unmasked full width last; by rows less one. */
static const TRI_G(kernel) TRI_G(kernels)[2][TRI_GEMM_NV + 1][TRI_GEMM_MR] = {
#if TRI_GEMM_NV == 3
  {TRI_KERNEL_LIST(1, 1, 0), TRI_KERNEL_LIST(2, 1, 0), TRI_KERNEL_LIST(3, 1, 0), TRI_KERNEL_LIST(3, 0, 0)},
  {TRI_KERNEL_LIST(1, 1, 1), TRI_KERNEL_LIST(2, 1, 1), TRI_KERNEL_LIST(3, 1, 1), TRI_KERNEL_LIST(3, 0, 1)},
#else
  {TRI_KERNEL_LIST(1, 1, 0), TRI_KERNEL_LIST(2, 1, 0), TRI_KERNEL_LIST(2, 0, 0)},
  {TRI_KERNEL_LIST(1, 1, 1), TRI_KERNEL_LIST(2, 1, 1), TRI_KERNEL_LIST(2, 0, 1)},
#endif
};

/* The whole micro-tile that packs the panel of B as it goes: it costs a store where the product waits for nothing. */
#define TRI_FILL(order)                                                                                       \
  static void TRI_JOIN(TRI_G(fill_), order)(int64_t k, const TRI_T *a, int64_t a_stride, const TRI_T *b,      \
                                            int64_t b_stride, TRI_T *c, int64_t c_stride, int add,            \
                                            const TRI_T *ahead, int64_t ahead_step, TRI_T *copy) {            \
    __builtin_assume(copy != 0);                                                                              \
    TRI_G(body)                                                                                               \
    (TRI_GEMM_MR, TRI_GEMM_NV, 0, order, copy, k, a, a_stride, b, b_stride, c, c_stride, add, 0, ahead, ahead_step); \
  }
TRI_FILL(0)
TRI_FILL(1)
#undef TRI_FILL

/* The kernels for `columns` columns (1 … a panel's width), indexed by rows less one; sets the last vector's lanes. */
TRI_INLINE const TRI_G(kernel) *TRI_G(choose)(int order, int64_t columns, int *tail) {
  if (columns == TRI_GEMM_NV * TRI_GEMM_LANES) {
    *tail = TRI_GEMM_LANES;
    return TRI_G(kernels)[order][TRI_GEMM_NV];
  }
  int vectors = (int)((columns + TRI_GEMM_LANES - 1) / TRI_GEMM_LANES);
  *tail = (int)columns - (vectors - 1) * TRI_GEMM_LANES;
  return TRI_G(kernels)[order][vectors - 1];
}

#undef TRI_KERNEL_NAME
#undef TRI_KERNEL
#undef TRI_BOTH_ORDERS
#undef TRI_KERNEL_ENTRY
#undef TRI_KERNEL_LIST
