#ifndef TRI_POOL_H
#define TRI_POOL_H

#include "tri_types.h"

/* Pooling of dense planes over up to three spatial dims (fewer: leading sizes of 1), float32 and float64.

   Element (o0, o1, o2) of a map sees in dim d the image's elements start[o] + i * step[d] below end[o], none of them
   outside of the image. Windows are walked row-major. A range of units writes memory of its own.

   The bits. An average is the sum of its window, from +0, first to last, divided once; where the image's gradient is
   asked for, an element is the sum, from +0, of its maps' quotients in the order of the map: so is a scattered sum. A
   greatest element is the first of equals, or the last NaN. */
typedef struct tri_pool {
  tri_dtype dtype;
  int64_t image[3], map[3], step[3];
  /* For each dim start [map], end [map] and extent [map], one after the other. An average's divisor is the product of
     the extents, or `divisor` where that is not 0. A window without elements gives 0. */
  const int64_t *_Nonnull windows;
  double divisor;
  void *_Nonnull x, *_Nonnull y; /* [planes, image]; [planes, map] */
  int64_t *_Nullable indices;    /* [planes, map]: row-major places in the plane */
  /* At least 1. Unit u is part u % pieces of plane u / pieces: of the rows of the map, or of those of the image where that
     is written. */
  int64_t pieces;
} tri_pool;

typedef void (*tri_pool_fn)(const tri_pool *_Nonnull problem, int64_t begin, int64_t end);

typedef struct tri_pool_table {
  tri_pool_fn _Nonnull max;     /* x → y and indices */
  tri_pool_fn _Nonnull average; /* x → y */
  tri_pool_fn _Nonnull spread;  /* y → x: the gradient of the average */
  tri_pool_fn _Nonnull gather;  /* x, indices → y */
  tri_pool_fn _Nonnull scatter; /* y, indices → x: its gradient, and that of the greatest elements */
} tri_pool_table;

#endif
