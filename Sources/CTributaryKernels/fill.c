#include <string.h>

#include "CTributaryKernels.h"
#include "scalar.inc.h"

#pragma STDC FP_CONTRACT OFF

void tri_fill(void *out, int64_t n, const void *pattern, int32_t element_size) {
  switch (element_size) {
  case 1: memset(out, *(const uint8_t *)pattern, (size_t)n); break;
  case 2: {
    uint16_t v = *(const uint16_t *)pattern, *to = (uint16_t *)out;
    for (int64_t i = 0; i < n; i++) to[i] = v;
    break;
  }
  case 4: {
    uint32_t v = *(const uint32_t *)pattern, *to = (uint32_t *)out;
    for (int64_t i = 0; i < n; i++) to[i] = v;
    break;
  }
  default: {
    uint64_t v = *(const uint64_t *)pattern, *to = (uint64_t *)out;
    for (int64_t i = 0; i < n; i++) to[i] = v;
    break;
  }
  }
}

uint16_t tri_half_of_double(tri_dtype dtype, double v) {
  return dtype == TRI_F16 ? tri_f16_of(tri_float_to_odd(v)) : tri_bf16_of(tri_float_to_odd(v));
}

uint16_t tri_half_of_integer(tri_dtype dtype, int64_t v) { return tri_half_of_double(dtype, tri_double_to_odd(v)); }

float tri_float_of_half(tri_dtype dtype, uint16_t bits) {
  return tri_float_of_either(dtype == TRI_BF16, bits);
}

static void put(void *out, tri_dtype dtype, int64_t i, double v) {
  switch (dtype) {
  case TRI_F32: ((float *)out)[i] = (float)v; break;
  case TRI_F64: ((double *)out)[i] = v; break;
  case TRI_I64: ((int64_t *)out)[i] = tri_whole_number(v); break;
  case TRI_I32: ((int32_t *)out)[i] = (int32_t)tri_bounded(v, INT32_MIN, INT32_MAX); break;
  case TRI_U8: ((uint8_t *)out)[i] = (uint8_t)tri_whole_number(v); break;
  case TRI_F16:
  case TRI_BF16: ((uint16_t *)out)[i] = tri_half_of_double(dtype, v); break;
  default: ((uint8_t *)out)[i] = v != 0; break;
  }
}

static void put_integer(void *out, tri_dtype dtype, int64_t i, int64_t v) {
  switch (dtype) {
  case TRI_F32: ((float *)out)[i] = (float)v; break;
  case TRI_F64: ((double *)out)[i] = (double)v; break;
  case TRI_I64: ((int64_t *)out)[i] = v; break;
  case TRI_I32: ((int32_t *)out)[i] = (int32_t)v; break;
  case TRI_U8: ((uint8_t *)out)[i] = (uint8_t)v; break;
  case TRI_F16:
  case TRI_BF16: ((uint16_t *)out)[i] = tri_half_of_integer(dtype, v); break;
  default: ((uint8_t *)out)[i] = v != 0; break;
  }
}

void tri_arange(void *out, tri_dtype dtype, int64_t begin, int64_t n, double start, double step) {
  for (int64_t j = 0; j < n; j++) put(out, dtype, j, start + (double)(begin + j) * step);
}

void tri_arange_integer(void *out, tri_dtype dtype, int64_t begin, int64_t n, int64_t start, int64_t step) {
  for (int64_t j = 0; j < n; j++)
    put_integer(out, dtype, j, (int64_t)((uint64_t)start + (uint64_t)(begin + j) * (uint64_t)step));
}

void tri_linspace(void *out, tri_dtype dtype, int64_t begin, int64_t n, int64_t steps, double start, double end) {
  const double gaps = steps > 1 ? (double)(steps - 1) : 1, whole = end - start;
  const double step = __builtin_isinf(whole) ? end / gaps - start / gaps : whole / gaps;
  for (int64_t j = 0; j < n; j++) {
    const int64_t left = begin + j, right = steps - 1 - left;
    /* No steps are 0 even where one step overflows. */
    if (left < steps / 2 || steps == 1)
      put(out, dtype, j, start + (left ? (double)left * step : 0));
    else
      put(out, dtype, j, end - (right ? (double)right * step : 0));
  }
}
