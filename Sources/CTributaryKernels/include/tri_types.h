#ifndef TRI_TYPES_H
#define TRI_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef enum tri_path { TRI_PORTABLE = 0, TRI_AVX2, TRI_AVX512, TRI_NEON, TRI_PATH_COUNT } tri_path;

/* The order is that of `DType` in Swift. A bool is one byte, 0 or 1. TRI_F16 and TRI_BF16, the halves, are stored:
   what computes with them does so in float32 and rounds once. Elementwise maps, casts, moves and matrix products take
   them; all else takes float32 copies. */
typedef enum tri_dtype {
  TRI_F32 = 0, TRI_F64, TRI_I64, TRI_I32, TRI_U8, TRI_BOOL, TRI_F16, TRI_BF16, TRI_DTYPE_COUNT
} tri_dtype;

#define TRI_MAX_RANK 8

#endif
