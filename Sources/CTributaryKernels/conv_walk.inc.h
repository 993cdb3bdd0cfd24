/* How a convolution walks its source, the same for both element types.

   TRI_CONV_IMAGE is taken apart by the residues of its elements by the stride: elements of one residue meet the same
   kernel positions, and beside one another in x they read beside one another in y. So each residue that any kernel
   position meets (a `phase`) is a convolution of stride 1 of y, and no multiple of the zeros that a stride leaves
   between the elements of y is formed. */

/* One spatial dim of one phase. Element first + q * out_step of the result, q in 0 ..< count, takes from kernel position
   tap + t * tap_step, t in 0 ..< taps, the source element shift + q * step + t * shift_step, which is 0 outside of
   0 ..< size. */
typedef struct {
  int64_t count, first, out_step, step;
  int64_t taps, tap, tap_step;
  int64_t shift, shift_step, size;
} tri_conv_dim;

TRI_INLINE int64_t tri_conv_gcd(int64_t a, int64_t b) {
  while (b) {
    int64_t r = a % b;
    a = b;
    b = r;
  }
  return a;
}

/* Kernel positions that meet one element are so many apart. */
TRI_INLINE int64_t tri_conv_tap_step(const tri_conv_problem *q, int d) {
  return q->kind == TRI_CONV_IMAGE ? q->stride[d] / tri_conv_gcd(q->stride[d], q->dilation[d]) : 1;
}

/* Residues in dim d that some kernel position meets. */
TRI_INLINE int64_t tri_conv_residues(const tri_conv_problem *q, int d) {
  return tri_gemm_min(q->kernel[d], tri_conv_tap_step(q, d));
}

TRI_INLINE int64_t tri_conv_phases(const tri_conv_problem *q) {
  return tri_conv_residues(q, 0) * tri_conv_residues(q, 1) * tri_conv_residues(q, 2);
}

/* Kernel positions of residue u of dim d; and of all the residues before it. */
TRI_INLINE int64_t tri_conv_taps(const tri_conv_problem *q, int d, int64_t u) {
  return tri_gemm_ceil(q->kernel[d] - u, tri_conv_tap_step(q, d));
}
TRI_INLINE int64_t tri_conv_taps_before(const tri_conv_problem *q, int d, int64_t u) {
  int64_t sum = 0;
  for (int64_t v = 0; v < u; v++) sum += tri_conv_taps(q, d, v);
  return sum;
}

TRI_INLINE tri_conv_dim tri_conv_dim_of(const tri_conv_problem *q, int d, int64_t residue) {
  int64_t stride = q->stride[d], padding = q->padding[d], dilation = q->dilation[d];
  if (q->kind != TRI_CONV_IMAGE)
    return (tri_conv_dim){.count = q->map[d], .out_step = 1, .step = stride, .taps = q->kernel[d], .tap_step = 1,
                          .shift = -padding, .shift_step = dilation, .size = q->image[d]};
  int64_t tap_step = tri_conv_tap_step(q, d);
  int64_t first = (residue * dilation - padding) % stride;
  if (first < 0) first += stride;
  return (tri_conv_dim){
    .count = first < q->image[d] ? (q->image[d] - 1 - first) / stride + 1 : 0, .first = first, .out_step = stride,
    .step = 1, .taps = tri_conv_taps(q, d, residue), .tap = residue, .tap_step = tap_step,
    .shift = (first + padding - residue * dilation) / stride, .shift_step = -(tap_step * dilation / stride),
    .size = q->map[d]};
}

typedef struct {
  tri_conv_dim dim[3];
  int64_t taps;        /* in all */
  int64_t taps_before; /* of the phases before this one */
} tri_conv_phase;

TRI_INLINE tri_conv_phase tri_conv_phase_of(const tri_conv_problem *q, int64_t index) {
  int64_t residues[3], u[3], all[3];
  for (int d = 2; d >= 0; d--) {
    residues[d] = tri_conv_residues(q, d);
    u[d] = index % residues[d];
    index /= residues[d];
    all[d] = q->kernel[d];
  }
  tri_conv_phase phase;
  for (int d = 0; d < 3; d++) phase.dim[d] = tri_conv_dim_of(q, d, u[d]);
  int64_t td = phase.dim[0].taps, th = phase.dim[1].taps, tw = phase.dim[2].taps;
  phase.taps = td * th * tw;
  phase.taps_before = tri_conv_taps_before(q, 0, u[0]) * all[1] * all[2] +
                      td * (tri_conv_taps_before(q, 1, u[1]) * all[2] + th * tri_conv_taps_before(q, 2, u[2]));
  return phase;
}

/* The dim along which a sample is cut into pieces: the first of more than one element. */
TRI_INLINE int tri_conv_axis(const tri_conv_problem *q) {
  const int64_t *size = q->kind == TRI_CONV_IMAGE ? q->image : q->map;
  return size[0] > 1 ? 0 : size[1] > 1 ? 1 : 2;
}

/* How a part of the source lies in the workspace: with its padding, and in the innermost dim taken apart by residues of
   the step, so that what neighbouring elements take from one kernel position are neighbours. */
typedef struct {
  int64_t low[3];                 /* the least coordinate that q = 0 reads */
  int64_t extent[3];              /* coordinates of a piece */
  int64_t part;                   /* elements of one residue in a row */
  int64_t row, sheet, channel;    /* strides: of h, of d, of the channels */
} tri_conv_layout;

TRI_INLINE int64_t tri_conv_low(const tri_conv_dim *dim) {
  return dim->shift + (dim->shift_step < 0 ? (dim->taps - 1) * dim->shift_step : 0);
}

/* `rows`: elements of the axis in a piece. */
TRI_INLINE tri_conv_layout tri_conv_layout_of(const tri_conv_phase *phase, int axis, int64_t rows) {
  tri_conv_layout l;
  for (int d = 0; d < 3; d++) {
    const tri_conv_dim *dim = &phase->dim[d];
    int64_t count = d == axis ? tri_gemm_min(rows, dim->count) : dim->count;
    int64_t reach = (dim->taps - 1) * (dim->shift_step < 0 ? -dim->shift_step : dim->shift_step);
    l.low[d] = tri_conv_low(dim);
    l.extent[d] = count > 0 ? (count - 1) * dim->step + reach + 1 : 0;
  }
  l.part = tri_gemm_ceil(l.extent[2], phase->dim[2].step);
  l.row = l.part * phase->dim[2].step;
  /* Paddings and strides make these as large as one likes: what no integer counts is what no memory holds. */
  l.sheet = tri_gemm_bytes(l.row, l.extent[1], 1);
  l.channel = tri_gemm_bytes(l.sheet, l.extent[0], 1);
  /* Channels whole pages apart would fall into the same sets of the cache. */
  if (l.channel % 256 == 0) l.channel += 16;
  return l;
}

/* Where the elements lie that kernel position number t of the phase gives to q = 0. */
TRI_INLINE int64_t tri_conv_offset(const tri_conv_phase *phase, const tri_conv_layout *l, int64_t t) {
  int64_t at[3];
  for (int d = 2; d >= 0; d--) {
    const tri_conv_dim *dim = &phase->dim[d];
    at[d] = dim->shift - l->low[d] + t % dim->taps * dim->shift_step;
    t /= dim->taps;
  }
  int64_t step = phase->dim[2].step;
  return at[0] * l->sheet + at[1] * l->row + at[2] % step * l->part + at[2] / step;
}

/* The number of kernel position t of the phase among all of the kernel's. */
TRI_INLINE int64_t tri_conv_tap(const tri_conv_problem *q, const tri_conv_phase *phase, int64_t t) {
  int64_t at[3];
  for (int d = 2; d >= 0; d--) {
    const tri_conv_dim *dim = &phase->dim[d];
    at[d] = dim->tap + t % dim->taps * dim->tap_step;
    t /= dim->taps;
  }
  return (at[0] * q->kernel[1] + at[1]) * q->kernel[2] + at[2];
}

/* Neighbouring elements that lie in one row: `length` of them, from column `to` of a panel (or of a block) on. */
typedef struct {
  int64_t from, to, length; /* `from`: what they read at offset 0 */
  int64_t out;              /* where the first lies in a channel of the result */
} tri_conv_run;

/* The runs of elements first ..< first + count of a piece (row-major) that begins at q0 of the axis; their number. */
TRI_INLINE int tri_conv_runs(const tri_conv_phase *phase, const tri_conv_layout *l, const int64_t out[3], int axis,
                             int64_t q0, int64_t first, int64_t count, tri_conv_run *runs) {
  const tri_conv_dim *dim = phase->dim;
  int64_t width = dim[2].count, height = axis == 1 ? INT64_MAX : dim[1].count;
  int64_t w = first, h = 0, d = 0;
  if (axis != 2) {
    w = first % width;
    h = first / width;
    if (axis == 0) {
      d = h / height;
      h %= height;
    }
  }
  int number = 0;
  for (int64_t done = 0; done < count; number++) {
    int64_t length = axis == 2 ? count : tri_gemm_min(count - done, width - w);
    int64_t at[3] = {d, h, w};
    at[axis] += q0;
    runs[number] = (tri_conv_run){
      .from = d * dim[0].step * l->sheet + h * dim[1].step * l->row + w, .to = done, .length = length,
      .out = ((dim[0].first + at[0] * dim[0].out_step) * out[1] + dim[1].first + at[1] * dim[1].out_step) * out[2] +
             dim[2].first + at[2] * dim[2].out_step};
    done += length;
    w = 0;
    if (++h == height) {
      h = 0;
      d++;
    }
  }
  return number;
}

/* Samples that a block of k can reach into. */
TRI_INLINE int64_t tri_conv_slots(const tri_conv_problem *q) {
  int64_t positions = q->map[0] * q->map[1] * q->map[2];
  return tri_gemm_min(q->batch, (TRI_K_BLOCK - 2) / positions + 2);
}

/* Rows of the axis that a block of k can reach into. */
TRI_INLINE int64_t tri_conv_block_rows(const tri_conv_problem *q) {
  int axis = tri_conv_axis(q);
  int64_t inner = 1;
  for (int d = axis + 1; d < 3; d++) inner *= q->map[d];
  return tri_gemm_min(q->map[axis], (TRI_K_BLOCK - 2) / inner + 2);
}

/* Elements of the sums of one tile. */
TRI_INLINE int64_t tri_conv_sums(const tri_conv_plan *plan, const tri_conv_problem *q) {
  return plan->piece_rows * q->kernel[0] * q->kernel[1] * q->kernel[2] * q->filters;
}

/* Rows of them (of the transposed weight) that a unit joins. */
TRI_INLINE int64_t tri_conv_join_rows(const tri_conv_problem *q) {
  return tri_gemm_max(1, TRI_GEMM_JOIN_STRIP / q->filters);
}

/* What the phases share: a product of M rows and `depth` source channels. */
TRI_INLINE int64_t tri_conv_m(const tri_conv_problem *q) {
  return q->kind == TRI_CONV_IMAGE ? q->channels : q->filters;
}
TRI_INLINE int64_t tri_conv_depth(const tri_conv_problem *q) {
  return q->kind == TRI_CONV_IMAGE ? q->filters : q->channels;
}

/* Offsets that the shared buffer begins with, made up to whole lines. */
TRI_INLINE int64_t tri_conv_offsets_count(const tri_conv_problem *q) {
  int64_t count = tri_conv_depth(q) * q->kernel[0] * q->kernel[1] * q->kernel[2];
  return tri_gemm_ceil(count, 8) * 8;
}

/* The gradient by its weight where groups fill lanes (conv_grouped.inc.h). */
typedef struct {
  int64_t of_row, triples;  /* kernel positions by threes: in a row of the kernel, in all */
  int64_t vectors;          /* sums of a vector of groups: filters, channels, kernel positions */
  int64_t row, sheet, size; /* of one channel's gathered source, in vectors: strides of h and of d, and all */
} tri_grouped;

TRI_INLINE tri_grouped tri_grouped_of(const tri_conv_problem *q) {
  tri_grouped f = {.of_row = tri_gemm_ceil(q->kernel[2], 3)};
  f.triples = q->kernel[0] * q->kernel[1] * f.of_row;
  f.vectors = q->filters * q->channels * f.triples * 3;
  tri_conv_phase phase = tri_conv_phase_of(q, 0);
  tri_conv_layout l = tri_conv_layout_of(&phase, tri_conv_axis(q), tri_conv_block_rows(q));
  f.row = l.extent[2] + 2 * q->dilation[2];
  f.sheet = tri_gemm_bytes(f.row, l.extent[1], 1);
  f.size = tri_gemm_bytes(f.sheet, l.extent[0], 1);
  return f;
}

/* By numbers that are the same on every path: groups that fill lanes, filters that do not, and no more gathered than
   4 MiB. */
TRI_INLINE int tri_conv_by_groups(const tri_conv_problem *q) {
  if (q->kind != TRI_CONV_WEIGHT || q->groups < 4 || q->channels > 4 || q->filters > 4) return 0;
  tri_grouped f = tri_grouped_of(q);
  return f.size <= 1 << 16 && f.vectors <= 1 << 10;
}
