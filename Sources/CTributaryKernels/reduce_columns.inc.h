/* One operation on columns of one dtype; a template like reduce_rows.inc.h, included after it. */

/* Columns that are reduced side by side: a row's piece of them is long enough to stream, and the tree
   of accumulators (RED_TREE_LEVELS tiles) fits a small stack. */
#define RED_TILE (2048 / (int)sizeof(RED_ACC))

typedef struct {
  RED_ACC subtree[RED_TREE_LEVELS][RED_TILE];
  int depth;
} RED_FN(column_tree);

TRI_INLINE RED_ACCV RED_FN(get)(const RED_ACC *p) {
  RED_ACCV v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

/* Joins the upper of two tiles into the lower, which holds the earlier rows. */
TRI_INLINE void RED_FN(join_tile)(RED_ACC *lower, const RED_ACC *upper, int padded) {
  for (int c = 0; c < padded; c += TRI_LANES) {
    RED_ACCV a = RED_FN(get)(lower + c), b = RED_FN(get)(upper + c);
    a = RED_JOIN(a, b);
    __builtin_memcpy(lower + c, &a, sizeof a);
  }
}

/* Where the next block's accumulators go: on top of the stack. */
TRI_INLINE RED_ACC *RED_FN(top)(RED_FN(column_tree) *tree) { return tree->subtree[tree->depth]; }

/* Block `index` is on top: joins it as the `push` of reduce_rows.inc.h does. */
TRI_INLINE void RED_FN(settle)(RED_FN(column_tree) *tree, int64_t index, int padded) {
  tree->depth++;
  for (; index & 1; index >>= 1) {
    tree->depth--;
    RED_FN(join_tile)(tree->subtree[tree->depth - 1], tree->subtree[tree->depth], padded);
  }
}

/* Leaves the result in subtree[0]. */
TRI_INLINE void RED_FN(close)(RED_FN(column_tree) *tree, int padded) {
  while (tree->depth > 1) {
    tree->depth--;
    RED_FN(join_tile)(tree->subtree[tree->depth - 1], tree->subtree[tree->depth], padded);
  }
}

/* 16 elements from p on, or as many as x has before `limit`. Elements of other columns or rows may be
   among them; their lanes are carried along and never stored. */
TRI_INLINE RED_ACCV RED_FN(load_within)(const RED_IN *p, const RED_IN *limit) {
  if (limit - p >= TRI_LANES) return RED_FN(load)(p);
  return RED_FN(load_part)(p, (int)(limit - p));
}

/* One block of `rows` rows in `padded` columns (a multiple of 16), from x on; `n` from row to row. */
static void RED_FN(column_block)(
    const RED_IN *x, const RED_IN *limit, int64_t n, int64_t rows, int padded, RED_ACC *acc) {
  const RED_ACCV identity = (RED_ACCV)(RED_IDENTITY);
  if (padded == TRI_LANES) {
    RED_ACCV a = identity;
    int64_t r = 0;
    for (; r < rows && limit - (x + r * n) >= TRI_LANES; r++) {
      RED_ACCV b = RED_FN(load)(x + r * n);
      a = RED_JOIN(a, b);
    }
    for (; r < rows; r++) {
      RED_ACCV b = RED_FN(load_part)(x + r * n, (int)(limit - (x + r * n)));
      a = RED_JOIN(a, b);
    }
    __builtin_memcpy(acc, &a, sizeof a);
    return;
  }
  for (int c = 0; c < padded; c += TRI_LANES) __builtin_memcpy(acc + c, &identity, sizeof identity);
  int64_t r = 0;
  for (; r + 4 <= rows && limit - (x + (r + 3) * n) >= padded; r += 4) {
    const RED_IN *row = x + r * n;
    for (int c = 0; c < padded; c += TRI_LANES) {
      RED_ACCV a = RED_FN(get)(acc + c);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        RED_ACCV b = RED_FN(load)(row + i * n + c);
        a = RED_JOIN(a, b);
      }
      __builtin_memcpy(acc + c, &a, sizeof a);
    }
  }
  for (; r < rows; r++) {
    for (int c = 0; c < padded; c += TRI_LANES) {
      RED_ACCV a = RED_FN(get)(acc + c), b = RED_FN(load_within)(x + r * n + c, limit);
      a = RED_JOIN(a, b);
      __builtin_memcpy(acc + c, &a, sizeof a);
    }
  }
}

TRI_INLINE int RED_FN(tile_width)(int64_t column, int64_t end) {
  return end - column < RED_TILE ? (int)(end - column) : RED_TILE;
}

TRI_INLINE int RED_FN(padded)(int width) { return (width + TRI_LANES - 1) / TRI_LANES * TRI_LANES; }

static void RED_FN(columns)(
    const void *x_, int64_t outer, int64_t m, int64_t n, int64_t unused, int64_t begin, int64_t end,
    int64_t column_begin, int64_t column_end, void *out_) {
  (void)unused;
  const RED_IN *x = x_, *limit = x + outer * m * n;
  RED_ACC *out = out_;
  RED_FN(column_tree) tree;
  for (int64_t o = begin; o < end; o++) {
    if (m == 0) {
      for (int64_t c = column_begin; c < column_end; c++) out[o * n + c] = RED_EMPTY;
      continue;
    }
    for (int64_t c = column_begin; c < column_end; c += RED_TILE) {
      int width = RED_FN(tile_width)(c, column_end), padded = RED_FN(padded)(width);
      tree.depth = 0;
      for (int64_t row = 0, i = 0; row < m; row += TRI_COLUMN_BLOCK, i++) {
        int64_t rows = m - row < TRI_COLUMN_BLOCK ? m - row : TRI_COLUMN_BLOCK;
        RED_FN(column_block)(x + (o * m + row) * n + c, limit, n, rows, padded, RED_FN(top)(&tree));
        RED_FN(settle)(&tree, i, padded);
      }
      RED_FN(close)(&tree, padded);
      __builtin_memcpy(out + o * n + c, tree.subtree[0], (size_t)width * sizeof(RED_ACC));
    }
  }
}

static void RED_FN(column_blocks)(
    const void *x_, int64_t outer, int64_t m, int64_t n, int64_t o, int64_t begin, int64_t end,
    int64_t column_begin, int64_t column_end, void *out_) {
  const RED_IN *x = x_, *limit = x + outer * m * n;
  RED_ACC *out = out_, acc[RED_TILE];
  for (int64_t i = begin; i < end; i++) {
    int64_t row = i * TRI_COLUMN_BLOCK, rows = m - row < TRI_COLUMN_BLOCK ? m - row : TRI_COLUMN_BLOCK;
    for (int64_t c = column_begin; c < column_end; c += RED_TILE) {
      int width = RED_FN(tile_width)(c, column_end), padded = RED_FN(padded)(width);
      RED_FN(column_block)(x + (o * m + row) * n + c, limit, n, rows, padded, acc);
      __builtin_memcpy(out + i * n + c, acc, (size_t)width * sizeof(RED_ACC));
    }
  }
}

static void RED_FN(column_combine)(
    const void *partials_, int64_t m, int64_t n, int64_t column_begin, int64_t column_end, void *out_) {
  const RED_ACC *partials = partials_;
  RED_ACC *out = out_;
  int64_t blocks = m / TRI_COLUMN_BLOCK + (m % TRI_COLUMN_BLOCK != 0);
  RED_FN(column_tree) tree;
  if (blocks == 0) {
    for (int64_t c = column_begin; c < column_end; c++) out[c] = RED_EMPTY;
    return;
  }
  for (int64_t c = column_begin; c < column_end; c += RED_TILE) {
    int width = RED_FN(tile_width)(c, column_end), padded = RED_FN(padded)(width);
    tree.depth = 0;
    for (int64_t i = 0; i < blocks; i++) {
      RED_ACC *top = RED_FN(top)(&tree);
      for (int j = width; j < padded; j++) top[j] = RED_IDENTITY;
      __builtin_memcpy(top, partials + i * n + c, (size_t)width * sizeof(RED_ACC));
      RED_FN(settle)(&tree, i, padded);
    }
    RED_FN(close)(&tree, padded);
    __builtin_memcpy(out + c, tree.subtree[0], (size_t)width * sizeof(RED_ACC));
  }
}

#undef RED_TILE
