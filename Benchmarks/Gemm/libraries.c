/* Other libraries, opened at run time: two of them export the same cblas_sgemm, so the program links none. */
#include "libraries.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

library libraries[most_libraries];
int library_count;

static void give_up(const char *path, const char *why) {
  fprintf(stderr, "gemm: %s: %s\n", path, why);
  exit(1);
}

/* A function of the library, or NULL. (A pointer to an object does not convert to one to a function in ISO C.) */
static void (*function(void *handle, const char *name))(void) {
  void *object = dlsym(handle, name);
  void (*found)(void);
  memcpy(&found, &object, sizeof found);
  return found;
}

/* CBLAS: int sizes (OpenBLAS, BLIS), or int64 sizes under names of their own (numpy's wheels). */
enum { row_major = 101, no_transpose = 111, transpose = 112 };
#define CBLAS(name, integer, real)                                                                                   \
  typedef void (*name)(int, int, int, integer, integer, integer, real, const real *, integer, const real *, integer, \
                       real, real *, integer)
CBLAS(sgemm_32, int, float);
CBLAS(dgemm_32, int, double);
CBLAS(sgemm_64, int64_t, float);
CBLAS(dgemm_64, int64_t, double);

typedef struct {
  sgemm_32 s32;
  dgemm_32 d32;
  sgemm_64 s64;
  dgemm_64 d64;
} cblas;

static int cblas_prepare(library *l, const product *p) {
  const cblas *f = l->state;
  return p->dtype == TRI_F32 ? f->s32 || f->s64 : f->d32 || f->d64;
}

static void cblas_multiply(library *l, const product *p) {
  const cblas *f = l->state;
  int ta = p->ta ? transpose : no_transpose, tb = p->tb ? transpose : no_transpose;
  int64_t m = p->m, n = p->n, k = p->k, lda = product_lda(p), ldb = product_ldb(p);
  if (p->dtype == TRI_F32 && f->s64)
    f->s64(row_major, ta, tb, m, n, k, 1, p->a, lda, p->b, ldb, 0, p->c, n);
  else if (p->dtype == TRI_F32)
    f->s32(row_major, ta, tb, (int)m, (int)n, (int)k, 1, p->a, (int)lda, p->b, (int)ldb, 0, p->c, (int)n);
  else if (f->d64)
    f->d64(row_major, ta, tb, m, n, k, 1, p->a, lda, p->b, ldb, 0, p->c, n);
  else
    f->d32(row_major, ta, tb, (int)m, (int)n, (int)k, 1, p->a, (int)lda, p->b, (int)ldb, 0, p->c, (int)n);
}

/* oneDNN's BLAS-like call. */
typedef int (*dnnl_sgemm_call)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *,
                               int64_t, float, float *, int64_t);

static int sgemm_prepare(library *l, const product *p) {
  (void)l;
  return p->dtype == TRI_F32;
}

static void sgemm_multiply(library *l, const product *p) {
  dnnl_sgemm_call *call = l->state;
  (*call)(p->ta ? 'T' : 'N', p->tb ? 'T' : 'N', p->m, p->n, p->k, 1, p->a, product_lda(p), p->b, product_ldb(p), 0, p->c,
       p->n);
}

/* oneDNN's matmul primitive, on operands as they lie (it is allowed no layout of its own, which would have to be
   filled first). Needs the headers of libdnnl-dev. */
#if __has_include(<oneapi/dnnl/dnnl.h>)
#include <oneapi/dnnl/dnnl.h>

typedef struct {
  __typeof__(&dnnl_primitive_execute) execute;
  __typeof__(&dnnl_stream_wait) wait;
  dnnl_primitive_t primitive;
  dnnl_stream_t stream;
  dnnl_exec_arg_t arguments[3];
} matmul_state;

#define CALL(l, name, ...) ((__typeof__(&name))function((l)->handle, #name))(__VA_ARGS__)

static int matmul_prepare(library *l, const product *p) {
  static dnnl_engine_t engine;
  if (p->dtype != TRI_F32) return 0;
  matmul_state *s = l->state ? l->state : calloc(1, sizeof *s);
  l->state = s;
  if (!s) return 0;
  s->execute = (__typeof__(s->execute))function(l->handle, "dnnl_primitive_execute");
  s->wait = (__typeof__(s->wait))function(l->handle, "dnnl_stream_wait");
  if (!s->execute || !s->wait || (!engine && CALL(l, dnnl_engine_create, &engine, dnnl_cpu, 0))) return 0;
  const dnnl_dim_t shape[3][2] = {{p->m, p->k}, {p->k, p->n}, {p->m, p->n}};
  const dnnl_dim_t strides[3][2] = {{p->ta ? 1 : p->k, p->ta ? p->m : 1}, {p->tb ? 1 : p->n, p->tb ? p->k : 1}, {p->n, 1}};
  void *data[3] = {(void *)(uintptr_t)p->a, (void *)(uintptr_t)p->b, p->c};
  static const int argument[3] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
  dnnl_primitive_desc_t wanted;
#if DNNL_VERSION_MAJOR < 3
  dnnl_memory_desc_t d[3];
  for (int i = 0; i < 3; i++)
    if (CALL(l, dnnl_memory_desc_init_by_strides, &d[i], 2, shape[i], dnnl_f32, strides[i])) return 0;
  dnnl_matmul_desc_t matmul;
  if (CALL(l, dnnl_matmul_desc_init, &matmul, &d[0], &d[1], NULL, &d[2])) return 0;
  if (CALL(l, dnnl_primitive_desc_create, &wanted, &matmul, NULL, engine, NULL)) return 0;
  for (int i = 0; i < 3; i++)
    if (CALL(l, dnnl_memory_create, &s->arguments[i].memory, &d[i], engine, data[i])) return 0;
#else
  dnnl_memory_desc_t d[3];
  for (int i = 0; i < 3; i++)
    if (CALL(l, dnnl_memory_desc_create_with_strides, &d[i], 2, shape[i], dnnl_f32, strides[i])) return 0;
  if (CALL(l, dnnl_matmul_primitive_desc_create, &wanted, engine, d[0], d[1], NULL, d[2], NULL)) return 0;
  for (int i = 0; i < 3; i++)
    if (CALL(l, dnnl_memory_create, &s->arguments[i].memory, d[i], engine, data[i])) return 0;
#endif
  for (int i = 0; i < 3; i++) s->arguments[i].arg = argument[i];
  return !CALL(l, dnnl_primitive_create, &s->primitive, wanted) &&
         (s->stream || !CALL(l, dnnl_stream_create, &s->stream, engine, dnnl_stream_default_flags));
}

static void matmul_multiply(library *l, const product *p) {
  (void)p;
  matmul_state *s = l->state;
  s->execute(s->primitive, s->stream, 3, s->arguments);
  s->wait(s->stream);
}
#endif

static void *kept(const void *bytes, size_t size) {
  void *copy = malloc(size);
  if (!copy) give_up("memory", "there is none");
  return memcpy(copy, bytes, size);
}

static library *add(void *handle, const char *name) {
  if (library_count == most_libraries) give_up(name, "too many libraries");
  library *l = &libraries[library_count++];
  l->handle = handle;
  snprintf(l->name, sizeof l->name, "%.23s", name);
  return l;
}

void open_library(const char *path) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) give_up(path, dlerror());
  const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
  if (!strncmp(base, "lib", 3)) base += 3;
  char name[20];
  snprintf(name, sizeof name, "%.*s", (int)strcspn(base, "-."), base);
  cblas f = {
    (sgemm_32)function(handle, "cblas_sgemm"),
    (dgemm_32)function(handle, "cblas_dgemm"),
    (sgemm_64)function(handle, "scipy_cblas_sgemm64_"),
    (dgemm_64)function(handle, "scipy_cblas_dgemm64_"),
  };
  int before = library_count;
  if (f.s32 || f.s64) {
    library *l = add(handle, name);
    l->prepare = cblas_prepare;
    l->multiply = cblas_multiply;
    l->state = kept(&f, sizeof f);
  }
  dnnl_sgemm_call sgemm = (dnnl_sgemm_call)function(handle, "dnnl_sgemm");
  if (sgemm) {
    library *l = add(handle, name);
    l->state = kept(&sgemm, sizeof sgemm);
    l->prepare = sgemm_prepare;
    l->multiply = sgemm_multiply;
#if __has_include(<oneapi/dnnl/dnnl.h>)
    l = add(handle, "matmul");
    l->prepare = matmul_prepare;
    l->multiply = matmul_multiply;
#endif
  }
  if (library_count == before) give_up(path, "has none of cblas_sgemm, scipy_cblas_sgemm64_, dnnl_sgemm");
}
