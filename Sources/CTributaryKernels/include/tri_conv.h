#ifndef TRI_CONV_H
#define TRI_CONV_H

#include "tri_types.h"

/* Convolutions over up to three spatial dims (fewer: leading sizes of 1), and both of their gradients, float32 and
   float64. All tensors are dense:

     x [batch, groups * channels, image]    y [batch, groups * filters, map]    w [groups * filters, channels, kernel]

     y[n, f, o] = sum over c, t of w[f, c, t] * x[n, c, o * stride + t * dilation - padding]

   where x is 0 outside of the image.

   The bits are those of a matrix product (tri_gemm.h: chains of fused multiply-adds in blocks of TRI_K_BLOCK, block
   sums joined left to right), whose k runs, in this order, over
     TRI_CONV_MAP     channel, kernel position: what lies outside of the image contributes fma(w, 0, sum);
     TRI_CONV_IMAGE   filter, kernel position, of those positions that meet the element's residue by the stride: what
                      lies outside of the map contributes fma(w, 0, sum). An element that no position meets is left
                      alone: see tri_conv_covers;
     TRI_CONV_WEIGHT  sample, map position: what lies outside of the image contributes fma(0, y, sum).

   The calls are those of a product's plan: `plan`, then the units of `pack`, the tiles of `run`, the units of `join`,
   each phase complete before the next, ranges half open and in any order. `shared` (one) and `workspace` (one for each
   worker) are 64-byte aligned and not zeroed. */

typedef enum tri_conv_kind {
  TRI_CONV_MAP = 0, /* y from x and w: the convolution */
  TRI_CONV_IMAGE,   /* x from y and w: its gradient by x, or the transposed convolution */
  TRI_CONV_WEIGHT,  /* w from x and y: its gradient by w */
} tri_conv_kind;

typedef struct tri_conv_problem {
  tri_dtype dtype;
  tri_conv_kind kind;
  int64_t batch, groups, channels, filters; /* channels and filters of one group; all at least 1 */
  int64_t image[3], map[3], kernel[3];      /* at least 1 */
  int64_t stride[3], padding[3], dilation[3];
  /* The one that `kind` makes is written, the others are read. */
  void *_Nonnull x, *_Nonnull w, *_Nonnull y;
  /* Added to the complete sums: for TRI_CONV_MAP [groups * filters], for TRI_CONV_IMAGE [groups * channels], where an
     element that no position meets is left alone all the same; NULL: nothing. */
  const void *_Nullable bias;
} tri_conv_problem;

typedef struct tri_conv_plan {
  int64_t pack_units, tiles, join_units;
  int64_t shared_bytes, workspace_bytes; /* INT64_MAX: no memory holds it */
  int64_t pieces, piece_rows;            /* of a sample's outermost spatial dim; or parts of the channels */
  int32_t split;                         /* TRI_CONV_WEIGHT: each block of k is a tile */
} tri_conv_plan;

typedef struct tri_conv_table {
  void (*_Nonnull plan)(const tri_conv_problem *_Nonnull problem, tri_conv_plan *_Nonnull plan);
  void (*_Nonnull pack)(const tri_conv_plan *_Nonnull plan, const tri_conv_problem *_Nonnull problem, int64_t first,
                        int64_t end, void *_Nullable shared);
  void (*_Nonnull run)(const tri_conv_plan *_Nonnull plan, const tri_conv_problem *_Nonnull problem,
                       void *_Nullable shared, int64_t first, int64_t end, void *_Nullable workspace);
  void (*_Nonnull join)(const tri_conv_plan *_Nonnull plan, const tri_conv_problem *_Nonnull problem,
                        const void *_Nullable shared, int64_t first, int64_t end);
} tri_conv_table;

/* Whether TRI_CONV_IMAGE writes every element of x: where a stride is larger than the kernel some meet no position. */
_Bool tri_conv_covers(const tri_conv_problem *_Nonnull problem);

#endif
