#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "libraries.h"

static const char help[] =
  "Matrix products on one thread against other libraries, in one run: each in turn, round after round.\n"
  "\n"
  "  gemm LIBRARY.so ... [-- SET]\n"
  "  gemm LIBRARY.so ... -- M N K [f32|f64] [nn|nt|tn|tt]\n"
  "\n"
  "A library is any that exports cblas_sgemm (OpenBLAS, BLIS), scipy_cblas_sgemm64_ (the one in numpy's wheels) or\n"
  "dnnl_sgemm (oneDNN; its matmul primitive, on operands as they lie, is a column of its own). SET is one of\n"
  "  table  (the default) squares of 256 to 4096 and odd shapes, float32\n"
  "  more   vectors, small and long ones, float32 and float64, transposed operands\n"
  "  all    both\n"
  "\n"
  "Columns: M x N x K (C is M x N, K the inner size); GFLOP/s of ours and of each library, the best round; `ratio`, the\n"
  "best of ours to the best of the best library; `median`, that of the medians over the rounds. Times are processor\n"
  "time of the calling thread. Set the libraries' own variables to one thread (OMP_NUM_THREADS=1 and the like).\n";

/* Processor time: what else runs on the machine takes no part, as far as it does not share the caches. */
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { huge_page = 2 << 20 };

/* Memory for all sides as the engine's pool has it: large blocks ask for huge pages. */
static void *aligned(size_t bytes) {
  size_t unit = bytes < huge_page ? 64 : huge_page, size = (bytes + unit) / unit * unit;
  void *p = aligned_alloc(unit, size);
  if (!p) {
    fprintf(stderr, "gemm: no memory\n");
    exit(1);
  }
  if (unit == huge_page) madvise(p, size, MADV_HUGEPAGE);
  memset(p, 0, bytes);
  return p;
}

/* Ours, as MatrixProduct.run has it: a plan, or the one call for small products. */
typedef struct {
  const tri_gemm_table *gemm;
  tri_gemm_problem problem;
  tri_gemm_plan plan;
  void *shared, *workspace;
  int at_once;
} own;

static own own_of(const tri_kernels *table, const product *p) {
  own o = {.gemm = &table->gemm};
  o.problem = (tri_gemm_problem){
    .dtype = p->dtype, .m = p->m, .n = p->n, .k = p->k, .alpha = 1, .a = p->a, .b = p->b,
    .a_row_stride = p->ta ? 1 : p->k, .a_column_stride = p->ta ? p->m : 1,
    .b_row_stride = p->tb ? 1 : p->n, .b_column_stride = p->tb ? p->k : 1,
    .c = p->c, .c_row_stride = p->n,
  };
  o.gemm->plan(&o.problem, &o.plan);
  o.shared = aligned((size_t)o.plan.shared_bytes);
  o.workspace = aligned((size_t)o.plan.workspace_bytes);
  o.at_once = o.plan.pack_units == 0 && o.plan.tiles <= 1;
  return o;
}

static void own_multiply(own *o) {
  if (o->at_once) {
    o->gemm->multiply(&o->problem);
    return;
  }
  o->gemm->pack(&o->plan, &o->problem, 0, o->plan.pack_units, o->shared);
  o->gemm->run(&o->plan, &o->problem, o->shared, 0, o->plan.tiles, o->workspace);
  o->gemm->join(&o->plan, &o->problem, o->shared, 0, o->plan.join_units);
}

/* Column 0 is ours, the rest the libraries. */
static void multiply(int column, own *o, const product *p) {
  if (column == 0) own_multiply(o);
  else libraries[column - 1].multiply(&libraries[column - 1], p);
}

enum { most_rounds = 41, columns = 1 + most_libraries };

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void *random_matrix(const product *p, int64_t count) {
  size_t size = p->dtype == TRI_F32 ? 4 : 8;
  void *x = aligned((size_t)count * size);
  for (int64_t i = 0; i < count; i++) {
    double v = (double)rand() / RAND_MAX - 0.5;
    if (size == 4) ((float *)x)[i] = (float)v;
    else ((double *)x)[i] = v;
  }
  return x;
}

static void measure(const tri_kernels *table, int64_t m, int64_t n, int64_t k, tri_dtype dtype, const char *form) {
  product p = {.dtype = dtype, .m = m, .n = n, .k = k, .ta = form[0] == 't', .tb = form[1] == 't'};
  void *a = random_matrix(&p, m * k), *b = random_matrix(&p, k * n);
  p.a = a, p.b = b;
  p.c = aligned((size_t)(m * n) * (dtype == TRI_F32 ? 4 : 8));
  own o = own_of(table, &p);
  static double times[columns][most_rounds];
  int there[columns] = {1}, count = 1 + library_count, rounds = 0;
  for (int c = 1; c < count; c++) there[c] = libraries[c - 1].prepare(&libraries[c - 1], &p);
  double flops = 2.0 * (double)m * (double)n * (double)k;
  long calls = (long)(1e-2 / (flops / 5e10 + 1e-8)) + 1;
  for (int c = 0; c < count; c++)
    if (there[c]) multiply(c, &o, &p); /* pages, caches, code that is made at the first call */
  double budget = now() + 0.35 * count;
  for (; rounds < 5 || (rounds < most_rounds && now() < budget); rounds++)
    for (int c = 0; c < count; c++) {
      if (!there[c]) continue;
      double start = now();
      for (long i = 0; i < calls; i++) multiply(c, &o, &p);
      times[c][rounds] = (now() - start) / (double)calls;
    }
  printf("%5ld x %5ld x %5ld %s %s", m, n, k, dtype == TRI_F32 ? "f32" : "f64", form);
  double best = 1e9, median = 1e9;
  for (int c = 0; c < count; c++) {
    if (!there[c]) {
      printf(" %10s", "-");
      continue;
    }
    qsort(times[c], (size_t)rounds, sizeof(double), ascending);
    printf(" %10.1f", flops / times[c][0] * 1e-9);
    if (c && times[c][0] < best) best = times[c][0];
    if (c && times[c][rounds / 2] < median) median = times[c][rounds / 2];
  }
  if (best < 1e9) printf("   %6.3f   %6.3f", best / times[0][0], median / times[0][rounds / 2]);
  printf("\n");
  fflush(stdout);
  free(a), free(b), free(p.c), free(o.shared), free(o.workspace);
}

static const int table_shapes[][3] = {
  {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048}, {4096, 4096, 4096},
  {1, 4096, 4096}, {4096, 1, 4096}, {4096, 4096, 1}, {64, 64, 64}, {127, 255, 63}, {16, 16, 65536}, {16, 65536, 16},
};
static const int more_shapes[][3] = {
  {256, 256, 256}, {1024, 1024, 1024}, {64, 64, 64}, {127, 255, 63}, {5, 3, 5}, {1, 3, 5}, {16, 16, 65536},
  {64, 64, 4096}, {1, 4096, 4096}, {4096, 1, 4096}, {8, 4096, 4096}, {1, 64, 64}, {64, 10, 64}, {4096, 64, 64},
  {256, 1024, 784},
};

#define EACH(shapes, dtype, form)                                                                             \
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)                                                 \
    measure(table, shapes[i][0], shapes[i][1], shapes[i][2], dtype, form)

int main(int argc, char **argv) {
  int next = 1;
  for (; next < argc && strcmp(argv[next], "--"); next++) {
    if (!strcmp(argv[next], "--help") || !strcmp(argv[next], "-h")) {
      fputs(help, stdout);
      return 0;
    }
    open_library(argv[next]);
  }
  char **word = argv + next + 1;
  int words = argc - next - 1;
  const tri_kernels *table = tri_kernels_default();
  const char *set = words > 0 && words < 3 ? word[0] : "table";
  int all = !strcmp(set, "all"), more = all || !strcmp(set, "more");
  if (words < 3 && !more && strcmp(set, "table")) {
    fputs(help, stderr);
    return 2;
  }
  printf("path %s, one thread, GFLOP/s\n%29s %10s", tri_path_name(table->path), "M x N x K", "ours");
  for (int l = 0; l < library_count; l++) printf(" %10s", libraries[l].name);
  printf("   %6s   %6s\n", "ratio", "median");
  if (words >= 3) {
    measure(table, atol(word[0]), atol(word[1]), atol(word[2]), words > 3 && !strcmp(word[3], "f64") ? TRI_F64 : TRI_F32,
            words > 4 ? word[4] : "nn");
    return 0;
  }
  if (all || !more) EACH(table_shapes, TRI_F32, "nn");
  if (!more) return 0;
  EACH(more_shapes, TRI_F32, "nn");
  EACH(more_shapes, TRI_F64, "nn");
  EACH(more_shapes, TRI_F32, "nt");
  EACH(more_shapes, TRI_F32, "tn");
  return 0;
}
