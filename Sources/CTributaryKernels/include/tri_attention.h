#ifndef TRI_ATTENTION_H
#define TRI_ATTENTION_H

#include "tri_types.h"

/* softmax(q · kᵀ · scale + mask) · v of one head, block by block (Dao et al., "FlashAttention", 2022): no more than a
   block of the scores exists at a time. Float32 and float64.

   The bits. Queries are cut into blocks of TRI_ATTENTION_QUERIES rows, keys into blocks of TRI_ATTENTION_KEYS. Where
   `causal`, row i sees the keys up to i, and a block of keys ends at the last one that the block of queries sees.
   Products are those of tri_gemm.h. Of each block of keys, in ascending order: s = score * scale, then + mask;
   m' = max(m, s); e = exp(s - m'), c = exp(m - m'); l = l * c + sum(e) in the order of a row; out = out * c, then
   + e · v. At the end out / l; lse = m + log(l). A row that sees no key (or only -inf) gives 0, and lse = inf. Whatever
   stands in keys that a row does not see leaves no trace in it; nor, back, do such rows in those keys.

   Back, of each block of keys and of queries: e = exp(s - lse); t = (e * (g · vᵀ - delta)) * scale; dv += eᵀ · g,
   dk += tᵀ · q in ascending blocks of queries, dq += t · k in ascending blocks of keys, from +0. */

/* Rows are dense, their strides are given; out, dq, dk and dv must overlap nothing. */
typedef struct tri_attention {
  int64_t queries, keys, width, value_width;
  const void *_Nonnull q;                /* [queries, width] */
  const void *_Nonnull k;                /* [keys, width] */
  const void *_Nonnull v;                /* [keys, value_width] */
  int64_t q_row, k_row, v_row;
  const void *_Nonnull k_turned;         /* [width, keys], dense */
  const void *_Nullable v_turned;        /* [value_width, keys], dense; for the gradient */
  const void *_Nullable mask;            /* [queries, keys], added to the scores */
  int64_t mask_row;
  double scale;                          /* rounded to the dtype */
  int32_t causal;
  void *_Nonnull out;                    /* [queries, value_width] */
  int64_t out_row;
  void *_Nonnull lse;                    /* [queries] */
  const void *_Nullable g;               /* [queries, value_width] */
  int64_t g_row;
  void *_Nullable delta;                 /* [queries] */
  void *_Nullable dq, *_Nullable dk, *_Nullable dv; /* dense, zeros at first; NULL where not asked for */
  void *_Nonnull workspace;              /* TRI_ATTENTION_QUERIES * TRI_ATTENTION_KEYS elements; twice for the gradient */
} tri_attention;

typedef struct tri_attention_table {
  void (*_Nonnull forward[2])(const tri_attention *_Nonnull problem, int64_t begin, int64_t end);
  void (*_Nonnull delta[2])(const tri_attention *_Nonnull problem, int64_t begin, int64_t end);
  void (*_Nonnull backward[2])(
      const tri_attention *_Nonnull problem, int64_t begin, int64_t end, int64_t key_begin, int64_t key_end);
} tri_attention_table;

#endif
