/* Matrix products on one thread against OpenBLAS, in turn in the same run: GFLOP/s of each (the best of several
   rounds) and their ratio. With arguments M N K [f32|f64] [nn|nt|tn]: that product alone. */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "CTributaryKernels.h"

/* Processor time: what else runs on the machine takes no part, as far as it does not share the caches. */
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *aligned(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 64) / 64 * 64);
  if (!p) exit(1);
  memset(p, 0, bytes);
  return p;
}

typedef struct {
  const tri_kernels *table;
  tri_gemm_problem problem;
  tri_gemm_plan plan;
  void *shared, *workspace;
  CBLAS_TRANSPOSE ta, tb;
  int lda, ldb;
} product;

static void planned(product *p) {
  p->table->gemm.pack(&p->plan, &p->problem, 0, p->plan.pack_units, p->shared);
  p->table->gemm.run(&p->plan, &p->problem, p->shared, 0, p->plan.tiles, p->workspace);
  p->table->gemm.join(&p->plan, &p->problem, p->shared, 0, p->plan.join_units);
}

static void multiply(product *p) { p->table->gemm.multiply(&p->problem); }

static void blas(product *p) {
  const tri_gemm_problem *q = &p->problem;
  int m = (int)q->m, n = (int)q->n, k = (int)q->k;
  if (q->dtype == TRI_F32)
    cblas_sgemm(CblasRowMajor, p->ta, p->tb, m, n, k, 1, q->a, p->lda, q->b, p->ldb, 0, q->c, n);
  else
    cblas_dgemm(CblasRowMajor, p->ta, p->tb, m, n, k, 1, q->a, p->lda, q->b, p->ldb, 0, q->c, n);
}

static double round_of(void (*f)(product *), product *p, long times) {
  double start = now();
  for (long i = 0; i < times; i++) f(p);
  return (now() - start) / (double)times;
}

static void measure(const tri_kernels *table, int64_t m, int64_t n, int64_t k, tri_dtype dtype, const char *form) {
  size_t size = dtype == TRI_F32 ? 4 : 8;
  int ta = form[0] == 't', tb = form[1] == 't';
  product p = {.table = table, .ta = ta ? CblasTrans : CblasNoTrans, .tb = tb ? CblasTrans : CblasNoTrans,
               .lda = (int)(ta ? m : k), .ldb = (int)(tb ? k : n)};
  char *a = aligned((size_t)(m * k) * size), *b = aligned((size_t)(k * n) * size);
  for (int64_t i = 0; i < m * k; i++)
    if (size == 4) ((float *)a)[i] = (float)rand() / (float)RAND_MAX; else ((double *)a)[i] = (double)rand() / RAND_MAX;
  for (int64_t i = 0; i < k * n; i++)
    if (size == 4) ((float *)b)[i] = (float)rand() / (float)RAND_MAX; else ((double *)b)[i] = (double)rand() / RAND_MAX;
  p.problem = (tri_gemm_problem){
    .dtype = dtype, .m = m, .n = n, .k = k, .alpha = 1, .a = a, .b = b,
    .a_row_stride = ta ? 1 : k, .a_column_stride = ta ? m : 1,
    .b_row_stride = tb ? 1 : n, .b_column_stride = tb ? k : 1,
    .c = aligned((size_t)(m * n) * size), .c_row_stride = n,
  };
  table->gemm.plan(&p.problem, &p.plan);
  p.shared = aligned((size_t)p.plan.shared_bytes);
  p.workspace = aligned((size_t)p.plan.workspace_bytes);
  void (*forms[3])(product *) = {planned, multiply, blas};
  double best[3] = {1e9, 1e9, 1e9}, flops = 2.0 * (double)m * (double)n * (double)k;
  long times = (long)(2e-2 / (flops / 5e10 + 1e-8)) + 1;
  double budget = now() + 1.5;
  for (int round = 0; round < 3 || (round < 20 && now() < budget); round++)
    for (int f = 0; f < 3; f++) {
      double t = round_of(forms[f], &p, times);
      if (t < best[f]) best[f] = t;
    }
  printf("%5ld x %5ld x %5ld %s %s  plan %d (%3ld tiles) %6.1f  multiply %6.1f  openblas %6.1f  ratio %.3f  (%.0f ns)\n", m, n, k,
         dtype == TRI_F32 ? "f32" : "f64", form, p.plan.strategy, p.plan.tiles, flops / best[0] * 1e-9, flops / best[1] * 1e-9,
         flops / best[2] * 1e-9, best[2] / (best[0] < best[1] ? best[0] : best[1]), best[1] * 1e9);
  fflush(stdout);
  free(a), free(b), free(p.problem.c), free(p.shared), free(p.workspace);
}

int main(int argc, char **argv) {
  const tri_kernels *table = tri_kernels_default();
  printf("path %s, GFLOP/s on one thread\n", tri_path_name(table->path));
  if (argc > 3) {
    measure(table, atol(argv[1]), atol(argv[2]), atol(argv[3]), argc > 4 && !strcmp(argv[4], "f64") ? TRI_F64 : TRI_F32,
            argc > 5 ? argv[5] : "nn");
    return 0;
  }
  static const int shapes[][3] = {
    {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048}, {64, 64, 64}, {127, 255, 63},
    {5, 3, 5}, {1, 3, 5}, {16, 16, 65536}, {64, 64, 4096}, {1, 4096, 4096}, {4096, 1, 4096}, {8, 4096, 4096}, {1, 64, 64},
    {64, 10, 64}, {4096, 64, 64}, {256, 1024, 784},
  };
  for (int d = 0; d < 2; d++)
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
      measure(table, shapes[i][0], shapes[i][1], shapes[i][2], d ? TRI_F64 : TRI_F32, "nn");
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    measure(table, shapes[i][0], shapes[i][1], shapes[i][2], TRI_F32, "nt");
    measure(table, shapes[i][0], shapes[i][1], shapes[i][2], TRI_F32, "tn");
  }
  return 0;
}
