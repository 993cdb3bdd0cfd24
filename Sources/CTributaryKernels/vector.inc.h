/* Vectors of 64 bytes in the compiler's generic form: one body, whatever the register width.
   The compiler lowers them to one zmm, two ymm, or four SSE or NEON registers. Included once by each path. */
#ifndef TRI_VECTOR_INC_H
#define TRI_VECTOR_INC_H

typedef float tri_f32x16 __attribute__((ext_vector_type(16)));
typedef int32_t tri_i32x16 __attribute__((ext_vector_type(16)));
typedef double tri_f64x8 __attribute__((ext_vector_type(8)));
typedef int64_t tri_i64x8 __attribute__((ext_vector_type(8)));

#endif
