/* Matrix products on one thread against other libraries, in turn in the same run: GFLOP/s of each (the best of several
   rounds), and the ratio of ours to the best of them.

     gemm LIBRARY.so … [-- M N K [f32|f64] [nn|nt|tn]]

   A library is any that exports cblas_sgemm (OpenBLAS, BLIS), scipy_cblas_sgemm64_ (the one in numpy's wheels) or
   dnnl_sgemm (oneDNN, float32 alone). */
#include <dlfcn.h>
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

enum { row_major = 101, no_transpose = 111, transpose = 112 }; /* CBLAS's own numbers */

#define CBLAS(name, integer, real)                                                                                      \
  typedef void (*name)(int, int, int, integer, integer, integer, real, const real *, integer, const real *, integer, \
                       real, real *, integer)
CBLAS(sgemm_32, int, float);
CBLAS(dgemm_32, int, double);
CBLAS(sgemm_64, int64_t, float);
CBLAS(dgemm_64, int64_t, double);
typedef int (*dnnl_sgemm)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *, int64_t,
                          float, float *, int64_t);

/* Another library. Which of its forms is set tells how it takes its sizes. */
typedef struct {
  char name[32];
  sgemm_32 s32;
  dgemm_32 d32;
  sgemm_64 s64;
  dgemm_64 d64;
  dnnl_sgemm dnnl;
} library;

enum { most_libraries = 8, own_forms = 2 };
static library libraries[most_libraries];
static int library_count;

static void open_library(const char *path) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle || library_count == most_libraries) {
    fprintf(stderr, "gemm: %s\n", handle ? "too many libraries" : dlerror());
    exit(1);
  }
  library *l = &libraries[library_count++];
  const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
  snprintf(l->name, sizeof l->name, "%.*s", (int)strcspn(base + 3 * !strncmp(base, "lib", 3), "-."), base + 3 * !strncmp(base, "lib", 3));
  l->s32 = (sgemm_32)dlsym(handle, "cblas_sgemm");
  l->d32 = (dgemm_32)dlsym(handle, "cblas_dgemm");
  l->s64 = (sgemm_64)dlsym(handle, "scipy_cblas_sgemm64_");
  l->d64 = (dgemm_64)dlsym(handle, "scipy_cblas_dgemm64_");
  l->dnnl = (dnnl_sgemm)dlsym(handle, "dnnl_sgemm");
  if (!(l->s32 && l->d32) && !(l->s64 && l->d64) && !l->dnnl) {
    fprintf(stderr, "gemm: %s has none of cblas_sgemm, scipy_cblas_sgemm64_, dnnl_sgemm\n", path);
    exit(1);
  }
}

static int has(const library *l, tri_dtype dtype) { return dtype == TRI_F32 || l->d32 || l->d64; }

typedef struct {
  const tri_kernels *table;
  tri_gemm_problem problem;
  tri_gemm_plan plan;
  void *shared, *workspace;
  int ta, tb;
  int64_t lda, ldb;
} product;

static void planned(product *p) {
  p->table->gemm.pack(&p->plan, &p->problem, 0, p->plan.pack_units, p->shared);
  p->table->gemm.run(&p->plan, &p->problem, p->shared, 0, p->plan.tiles, p->workspace);
  p->table->gemm.join(&p->plan, &p->problem, p->shared, 0, p->plan.join_units);
}

static void multiply(product *p) { p->table->gemm.multiply(&p->problem); }

static void other(const library *l, product *p) {
  const tri_gemm_problem *q = &p->problem;
  int ta = p->ta ? transpose : no_transpose, tb = p->tb ? transpose : no_transpose;
  if (q->dtype == TRI_F32 && l->dnnl)
    l->dnnl(p->ta ? 'T' : 'N', p->tb ? 'T' : 'N', q->m, q->n, q->k, 1, q->a, p->lda, q->b, p->ldb, 0, q->c, q->n);
  else if (q->dtype == TRI_F32 && l->s64)
    l->s64(row_major, ta, tb, q->m, q->n, q->k, 1, q->a, p->lda, q->b, p->ldb, 0, q->c, q->n);
  else if (q->dtype == TRI_F32)
    l->s32(row_major, ta, tb, (int)q->m, (int)q->n, (int)q->k, 1, q->a, (int)p->lda, q->b, (int)p->ldb, 0, q->c, (int)q->n);
  else if (l->d64)
    l->d64(row_major, ta, tb, q->m, q->n, q->k, 1, q->a, p->lda, q->b, p->ldb, 0, q->c, q->n);
  else
    l->d32(row_major, ta, tb, (int)q->m, (int)q->n, (int)q->k, 1, q->a, (int)p->lda, q->b, (int)p->ldb, 0, q->c, (int)q->n);
}

/* Form 0 is the planned product, 1 the one for small shapes, the rest are the libraries. */
static void run_form(int form, product *p) {
  if (form == 0) planned(p);
  else if (form == 1) multiply(p);
  else other(&libraries[form - own_forms], p);
}

static double round_of(int form, product *p, long times) {
  double start = now();
  for (long i = 0; i < times; i++) run_form(form, p);
  return (now() - start) / (double)times;
}

static void measure(const tri_kernels *table, int64_t m, int64_t n, int64_t k, tri_dtype dtype, const char *form) {
  size_t size = dtype == TRI_F32 ? 4 : 8;
  int ta = form[0] == 't', tb = form[1] == 't';
  product p = {.table = table, .ta = ta, .tb = tb, .lda = ta ? m : k, .ldb = tb ? k : n};
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
  double best[own_forms + most_libraries], flops = 2.0 * (double)m * (double)n * (double)k;
  for (int f = 0; f < own_forms + library_count; f++) best[f] = 1e9;
  long times = (long)(2e-2 / (flops / 5e10 + 1e-8)) + 1;
  double budget = now() + 0.5 * (own_forms + library_count);
  for (int round = 0; round < 3 || (round < 20 && now() < budget); round++)
    for (int f = 0; f < own_forms + library_count; f++) {
      if (f >= own_forms && !has(&libraries[f - own_forms], dtype)) continue;
      double t = round_of(f, &p, times);
      if (t < best[f]) best[f] = t;
    }
  printf("%5ld x %5ld x %5ld %s %s  plan %d (%3ld tiles) %6.1f  multiply %6.1f", m, n, k, dtype == TRI_F32 ? "f32" : "f64",
         form, p.plan.strategy, p.plan.tiles, flops / best[0] * 1e-9, flops / best[1] * 1e-9);
  double theirs = 1e9;
  for (int l = 0; l < library_count; l++) {
    double t = best[own_forms + l];
    if (!has(&libraries[l], dtype)) continue;
    printf("  %s %6.1f", libraries[l].name, flops / t * 1e-9);
    if (t < theirs) theirs = t;
  }
  /* The form that the engine takes (MatrixProduct.run), which need not be the faster one. */
  int taken = p.plan.pack_units == 0 && p.plan.tiles <= 1;
  if (theirs < 1e9) printf("  ratio %.3f", theirs / best[taken]);
  printf("\n");
  fflush(stdout);
  free(a), free(b), free(p.problem.c), free(p.shared), free(p.workspace);
}

int main(int argc, char **argv) {
  const tri_kernels *table = tri_kernels_default();
  int next = 1;
  while (next < argc && strcmp(argv[next], "--")) open_library(argv[next++]);
  char **size = argv + next + 1;
  int words = argc - next - 1;
  printf("path %s, GFLOP/s on one thread\n", tri_path_name(table->path));
  if (words > 2) {
    measure(table, atol(size[0]), atol(size[1]), atol(size[2]), words > 3 && !strcmp(size[3], "f64") ? TRI_F64 : TRI_F32,
            words > 4 ? size[4] : "nn");
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
