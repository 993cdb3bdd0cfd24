#ifndef TRI_NORM_H
#define TRI_NORM_H

#include "tri_types.h"

/* Normalisation of rows (Ba, Kiros and Hinton, "Layer normalization", 2016; without the mean: Zhang and Sennrich,
   "Root mean square layer normalization", 2019). Float32 and float64. Each operation rounds; sums are in the order of
   a row (tri_reduce.h), sums over rows in that of a column: the bits are those of the unfused operators. */

/* mean = sum(x) / n, or 0 where not `centred`; d = x - mean; rstd = 1 / sqrt(sum(d * d) / n + eps);
   y = d * rstd, then * weight, then + bias where there are such. */
typedef struct tri_norm_problem {
  int64_t n;                     /* elements of a row, at least 1 */
  double eps;                    /* rounded to the dtype */
  int32_t centred;
  const void *_Nonnull x;        /* [rows, n] */
  const void *_Nullable weight;  /* [n], or [channels] */
  const void *_Nullable bias;
  void *_Nonnull y;              /* [rows, n] */
  void *_Nonnull mean;           /* [rows] */
  void *_Nonnull rstd;           /* [rows] */
  /* Of groups of channels: the elements of a channel; a row is n / span of them, one after another, and row r has those
     from r * (n / span) % channels on. 0: each element of a row has a weight and a bias of its own. */
  int64_t span, channels;
} tri_norm_problem;

/* With h = (x - mean) * rstd and u = g * weight: dx = ((u - sum(u) / n) - h * (sum(u * h) / n)) * rstd, without the
   term sum(u) where not centred. What is NULL is not computed. Of TRI_COLUMN_BLOCK rows each, the chains of g * h and of
   g go to the row of their block in the partials, for `tri_reduce_column_combine` to join. */
typedef struct tri_norm_gradient {
  int64_t n, rows;
  int32_t centred;
  const void *_Nonnull g, *_Nonnull x; /* [rows, n] */
  const void *_Nonnull mean, *_Nonnull rstd;
  const void *_Nullable weight;
  void *_Nullable dx;                  /* [rows, n] */
  void *_Nullable weight_partials;     /* [tri_column_block_count(rows), n]; of groups [rows, n / span] */
  void *_Nullable bias_partials;
  int64_t span, channels;              /* as above */
} tri_norm_gradient;

/* The gradient of groups: of each channel of a row the sums of g and of g * h in the order of a row go to the partials;
   sum(u) and sum(u * h) are chains, from +0, of these times the channel's weight. */

typedef struct tri_norm_table {
  void (*_Nonnull rows[2])(const tri_norm_problem *_Nonnull problem, int64_t begin, int64_t end);
  void (*_Nonnull gradient[2])(const tri_norm_gradient *_Nonnull problem, int64_t begin, int64_t end);
  void (*_Nonnull groups[2])(const tri_norm_gradient *_Nonnull problem, int64_t begin, int64_t end);
} tri_norm_table;

#endif
