/* The templates over the kinds of element. */

#define TRI_HALVES TRI_MAPS_OF_HALVES
#define K f32
#define V tri_f32x16
#define E float
#define I tri_i32x16
#define L 16
#define B tri_i8x16
#define KB u8x16
#define TRI_LIMIT 0x1p22f
#define TRI_MANTISSA 23
#define TRI_SIGN 0x80000000u
#define TRI_WORD uint32_t
#include "float_arithmetic.inc.h"
#include "float_unary.inc.h"
#include "float_binary.inc.h"
#include "float_optimizer.inc.h"
#include "compare.inc.h"
#undef K
#undef V
#undef E
#undef I
#undef L
#undef B
#undef KB
#undef TRI_LIMIT
#undef TRI_MANTISSA
#undef TRI_SIGN
#undef TRI_WORD

#undef TRI_HALVES
#define TRI_HALVES(OP, INPUTS, TEST)

#define K f64
#define V tri_f64x8
#define E double
#define I tri_i64x8
#define L 8
#define B tri_i8x8
#define KB u8x8
#define TRI_LIMIT 0x1p51
#define TRI_MANTISSA 52
#define TRI_SIGN 0x8000000000000000u
#define TRI_WORD uint64_t
#include "float_arithmetic.inc.h"
#include "float_unary.inc.h"
#include "float_binary.inc.h"
#include "float_optimizer.inc.h"
#include "compare.inc.h"
#undef K
#undef V
#undef E
#undef I
#undef L
#undef B
#undef KB
#undef TRI_LIMIT
#undef TRI_MANTISSA
#undef TRI_SIGN
#undef TRI_WORD

/* U: the vector of unsigned lanes, in which sums and products wrap around. */
#define K i64
#define V tri_i64x8
#define E int64_t
#define U tri_u64x8
#define I tri_i64x8
#define L 8
#define B tri_i8x8
#define KB u8x8
#define TRI_LEAST INT64_MIN
#define TRI_MOST INT64_MAX
#include "integer.inc.h"
#include "compare.inc.h"
#include "select.inc.h"
#undef K
#undef V
#undef E
#undef U
#undef I
#undef L
#undef B
#undef KB
#undef TRI_LEAST
#undef TRI_MOST

#define K i32
#define V tri_i32x16
#define E int32_t
#define U tri_u32x16
#define I tri_i32x16
#define L 16
#define B tri_i8x16
#define KB u8x16
#define TRI_LEAST INT32_MIN
#define TRI_MOST INT32_MAX
#include "integer.inc.h"
#include "compare.inc.h"
#include "select.inc.h"
#undef K
#undef V
#undef E
#undef U
#undef I
#undef L
#undef B
#undef KB
#undef TRI_LEAST
#undef TRI_MOST

/* A bool is a uint8 of 0 or 1, and shares its functions where they keep to these. */
#define K u8
#define V tri_u8x64
#define E uint8_t
#define U tri_u8x64
#define I tri_i8x64
#define L 64
#define B tri_i8x64
#define KB u8
#define TRI_LEAST 0
#define TRI_MOST UINT8_MAX
#include "integer.inc.h"
#include "compare.inc.h"
#include "select.inc.h"
#undef K
#undef V
#undef E
#undef U
#undef I
#undef L
#undef B
#undef KB
#undef TRI_LEAST
#undef TRI_MOST

/* Halves are moved by where. */
#define K i16
#define V tri_i16x32
#define E int16_t
#define I tri_i16x32
#define L 32
#define B tri_i8x32
#define KB u8x32
#include "select.inc.h"
#undef K
#undef V
#undef E
#undef I
#undef L
#undef B
#undef KB

#undef TRI_HALVES
#undef F
#undef FB
