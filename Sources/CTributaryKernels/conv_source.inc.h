/* Copies of the source into the workspace, and from there into the order in which the micro-kernel reads. */

/* `channels` channels of one sample's source, for a piece that begins at q0 of the axis and is `rows` long. */
static void TRI_G(conv_gather)(const tri_conv_phase *phase, const tri_conv_layout *l, int axis, int64_t q0,
                               int64_t rows, const TRI_T *source, int64_t channels, TRI_T *to) {
  const tri_conv_dim *dim = phase->dim;
  int64_t low[3], extent[3];
  for (int d = 0; d < 3; d++) {
    low[d] = l->low[d] + (d == axis ? q0 * dim[d].step : 0);
    extent[d] = l->extent[d];
    /* A piece may be shorter than those the layout is made for. */
    if (d == axis) {
      int64_t reach = (dim[d].taps - 1) * (dim[d].shift_step < 0 ? -dim[d].shift_step : dim[d].shift_step);
      extent[d] = (rows - 1) * dim[d].step + reach + 1;
    }
  }
  int64_t step = dim[2].step, begin = tri_gemm_min(tri_gemm_max(-low[2], 0), extent[2]);
  int64_t end = tri_gemm_max(tri_gemm_min(extent[2], dim[2].size - low[2]), begin);
  for (int64_t c = 0; c < channels; c++) {
    for (int64_t d = 0; d < extent[0]; d++) {
      TRI_T *sheet = to + c * l->channel + d * l->sheet;
      int64_t z = low[0] + d;
      if (z < 0 || z >= dim[0].size) {
        __builtin_memset(sheet, 0, (size_t)l->sheet * sizeof(TRI_T));
        continue;
      }
      for (int64_t h = 0; h < extent[1]; h++) {
        TRI_T *row = sheet + h * l->row;
        int64_t y = low[1] + h;
        if (y < 0 || y >= dim[1].size) {
          __builtin_memset(row, 0, (size_t)l->row * sizeof(TRI_T));
          continue;
        }
        const TRI_T *from = source + ((c * dim[0].size + z) * dim[1].size + y) * dim[2].size + low[2];
        if (step == 1) {
          for (int64_t i = 0; i < begin; i++) row[i] = 0;
          __builtin_memcpy(row + begin, from + begin, (size_t)(end - begin) * sizeof(TRI_T));
          for (int64_t i = end; i < l->row; i++) row[i] = 0;
          continue;
        }
        for (int64_t r = 0; r < step; r++) {
          TRI_T *part = row + r * l->part;
          /* The first and the end of the places r + i * step within begin ..< end. */
          int64_t i = tri_gemm_ceil(tri_gemm_max(begin - r, 0), step), stop = tri_gemm_ceil(tri_gemm_max(end - r, 0), step);
          for (int64_t k = 0; k < i; k++) part[k] = 0;
          for (; i < stop; i++) part[i] = from[r + i * step];
          for (i = tri_gemm_max(i, stop); i < l->part; i++) part[i] = 0;
        }
      }
    }
  }
}

/* Rows `offset` of the gathered source as runs say, `row` apart in `to`. Whole vectors are copied: what is too much of a
   run is overwritten by the next one, and of the last by the next row; so one vector's room stands behind the last row,
   and behind the source. */
TRI_INLINE void TRI_G(conv_rows)(int64_t count, const int64_t *offsets, const TRI_T *source, const tri_conv_run *runs,
                                 int number, TRI_T *to, int64_t row) {
  if (number == 1 && runs[0].length == TRI_G(panel)) {
    for (int64_t p = 0; p < count; p++) {
      const TRI_T *from = source + offsets[p] + runs[0].from;
      TRI_UNROLL for (int v = 0; v < TRI_GEMM_NV; v++)
        TRI_G(store)(to + p * row + v * TRI_GEMM_LANES, TRI_G(load)(from + v * TRI_GEMM_LANES));
    }
    return;
  }
  for (int64_t p = 0; p < count; p++) {
    const TRI_T *from = source + offsets[p];
    for (int r = 0; r < number; r++) {
      const TRI_T *run = from + runs[r].from;
      TRI_T *out = to + p * row + runs[r].to;
      int64_t i = 0;
      do {
        TRI_G(store)(out + i, TRI_G(load)(run + i));
        i += TRI_GEMM_LANES;
      } while (i < runs[r].length);
    }
  }
}
