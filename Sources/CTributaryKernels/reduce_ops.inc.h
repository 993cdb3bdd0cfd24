/* The words in which reduce_rows.inc.h, reduce_columns.inc.h and argreduce.inc.h are written. They
   expand by RED_OP (sum, prod, max, min, all, any) and RED_TYPE (f32, f64, i64, i32, u8; a bool is read
   as u8) as they stand where a template is included. */

/* Sixteen lanes of every dtype. */
typedef tri_f32x16 tri_red_f32;
typedef tri_f64x16 tri_red_f64;
typedef tri_i64x16 tri_red_i64;
typedef uint64_t tri_red_u64 __attribute__((ext_vector_type(16)));
typedef tri_i32x16 tri_red_i32;
typedef tri_i8x16 tri_red_i8;
typedef tri_u8x16 tri_red_u8;

#define RED_IOTA {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

#define RED_PASTE2(a, b) a##b
#define RED_PASTE(a, b) RED_PASTE2(a, b)
/* For words that RED_PASTE itself makes: a macro is not expanded inside its own expansion. */
#define RED_PASTE_INSIDE(a, b) RED_PASTE2_INSIDE(a, b)
#define RED_PASTE2_INSIDE(a, b) a##b
#define RED_FN(name) \
  RED_PASTE(RED_PASTE(tri_red_, RED_PASTE(name, _)), RED_PASTE(RED_OP, RED_PASTE(_, RED_TYPE)))

#define RED_SCALAR_f32 float
#define RED_SCALAR_f64 double
#define RED_SCALAR_i64 int64_t
#define RED_SCALAR_u64 uint64_t
#define RED_SCALAR_i32 int32_t
#define RED_SCALAR_u8 uint8_t

/* The element that is read, and 16 of them. */
#define RED_IN RED_PASTE(RED_SCALAR_, RED_TYPE)
#define RED_INV RED_PASTE(tri_red_, RED_TYPE)

/* The element that is accumulated, 16 of them, and their comparison's type. Sums and products of
   integers are taken in uint64_t, which wraps around where int64_t would be undefined. */
#define RED_WIDE_f32 f32
#define RED_WIDE_f64 f64
#define RED_WIDE_i64 u64
#define RED_WIDE_i32 u64
#define RED_WIDE_u8 u64
#define RED_RESULT_sum RED_PASTE_INSIDE(RED_WIDE_, RED_TYPE)
#define RED_RESULT_prod RED_PASTE_INSIDE(RED_WIDE_, RED_TYPE)
#define RED_RESULT_max RED_TYPE
#define RED_RESULT_min RED_TYPE
#define RED_RESULT_all u8
#define RED_RESULT_any u8
#define RED_RESULT RED_PASTE(RED_RESULT_, RED_OP)
#define RED_ACC RED_PASTE(RED_SCALAR_, RED_RESULT)
#define RED_ACCV RED_PASTE(tri_red_, RED_RESULT)
#define RED_MASK_f32 tri_red_i32
#define RED_MASK_f64 tri_red_i64
#define RED_MASK_i64 tri_red_i64
#define RED_MASK_u64 tri_red_i64
#define RED_MASK_i32 tri_red_i32
#define RED_MASK_u8 tri_red_i8
#define RED_ACCM RED_PASTE(RED_MASK_, RED_RESULT)

#define RED_VALUE(v) __builtin_convertvector(v, RED_ACCV)
#define RED_TRUTH(v) (__builtin_convertvector((v) != 0, tri_red_u8) & 1)
#define RED_CONVERT_sum RED_VALUE
#define RED_CONVERT_prod RED_VALUE
#define RED_CONVERT_max RED_VALUE
#define RED_CONVERT_min RED_VALUE
#define RED_CONVERT_all RED_TRUTH
#define RED_CONVERT_any RED_TRUTH
#define RED_CONVERT(v) RED_PASTE(RED_CONVERT_, RED_OP)(v)

/* The first elements of fewer than 16, the others 0; and their store. */
#define RED_PART_f32 tri_load_part_f32
#define RED_PART_f64 tri_load_part_f64x16
#define RED_PART_i64 tri_load_part_i64x16
#define RED_PART_i32 tri_load_part_i32
#define RED_PART_u8 tri_load_part_u8x16
#define RED_PUT_f32 tri_store_part_f32
#define RED_PUT_f64 tri_store_part_f64x16
#define RED_PART RED_PASTE(RED_PART_, RED_TYPE)

/* a is the earlier. */
#define RED_KIND_f32 float
#define RED_KIND_f64 float
#define RED_KIND_i64 int
#define RED_KIND_u64 int
#define RED_KIND_i32 int
#define RED_KIND_u8 int
#define RED_JOIN_sum_float(a, b) ((a) + (b))
#define RED_JOIN_sum_int(a, b) ((a) + (b))
#define RED_JOIN_prod_float(a, b) ((a) * (b))
#define RED_JOIN_prod_int(a, b) ((a) * (b))
#define RED_JOIN_max_float(a, b) ((((b) > (a)) | ((b) != (b))) ? (b) : (a))
#define RED_JOIN_max_int(a, b) (((b) > (a)) ? (b) : (a))
#define RED_JOIN_min_float(a, b) ((((b) < (a)) | ((b) != (b))) ? (b) : (a))
#define RED_JOIN_min_int(a, b) (((b) < (a)) ? (b) : (a))
#define RED_JOIN_all_int(a, b) ((a) & (b))
#define RED_JOIN_any_int(a, b) ((a) | (b))
#define RED_JOIN(a, b) \
  RED_PASTE(RED_PASTE(RED_JOIN_, RED_OP), RED_PASTE(_, RED_PASTE(RED_KIND_, RED_RESULT)))(a, b)

#define RED_IDENTITY_sum_f32 (-0.0f)
#define RED_IDENTITY_sum_f64 (-0.0)
#define RED_IDENTITY_sum_u64 UINT64_C(0)
#define RED_IDENTITY_prod_f32 1.0f
#define RED_IDENTITY_prod_f64 1.0
#define RED_IDENTITY_prod_u64 UINT64_C(1)
#define RED_IDENTITY_max_f32 (-__builtin_inff())
#define RED_IDENTITY_max_f64 (-__builtin_inf())
#define RED_IDENTITY_max_i64 INT64_MIN
#define RED_IDENTITY_max_i32 INT32_MIN
#define RED_IDENTITY_max_u8 (uint8_t)0
#define RED_IDENTITY_min_f32 __builtin_inff()
#define RED_IDENTITY_min_f64 __builtin_inf()
#define RED_IDENTITY_min_i64 INT64_MAX
#define RED_IDENTITY_min_i32 INT32_MAX
#define RED_IDENTITY_min_u8 (uint8_t)UINT8_MAX
#define RED_IDENTITY_all_u8 (uint8_t)1
#define RED_IDENTITY_any_u8 (uint8_t)0
#define RED_IDENTITY RED_PASTE(RED_PASTE(RED_IDENTITY_, RED_OP), RED_PASTE(_, RED_RESULT))

/* Of no elements: the identity, but +0 for a sum. */
#define RED_EMPTY ((RED_ACC)(RED_IDENTITY + 0))

/* Subtrees that wait at once: enough for 2^48 elements. */
#define RED_TREE_LEVELS 40

#define RED_STREAMS (sizeof(RED_ACCV) <= 64 ? TRI_ROW_STREAMS : TRI_ROW_STREAMS / 2)
