/* Convolutions in their three kinds, batch normalisation, pooling. Part of kernel_digest.c. */

typedef struct {
  int64_t batch, groups, channels, filters, image[3], kernel[3], stride[3], padding[3], dilation[3];
} conv_shape;

static int64_t volume(const int64_t *sizes) { return sizes[0] * sizes[1] * sizes[2]; }

static void run_convolution(const tri_kernels *kernels, tri_dtype dtype, const conv_shape *s, manner how) {
  tri_conv_problem q = {.dtype = dtype, .batch = s->batch, .groups = s->groups, .channels = s->channels,
                        .filters = s->filters};
  for (int d = 0; d < 3; d++) {
    q.image[d] = s->image[d], q.kernel[d] = s->kernel[d], q.stride[d] = s->stride[d];
    q.padding[d] = s->padding[d], q.dilation[d] = s->dilation[d];
    q.map[d] = (s->image[d] + 2 * s->padding[d] - (s->kernel[d] - 1) * s->dilation[d] - 1) / s->stride[d] + 1;
  }
  int64_t xs = s->batch * s->groups * s->channels * volume(q.image), ws = s->groups * s->filters * s->channels * volume(q.kernel);
  int64_t ys = s->batch * s->groups * s->filters * volume(q.map);
  void *bias = new_operand(dtype, s->groups * (s->filters + s->channels), how);
  for (int kind = TRI_CONV_MAP; kind <= TRI_CONV_WEIGHT; kind++) {
    q.kind = (tri_conv_kind)kind, q.bias = kind == TRI_CONV_WEIGHT ? NULL : bias;
    q.x = new_operand(dtype, xs, how), q.w = new_operand(dtype, ws, how), q.y = new_operand(dtype, ys, how);
    tri_conv_plan p;
    kernels->conv.plan(&q, &p);
    void *shared = new_buffer(TRI_U8, p.shared_bytes), *workspace = new_buffer(TRI_U8, p.workspace_bytes);
    /* All ones is a NaN: what is read without having been written shows. */
    memset(shared, 0xff, (size_t)p.shared_bytes), memset(workspace, 0xff, (size_t)p.workspace_bytes);
    if (p.pack_units) kernels->conv.pack(&p, &q, 0, p.pack_units, shared);
    for (int64_t tile = p.tiles - 1; tile >= 0; tile--) kernels->conv.run(&p, &q, shared, tile, tile + 1, workspace);
    if (p.join_units) kernels->conv.join(&p, &q, shared, 0, p.join_units);
    free(shared), free(workspace);
    if (kind == TRI_CONV_MAP) take(dtype, q.y, ys), free(q.x), free(q.w);
    else if (kind == TRI_CONV_IMAGE) take(dtype, q.x, xs), free(q.w), free(q.y);
    else take(dtype, q.w, ws), free(q.x), free(q.y);
  }
  free(bias);
}

static void convolutions_body(const tri_kernels *kernels, const void *parameters) {
  static const conv_shape shapes[] = {
      {2, 1, 3, 5, {1, 1, 40}, {1, 1, 3}, {1, 1, 1}, {0, 0, 1}, {1, 1, 1}},
      {3, 1, 60, 17, {1, 7, 7}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},
      {2, 2, 4, 30, {1, 9, 12}, {1, 3, 2}, {1, 2, 3}, {0, 2, 0}, {1, 1, 2}},
      {1, 3, 1, 1, {1, 20, 20}, {1, 5, 5}, {1, 1, 1}, {0, 2, 2}, {1, 1, 1}},
      {1, 1, 2, 9, {1, 40, 33}, {1, 2, 2}, {1, 3, 3}, {0, 0, 0}, {1, 1, 1}},
      {2, 1, 3, 4, {4, 5, 6}, {2, 3, 2}, {1, 2, 1}, {1, 1, 0}, {1, 1, 2}},
      {6, 1, 1, 3, {1, 1, 700}, {1, 1, 9}, {1, 1, 2}, {0, 0, 4}, {1, 1, 1}},
      /* A group of few rows; depthwise ones, of lanes that are full and not, with blocks that end within a row. */
      {3, 5, 3, 2, {1, 13, 35}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},
      {2, 2, 200, 4, {1, 5, 9}, {1, 3, 3}, {1, 2, 2}, {0, 1, 1}, {1, 1, 1}},
      {5, 37, 1, 1, {1, 14, 33}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},
      {40, 16, 1, 1, {1, 9, 7}, {1, 5, 4}, {1, 2, 2}, {0, 2, 1}, {1, 2, 1}},
      {3, 5, 1, 1, {1, 1, 1100}, {1, 1, 7}, {1, 1, 3}, {0, 0, 2}, {1, 1, 2}},
      {4, 18, 1, 1, {5, 6, 7}, {2, 3, 2}, {1, 2, 1}, {1, 0, 1}, {2, 1, 1}},
  };
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 32;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    run_convolution(kernels, dtype, &shapes[i], i == 2 ? WILD : TAME);
}

static void batch_norm_body(const tri_kernels *kernels, const void *parameters) {
  static const int64_t shapes[][3] = {{3, 2, 16}, {4, 3, 7}, {2, 2, 5000}, {9, 2, 1024}, {600, 1, 9}, {5, 4, 1}};
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 33;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    for (int training = 0; training < 2; training++) {
      int64_t channels = shapes[i][1], count = shapes[i][0] * channels * shapes[i][2];
      tri_batch_norm q = {.dtype = dtype, .training = training, .batch = shapes[i][0], .channels = channels,
                          .size = shapes[i][2], .eps = 1e-3};
      void *x = new_operand(dtype, count, TAME), *g = new_operand(dtype, count, TAME);
      void *weight = new_operand(dtype, channels, TAME), *bias = new_operand(dtype, channels, TAME);
      void *mean = new_operand(dtype, channels, TAME), *variance = new_buffer(dtype, channels);
      for (int64_t c = 0; c < channels; c++)
        if (dtype == TRI_F32) ((float *)variance)[c] = 2; else ((double *)variance)[c] = 2;
      q.x = x, q.g = g, q.weight = weight, q.bias = bias, q.mean = mean, q.variance = variance;
      q.invstd = new_buffer(dtype, channels), q.y = new_buffer(dtype, count), q.dx = new_buffer(dtype, count);
      q.dweight = new_buffer(dtype, channels), q.dbias = new_buffer(dtype, channels);
      kernels->batch_norm.forward(&q, 0, channels);
      kernels->batch_norm.backward(&q, 0, channels);
      /* By parts: the same bits. */
      int64_t blocks = channels * tri_batch_norm_blocks(q.batch, q.size), pieces = (q.size + 4095) / TRI_BATCH_NORM_PIECE;
      tri_batch_norm parts = q;
      parts.partials = new_buffer(TRI_F64, 2 * blocks), parts.means = new_buffer(TRI_F64, 2 * channels);
      parts.y = new_buffer(dtype, count), parts.dx = new_buffer(dtype, count);
      for (int term = TRI_BATCH_NORM_VALUE; training && term <= TRI_BATCH_NORM_SQUARE; term++)
        kernels->batch_norm.partial(&parts, term, 0, blocks), kernels->batch_norm.join(&parts, term);
      kernels->batch_norm.scale(&parts);
      kernels->batch_norm.parts(&parts, 0, 0, channels * q.batch * pieces);
      kernels->batch_norm.partial(&parts, TRI_BATCH_NORM_GRADIENT, 0, blocks);
      kernels->batch_norm.join(&parts, TRI_BATCH_NORM_GRADIENT);
      kernels->batch_norm.parts(&parts, 1, 0, channels * q.batch * pieces);
      if (memcmp(parts.y, q.y, (size_t)(count * tri_dtype_size(dtype))) != 0) fail("y by parts", i, 0, 1);
      if (memcmp(parts.dx, q.dx, (size_t)(count * tri_dtype_size(dtype))) != 0) fail("dx by parts", i, 0, 1);
      free(parts.y), free(parts.dx), free(parts.partials), free(parts.means);
      take(dtype, q.y, count), take(dtype, q.dx, count), take(dtype, q.dweight, channels);
      take(dtype, q.dbias, channels), take(dtype, q.invstd, channels), take(dtype, mean, channels);
      take(dtype, variance, channels), free(x), free(g), free(weight), free(bias);
    }
}

static void pooling_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 34;
  /* Three windows of up to four places in five rows, and of two in six columns. */
  static const int64_t windows[] = {0, 1, 1, 0, 1, 3, 2, 5, 5, 3, 4, 4, 0, 2, 4, 2, 4, 6, 2, 2, 2};
  tri_pool q = {.dtype = dtype, .image = {1, 5, 6}, .map = {1, 3, 3}, .step = {1, 1, 1}, .windows = windows};
  int64_t planes = 7, image = planes * 30, map = planes * 9;
  for (int run = 0; run < 4; run++) {
    int how = run % 2 ? TAME : WILD, units = (int)planes * (run < 2 ? 1 : 3);
    q.pieces = run < 2 ? 1 : 3;
    random_state = 34 + (uint64_t)how;
    int64_t *indices = new_buffer(TRI_I64, map);
    void *x = new_operand(dtype, image, (manner)how), *y = new_operand(dtype, map, (manner)how);
    q.indices = indices;
    q.x = x, q.y = new_buffer(dtype, map), kernels->pool.max(&q, 0, units), take(dtype, q.y, map);
    q.y = new_buffer(dtype, map), kernels->pool.average(&q, 0, units), take(dtype, q.y, map);
    q.y = new_buffer(dtype, map), kernels->pool.gather(&q, 0, units), take(dtype, q.y, map);
    q.y = y;
    q.x = new_buffer(dtype, image), kernels->pool.spread(&q, 0, units), take(dtype, q.x, image);
    q.x = new_buffer(dtype, image), kernels->pool.scatter(&q, 0, units), take(dtype, q.x, image);
    take(TRI_I64, indices, map), free(x), free(y);
  }
}

static void run_conv_cases(void) {
  run_for_dtypes("convolution", 2, convolutions_body);
  run_for_dtypes("batch-norm", 2, batch_norm_body);
  run_for_dtypes("pooling", 2, pooling_body);
}
