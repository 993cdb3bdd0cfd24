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

/* Columns of B that are taken side by side where each is a run of neighbours: as many streams as a processor's
   prefetching follows, and enough chains to hide a multiply-add's latency. */
enum { TRI_G(runs) = 16 };

/* Bytes of a matrix that the second-level cache is taken to hold already, where asking for more only costs. */
enum { TRI_G(runs_stay) = 256 << 10 };

/* Asks for the next chunk of one of the runs, at each step of a chunk for that of another: one line of each run by turns
   comes from memory at half the rate of many lines of one and then of the next (16 runs, Zen 5: 18 GB/s by turns of 64
   bytes, 23 of 256, 50 of 1024). Behind the last chunk begin the next runs. */
TRI_INLINE void TRI_G(fetch_burst)(const TRI_T *b, int64_t stride, int64_t k, int64_t p) {
  enum { chunk = TRI_G(runs) * TRI_GEMM_LANES };
  int64_t within = p % chunk, next = p - within + chunk;
  uintptr_t run = (uintptr_t)stride, place = (uintptr_t)(within / TRI_GEMM_LANES) * run;
  uintptr_t from = (uintptr_t)b + (place + (next < k ? (uintptr_t)next : TRI_G(runs) * run)) * sizeof(TRI_T);
  TRI_UNROLL for (int l = 0; l < chunk * (int)sizeof(TRI_T); l += 64)
    __builtin_prefetch((const void *)(from + (uintptr_t)l), 0, 3);
}

/* sum[0 ..< n] = a · B for all of k, B's rows neighbours: blocks of B are turned in registers, whole lines at a time,
   for the runs may be pages apart, where lines that are read in pieces push each other out of the first-level cache. */
static void TRI_G(row_times_runs)(const TRI_G(job) *job, const TRI_T *b, int64_t n, TRI_T *sum) {
  enum { groups = TRI_G(runs) / TRI_GEMM_LANES };
  _Alignas(64) TRI_T turned[TRI_GEMM_LANES * TRI_GEMM_LANES];
  int64_t blocks = tri_gemm_blocks(job->k);
  int far = job->k > TRI_G(runs_stay) / (int64_t)sizeof(TRI_T) / tri_gemm_max(1, n);
  for (int64_t j = 0; j < n; j += TRI_G(runs), b += TRI_G(runs) * job->b_column) {
    TRI_V total[groups];
    for (int64_t block = 0; block < blocks; block++) {
      int64_t first = block * TRI_K_BLOCK, end = tri_gemm_min(first + TRI_K_BLOCK, job->k);
      TRI_V chain[groups];
      TRI_UNROLL for (int g = 0; g < groups; g++) chain[g] = 0;
      for (int64_t p = first; p < end; p += TRI_GEMM_LANES) {
        if (far) TRI_G(fetch_burst)(b, job->b_column, job->k, p);
        const TRI_T *left = job->a + p * job->a_column;
        int columns = (int)tri_gemm_min(TRI_GEMM_LANES, end - p);
        TRI_UNROLL for (int g = 0; g < groups; g++) {
          int rows = (int)tri_gemm_min(TRI_GEMM_LANES, n - j - g * TRI_GEMM_LANES);
          if (rows <= 0) continue;
          const TRI_T *from = b + g * TRI_GEMM_LANES * job->b_column + p;
          if (rows >= TRI_GEMM_LANES && columns == TRI_GEMM_LANES) {
            TRI_V v[TRI_GEMM_LANES];
            TRI_UNROLL for (int i = 0; i < TRI_GEMM_LANES; i++) v[i] = TRI_G(load)(from + i * job->b_column);
            TRI_G(turn_registers)(v);
            TRI_UNROLL for (int i = 0; i < TRI_GEMM_LANES; i++)
              chain[g] = TRI_G(fma)((TRI_V)left[i * job->a_column], v[i], chain[g]);
            /* Or the compiler works on two groups at once, for whose registers AVX2 has no room: chains then wait in
               memory. */
            __asm__ volatile("" ::: "memory");
          } else {
            TRI_G(transpose)(from, job->b_column, rows, columns, turned, TRI_GEMM_LANES);
            for (int i = 0; i < columns; i++)
              chain[g] = TRI_G(fma)((TRI_V)left[i * job->a_column], TRI_G(load)(turned + i * TRI_GEMM_LANES), chain[g]);
          }
        }
      }
      TRI_UNROLL for (int g = 0; g < groups; g++) total[g] = block ? total[g] + chain[g] : chain[g];
    }
    TRI_UNROLL for (int g = 0; g < groups; g++)
      if (n - j > g * TRI_GEMM_LANES)
        TRI_G(store_first)(sum + j + g * TRI_GEMM_LANES, total[g],
                           (int)tri_gemm_min(TRI_GEMM_LANES, n - j - g * TRI_GEMM_LANES));
  }
}

/* A job of one row whose C has column stride `c_column`; B's columns or rows are neighbours. */
static void TRI_G(vector_product)(const TRI_G(job) *job, int64_t c_column) {
  _Alignas(64) TRI_T sum[TRI_G(strip)], block_sum[TRI_G(strip)];
  int64_t blocks = tri_gemm_blocks(job->k);
  for (int64_t j = 0; j < job->n; j += TRI_G(strip)) {
    int64_t n = tri_gemm_min(TRI_G(strip), job->n - j);
    if (job->b_column != 1) TRI_G(row_times_runs)(job, job->b + j * job->b_column, n, sum);
    for (int64_t block = 0; job->b_column == 1 && block < blocks; block++) {
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
  if (job->m == 1 && ((job->b_column == 1 && job->n > TRI_G(panel)) || (job->b_row == 1 && job->n > 1))) {
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
    if (turned.b_column == 1 || turned.b_row == 1) {
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

/* A few rows of B and a wide C, which is then all there is to move: row by row, in lines that are asked for a kibibyte
   ahead. (Non-temporal stores measured a third slower on one thread.) */
TRI_INLINE void TRI_G(wide_rows)(const int k, const TRI_G(job) *job) {
  for (int64_t j0 = 0; j0 < job->n; j0 += 2 * TRI_G(strip)) {
    int64_t n = tri_gemm_min(2 * TRI_G(strip), job->n - j0), whole = n / TRI_GEMM_LANES * TRI_GEMM_LANES;
    for (int64_t i = 0; i < job->m; i++) {
      TRI_T *c = job->c + i * job->c_row + j0;
      TRI_V left[4];
      TRI_UNROLL for (int p = 0; p < k; p++) left[p] = (TRI_V)job->a[i * job->a_row + p * job->a_column];
      const TRI_T *b = job->b + j0;
#define TRI_SUM(LOAD)                                                                                         \
  TRI_V v = 0;                                                                                                \
  TRI_UNROLL for (int p = 0; p < k; p++) v = TRI_G(fma)(left[p], LOAD, v);
      for (int64_t j = 0; j < whole; j += TRI_GEMM_LANES) {
        __builtin_prefetch((const void *)((uintptr_t)(c + j) + 1024), 1, 3);
        TRI_SUM(TRI_G(load)(b + p * job->b_row + j))
        TRI_G(store)(c + j, job->accumulate ? TRI_G(load)(c + j) + v : v);
      }
      if (whole < n) {
        int count = (int)(n - whole);
        TRI_SUM(TRI_G(load_first)(b + p * job->b_row + whole, count))
        TRI_G(store_first)(c + whole, job->accumulate ? TRI_G(load_first)(c + whole, count) + v : v, count);
      }
#undef TRI_SUM
    }
  }
}

static int TRI_G(wide_case)(const TRI_G(job) *job) {
  if (!(job->plain || TRI_G(only_adds)(job)) || job->b_column != 1 || job->n <= TRI_G(panel)) return 0;
  switch (job->k) {
  case 1: TRI_G(wide_rows)(1, job); return 1;
  case 2: TRI_G(wide_rows)(2, job); return 1;
  case 3: TRI_G(wide_rows)(3, job); return 1;
  case 4: TRI_G(wide_rows)(4, job); return 1;
  default: return 0;
  }
}

/* One micro-tile, one block, B as it lies: without the loops, which would cost more than the product. */
TRI_INLINE int TRI_G(tiny_case)(const TRI_G(job) *job) {
  if (job->m > TRI_GEMM_MR || job->n > TRI_G(panel) || job->k > TRI_K_BLOCK || job->b_column != 1) return 0;
  int order = TRI_G(order)(job), tail;
  if (order < 0) return 0;
  TRI_G(kernel) kernel = TRI_G(choose)(order, job->n, &tail)[job->m - 1];
  int64_t a_stride = order == TRI_A_ROW ? job->a_row : job->a_column;
  if (job->plain || TRI_G(only_adds)(job)) {
    kernel(job->k, job->a, a_stride, job->b, job->b_row, job->c, job->c_row, job->accumulate, tail, job->b, 0);
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
  if (job->k <= 4 && TRI_G(wide_case)(job)) return;
  TRI_G(product)(job);
}
