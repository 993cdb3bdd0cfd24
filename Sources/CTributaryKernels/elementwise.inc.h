/* elementwise: included once by each path. One body in each template; the tables below say which function
   serves which operation and dtype. */

#include "math.inc.h"

#include "map.inc.h"
#include "kinds.inc.h"
#include "cast.inc.h"
#include "half_optimizer.inc.h"

static void tri_map_bool_not(TRI_MAP_ARGUMENTS) { tri_map_logical_not_u8(out, a, b, c, n, broadcast, param); }

#define TRI_HALF_PAIR(OP) tri_map_##OP##_f16, tri_map_##OP##_bf16
#define TRI_FLOATS(OP) {tri_map_##OP##_f32, tri_map_##OP##_f64, NULL, NULL, NULL, NULL, TRI_HALF_PAIR(OP)}
#define TRI_INTEGERS(OP, BOOL) {NULL, NULL, tri_map_##OP##_i64, tri_map_##OP##_i32, tri_map_##OP##_u8, BOOL}
#define TRI_NUMBERS(OP) TRI_ALL(OP, NULL)
#define TRI_ALL(OP, BOOL)                                                                                      \
  {tri_map_##OP##_f32, tri_map_##OP##_f64, tri_map_##OP##_i64, tri_map_##OP##_i32, tri_map_##OP##_u8, BOOL, \
   TRI_HALF_PAIR(OP)}
#define TRI_ROUNDING(OP)                                                                                      \
  {tri_map_##OP##_f32, tri_map_##OP##_f64, tri_map_same_i64, tri_map_same_i32, tri_map_same_u8, NULL, \
   TRI_HALF_PAIR(OP)}
#define TRI_TEST(OP) TRI_ALL(OP, tri_map_##OP##_u8)

#define TRI_UNARY_TABLE {                                      \
  [TRI_UNARY_NEG] = TRI_NUMBERS(neg),                          \
  [TRI_UNARY_ABS] = TRI_ALL(abs, tri_map_same_u8),             \
  [TRI_UNARY_SIGN] = TRI_ALL(sign, tri_map_same_u8),           \
  [TRI_UNARY_SQUARE] = TRI_NUMBERS(square),                    \
  [TRI_UNARY_RECIPROCAL] = TRI_FLOATS(reciprocal),             \
  [TRI_UNARY_SQRT] = TRI_FLOATS(sqrt),                         \
  [TRI_UNARY_RSQRT] = TRI_FLOATS(rsqrt),                       \
  [TRI_UNARY_EXP] = TRI_FLOATS(exp),                           \
  [TRI_UNARY_EXPM1] = TRI_FLOATS(expm1),                       \
  [TRI_UNARY_LOG] = TRI_FLOATS(log),                           \
  [TRI_UNARY_LOG1P] = TRI_FLOATS(log1p),                       \
  [TRI_UNARY_TANH] = TRI_FLOATS(tanh),                         \
  [TRI_UNARY_SIGMOID] = TRI_FLOATS(sigmoid),                   \
  [TRI_UNARY_ERF] = TRI_FLOATS(erf),                           \
  [TRI_UNARY_ERFC] = TRI_FLOATS(erfc),                         \
  [TRI_UNARY_ERFINV] = TRI_FLOATS(erfinv),                     \
  [TRI_UNARY_LGAMMA] = TRI_FLOATS(lgamma),                     \
  [TRI_UNARY_DIGAMMA] = TRI_FLOATS(digamma),                   \
  [TRI_UNARY_POLYGAMMA] = TRI_FLOATS(polygamma),               \
  [TRI_UNARY_EXP2] = TRI_FLOATS(exp2),                         \
  [TRI_UNARY_LOG2] = TRI_FLOATS(log2),                         \
  [TRI_UNARY_LOG10] = TRI_FLOATS(log10),                       \
  [TRI_UNARY_SIN] = TRI_FLOATS(sin),                           \
  [TRI_UNARY_COS] = TRI_FLOATS(cos),                           \
  [TRI_UNARY_TAN] = TRI_FLOATS(tan),                           \
  [TRI_UNARY_ASIN] = TRI_FLOATS(asin),                         \
  [TRI_UNARY_ACOS] = TRI_FLOATS(acos),                         \
  [TRI_UNARY_ATAN] = TRI_FLOATS(atan),                         \
  [TRI_UNARY_SINH] = TRI_FLOATS(sinh),                         \
  [TRI_UNARY_COSH] = TRI_FLOATS(cosh),                         \
  [TRI_UNARY_ASINH] = TRI_FLOATS(asinh),                       \
  [TRI_UNARY_ACOSH] = TRI_FLOATS(acosh),                       \
  [TRI_UNARY_ATANH] = TRI_FLOATS(atanh),                       \
  [TRI_UNARY_CBRT] = TRI_FLOATS(cbrt),                         \
  [TRI_UNARY_MISH] = TRI_FLOATS(mish),                         \
  [TRI_UNARY_RELU] = TRI_NUMBERS(relu),                        \
  [TRI_UNARY_GELU] = TRI_FLOATS(gelu),                         \
  [TRI_UNARY_GELU_TANH] = TRI_FLOATS(gelu_tanh),               \
  [TRI_UNARY_SILU] = TRI_FLOATS(silu),                         \
  [TRI_UNARY_SOFTPLUS] = TRI_FLOATS(softplus),                 \
  [TRI_UNARY_LEAKY_RELU] = TRI_FLOATS(leaky_relu),             \
  [TRI_UNARY_FLOOR] = TRI_ROUNDING(floor),                     \
  [TRI_UNARY_CEIL] = TRI_ROUNDING(ceil),                       \
  [TRI_UNARY_ROUND] = TRI_ROUNDING(round),                     \
  [TRI_UNARY_TRUNC] = TRI_ROUNDING(trunc),                     \
  [TRI_UNARY_CLAMP] = TRI_NUMBERS(clamp),                      \
  [TRI_UNARY_POW_SCALAR] = TRI_NUMBERS(pow_scalar),            \
  [TRI_UNARY_BITWISE_NOT] = TRI_INTEGERS(bitwise_not, tri_map_bool_not), \
}

#define TRI_PREDICATE_TABLE {                                  \
  [TRI_PREDICATE_LOGICAL_NOT] = TRI_TEST(logical_not),         \
  [TRI_PREDICATE_ISNAN] = TRI_TEST(isnan),                     \
  [TRI_PREDICATE_ISINF] = TRI_TEST(isinf),                     \
  [TRI_PREDICATE_ISFINITE] = TRI_TEST(isfinite),               \
}

#define TRI_BINARY_TABLE {                                     \
  [TRI_BINARY_ADD] = TRI_ALL(add, tri_map_or_u8),              \
  [TRI_BINARY_SUB] = TRI_NUMBERS(sub),                         \
  [TRI_BINARY_MUL] = TRI_ALL(mul, tri_map_and_u8),             \
  [TRI_BINARY_DIV] = TRI_FLOATS(div),                          \
  [TRI_BINARY_DIV_FLOOR] = TRI_NUMBERS(div_floor),             \
  [TRI_BINARY_DIV_TRUNC] = TRI_NUMBERS(div_trunc),             \
  [TRI_BINARY_REMAINDER] = TRI_NUMBERS(remainder),             \
  [TRI_BINARY_FMOD] = TRI_NUMBERS(fmod),                       \
  [TRI_BINARY_MAXIMUM] = TRI_ALL(maximum, tri_map_or_u8),      \
  [TRI_BINARY_MINIMUM] = TRI_ALL(minimum, tri_map_and_u8),     \
  [TRI_BINARY_POW] = TRI_NUMBERS(pow),                         \
  [TRI_BINARY_ATAN2] = TRI_FLOATS(atan2),                      \
  [TRI_BINARY_HYPOT] = TRI_FLOATS(hypot),                      \
  [TRI_BINARY_ADD_SCALED] = TRI_NUMBERS(add_scaled),           \
  [TRI_BINARY_AND] = TRI_INTEGERS(and, tri_map_and_u8),        \
  [TRI_BINARY_OR] = TRI_INTEGERS(or, tri_map_or_u8),           \
  [TRI_BINARY_XOR] = TRI_INTEGERS(xor, tri_map_xor_u8),        \
  [TRI_BINARY_TANH_BACKWARD] = TRI_FLOATS(tanh_backward),      \
  [TRI_BINARY_SIGMOID_BACKWARD] = TRI_FLOATS(sigmoid_backward), \
  [TRI_BINARY_RELU_BACKWARD] = TRI_FLOATS(relu_backward),      \
  [TRI_BINARY_LEAKY_RELU_BACKWARD] = TRI_FLOATS(leaky_relu_backward), \
  [TRI_BINARY_GELU_BACKWARD] = TRI_FLOATS(gelu_backward),      \
  [TRI_BINARY_GELU_TANH_BACKWARD] = TRI_FLOATS(gelu_tanh_backward), \
  [TRI_BINARY_SILU_BACKWARD] = TRI_FLOATS(silu_backward),      \
  [TRI_BINARY_ERF_BACKWARD] = TRI_FLOATS(erf_backward),        \
  [TRI_BINARY_SOFTPLUS_BACKWARD] = TRI_FLOATS(softplus_backward), \
  [TRI_BINARY_SQRT_BACKWARD] = TRI_FLOATS(sqrt_backward),      \
  [TRI_BINARY_ABS_BACKWARD] = TRI_FLOATS(abs_backward),        \
  [TRI_BINARY_CLAMP_BACKWARD] = TRI_FLOATS(clamp_backward),    \
  [TRI_BINARY_BCE_WITH_LOGITS] = TRI_FLOATS(bce_with_logits),  \
  [TRI_BINARY_MSE] = TRI_FLOATS(mse),                          \
}

#define TRI_COMPARE_TABLE {                                    \
  [TRI_COMPARE_EQ] = TRI_TEST(eq),                             \
  [TRI_COMPARE_NE] = TRI_TEST(ne),                             \
  [TRI_COMPARE_LT] = TRI_TEST(lt),                             \
  [TRI_COMPARE_LE] = TRI_TEST(le),                             \
  [TRI_COMPARE_GT] = TRI_TEST(gt),                             \
  [TRI_COMPARE_GE] = TRI_TEST(ge),                             \
}

/* where moves bits, so the width alone chooses. */
#define TRI_TERNARY_TABLE {                                    \
  [TRI_TERNARY_WHERE] = {tri_map_where_i32, tri_map_where_i64, tri_map_where_i64, tri_map_where_i32, \
                         tri_map_where_u8, tri_map_where_u8, tri_map_where_i16, tri_map_where_i16},  \
  [TRI_TERNARY_ADDCMUL] = TRI_FLOATS(addcmul),                 \
  [TRI_TERNARY_ADDCDIV] = TRI_FLOATS(addcdiv),                 \
  [TRI_TERNARY_LERP] = TRI_FLOATS(lerp),                       \
  [TRI_TERNARY_BCE_WITH_LOGITS_BACKWARD] = TRI_FLOATS(bce_with_logits_backward), \
  [TRI_TERNARY_MSE_BACKWARD] = TRI_FLOATS(mse_backward),       \
}

#define TRI_FLOAT_STEPS(STEP) \
  {[TRI_F32] = tri_##STEP##_f32,                               \
   [TRI_F64] = tri_##STEP##_f64,                               \
   [TRI_F16] = tri_##STEP##_f16,                               \
   [TRI_BF16] = tri_##STEP##_bf16}

#define TRI_CAST_TABLE {                                       \
  [TRI_F32] = TRI_CAST_ROW(f32),                               \
  [TRI_F64] = TRI_CAST_ROW(f64),                               \
  [TRI_I64] = TRI_CAST_ROW(i64),                               \
  [TRI_I32] = TRI_CAST_ROW(i32),                               \
  [TRI_U8] = TRI_CAST_ROW(u8),                                 \
  [TRI_BOOL] = TRI_CAST_ROW(u8),                               \
  [TRI_F16] = TRI_CAST_ROW(f16),                               \
  [TRI_BF16] = TRI_CAST_ROW(bf16),                             \
}

#define TRI_ELEMENTWISE_TABLE {                                \
  .unary = TRI_UNARY_TABLE,                                    \
  .predicate = TRI_PREDICATE_TABLE,                            \
  .binary = TRI_BINARY_TABLE,                                  \
  .compare = TRI_COMPARE_TABLE,                                \
  .ternary = TRI_TERNARY_TABLE,                                \
  .cast = TRI_CAST_TABLE,                                      \
  .sgd = TRI_FLOAT_STEPS(sgd),                                 \
  .adam = TRI_FLOAT_STEPS(adam),                               \
}
