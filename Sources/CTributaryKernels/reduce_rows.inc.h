/* One operation on rows of one dtype: a template in the words of reduce_ops.inc.h. */

TRI_INLINE RED_ACCV RED_FN(load)(const RED_IN *p) {
  RED_INV v;
  __builtin_memcpy(&v, p, sizeof v);
  return RED_CONVERT(v);
}

/* The first k elements, 0 <= k < 16, and the identity in the lanes behind them. */
TRI_INLINE RED_ACCV RED_FN(load_part)(const RED_IN *p, int k) {
  RED_ACCV v = RED_CONVERT((RED_INV)RED_PART(p, k));
  RED_ACCM lane = RED_IOTA;
  return lane < (RED_ACCM)(k) ? v : (RED_ACCV)(RED_IDENTITY);
}

/* The tree over the lanes. */
TRI_INLINE RED_ACC RED_FN(join_lanes)(RED_ACCV v) {
  __typeof__(v.lo) a8 = v.lo, b8 = v.hi;
  a8 = RED_JOIN(a8, b8);
  __typeof__(a8.lo) a4 = a8.lo, b4 = a8.hi;
  a4 = RED_JOIN(a4, b4);
  __typeof__(a4.lo) a2 = a4.lo, b2 = a4.hi;
  a2 = RED_JOIN(a2, b2);
  RED_ACC a = a2.x, b = a2.y;
  return (RED_ACC)RED_JOIN(a, b);
}

/* The tree over the blocks, as they come: after block i (from 0) the stack holds one complete subtree
   for each one bit of i + 1, the widest at the bottom. Joining the rest from the top is what joining
   level by level gives, a block without a partner moving up. */
typedef struct {
  RED_ACC subtree[RED_TREE_LEVELS];
  int depth;
} RED_FN(tree);

TRI_INLINE void RED_FN(push)(RED_FN(tree) *tree, int64_t index, RED_ACC b) {
  for (; index & 1; index >>= 1) {
    RED_ACC a = tree->subtree[--tree->depth];
    b = (RED_ACC)RED_JOIN(a, b);
  }
  tree->subtree[tree->depth++] = b;
}

TRI_INLINE RED_ACC RED_FN(finish)(RED_FN(tree) *tree) {
  RED_ACC b = tree->subtree[--tree->depth];
  while (tree->depth > 0) {
    RED_ACC a = tree->subtree[--tree->depth];
    b = (RED_ACC)RED_JOIN(a, b);
  }
  return b;
}

/* `streams` blocks of `length` elements, `stride` apart, side by side, for one chain alone waits on the
   latency of its joins. */
TRI_INLINE void RED_FN(blocks)(const RED_IN *x, int64_t stride, int64_t length, int streams, RED_ACC *out) {
  RED_ACCV acc[4];
#pragma unroll
  for (int s = 0; s < streams; s++) acc[s] = (RED_ACCV)(RED_IDENTITY);
  int64_t i = 0;
  for (; i + TRI_LANES <= length; i += TRI_LANES) {
#pragma unroll
    for (int s = 0; s < streams; s++) {
      RED_ACCV v = RED_FN(load)(x + s * stride + i);
      acc[s] = RED_JOIN(acc[s], v);
    }
  }
  int rest = (int)(length - i);
  if (rest > 0) {
#pragma unroll
    for (int s = 0; s < streams; s++) {
      RED_ACCV v = RED_FN(load_part)(x + s * stride + i, rest);
      acc[s] = RED_JOIN(acc[s], v);
    }
  }
#pragma unroll
  for (int s = 0; s < streams; s++) out[s] = RED_FN(join_lanes)(acc[s]);
}

/* `count` blocks of one length, `stride` apart. */
static void RED_FN(run)(const RED_IN *x, int64_t stride, int64_t length, int64_t count, RED_ACC *out) {
  int64_t i = 0;
  for (; i + RED_STREAMS <= count; i += RED_STREAMS)
    RED_FN(blocks)(x + i * stride, stride, length, RED_STREAMS, out + i);
  for (; i < count; i++) RED_FN(blocks)(x + i * stride, stride, length, 1, out + i);
}

/* One row of n > TRI_ROW_BLOCK elements. */
static RED_ACC RED_FN(long_row)(const RED_IN *x, int64_t n) {
  RED_FN(tree) tree;
  tree.depth = 0;
  int64_t full = n / TRI_ROW_BLOCK, rest = n % TRI_ROW_BLOCK, i = 0;
  while (i < full) {
    RED_ACC part[4];
    int64_t count = full - i < RED_STREAMS ? full - i : RED_STREAMS;
    RED_FN(run)(x + i * TRI_ROW_BLOCK, TRI_ROW_BLOCK, TRI_ROW_BLOCK, count, part);
    for (int64_t j = 0; j < count; j++, i++) RED_FN(push)(&tree, i, part[j]);
  }
  if (rest > 0) {
    RED_ACC part;
    RED_FN(blocks)(x + full * TRI_ROW_BLOCK, 0, rest, 1, &part);
    RED_FN(push)(&tree, full, part);
  }
  return RED_FN(finish)(&tree);
}

/* One row of n > 0 elements. */
TRI_INLINE RED_ACC RED_FN(row)(const RED_IN *x, int64_t n) {
  if (n > TRI_ROW_BLOCK) return RED_FN(long_row)(x, n);
  RED_ACC out;
  RED_FN(blocks)(x, 0, n, 1, &out);
  return out;
}

static void RED_FN(rows)(const void *x_, int64_t n, int64_t begin, int64_t end, void *out_) {
  const RED_IN *x = x_;
  RED_ACC *out = out_;
  if (n == 0) {
    for (int64_t r = begin; r < end; r++) out[r] = RED_EMPTY;
  } else if (n <= TRI_ROW_BLOCK) {
    RED_FN(run)(x + begin * n, n, n, end - begin, out + begin);
  } else {
    for (int64_t r = begin; r < end; r++) out[r] = RED_FN(long_row)(x + r * n, n);
  }
}

static void RED_FN(row_blocks)(const void *x_, int64_t n, int64_t begin, int64_t end, void *out_) {
  const RED_IN *x = x_;
  RED_ACC *out = out_;
  if (n <= TRI_ROW_BLOCK) {
    if (n > 0) RED_FN(rows)(x, n, begin, end, out);
    return;
  }
  int64_t full = n / TRI_ROW_BLOCK, rest = n % TRI_ROW_BLOCK, blocks = full + (rest > 0);
  /* From the last to the first: what made x has left its end in the caches, and what goes over x next will find its
     beginning there. (Where a loop is shared out, tile by tile, the order is the claims'.) A partial is its block's alone. */
  for (int64_t unit = end; unit > begin;) {
    int64_t row = (unit - 1) / blocks, block = (unit - 1) % blocks;
    if (block == full) {
      unit--;
      RED_FN(blocks)(x + row * n + full * TRI_ROW_BLOCK, 0, rest, 1, out + unit);
    } else {
      int64_t most = block + 1 < unit - begin ? block + 1 : unit - begin;
      int64_t count = most < RED_STREAMS ? most : RED_STREAMS;
      unit -= count;
      RED_FN(run)(x + row * n + (block + 1 - count) * TRI_ROW_BLOCK, TRI_ROW_BLOCK, TRI_ROW_BLOCK, count, out + unit);
    }
  }
}

static void RED_FN(row_combine)(const void *partials_, int64_t n, int64_t begin, int64_t end, void *out_) {
  const RED_ACC *partials = partials_;
  RED_ACC *out = out_;
  int64_t blocks = n / TRI_ROW_BLOCK + (n % TRI_ROW_BLOCK != 0);
  for (int64_t r = begin; r < end; r++) {
    if (blocks == 0) {
      out[r] = RED_EMPTY;
      continue;
    }
    RED_FN(tree) tree;
    tree.depth = 0;
    for (int64_t i = 0; i < blocks; i++) RED_FN(push)(&tree, i, partials[r * blocks + i]);
    out[r] = RED_FN(finish)(&tree);
  }
}
