#ifndef TRI_ELEMENTWISE_H
#define TRI_ELEMENTWISE_H

#include <stdbool.h>

#include "tri_types.h"

/* Maps over elements: out[i] = f(a[i], b[i], c[i]).

   Conventions of every function in this header:
   - Floating-point arithmetic rounds after each operation that a comment writes; a fused operation
     is written fma. Results are the same bit for bit on every path.
   - Where an operation takes numbers beside its tensors, they come in `param`, in double, and are
     rounded to the dtype of the operation before use. `param` may be NULL where none is named.
   - Halves (float16, bfloat16) are widened to float32, which takes part in the operation as written for float32, and
     its result is rounded once, to nearest, half to even; a NaN becomes 0x7e00, or 0x7fc0 in bfloat16.
   - NaN propagates through arithmetic, maximum, minimum, relu and clamp, as it does in PyTorch.
   - Integers wrap around. */

/* Computes elements 0 ..< n of contiguous arrays. Bit k of `broadcast` set: input k (a = 0, b = 1,
   c = 2) is one element, taken for every i. `out` may equal an input exactly, where their elements
   have one size, but may not overlap one otherwise. n may be 0. */
typedef void (*tri_map_fn)(void *_Nonnull out, const void *_Nullable a, const void *_Nullable b,
                           const void *_Nullable c, int64_t n, uint32_t broadcast,
                           const double *_Nullable param);

/* Bytes from one element to the next: 0 for an input that is one element. */
typedef struct tri_map_steps {
  int64_t out, a, b, c;
} tri_map_steps;

/* The same through a block in the first-level cache, from which the result is stored past the caches: where `tri_streams`
   says that this pays for a result of so many bytes there. The bits are the map's; `out` is none of the inputs. */
void tri_map_streaming(tri_map_fn _Nonnull map, void *_Nonnull out, const void *_Nullable a, const void *_Nullable b,
                       const void *_Nullable c, int64_t n, const tri_map_steps *_Nonnull steps, uint32_t broadcast,
                       const double *_Nullable param);
_Bool tri_streams(const void *_Nonnull out, int64_t bytes);

/* The same without a block: the maps that can store each result past the caches do so, where `out` lies on a cache line's
   border. Those are the functions of one float and the arithmetic of two; other maps store as ever. */
void tri_map_streaming_each(tri_map_fn _Nonnull map, void *_Nonnull out, const void *_Nullable a,
                            const void *_Nullable b, int64_t n, uint32_t broadcast, const double *_Nullable param);

/* memcpy in the same way. */
void tri_stream_copy(void *_Nonnull out, const void *_Nonnull from, int64_t bytes);

#define TRI_BROADCAST_A 1u
#define TRI_BROADCAST_B 2u
#define TRI_BROADCAST_C 4u

/* Beside them, for the maps of halves alone: the input is one float32, taken for every i, so that a number beside a
   tensor is not rounded before it is used. Other maps pass these bits over. */
#define TRI_WIDE_A (TRI_BROADCAST_A << 8)
#define TRI_WIDE_B (TRI_BROADCAST_B << 8)
#define TRI_WIDE_C (TRI_BROADCAST_C << 8)
/* The result, on a cache line's border, is stored past the caches by the maps that have a loop for it (TRI_MAP_FUNCTION and
   TRI_MAP_ARITHMETIC); others pass the bit over. For tri_map_streaming_each, which orders such stores. */
#define TRI_STREAMED (1u << 16)

/* The highest derivative of digamma: beyond, a factorial nears overflow. */
/* Beyond 100, which users may ask for, so that what they may ask for has derivatives; at 120 the greatest coefficient is
   about 1e272. */
#define TRI_POLYGAMMA_MOST 120

/* out[i] = f(a[i]), in one dtype. Floating point: all but bitwise_not. "integers" below: also for
   int64, int32 and uint8. */
typedef enum tri_unary_op {
  TRI_UNARY_NEG = 0,    /* -a; integers */
  TRI_UNARY_ABS,        /* |a|; integers (the least integer stays as it is) and bool */
  TRI_UNARY_SIGN,       /* -1, 0 or 1; NaN and both zeros give 0; integers and bool */
  TRI_UNARY_SQUARE,     /* a * a; integers */
  TRI_UNARY_RECIPROCAL, /* 1 / a */
  TRI_UNARY_SQRT,
  TRI_UNARY_RSQRT,
  TRI_UNARY_EXP,
  TRI_UNARY_EXPM1,
  TRI_UNARY_LOG,
  TRI_UNARY_LOG1P,
  TRI_UNARY_TANH,
  TRI_UNARY_SIGMOID,
  TRI_UNARY_ERF,
  TRI_UNARY_ERFC,       /* 1 - erf(a), its tail without cancellation */
  TRI_UNARY_ERFINV,     /* the x with erf(x) = a; infinite at -1 and 1, NaN beyond */
  TRI_UNARY_LGAMMA,     /* log |gamma(a)|; infinite at 0, -1, -2, … */
  TRI_UNARY_DIGAMMA,    /* the derivative of lgamma; at 0 infinite with the opposite sign, at -1, -2, … NaN */
  TRI_UNARY_POLYGAMMA,  /* param: n, 1 to TRI_POLYGAMMA_MOST. The n-th derivative of digamma; infinite at the poles */
  TRI_UNARY_EXP2,
  TRI_UNARY_LOG2,
  TRI_UNARY_LOG10,
  TRI_UNARY_SIN,
  TRI_UNARY_COS,
  TRI_UNARY_TAN,
  TRI_UNARY_ASIN,       /* NaN for |a| > 1, as acos and atanh */
  TRI_UNARY_ACOS,
  TRI_UNARY_ATAN,
  TRI_UNARY_SINH,
  TRI_UNARY_COSH,
  TRI_UNARY_ASINH,
  TRI_UNARY_ACOSH,      /* NaN for a < 1 */
  TRI_UNARY_ATANH,
  TRI_UNARY_CBRT,
  TRI_UNARY_MISH,       /* a * tanh(log(1 + exp(a))); -inf gives NaN, as in PyTorch */
  TRI_UNARY_RELU,       /* a > 0 ? a : 0, so -0 gives +0 (in PyTorch -0); NaN stays; integers */
  TRI_UNARY_GELU,       /* a * cdf(a) of the normal distribution, its negative tail without cancellation; -inf gives -0 */
  TRI_UNARY_GELU_TANH,  /* (0.5 * a) * (1 + tanh(sqrt(2/pi) * (a + 0.044715 * (a * a * a)))) */
  TRI_UNARY_SILU,       /* a * sigmoid(a) */
  TRI_UNARY_SOFTPLUS,   /* param: beta, threshold. a * beta > threshold ? a : log1p(exp(a * beta)) / beta */
  TRI_UNARY_LEAKY_RELU, /* param: slope. a > 0 ? a : a * slope */
  TRI_UNARY_FLOOR,      /* integers: the identity, as the next three */
  TRI_UNARY_CEIL,
  TRI_UNARY_ROUND,      /* half to even */
  TRI_UNARY_TRUNC,
  TRI_UNARY_CLAMP,      /* param: min, max (infinite for none). min(max(a, min), max); NaN stays, and a bound
                           that is NaN gives NaN; integers (the bounds saturate; give integers past 2^53 by
                           maximum and minimum) */
  TRI_UNARY_POW_SCALAR, /* param: exponent. Exponents 0, 1, 2, 3, 0.5, -0.5, -1, -2 take products, sqrt and
                           division; integers: a whole exponent, see TRI_BINARY_POW */
  TRI_UNARY_BITWISE_NOT, /* integers; bool: not */
  TRI_UNARY_COUNT
} tri_unary_op;

/* out[i] (a bool, 0 or 1) = f(a[i]); all dtypes. */
typedef enum tri_predicate_op {
  TRI_PREDICATE_LOGICAL_NOT = 0, /* a == 0; NaN counts as true, so gives 0 */
  TRI_PREDICATE_ISNAN,           /* integers and bool: 0 */
  TRI_PREDICATE_ISINF,           /* integers and bool: 0 */
  TRI_PREDICATE_ISFINITE,        /* integers and bool: 1 */
  TRI_PREDICATE_COUNT
} tri_predicate_op;

/* out[i] = f(a[i], b[i]), in one dtype. The fused ones, from tanh_backward on, in floating point alone;
   g is the gradient of the result, x the forward input, y the forward result. */
typedef enum tri_binary_op {
  TRI_BINARY_ADD = 0, /* all dtypes; bool: or */
  TRI_BINARY_SUB,     /* all but bool */
  TRI_BINARY_MUL,     /* all dtypes; bool: and */
  TRI_BINARY_DIV,     /* a / b; floating point */
  TRI_BINARY_DIV_FLOOR, /* all but bool. Floating point: from the exact remainder, as Python and PyTorch do.
                           Integers: towards minus infinity; by 0 gives 0 (callers check before), and the
                           least integer by -1 wraps to itself */
  TRI_BINARY_DIV_TRUNC, /* all but bool: trunc(a / b); integers as above, towards zero */
  TRI_BINARY_REMAINDER, /* all but bool: a - b * floor(a / b), with the sign of b, from the exact fmod; integers: by 0 gives 0 */
  TRI_BINARY_FMOD,      /* all but bool: a - b * trunc(a / b), with the sign of a; exact; integers: by 0 gives 0 */
  TRI_BINARY_MAXIMUM,   /* all dtypes; if either is NaN, NaN; maximum(-0, +0) is the second; bool: or */
  TRI_BINARY_MINIMUM,   /* all dtypes; as above; bool: and */
  TRI_BINARY_POW,       /* all but bool. Integers wrap; a negative exponent gives 1 for 1, 1 or -1 for -1, else 0 */
  TRI_BINARY_ATAN2,     /* the angle of (b, a) from the first axis, -pi to pi; floating point */
  TRI_BINARY_HYPOT,     /* sqrt(a * a + b * b) without overflow; infinite beside a NaN; floating point */
  TRI_BINARY_ADD_SCALED, /* param: alpha. a + alpha * b, rounded twice, so that it equals the product followed
                            by the sum; integers: alpha is truncated (give one past 2^53 by mul and add) */
  TRI_BINARY_AND,        /* integers: of bits; bool */
  TRI_BINARY_OR,
  TRI_BINARY_XOR,

  TRI_BINARY_TANH_BACKWARD,       /* (g, y): g * (1 - y * y) */
  TRI_BINARY_SIGMOID_BACKWARD,    /* (g, y): g * ((1 - y) * y) */
  TRI_BINARY_RELU_BACKWARD,       /* (g, x): x <= 0 ? 0 : g; so a NaN x passes g on. x may be the forward result */
  TRI_BINARY_LEAKY_RELU_BACKWARD, /* (g, x), param: slope. x > 0 ? g : g * slope */
  TRI_BINARY_GELU_BACKWARD,       /* (g, x): g * (cdf(x) + x * pdf(x)) of the normal distribution */
  TRI_BINARY_GELU_TANH_BACKWARD,  /* (g, x) */
  TRI_BINARY_SILU_BACKWARD,       /* (g, x): g * s * (1 + x * (1 - s)), s = sigmoid(x) */
  TRI_BINARY_ERF_BACKWARD,        /* (g, x): g * 2/sqrt(pi) * exp(-x * x) */
  TRI_BINARY_SOFTPLUS_BACKWARD,   /* (g, x), param: beta, threshold. x * beta > threshold ? g : g * sigmoid(x * beta) */
  TRI_BINARY_SQRT_BACKWARD,       /* (g, y): g / (2 * y) */
  TRI_BINARY_ABS_BACKWARD,        /* (g, x): g * sign(x) */
  TRI_BINARY_CLAMP_BACKWARD,      /* (g, x), param: min, max. min <= x <= max ? g : 0 */
  TRI_BINARY_BCE_WITH_LOGITS,     /* (z, y): max(z, 0) - z * y + log1p(exp(-|z|)) */
  TRI_BINARY_MSE,                 /* (a - b) * (a - b) */
  TRI_BINARY_COUNT
} tri_binary_op;

/* out[i] (a bool) = a[i] ? b[i]; all dtypes. With a NaN all but ne give 0. */
typedef enum tri_compare_op {
  TRI_COMPARE_EQ = 0,
  TRI_COMPARE_NE,
  TRI_COMPARE_LT,
  TRI_COMPARE_LE,
  TRI_COMPARE_GT,
  TRI_COMPARE_GE,
  TRI_COMPARE_COUNT
} tri_compare_op;

/* out[i] = f(a[i], b[i], c[i]). */
typedef enum tri_ternary_op {
  TRI_TERNARY_WHERE = 0, /* all dtypes: a (bool) ? b : c. `out` may equal b or c exactly; for bool also a */
  TRI_TERNARY_ADDCMUL,   /* param: value. a + (value * b) * c; floating point, as all that follow */
  TRI_TERNARY_ADDCDIV,   /* param: value. a + (value * b) / c */
  TRI_TERNARY_LERP,      /* c is the weight. |c| < 0.5 ? a + c * (b - a) : b - (b - a) * (1 - c) */
  TRI_TERNARY_BCE_WITH_LOGITS_BACKWARD, /* (g, z, y), param: count. g / count * (sigmoid(z) - y) */
  TRI_TERNARY_MSE_BACKWARD,             /* (g, a, b), param: factor. (factor * (a - b)) * g */
  TRI_TERNARY_COUNT
} tri_ternary_op;

/* One fused pass of stochastic gradient descent over n elements of a floating dtype, by PyTorch's formulas,
   each operation rounded: g = maximize ? -grad : grad; g = g + weight_decay * p (where weight_decay != 0);
   with momentum != 0, v = first_step ? g : momentum * v + (1 - dampening) * g and
   g = nesterov ? g + momentum * v : v; p = p - lr * g. */
typedef struct tri_sgd_options {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize;
  bool first_step; /* the momentum buffer holds nothing yet */
} tri_sgd_options;

/* momentum_buffer may be NULL where momentum is 0. Of halves it is float32, as all that the arithmetic is in, so that
   what small gradients add to it is not rounded away. Arrays do not overlap. */
typedef void (*tri_sgd_fn)(void *_Nonnull param, const void *_Nonnull grad, void *_Nullable momentum_buffer,
                           int64_t n, const tri_sgd_options *_Nonnull options);

/* One fused pass of Adam (Kingma and Ba 2015), or AdamW (Loshchilov and Hutter 2019) where `decoupled`:
   g = maximize ? -grad : grad; weight decay into g, or p = p * (1 - lr * weight_decay) where decoupled;
   m = lerp(m, g, 1 - beta1); v = beta2 * v + ((1 - beta2) * g) * g; with max_exp_avg_sq (AMSGrad) v' = the
   running maximum, else v' = v; p = p + (-(lr / bias_correction1) * m) / (sqrt(v') / sqrt(bias_correction2) + eps). */
typedef struct tri_adam_options {
  double lr, beta1, beta2, eps, weight_decay;
  double bias_correction1, bias_correction2; /* 1 - beta1^t and 1 - beta2^t, for step t = 1, 2, … */
  bool decoupled, maximize;
} tri_adam_options;

/* max_exp_avg_sq is NULL for plain Adam. Of halves the averages are float32, as above. Arrays do not overlap. */
typedef void (*tri_adam_fn)(void *_Nonnull param, const void *_Nonnull grad, void *_Nonnull exp_avg,
                            void *_Nonnull exp_avg_sq, void *_Nullable max_exp_avg_sq, int64_t n,
                            const tri_adam_options *_Nonnull options);

/* Indexed by operation and dtype; NULL where the operation has no meaning for the dtype. Swift reads it by
   the functions of tri_elementwise_lookup.h. */
typedef struct tri_elementwise_table {
  tri_map_fn _Nullable unary[TRI_UNARY_COUNT][TRI_DTYPE_COUNT];
  tri_map_fn _Nullable predicate[TRI_PREDICATE_COUNT][TRI_DTYPE_COUNT];
  tri_map_fn _Nullable binary[TRI_BINARY_COUNT][TRI_DTYPE_COUNT];
  tri_map_fn _Nullable compare[TRI_COMPARE_COUNT][TRI_DTYPE_COUNT];
  tri_map_fn _Nullable ternary[TRI_TERNARY_COUNT][TRI_DTYPE_COUNT];
  tri_map_fn _Nullable cast[TRI_DTYPE_COUNT][TRI_DTYPE_COUNT]; /* [from][to] */
  tri_sgd_fn _Nullable sgd[TRI_DTYPE_COUNT];
  tri_adam_fn _Nullable adam[TRI_DTYPE_COUNT];
} tri_elementwise_table;

static inline _Bool tri_dtype_is_half(tri_dtype dtype) { return dtype == TRI_F16 || dtype == TRI_BF16; }

/* 1, 2, 4 or 8. */
static inline int32_t tri_dtype_size(tri_dtype dtype) {
  if (tri_dtype_is_half(dtype)) return 2;
  return dtype == TRI_F32 || dtype == TRI_I32 ? 4 : dtype == TRI_U8 || dtype == TRI_BOOL ? 1 : 8;
}

#endif
