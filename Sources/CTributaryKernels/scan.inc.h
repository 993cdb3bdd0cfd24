/* Running sums and their kin: included once by each path, after the reductions. The orders stand in tri_scan.h. */

#define SCAN_SIDE 4      /* chains that run side by side, so that one does not wait for its own last addition */
#define SCAN_STRIPE 512  /* columns that are carried along together */

TRI_INLINE tri_f32x16 tri_scan_log1p_f32(tri_f32x16 v) { return tri_log1p_f32(v); }
TRI_INLINE tri_f64x16 tri_scan_log1p_f64(tri_f64x16 v) {
  v.lo = tri_log1p_f64(v.lo);
  v.hi = tri_log1p_f64(v.hi);
  return v;
}

/* The dtypes: what is read, what is summed, and whether it is floating point. */
#define SCAN_IN_f32 float
#define SCAN_IN_f64 double
#define SCAN_IN_i64 int64_t
#define SCAN_IN_i32 int32_t
#define SCAN_IN_u8 uint8_t
#define SCAN_ACC_f32 float
#define SCAN_ACC_f64 double
#define SCAN_ACC_i64 uint64_t
#define SCAN_ACC_i32 uint64_t
#define SCAN_ACC_u8 uint64_t

#define SCAN_NEXT_sum(a, v, f) ((void)(f), (a) + (v))
#define SCAN_NEXT_prod(a, v, f) ((void)(f), (a) * (v))
#define SCAN_NEXT_recurrence(a, v, f) ((f) == 0 ? (v) : (v) + (f) * (a))

#define SCAN_TYPE f32
#define SCAN_LANES tri_f32x16
#define SCAN_MASK tri_i32x16
#include "scan_type.inc.h"
#include "scan_logsumexp.inc.h"
#undef SCAN_TYPE
#undef SCAN_LANES
#undef SCAN_MASK

#define SCAN_TYPE f64
#define SCAN_LANES tri_f64x16
#define SCAN_MASK tri_i64x16
#include "scan_type.inc.h"
#include "scan_logsumexp.inc.h"
#undef SCAN_TYPE
#undef SCAN_LANES
#undef SCAN_MASK

#define SCAN_TYPE i64
#include "scan_type.inc.h"
#undef SCAN_TYPE
#define SCAN_TYPE i32
#include "scan_type.inc.h"
#undef SCAN_TYPE
#define SCAN_TYPE u8
#include "scan_type.inc.h"
#undef SCAN_TYPE

#define SCAN_ROW_OF(name) \
  { tri_scan_##name##_f32, tri_scan_##name##_f64, tri_scan_##name##_i64, tri_scan_##name##_i32, tri_scan_##name##_u8, \
    tri_scan_##name##_u8 }
#define TRI_SCAN_TABLE \
  { .scan = {[TRI_SCAN_SUM] = SCAN_ROW_OF(sum), [TRI_SCAN_PROD] = SCAN_ROW_OF(prod), \
             [TRI_SCAN_RECURRENCE] = {tri_scan_recurrence_f32, tri_scan_recurrence_f64}, \
             [TRI_SCAN_LOGSUMEXP] = {tri_scan_logsumexp_f32, tri_scan_logsumexp_f64}, \
             [TRI_SCAN_MAX] = SCAN_ROW_OF(max), [TRI_SCAN_MIN] = SCAN_ROW_OF(min)}, \
    .sums = SCAN_ROW_OF(block_sums), .from_sums = SCAN_ROW_OF(from_sums) }
