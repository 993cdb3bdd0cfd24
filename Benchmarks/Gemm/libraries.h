#ifndef LIBRARIES_H
#define LIBRARIES_H

#include "CTributaryKernels.h"

/* A product as all sides take it: C [m, n] = A [m, k] · B [k, n], row-major, A or B perhaps transposed as it lies. */
typedef struct {
  tri_dtype dtype;
  int64_t m, n, k;
  int ta, tb;
  const void *a, *b;
  void *c;
} product;

static inline int64_t product_lda(const product *p) { return p->ta ? p->m : p->k; }
static inline int64_t product_ldb(const product *p) { return p->tb ? p->k : p->n; }

/* One way to have another library compute a product. `prepare` (may be NULL) does what a program would do once for a
   shape, and is not timed; it says 0 where the way does not take the product. */
typedef struct library library;
struct library {
  char name[24];
  void *handle;
  int (*prepare)(library *, const product *);
  void (*multiply)(library *, const product *);
  void *state;
};

enum { most_libraries = 12 };
extern library libraries[most_libraries];
extern int library_count;

/* Adds all the ways that the shared library at `path` offers; ends the program with a word if there is none. */
void open_library(const char *path);

#endif
