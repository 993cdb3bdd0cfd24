/* Runs every family of kernels on every path that this processor has, over inputs that depend on nothing but this
   text; compares each path with the portable one bit for bit, and prints a digest of each case's results, so that two
   instruction sets can be compared by `diff`. NaN is one value: all its patterns are taken as one.

     kernel_digest            prints "<case> <digest>" lines and a last line "all <digest>"; says on standard error
                              which paths ran. Exit status 1 where a path differs from the portable one. */

#define _POSIX_C_SOURCE 200112L /* posix_memalign */

#include "CTributaryKernels.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

/* -- Results ----------------------------------------------------------------------------------------- */

/* The address sanitizer guards memory itself, on both sides and against reads too, if no byte is ours behind it. */
#if __has_feature(address_sanitizer)
enum { GUARD = 0 };
#else
enum { GUARD = 64 };
#endif
enum { LONGEST_NAME = 96 };

static uint64_t *expected; /* the portable path's results of the case that runs, as words */
static size_t expected_count, expected_capacity, position;
static int comparing;
static uint64_t digest, digest_of_all = 0xcbf29ce484222325u;
static const char *case_name, *path_name;
static long failures;

/* FNV-1a, of 64-bit words. */
static void fold(uint64_t *hash, uint64_t word) { *hash = (*hash ^ word) * 0x100000001b3u; }

static void fail(const char *what, size_t at, uint64_t got, uint64_t want) {
  if (++failures <= 40)
    fprintf(stderr, "%s on %s: %s at %zu: %016" PRIx64 ", not %016" PRIx64 "\n", case_name, path_name, what, at, got,
            want);
}

static void result_word(uint64_t word, size_t element) {
  if (comparing) {
    if (position >= expected_count || expected[position] != word)
      fail("differs", element, word, position < expected_count ? expected[position] : 0);
  } else {
    if (expected_count == expected_capacity) {
      expected_capacity = expected_capacity ? expected_capacity * 2 : 1 << 16;
      expected = realloc(expected, expected_capacity * sizeof *expected);
      if (!expected) abort();
    }
    expected[expected_count++] = word;
    fold(&digest, word);
  }
  position++;
}

static uint64_t element_word(tri_dtype dtype, const void *values, size_t i) {
  const uint8_t *at = (const uint8_t *)values + i * (size_t)tri_dtype_size(dtype);
  if (dtype == TRI_F32) {
    float v;
    uint32_t bits;
    memcpy(&v, at, 4), memcpy(&bits, at, 4);
    return v != v ? UINT64_MAX : bits;
  }
  if (dtype == TRI_F64) {
    double v;
    uint64_t bits;
    memcpy(&v, at, 8), memcpy(&bits, at, 8);
    return v != v ? UINT64_MAX : bits;
  }
  if (tri_dtype_is_half(dtype)) {
    uint16_t bits;
    memcpy(&bits, at, 2);
    return (bits & 0x7fff) > (dtype == TRI_F16 ? 0x7c00 : 0x7f80) ? UINT64_MAX : bits;
  }
  uint64_t word = 0;
  if (dtype == TRI_I64) memcpy(&word, at, 8);
  else if (dtype == TRI_I32) { uint32_t w; memcpy(&w, at, 4), word = w; }
  else word = *at;
  return word;
}

static void result(tri_dtype dtype, const void *values, int64_t count) {
  for (int64_t i = 0; i < count; i++) result_word(element_word(dtype, values, (size_t)i), (size_t)i);
}

typedef void (*case_body)(const tri_kernels *kernels, const void *parameters);

/* The body on the portable path, then on each other one. */
static void run_case(const char *name, case_body body, const void *parameters) {
  case_name = name, path_name = "portable";
  comparing = 0, expected_count = position = 0, digest = 0xcbf29ce484222325u;
  body(tri_kernels_for(TRI_PORTABLE), parameters);
  comparing = 1;
  for (int path = TRI_PORTABLE + 1; path < TRI_PATH_COUNT; path++) {
    const tri_kernels *kernels = tri_kernels_for((tri_path)path);
    if (!kernels) continue;
    path_name = tri_path_name((tri_path)path), position = 0;
    body(kernels, parameters);
    if (position != expected_count) fail("number of results", position, position, expected_count);
  }
  printf("%s %016" PRIx64 "\n", name, digest);
  fold(&digest_of_all, digest);
}

/* -- Inputs ------------------------------------------------------------------------------------------ */

static uint64_t random_state;

/* SplitMix64 (Steele, Lea and Flood 2014). */
static uint64_t next_random(void) {
  uint64_t z = random_state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static const double special[] = {0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, 1.0 / 0.0, -1.0 / 0.0, 0x1p-149,
                                 -0x1p-140, 0x1p-1074, 3.4e38, -3.4e38, 1.7e308, 88, -88, 710, 1e10, 0x1p31, -0x1p31,
                                 0x1p63, -0x1p63, 255, 256, 300, -7, 1e-8, 0x1p23, -0x1p52, 0x1.fffffep22};

/* WILD: random bits, special values and NaN among ordinary values. TAME: -8 … 8. */
typedef enum { WILD, TAME } manner;

static double ordinary(uint64_t bits) { return (double)(int64_t)bits * 0x1p-60; }

static double wild_double(uint64_t bits, unsigned kind) {
  if (kind < 2) return special[bits % (sizeof special / sizeof *special)];
  return kind == 2 ? (double)__builtin_nan("") : ordinary(bits);
}

static void fill_operand(void *to, tri_dtype dtype, int64_t count, manner how) {
  for (int64_t i = 0; i < count; i++) {
    uint64_t bits = next_random();
    unsigned kind = how == TAME ? 15 : (unsigned)(next_random() % 16);
    switch (dtype) {
    case TRI_F32: {
      float v = (float)wild_double(bits, kind);
      uint32_t low = (uint32_t)bits;
      if (kind >= 3 && kind < 6) memcpy(&v, &low, 4);
      memcpy((float *)to + i, &v, 4);
      break;
    }
    case TRI_F64: {
      double v = wild_double(bits, kind);
      if (kind >= 3 && kind < 6) memcpy(&v, &bits, 8);
      memcpy((double *)to + i, &v, 8);
      break;
    }
    case TRI_I64:
      ((int64_t *)to)[i] = kind < 4 ? (int64_t)bits : kind == 4 ? INT64_MIN : (int64_t)(bits % 21) - 10;
      break;
    case TRI_I32:
      ((int32_t *)to)[i] = kind < 4 ? (int32_t)(uint32_t)bits : kind == 4 ? INT32_MIN : (int32_t)(bits % 21) - 10;
      break;
    case TRI_F16:
    case TRI_BF16:
      ((uint16_t *)to)[i] = kind >= 3 && kind < 6 ? (uint16_t)bits : tri_half_of_double(dtype, wild_double(bits, kind));
      break;
    case TRI_U8: ((uint8_t *)to)[i] = kind < 8 ? (uint8_t)bits : (uint8_t)(bits % 5); break;
    default: ((uint8_t *)to)[i] = (uint8_t)(bits & 1); break;
    }
  }
}

/* Memory of `count` elements with guard bytes behind them, all of one pattern. */
static void *new_buffer(tri_dtype dtype, int64_t count) {
  size_t bytes = (size_t)count * (size_t)tri_dtype_size(dtype);
  void *p;
  if (posix_memalign(&p, 64, bytes + GUARD)) abort();
  memset(p, 0xab, bytes + GUARD);
  return p;
}

static void *new_operand(tri_dtype dtype, int64_t count, manner how) {
  void *p = new_buffer(dtype, count);
  fill_operand(p, dtype, count, how);
  return p;
}

/* The results, if no byte behind them was written. */
static void take(tri_dtype dtype, void *buffer, int64_t count) {
  const uint8_t *guard = (const uint8_t *)buffer + (size_t)count * (size_t)tri_dtype_size(dtype);
  for (size_t i = 0; i < GUARD; i++)
    if (guard[i] != 0xab) fail("written past the end", i, guard[i], 0xab);
  result(dtype, buffer, count);
  free(buffer);
}

#include "elementwise_cases.h"
#include "reduce_cases.h"
#include "gemm_cases.h"
#include "conv_cases.h"
#include "random_cases.h"
#include "layer_cases.h"
#include "order_cases.h"

int main(void) {
  fputs("paths:", stderr);
  for (int path = 0; path < TRI_PATH_COUNT; path++)
    if (tri_kernels_for((tri_path)path)) fprintf(stderr, " %s", tri_path_name((tri_path)path));
  fputc('\n', stderr);
  run_elementwise_cases();
  run_reduce_cases();
  run_gemm_cases();
  run_conv_cases();
  run_random_cases();
  run_layer_cases();
  run_order_cases();
  printf("all %016" PRIx64 "\n", digest_of_all);
  if (failures) fprintf(stderr, "%ld differences\n", failures);
  free(expected);
  return failures != 0;
}
