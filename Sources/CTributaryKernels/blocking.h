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

/* Matrix product, tiles of the packed strategy, float32; float64 takes half the rows. The packed block of A (a row is
   2 KiB of k) takes a quarter to a third of the second-level cache, beside two panels of B, of which the next is fetched
   ahead: of 1 MiB with AVX-512, where 112 to 224 rows measured the same but for n = 2048, which likes many. */
#define TRI_GEMM_TILE_ROWS_TRI_PORTABLE 112
#define TRI_GEMM_TILE_ROWS_TRI_AVX2 112
#define TRI_GEMM_TILE_ROWS_TRI_AVX512 168
#define TRI_GEMM_TILE_ROWS_TRI_NEON 112
#define TRI_GEMM_TILE_ROWS TRI_OF_PATH(TRI_GEMM_TILE_ROWS_)
#define TRI_GEMM_TILE_COLUMNS 512

/* Matrix product, packed: rows of B's panel that are fetched ahead into the first-level cache, for a panel (64 KiB)
   streams from the second. 0 where the loop is bound by instructions: a prefetch is one too. */
#define TRI_GEMM_NEAR_TRI_PORTABLE 0
#define TRI_GEMM_NEAR_TRI_AVX2 0
#define TRI_GEMM_NEAR_TRI_AVX512 4
#define TRI_GEMM_NEAR_TRI_NEON 0
#define TRI_GEMM_NEAR TRI_OF_PATH(TRI_GEMM_NEAR_)

/* Matrix product: bytes of both operands that a second-level cache holds as they lie, so that no packing ahead pays. */
#define TRI_GEMM_STAYS (640 << 10)

/* Matrix product: bytes of packed B that a third-level cache holds. */
#define TRI_GEMM_SHARED_STAYS (16 << 20)

/* Convolution: up to so many rows of a group's product the source is read without being unfolded. At most the least
   number of rows of a micro-tile. */
#define TRI_CONV_DIRECT_ROWS 4

/* Vectors of a row that are worked on together, from three rows on: 4 × 4 + 4 of 32 registers, 4 × 2 + 2 of 16. */
#define TRI_CONV_DIRECT_TRI_PORTABLE 2
#define TRI_CONV_DIRECT_TRI_AVX2 2
#define TRI_CONV_DIRECT_TRI_AVX512 4
#define TRI_CONV_DIRECT_TRI_NEON 4
#define TRI_CONV_DIRECT_VECTORS TRI_OF_PATH(TRI_CONV_DIRECT_)

/* Reduction over rows: blocks or rows that are worked on side by side (2 or 4; half as many of 8-byte elements). */
#define TRI_ROW_STREAMS 4

#endif
