/* The gradient of a convolution by its weight, for one element type. Its transpose is formed, [channel and kernel
   position, filter], since the unfolded source then is the left operand, whose rows are copied in runs as they lie.
   A tile is a part of one group's channels over all blocks of k, or one block of k where the result is small. */

/* The transpose of y's block: panel after panel of filters, in each k rows. */
TRI_INLINE void TRI_G(conv_filters)(const TRI_T *y, int64_t positions, int64_t filters, int64_t begin, int64_t length,
                                    TRI_T *to, int64_t k) {
  for (int64_t f = 0; f < filters; f += TRI_GEMM_LANES) {
    int rows = (int)tri_gemm_min(filters - f, TRI_GEMM_LANES);
    TRI_T *out = to + f / TRI_G(panel) * k * TRI_G(panel) + f % TRI_G(panel);
    for (int64_t p = 0; p < length; p += TRI_GEMM_LANES)
      TRI_G(transpose)(y + f * positions + begin + p, positions, rows, (int)tri_gemm_min(length - p, TRI_GEMM_LANES),
                       out + p * TRI_G(panel), TRI_G(panel));
  }
}

/* w of channels c0 ..< c0 + channels of one group, from its transpose. */
static void TRI_G(conv_put_weight)(const tri_conv_problem *q, int64_t group, int64_t row, int64_t rows,
                                   const TRI_T *sums) {
  int64_t all = q->channels * q->kernel[0] * q->kernel[1] * q->kernel[2];
  TRI_T *w = (TRI_T *)q->w + group * q->filters * all + row;
  for (int64_t i = 0; i < rows; i++)
    for (int64_t f = 0; f < q->filters; f++) w[f * all + i] = sums[i * q->filters + f];
}

static void TRI_G(conv_weight)(const tri_conv_plan *plan, const tri_conv_problem *q, void *shared, int64_t first,
                               int64_t end, void *workspace) {
  tri_conv_phase phase = tri_conv_phase_of(q, 0);
  int axis = tri_conv_axis(q);
  int64_t image = q->image[0] * q->image[1] * q->image[2], positions = q->map[0] * q->map[1] * q->map[2];
  int64_t all = q->batch * positions, blocks = tri_gemm_blocks(all), filters = q->filters;
  int64_t inner = 1, taps = phase.taps;
  for (int d = axis + 1; d < 3; d++) inner *= q->map[d];
  tri_conv_layout l = tri_conv_layout_of(&phase, axis, tri_conv_block_rows(q));
  int64_t slot = plan->piece_rows * l.channel, panels = tri_gemm_ceil(filters, TRI_G(panel));
  TRI_T *strip = workspace, *right = strip + TRI_GEMM_MR * TRI_G(packed_row) + TRI_GEMM_LANES;
  TRI_T *own = right + panels * TRI_K_BLOCK * TRI_G(panel);
  TRI_T *source = own + tri_gemm_ceil(plan->split ? 0 : tri_conv_sums(plan, q), 16) * 16;
  tri_conv_run runs[TRI_K_BLOCK];
  TRI_G(move) moves[TRI_K_BLOCK];
  int64_t offsets[TRI_GEMM_MR];
  for (int64_t t = first; t < end; t++) {
    int64_t unit = plan->split ? t / blocks : t, group = unit / plan->pieces;
    int64_t c0 = unit % plan->pieces * plan->piece_rows, channels = tri_gemm_min(plan->piece_rows, q->channels - c0);
    int64_t rows = channels * taps, step = TRI_G(conv_step)(rows);
    TRI_T *sums = plan->split ? (TRI_T *)shared + t * tri_conv_sums(plan, q) : own;
    int64_t block = plan->split ? t % blocks : 0, last = plan->split ? block + 1 : blocks;
    for (int begin = 1; block < last; block++, begin = 0) {
      int64_t at = block * TRI_K_BLOCK, k = tri_gemm_min(TRI_K_BLOCK, all - at);
      int number = 0;
      TRI_T *slot_source = source;
      for (int64_t done = 0; done < k; slot_source += slot) {
        int64_t sample = (at + done) / positions, p = (at + done) % positions;
        int64_t length = tri_gemm_min(k - done, positions - p);
        int64_t q0 = p / inner, q1 = (p + length - 1) / inner + 1;
        TRI_G(conv_gather)(&phase, &l, axis, q0, q1 - q0,
                           (const TRI_T *)q->x + ((sample * q->groups + group) * q->channels + c0) * image, channels,
                           slot_source);
        int more = tri_conv_runs(&phase, &l, q->map, axis, q0, p - q0 * inner, length, runs + number);
        for (int r = number; r < number + more; r++) {
          runs[r].from += slot_source - source;
          runs[r].to += done;
        }
        number += more;
        TRI_G(conv_filters)((const TRI_T *)q->y + (sample * q->groups + group) * filters * positions, positions,
                            filters, p, length, right + done * TRI_G(panel), k);
        done += length;
      }
      int vectors = TRI_G(conv_moves)(runs, number, moves);
      for (int64_t i = 0; i < rows; i += step) {
        int64_t mr = tri_gemm_min(step, rows - i);
        for (int64_t r = 0; r < mr; r++)
          offsets[r] = (i + r) / taps * l.channel + tri_conv_offset(&phase, &l, (i + r) % taps);
        TRI_G(conv_rows)(mr, offsets, source, moves, vectors, strip, TRI_G(packed_row));
        for (int64_t f = 0; f < filters; f += TRI_G(panel)) {
          int tail;
          const TRI_G(kernel) *kernels = TRI_G(choose)(TRI_A_ROW, tri_gemm_min(TRI_G(panel), filters - f), &tail);
          const TRI_T *b = right + f * k;
          kernels[mr - 1](k, strip, TRI_G(packed_row), b, TRI_G(panel), sums + i * filters + f, filters, !begin, tail,
                          b + k * TRI_G(panel), TRI_G(panel) * (int64_t)sizeof(TRI_T));
        }
      }
    }
    if (!plan->split) TRI_G(conv_put_weight)(q, group, c0 * taps, rows, sums);
  }
}

/* Unit (group, some rows): the sums of its blocks, first to last. Several rows, which lie side by side: the blocks' sums
   lie on pages of their own, each of which should be read in a run. */
static void TRI_G(conv_join)(const tri_conv_plan *plan, const tri_conv_problem *q, const void *shared, int64_t first,
                             int64_t end) {
  int64_t taps = q->kernel[0] * q->kernel[1] * q->kernel[2], rows = plan->piece_rows * taps, filters = q->filters;
  int64_t blocks = tri_gemm_blocks(q->batch * q->map[0] * q->map[1] * q->map[2]), size = tri_conv_sums(plan, q);
  int64_t each = tri_conv_join_rows(q), units = tri_gemm_ceil(rows, each);
  TRI_T sum[TRI_GEMM_JOIN_STRIP];
  for (int64_t unit = first; unit < end; unit++) {
    int64_t group = unit / units, row = unit % units * each, stop = tri_gemm_min(rows, row + each) * filters;
    TRI_T *w = (TRI_T *)q->w + group * filters * rows;
    for (int64_t at = row * filters; at < stop; at += TRI_GEMM_JOIN_STRIP) {
      int64_t count = tri_gemm_min(TRI_GEMM_JOIN_STRIP, stop - at);
      const TRI_T *from = (const TRI_T *)shared + group * blocks * size + at;
      for (int64_t i = 0; i < count; i++) sum[i] = from[i];
      for (int64_t block = 1; block < blocks; block++) {
        from += size;
        for (int64_t i = 0; i < count; i++) sum[i] = sum[i] + from[i];
      }
      int64_t r = at / filters, f = at % filters;
      for (int64_t i = 0; i < count; i++) {
        w[f * rows + r] = sum[i];
        if (++f == filters) f = 0, r++;
      }
    }
  }
}
