/* The gradient by its weight of a convolution of many groups of few channels and filters (a depthwise one has one of
   each), for one element type: a lane is a group. A block's source and gradients are transposed into vectors; then each
   kernel position is a chain, and as many run together as fill the pipeline. A tile is the groups of a vector over all
   blocks of k, or over one. */

/* Kernel positions that neighbour in a row are taken in threes, for which two strides of one pointer suffice; the last
   three of a row may reach beyond it, where something is read and what comes of it is dropped. */
enum { TRI_G(grouped_triples) = 4 };

TRI_INLINE void TRI_G(grouped_body)(const int triples, int64_t count, const TRI_T *const *from, int64_t step,
                                    int64_t across, const TRI_T *y, TRI_T *sums) {
  TRI_V sum[TRI_G(grouped_triples)][3];
  const TRI_T *row[TRI_G(grouped_triples)];
  TRI_UNROLL for (int i = 0; i < triples; i++) {
    row[i] = from[i];
    TRI_UNROLL for (int t = 0; t < 3; t++) sum[i][t] = TRI_G(load)(sums + (3 * i + t) * TRI_GEMM_LANES);
  }
#pragma clang loop unroll(disable)
  for (int64_t p = 0; p < count; p++, y += TRI_GEMM_LANES) {
    TRI_V g = TRI_G(load)(y);
    TRI_UNROLL for (int i = 0; i < triples; i++) {
      TRI_UNROLL for (int t = 0; t < 3; t++) sum[i][t] = TRI_G(fma)(TRI_G(load)(row[i] + t * across), g, sum[i][t]);
      row[i] += step;
    }
  }
  TRI_UNROLL for (int i = 0; i < triples; i++)
    TRI_UNROLL for (int t = 0; t < 3; t++) TRI_G(store)(sums + (3 * i + t) * TRI_GEMM_LANES, sum[i][t]);
}

static void TRI_G(grouped_run)(int triples, int64_t count, const TRI_T *const *from, int64_t step, int64_t across,
                               const TRI_T *y, TRI_T *sums) {
  if (triples == 4) TRI_G(grouped_body)(4, count, from, step, across, y, sums);
  else if (triples == 3) TRI_G(grouped_body)(3, count, from, step, across, y, sums);
  else if (triples == 2) TRI_G(grouped_body)(2, count, from, step, across, y, sums);
  else TRI_G(grouped_body)(1, count, from, step, across, y, sums);
}

/* Elements [at, at + length) of `lanes` rows, `stride` apart, as vectors one behind another. */
TRI_INLINE void TRI_G(grouped_turn)(const TRI_T *from, int64_t stride, int lanes, int64_t length, TRI_T *to) {
  for (int64_t i = 0; i < length; i += TRI_GEMM_LANES)
    TRI_G(transpose)(from + i, stride, lanes, (int)tri_gemm_min(length - i, TRI_GEMM_LANES), to + i * TRI_GEMM_LANES,
                     TRI_GEMM_LANES);
}

/* The source that rows q0 ..< q0 + rows of the axis read, for `lanes` channels `stride` apart: a vector a place. */
static void TRI_G(grouped_gather)(const tri_conv_phase *phase, const tri_grouped *f, int axis, int64_t q0,
                                  int64_t rows, const TRI_T *source, int64_t stride, int lanes, TRI_T *to) {
  const tri_conv_dim *dim = phase->dim;
  int64_t low[3], extent[3];
  for (int d = 0; d < 3; d++) {
    low[d] = dim[d].shift + (d == axis ? q0 * dim[d].step : 0);
    extent[d] = ((d == axis ? rows : dim[d].count) - 1) * dim[d].step + (dim[d].taps - 1) * dim[d].shift_step + 1;
  }
  int64_t begin = tri_gemm_min(tri_gemm_max(-low[2], 0), extent[2]);
  int64_t end = tri_gemm_max(tri_gemm_min(extent[2], dim[2].size - low[2]), begin);
  for (int64_t d = 0; d < extent[0]; d++)
    for (int64_t h = 0; h < extent[1]; h++) {
      TRI_T *row = to + (d * f->sheet + h * f->row) * TRI_GEMM_LANES;
      int64_t z = low[0] + d, y = low[1] + h, first = begin, last = end;
      if (z < 0 || z >= dim[0].size || y < 0 || y >= dim[1].size) first = last = extent[2];
      for (int64_t i = 0; i < first; i++) TRI_G(store)(row + i * TRI_GEMM_LANES, (TRI_V)0);
      if (first < last)
        TRI_G(grouped_turn)(source + (z * dim[1].size + y) * dim[2].size + low[2] + first, stride, lanes, last - first,
                              row + first * TRI_GEMM_LANES);
      for (int64_t i = last; i < f->row; i++) TRI_G(store)(row + i * TRI_GEMM_LANES, (TRI_V)0);
    }
}

/* The part of a block that lies in one sample, `length` positions of which the first is `place` after the first of the
   gathered source: the chains of one channel and one filter go on in `sums`, a vector for each kernel position. */
static void TRI_G(grouped_chains)(const tri_conv_problem *q, const tri_conv_phase *phase, const tri_grouped *f,
                                  int64_t place, int64_t length, const TRI_T *source, const TRI_T *y, TRI_T *sums) {
  const tri_conv_dim *dim = phase->dim;
  int axis = tri_conv_axis(q);
  int64_t width = axis == 2 ? INT64_MAX : q->map[2], step = dim[2].step * TRI_GEMM_LANES;
  int64_t across = dim[2].shift_step * TRI_GEMM_LANES;
  int64_t each = tri_gemm_ceil(f->triples, tri_gemm_ceil(f->triples, TRI_G(grouped_triples)));
  int64_t w = axis == 2 ? place : place % width, h = axis == 2 ? 0 : place / width, d = 0;
  if (axis == 0) d = h / q->map[1], h %= q->map[1];
  for (int64_t i = 0, run; i < length; i += run) {
    run = tri_gemm_min(length - i, width - w);
    const TRI_T *base =
      source + (d * dim[0].step * f->sheet + h * dim[1].step * f->row + w * dim[2].step) * TRI_GEMM_LANES;
    int64_t z = 0, line = 0, third = 0;
    for (int64_t t = 0; t < f->triples; t += each) {
      const TRI_T *from[TRI_G(grouped_triples)];
      int64_t count = tri_gemm_min(each, f->triples - t);
      for (int64_t j = 0; j < count; j++) {
        from[j] = base + (z * dim[0].shift_step * f->sheet + line * dim[1].shift_step * f->row) * TRI_GEMM_LANES +
                  third * 3 * across;
        if (++third == f->of_row) {
          third = 0;
          if (++line == dim[1].taps) line = 0, z++;
        }
      }
      TRI_G(grouped_run)((int)count, run, from, step, across, y + i * TRI_GEMM_LANES, sums + t * 3 * TRI_GEMM_LANES);
    }
    w = 0;
    if (++h == q->map[1]) h = 0, d++;
  }
}

/* Block `block` of k of `lanes` groups from `group` on, into `sums`: for each filter, channel and kernel position (by
   threes) a vector. */
static void TRI_G(grouped_block)(const tri_conv_problem *q, const tri_conv_phase *phase, const tri_grouped *f,
                                 int64_t block, int64_t group, int lanes, TRI_T *source, TRI_T *turned, TRI_T *sums) {
  int axis = tri_conv_axis(q);
  int64_t positions = q->map[0] * q->map[1] * q->map[2], image = q->image[0] * q->image[1] * q->image[2], inner = 1;
  int64_t at = block * TRI_K_BLOCK, k = tri_gemm_min(TRI_K_BLOCK, q->batch * positions - at);
  int64_t pair = f->triples * 3 * TRI_GEMM_LANES;
  for (int d = axis + 1; d < 3; d++) inner *= q->map[d];
  for (int64_t i = 0; i < q->filters * q->channels * pair; i += TRI_GEMM_LANES) TRI_G(store)(sums + i, (TRI_V)0);
  for (int64_t done = 0, length; done < k; done += length) {
    int64_t sample = (at + done) / positions, p = (at + done) % positions;
    length = tri_gemm_min(k - done, positions - p);
    int64_t q0 = p / inner, rows = (p + length - 1) / inner + 1 - q0, unit = sample * q->groups + group;
    for (int64_t o = 0; o < q->filters; o++)
      TRI_G(grouped_turn)((const TRI_T *)q->y + (unit * q->filters + o) * positions + p, q->filters * positions, lanes,
                          length, turned + o * TRI_K_BLOCK * TRI_GEMM_LANES);
    for (int64_t c = 0; c < q->channels; c++) {
      TRI_G(grouped_gather)(phase, f, axis, q0, rows, (const TRI_T *)q->x + (unit * q->channels + c) * image,
                            q->channels * image, lanes, source);
      for (int64_t o = 0; o < q->filters; o++)
        TRI_G(grouped_chains)(q, phase, f, p - q0 * inner, length, source, turned + o * TRI_K_BLOCK * TRI_GEMM_LANES,
                              sums + (o * q->channels + c) * pair);
    }
  }
}

/* w of `lanes` groups from `group` on, at the filter, channel and kernel position that vector `i` of the sums is of. */
TRI_INLINE void TRI_G(grouped_put)(const tri_conv_problem *q, const tri_grouped *f, int64_t group, int lanes,
                                   int64_t i, TRI_V sum) {
  int64_t t = i % (f->of_row * 3), line = i / (f->of_row * 3);
  if (t >= q->kernel[2]) return;
  int64_t lines = q->filters * q->channels * q->kernel[0] * q->kernel[1];
  TRI_T *w = (TRI_T *)q->w + (group * lines + line) * q->kernel[2] + t, values[TRI_GEMM_LANES];
  TRI_G(store)(values, sum);
  for (int l = 0; l < lanes; l++) w[l * lines * q->kernel[2]] = values[l];
}

static void TRI_G(grouped)(const tri_conv_plan *plan, const tri_conv_problem *q, void *shared, int64_t first,
                           int64_t end, void *workspace) {
  tri_conv_phase phase = tri_conv_phase_of(q, 0);
  tri_grouped f = tri_grouped_of(q);
  int64_t blocks = tri_gemm_blocks(q->batch * q->map[0] * q->map[1] * q->map[2]), size = f.vectors * TRI_GEMM_LANES;
  TRI_T *total = workspace, *sums = total + size, *turned = sums + size;
  TRI_T *source = turned + q->filters * TRI_K_BLOCK * TRI_GEMM_LANES;
  for (int64_t t = first; t < end; t++) {
    int64_t group = (plan->split ? t / blocks : t) * TRI_GEMM_LANES;
    int lanes = (int)tri_gemm_min(TRI_GEMM_LANES, q->groups - group);
    if (plan->split) {
      TRI_G(grouped_block)(q, &phase, &f, t % blocks, group, lanes, source, turned, (TRI_T *)shared + t * size);
      continue;
    }
    TRI_G(grouped_block)(q, &phase, &f, 0, group, lanes, source, turned, total);
    for (int64_t block = 1; block < blocks; block++) {
      TRI_G(grouped_block)(q, &phase, &f, block, group, lanes, source, turned, sums);
      for (int64_t i = 0; i < size; i += TRI_GEMM_LANES)
        TRI_G(store)(total + i, TRI_G(load)(total + i) + TRI_G(load)(sums + i));
    }
    for (int64_t i = 0; i < f.vectors; i++)
      TRI_G(grouped_put)(q, &f, group, lanes, i, TRI_G(load)(total + i * TRI_GEMM_LANES));
  }
}

/* Unit: the groups of a vector. Their blocks' sums, first to last. */
static void TRI_G(grouped_join)(const tri_conv_problem *q, const void *shared, int64_t first, int64_t end) {
  tri_grouped f = tri_grouped_of(q);
  int64_t blocks = tri_gemm_blocks(q->batch * q->map[0] * q->map[1] * q->map[2]), size = f.vectors * TRI_GEMM_LANES;
  for (int64_t unit = first; unit < end; unit++) {
    int64_t group = unit * TRI_GEMM_LANES;
    int lanes = (int)tri_gemm_min(TRI_GEMM_LANES, q->groups - group);
    for (int64_t i = 0; i < f.vectors; i++) {
      const TRI_T *from = (const TRI_T *)shared + unit * blocks * size + i * TRI_GEMM_LANES;
      TRI_V sum = TRI_G(load)(from);
      for (int64_t block = 1; block < blocks; block++) sum = sum + TRI_G(load)(from + block * size);
      TRI_G(grouped_put)(q, &f, group, lanes, i, sum);
    }
  }
}
