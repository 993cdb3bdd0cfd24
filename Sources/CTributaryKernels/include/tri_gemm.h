#ifndef TRI_GEMM_H
#define TRI_GEMM_H

#include "tri_types.h"

typedef struct tri_gemm_table {
  void *_Nullable reserved;
} tri_gemm_table;

#endif
