#ifndef TRI_BLOCKING_H
#define TRI_BLOCKING_H

/* Tile sizes, by instruction set. None of them reaches a bit of a result. */

/* Picks a row of the tables below by the path that is being compiled (TRI_PATH names an enumerator, which #if
   cannot compare, hence the pasting). */
#define TRI_JOIN_(a, b) a##b
#define TRI_JOIN(a, b) TRI_JOIN_(a, b)
#define TRI_OF_PATH(table) TRI_JOIN(table, TRI_PATH)

/* Bytes of one vector register. */
#define TRI_REGISTER_TRI_PORTABLE 16
#define TRI_REGISTER_TRI_AVX2 32
#define TRI_REGISTER_TRI_AVX512 64
#define TRI_REGISTER_TRI_NEON 16
#define TRI_REGISTER_BYTES TRI_OF_PATH(TRI_REGISTER_)

/* Matrix product, micro-tile: rows × vectors. All accumulators, one row of B and a broadcast stay in registers:
   14 × 2 + 2 + 2 of 32; 6 × 2 + 2 + 2 of 16; 8 × 3 + 3 + 1 of 32. */
#define TRI_GEMM_ROWS_TRI_PORTABLE 4
#define TRI_GEMM_ROWS_TRI_AVX2 6
#define TRI_GEMM_ROWS_TRI_AVX512 14
#define TRI_GEMM_ROWS_TRI_NEON 8
#define TRI_GEMM_MR TRI_OF_PATH(TRI_GEMM_ROWS_)

/* Panels of B that one unit of packing packs, and columns that one unit of joining joins: for both dtypes. */
#define TRI_GEMM_UNIT_PANELS 4
#define TRI_GEMM_JOIN_STRIP 512

#define TRI_GEMM_VECTORS_TRI_PORTABLE 2
#define TRI_GEMM_VECTORS_TRI_AVX2 2
#define TRI_GEMM_VECTORS_TRI_AVX512 2
#define TRI_GEMM_VECTORS_TRI_NEON 3
#define TRI_GEMM_NV TRI_OF_PATH(TRI_GEMM_VECTORS_)

/* Matrix product, tiles of the packed strategy, float32. 56 to 112 rows measured best where the next panel of B is
   fetched ahead: the packed block of A (112 × 512) takes a quarter of a 1 MiB second-level cache, beside two panels
   of B. Float64 takes half the rows. */
#define TRI_GEMM_TILE_ROWS 112
#define TRI_GEMM_TILE_COLUMNS 512

/* Reduction over rows: blocks or rows that are worked on side by side (2 or 4; half as many of 8-byte elements). */
#define TRI_ROW_STREAMS 4

#endif
