#ifndef TRI_GEMM_H
#define TRI_GEMM_H

#include "tri_types.h"

/* Matrix products: C [m, n] = epilogue(A [m, k] · B [k, n]), float32, float64 and halves.

   The bits. k is cut into blocks of TRI_K_BLOCK (512). In a block an element is one chain of fused
   multiply-adds from +0 in the order of k; the block sums are joined left to right. Every path,
   strategy, tile and number of workers gives these bits; k = 0 gives +0.

   Halves are widened as they are packed; sums and epilogue are float32's, and an element is rounded once, at the end:
   the float32 product of the widened operands (bias and C among them), rounded.

   The epilogue, each step a separate rounding, so that it equals the unfused operators:
     v = product; v = alpha * v; v = v + bias[j]; v = max(v, 0) or apply(v); C = v, or C = C + v.
   The product is complete before anything is added to it. A step that is not asked for is left out.

   Two ways to call:

   1. `multiply(&problem)`: one call, one thread, no workspace (at most 128 KiB of stack). Right for
      every shape, and the fastest way for small ones; large ones lose some speed for want of packing.

   2. A plan, for a driver that has workers. `plan` depends on shape, strides, dtype and `accumulate`
      alone and reads no data pointer, so one plan serves every product of a batch.

        tri_gemm_plan p;
        table->plan(&problem, &p);
        shared    = p.shared_bytes bytes, 64-byte aligned, one for the product     (NULL if 0;
                    INT64_MAX says that no memory holds it: then use no more of the plan)
        workspace = p.workspace_bytes bytes, 64-byte aligned, one for each worker  (NULL if 0)
        units 0 ..< p.pack_units, any order, any worker:  pack(&p, &problem, first, end, shared)
        -- all packed --
        tiles 0 ..< p.tiles, any order, any worker:       run(&p, &problem, shared, first, end, workspace)
        -- all run --
        units 0 ..< p.join_units, any order, any worker:  join(&p, &problem, shared, first, end)

      pack_units and join_units are often 0: then the phase does not exist. Where pack_units is 0 and
      tiles is 1, `multiply` does the same with less ado. Ranges are half open. Different ranges write
      different memory. Neither buffer needs to be zeroed, and the workspace holds nothing between
      calls. A range of several neighbouring tiles reuses the packed left operand. */

typedef enum tri_gemm_activation {
  TRI_GEMM_IDENTITY = 0,
  TRI_GEMM_RELU, /* v <= 0 gives +0; a NaN stays */
} tri_gemm_activation;

/* Replaces `count` elements (of the problem's dtype; of halves float32) in place by an elementwise function of each. */
typedef void (*tri_gemm_apply)(void *_Nonnull row, int64_t count);

/* Strides are in elements, of any sign, and may be 0 in A and B. A transposed operand is one whose
   strides are swapped. One of an operand's two strides should be 1 for speed; others are copied. C has
   unit column stride, must not overlap A, B or bias, and no two of its elements may overlap. Zeroed, plus
   sizes, pointers, strides and alpha = 1, it is the plain product. */
typedef struct tri_gemm_problem {
  tri_dtype dtype; /* TRI_F32, TRI_F64 or a half; nothing is done for others */
  int64_t m, n, k;
  const void *_Nullable a;
  int64_t a_row_stride, a_column_stride; /* A[i, p] at i * row + p * column */
  const void *_Nullable b;
  int64_t b_row_stride, b_column_stride; /* B[p, j] at p * row + j * column */
  void *_Nullable c;
  int64_t c_row_stride; /* at least n */
  double alpha;         /* rounded to dtype; 1 leaves the step out */
  const void *_Nullable bias; /* [n], dense; or NULL */
  tri_gemm_activation activation;
  tri_gemm_apply _Nullable apply; /* after the activation; NULL leaves it out. Called from any worker */
  int32_t accumulate; /* 0: C = v. 1: C = C + v */
} tri_gemm_problem;

typedef enum tri_gemm_strategy {
  TRI_GEMM_DIRECT = 0, /* each tile is a product without shared packing */
  TRI_GEMM_PACKED,     /* B packed once for all; A packed by the worker, tile by tile */
  TRI_GEMM_SPLIT_K,    /* each tile is a block of k; join adds the block sums in order */
} tri_gemm_strategy;

typedef struct tri_gemm_plan {
  tri_gemm_strategy strategy;
  int64_t pack_units, tiles, join_units;
  int64_t shared_bytes, workspace_bytes;
  int64_t tile_rows, tile_columns; /* of a tile of C; the last of each may be smaller */
  int64_t row_tiles, column_tiles; /* tile t of C: row t / column_tiles, column t % column_tiles */
} tri_gemm_plan;

typedef struct tri_gemm_table {
  void (*_Nonnull multiply)(const tri_gemm_problem *_Nonnull problem);
  void (*_Nonnull plan)(const tri_gemm_problem *_Nonnull problem, tri_gemm_plan *_Nonnull plan);
  void (*_Nonnull pack)(const tri_gemm_plan *_Nonnull plan, const tri_gemm_problem *_Nonnull problem,
                        int64_t first, int64_t end, void *_Nullable shared);
  void (*_Nonnull run)(const tri_gemm_plan *_Nonnull plan, const tri_gemm_problem *_Nonnull problem,
                       void *_Nullable shared, int64_t first, int64_t end,
                       void *_Nullable workspace);
  void (*_Nonnull join)(const tri_gemm_plan *_Nonnull plan, const tri_gemm_problem *_Nonnull problem,
                        const void *_Nullable shared, int64_t first, int64_t end);
} tri_gemm_table;

/* How many of k are one block (see "The bits"). */
int64_t tri_gemm_block(void);

#endif
