/* Random numbers: whole draws and ranges that begin anywhere. Part of kernel_digest.c. */

static void float_draws_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters;
  const tri_random_table *r = &kernels->random;
  for (int64_t begin = 0; begin < 70; begin += 3)
    for (int64_t n = 0; n < 70; n = n < 10 ? n + 1 : n + 7) {
      void *out = new_buffer(dtype, n);
      (dtype == TRI_F32 ? r->uniform_f32 : r->uniform_f64)(out, begin, n, 12345, (uint64_t)n << 33, -1.5, 2.25);
      take(dtype, out, n), out = new_buffer(dtype, n);
      (dtype == TRI_F32 ? r->normal_f32 : r->normal_f64)(out, begin, n, UINT64_MAX, (uint64_t)n, 0.5, 3);
      take(dtype, out, n);
    }
  void *out = new_buffer(dtype, 30000);
  (dtype == TRI_F32 ? r->normal_f32 : r->normal_f64)(out, INT64_C(1) << 40, 30000, 1, 2, 0, 1);
  take(dtype, out, 30000), out = new_buffer(dtype, 30000);
  (dtype == TRI_F32 ? r->uniform_f32 : r->uniform_f64)(out, 7, 30000, 1, 3, 0, 1);
  take(dtype, out, 30000);
}

static void whole_draws_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters;
  for (int64_t begin = 0; begin < 70; begin += 3)
    for (int64_t n = 0; n < 70; n = n < 10 ? n + 1 : n + 7) {
      void *out = new_buffer(dtype, n);
      kernels->random.bernoulli(out, dtype, begin, n, 99, (uint64_t)n, 0.3, 1 / 0.7);
      take(dtype, out, n), out = new_buffer(dtype, n);
      kernels->random.integers(out, dtype, begin, n, 98, (uint64_t)n, -3 - n, INT64_C(1) << (n % 62));
      take(dtype, out, n);
    }
}

static void philox_body(const tri_kernels *kernels, const void *parameters) {
  (void)parameters;
  random_state = 40;
  for (int i = 0; i < 200; i++) {
    uint32_t counter[4], key[2], out[4];
    for (int k = 0; k < 4; k++) counter[k] = (uint32_t)next_random();
    for (int k = 0; k < 2; k++) key[k] = (uint32_t)next_random();
    kernels->random.philox(out, counter, key);
    result(TRI_I32, out, 4);
    uint64_t stream = tri_random_substream(key[0], key[1], counter[0]);
    result(TRI_I64, &stream, 1);
  }
}

static void run_random_cases(void) {
  run_for_dtypes("draws-float", 2, float_draws_body);
  run_for_dtypes("draws-whole", TRI_DTYPE_COUNT, whole_draws_body);
  run_case("philox", philox_body, NULL);
}
