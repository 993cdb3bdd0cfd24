#include "CTributaryKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2"))), apply_to = function)
#define TRI_PATH TRI_AVX2
#define TRI_HAS_AVX2 1
#define TRI_TABLE_NAME tri_table_avx2
#include "table.inc.h"
#pragma clang attribute pop
#endif
