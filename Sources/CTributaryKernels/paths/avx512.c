#include "CTributaryKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c,bmi,bmi2"))), \
                             apply_to = function)
#define TRI_PATH TRI_AVX512
#define TRI_HAS_AVX512 1
#define TRI_TABLE_NAME tri_table_avx512
#include "table.inc.h"
#pragma clang attribute pop
#endif
