#include "CTributaryKernels.h"
#include "bits.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

extern const tri_kernels tri_table_portable;
#if defined(__x86_64__)
#include <cpuid.h>
extern const tri_kernels tri_table_avx2, tri_table_avx512;

/* By hand: older compilers' __builtin_cpu_supports does not know it. Meaningful where AVX2 is supported, and so the wide
   registers are saved. */
static _Bool has_f16c(void) {
  unsigned a, b, c, d;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C) != 0;
}
#endif
#if defined(__aarch64__)
extern const tri_kernels tri_table_neon;
#endif

int64_t tri_gemm_block(void) { return TRI_K_BLOCK; }

const char *tri_path_name(tri_path path) {
  static const char *const names[TRI_PATH_COUNT] = {"portable", "avx2", "avx512", "neon"};
  return (unsigned)path < TRI_PATH_COUNT ? names[path] : "unknown";
}

const tri_kernels *tri_kernels_for(tri_path path) {
  switch (path) {
  case TRI_PORTABLE: return &tri_table_portable;
#if defined(__x86_64__)
  /* What paths/avx2.c and avx512.c are compiled for. __builtin_cpu_supports also asks whether the system saves the
     wide registers. */
  case TRI_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                   __builtin_cpu_supports("bmi2") && has_f16c()
               ? &tri_table_avx2
               : NULL;
  case TRI_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                   tri_kernels_for(TRI_AVX2)
               ? &tri_table_avx512
               : NULL;
#endif
#if defined(__aarch64__)
  case TRI_NEON: return &tri_table_neon;
#endif
  default: return NULL;
  }
}

/* Written once, under chosen_once; every reader passes it first, which orders the write before the read. */
static const tri_kernels *chosen;
static pthread_once_t chosen_once = PTHREAD_ONCE_INIT;

static void choose(void) {
  const char *forced = getenv("TRIBUTARY_KERNEL_PATH");
  for (int path = TRI_PATH_COUNT - 1; path >= 0; path--) {
    const tri_kernels *table = tri_kernels_for((tri_path)path);
    if (!table) continue;
    if (!chosen) chosen = table;
    if (forced && strcmp(forced, tri_path_name((tri_path)path)) == 0) chosen = table;
  }
}

const tri_kernels *tri_kernels_default(void) {
  pthread_once(&chosen_once, choose);
  return chosen;
}
