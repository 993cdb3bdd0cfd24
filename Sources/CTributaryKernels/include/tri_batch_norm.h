#ifndef TRI_BATCH_NORM_H
#define TRI_BATCH_NORM_H

#include "tri_types.h"

/* Batch normalisation of dense x [batch, channels, size], float32 and float64, each channel by its own mean m and
   (biased) variance v:

     y = fma(x - m, weight / sqrt(v + eps), bias)

   The bits. A channel's elements, sample after sample, are a row, and its sums have the order of a row (tri_reduce.h),
   but in float64 for float32 too: what is wrong with a mean is wrong with every element of a channel, and would add up
   in the gradients behind it. Of x, divided once by their number n: m; of d = x - m, fma(d, d, sum), divided once: v;
   backward, with m as it was rounded, of g, and of fma(g, d, sum). With s = 1 / sqrt(v + eps) and the sums G and D of
   the last two, what is made of them in float64 rounded where an element's own arithmetic begins,

     dx = fma(-d, D * s * s / n, g - G / n) * (s * weight)     dweight = D * s     dbias = G

   or, where mean and variance were given, dx = g * (s * weight). Ranges of channels write memory of their own.

   Few channels are shared by their parts, with the same bits: the sums of blocks (`partial`, `join`) of x, then of its
   squares, or of the gradients; then the elements (`parts`). */

/* What is summed. */
typedef enum tri_batch_norm_term {
  TRI_BATCH_NORM_VALUE = 0, TRI_BATCH_NORM_SQUARE, TRI_BATCH_NORM_GRADIENT
} tri_batch_norm_term;

#define TRI_BATCH_NORM_PIECE 4096

typedef struct tri_batch_norm {
  tri_dtype dtype;
  int32_t training; /* mean and variance are those of x and are written; 0: they are read */
  int64_t batch, channels, size;
  double eps;
  const void *_Nonnull x;
  const void *_Nullable weight, *_Nullable bias; /* [channels]; NULL: 1 and 0 */
  void *_Nonnull mean, *_Nullable variance;      /* [channels]; the variance forward only */
  void *_Nonnull invstd;                         /* [channels], s: written forward, read backward */
  void *_Nullable y;                             /* forward */
  const void *_Nullable g;                       /* backward, as all that follow; what is NULL is left out */
  void *_Nullable dx, *_Nullable dweight, *_Nullable dbias;
  /* By parts: both sums of each block of each channel, and two numbers for each channel that one step leaves for the
     next. NULL: a channel is taken as a whole. */
  double *_Nullable partials, *_Nullable means;
} tri_batch_norm;

typedef struct tri_batch_norm_table {
  void (*_Nonnull forward)(const tri_batch_norm *_Nonnull problem, int64_t begin, int64_t end);
  void (*_Nonnull backward)(const tri_batch_norm *_Nonnull problem, int64_t begin, int64_t end);
  /* The units begin ..< end of tri_batch_norm_blocks blocks of each channel. */
  void (*_Nonnull partial)(const tri_batch_norm *_Nonnull problem, tri_batch_norm_term term, int64_t begin, int64_t end);
  /* All channels, once all blocks are summed. */
  void (*_Nonnull join)(const tri_batch_norm *_Nonnull problem, tri_batch_norm_term term);
  /* The factors 1 / sqrt(variance + eps) of all channels. */
  void (*_Nonnull scale)(const tri_batch_norm *_Nonnull problem);
  /* y, or dx: the units begin ..< end of pieces of TRI_BATCH_NORM_PIECE places of each sample of each channel. */
  void (*_Nonnull parts)(const tri_batch_norm *_Nonnull problem, _Bool backward, int64_t begin, int64_t end);
} tri_batch_norm_table;

/* Of a channel. */
int64_t tri_batch_norm_blocks(int64_t batch, int64_t size);

#endif
