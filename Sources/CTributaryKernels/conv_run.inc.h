/* The convolution and its gradient by x, for one element type: a product of the packed weight and the gathered source,
   panel by panel, so that the unfolded source never exists as a whole. */

/* Rows of a micro-tile: evenly, so that no small one is left. */
TRI_INLINE int64_t TRI_G(conv_step)(int64_t m) { return tri_gemm_ceil(m, tri_gemm_ceil(m, TRI_GEMM_MR)); }

/* Elements of the packed weight for each k. */
TRI_INLINE int64_t TRI_G(conv_packed_m)(int64_t m) {
  return tri_gemm_ceil(m, TRI_G(conv_step)(m)) * TRI_GEMM_MR;
}

/* Shared: the offsets of every k of every phase, then the packed weight of every group and phase. */
TRI_INLINE TRI_T *TRI_G(conv_packed)(const tri_conv_problem *q, const tri_conv_phase *phase, int64_t group,
                                     void *shared) {
  int64_t kernel = q->kernel[0] * q->kernel[1] * q->kernel[2];
  return (TRI_T *)((int64_t *)shared + tri_conv_offsets_count(q)) +
         (group * kernel + phase->taps_before) * tri_conv_depth(q) * TRI_G(conv_packed_m)(tri_conv_m(q));
}

/* Unit (group, phase): its packed weight, block after block of k, in each micro-tile after micro-tile in the order of
   columns; with group 0, the offsets too. */
static void TRI_G(conv_pack)(const tri_conv_plan *plan, const tri_conv_problem *q, int64_t first, int64_t end,
                             void *shared) {
  int64_t phases = tri_conv_phases(q), m = tri_conv_m(q), depth = tri_conv_depth(q);
  int64_t step = TRI_G(conv_step)(m), kernel = q->kernel[0] * q->kernel[1] * q->kernel[2];
  int64_t filter = q->channels * kernel;
  int image = q->kind == TRI_CONV_IMAGE;
  for (int64_t unit = first; unit < end; unit++) {
    int64_t group = unit / phases;
    tri_conv_phase phase = tri_conv_phase_of(q, unit % phases);
    int64_t all = depth * phase.taps;
    if (group == 0) {
      tri_conv_layout l = tri_conv_layout_of(&phase, tri_conv_axis(q), plan->piece_rows);
      int64_t *offsets = (int64_t *)shared + phase.taps_before * depth;
      for (int64_t t = 0; t < phase.taps; t++) {
        int64_t at = tri_conv_offset(&phase, &l, t);
        for (int64_t c = 0; c < depth; c++) offsets[c * phase.taps + t] = c * l.channel + at;
      }
    }
    TRI_T *packed = TRI_G(conv_packed)(q, &phase, group, shared);
    const TRI_T *w = (const TRI_T *)q->w + group * q->filters * filter;
    for (int64_t block = 0; block < all; block += TRI_K_BLOCK) {
      int64_t k = tri_gemm_min(TRI_K_BLOCK, all - block);
      for (int64_t p = block; p < block + k; p++) {
        int64_t c = p / phase.taps, tap = tri_conv_tap(q, &phase, p % phase.taps);
        const TRI_T *from = w + tap + c * (image ? filter : kernel);
        int64_t row = image ? kernel : filter;
        TRI_T *to = packed + (p - block) * TRI_GEMM_MR;
        for (int64_t i = 0; i < m; i += step, to += k * TRI_GEMM_MR)
          for (int64_t r = 0; r < TRI_GEMM_MR; r++) to[r] = r < step && i + r < m ? from[(i + r) * row] : 0;
      }
      packed += k * TRI_G(conv_packed_m)(m);
    }
  }
}

/* Workspace: the gathered source, one panel of it unfolded, and one of the result where its elements lie apart. */
TRI_INLINE int64_t TRI_G(conv_panel_count)(void) { return TRI_K_BLOCK * TRI_G(panel) + TRI_GEMM_LANES; }

/* `columns` columns of a panel of the result, C: all blocks of k. */
TRI_INLINE void TRI_G(conv_panel)(int64_t m, int64_t all, const TRI_T *packed, const int64_t *offsets,
                                  const TRI_T *source, const TRI_G(move) *moves, int number, int64_t columns,
                                  TRI_T *panel, TRI_T *c, int64_t c_row) {
  int tail;
  const TRI_G(kernel) *kernels = TRI_G(choose)(TRI_A_COLUMN, columns, &tail);
  int64_t step = TRI_G(conv_step)(m);
  for (int64_t block = 0; block < all; block += TRI_K_BLOCK) {
    int64_t k = tri_gemm_min(TRI_K_BLOCK, all - block);
    TRI_G(conv_rows)(k, offsets + block, source, moves, number, panel, TRI_G(panel));
    for (int64_t i = 0; i < m; i += step, packed += k * TRI_GEMM_MR)
      kernels[tri_gemm_min(step, m - i) - 1](k, packed, TRI_GEMM_MR, panel, TRI_G(panel), c + i * c_row, c_row,
                                             block > 0, tail, packed + k * TRI_GEMM_MR,
                                             TRI_GEMM_MR * (int64_t)sizeof(TRI_T));
  }
}

static void TRI_G(conv_run)(const tri_conv_plan *plan, const tri_conv_problem *q, void *shared, int64_t first,
                            int64_t end, void *workspace) {
  int64_t phases = tri_conv_phases(q), m = tri_conv_m(q), depth = tri_conv_depth(q);
  int image = q->kind == TRI_CONV_IMAGE, axis = tri_conv_axis(q);
  const int64_t *out = image ? q->image : q->map, *in = image ? q->map : q->image;
  int64_t out_size = out[0] * out[1] * out[2], in_size = in[0] * in[1] * in[2];
  int apart = image && (q->stride[0] > 1 || q->stride[1] > 1 || q->stride[2] > 1);
  TRI_T *panel = workspace, *tile = panel + TRI_G(conv_panel_count)();
  TRI_T *source = tile + (apart ? tri_gemm_ceil(m, 16) * 16 * TRI_G(panel) : 0);
  tri_conv_run runs[TRI_G(panel)];
  TRI_G(move) moves[TRI_G(panel)];
  tri_conv_phase phase;
  tri_conv_layout l;
  /* Tiles may be small, so their numbers are counted and not divided. */
  int64_t piece = first % plan->pieces, number = first / plan->pieces % phases, known = -1;
  int64_t unit = first / plan->pieces / phases, group = unit % q->groups;
  for (int64_t t = first; t < end; t++, piece++) {
    if (piece == plan->pieces) {
      piece = 0;
      if (++number == phases) {
        number = 0;
        unit++;
        if (++group == q->groups) group = 0;
      }
    }
    if (number != known) {
      phase = tri_conv_phase_of(q, number);
      l = tri_conv_layout_of(&phase, axis, plan->piece_rows);
      known = number;
    }
    int64_t q0 = piece * plan->piece_rows, rows = tri_gemm_min(plan->piece_rows, phase.dim[axis].count - q0);
    int64_t columns = 1, begin[3] = {0, 0, 0}, count[3];
    for (int d = 0; d < 3; d++) columns *= count[d] = d == axis ? tri_gemm_max(rows, 0) : phase.dim[d].count;
    if (columns <= 0) continue;
    begin[axis] = q0;
    const TRI_T *from = (const TRI_T *)(image ? q->y : q->x) + unit * depth * in_size;
    TRI_G(conv_gather)(&phase, &l, axis, q0, rows, from, depth, source);
    const TRI_T *packed = TRI_G(conv_packed)(q, &phase, group, shared);
    const int64_t *offsets = (const int64_t *)shared + phase.taps_before * depth;
    TRI_T *to = (TRI_T *)(image ? q->x : q->y) + unit * m * out_size;
    const TRI_T *bias = q->bias ? (const TRI_T *)q->bias + group * m : 0;
    if (m <= TRI_CONV_DIRECT_ROWS) {
      TRI_G(conv_direct)(&phase, &l, begin, count, out, m, depth * phase.taps, packed, offsets, source, bias, to, tile);
      continue;
    }
    for (int64_t j = 0; j < columns; j += TRI_G(panel)) {
      int64_t n = tri_gemm_min(TRI_G(panel), columns - j);
      int lines = tri_conv_runs(&phase, &l, out, axis, q0, j, n, runs);
      TRI_T *c = apart ? tile : to + runs[0].out;
      int64_t c_row = apart ? TRI_G(panel) : out_size;
      TRI_G(conv_panel)(m, depth * phase.taps, packed, offsets, source, moves, TRI_G(conv_moves)(runs, lines, moves), n,
                        panel, c, c_row);
      for (int64_t i = 0; bias && i < m; i++)
        for (int64_t l = 0; l < n; l++) c[i * c_row + l] = c[i * c_row + l] + bias[i];
      for (int64_t i = 0; apart && i < m; i++)
        for (int r = 0; r < lines; r++) {
          TRI_T *row = to + i * out_size + runs[r].out;
          const TRI_T *sums = tile + i * TRI_G(panel) + runs[r].to;
          for (int64_t l = 0; l < runs[r].length; l++) row[l * phase.dim[2].out_step] = sums[l];
        }
    }
  }
}
