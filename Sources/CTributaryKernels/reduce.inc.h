/* Reductions: included once by each path. The orders of summation are written in tri_reduce.h. */

#pragma clang diagnostic push
/* "b != b" asks for NaN where a template stands for floating point, and is false for integers. */
#pragma clang diagnostic ignored "-Wtautological-compare"

#include "math.inc.h"
#include "reduce_ops.inc.h"

#define RED_OP sum
#include "reduce_each.inc.h"
#define RED_OP prod
#include "reduce_each.inc.h"
#define RED_OP max
#include "reduce_each.inc.h"
#define RED_OP min
#include "reduce_each.inc.h"
#define RED_OP all
#include "reduce_each.inc.h"
#define RED_OP any
#include "reduce_each.inc.h"

#define RED_OP max
#include "argreduce_each.inc.h"
#define RED_OP min
#include "argreduce_each.inc.h"

#include "reduce_more.inc.h"

#define RED_TYPE f32
#include "softmax.inc.h"
#include "batch_norm_type.inc.h"
#include "norm.inc.h"
#include "crossentropy.inc.h"
#undef RED_TYPE
#define RED_TYPE f64
#include "softmax.inc.h"
#include "batch_norm_type.inc.h"
#include "norm.inc.h"
#include "crossentropy.inc.h"
#undef RED_TYPE

#pragma clang diagnostic pop

#define RED_ROW_OF(name, op) \
  { tri_red_##name##_##op##_f32, tri_red_##name##_##op##_f64, tri_red_##name##_##op##_i64, \
    tri_red_##name##_##op##_i32, tri_red_##name##_##op##_u8, tri_red_##name##_##op##_u8 }
#define RED_ENTRIES(name, mean) \
  { [TRI_REDUCE_SUM] = RED_ROW_OF(name, sum), \
    [TRI_REDUCE_MEAN] = {tri_red_##name##_##mean##_f32, tri_red_##name##_##mean##_f64}, \
    [TRI_REDUCE_PROD] = RED_ROW_OF(name, prod), [TRI_REDUCE_MAX] = RED_ROW_OF(name, max), \
    [TRI_REDUCE_MIN] = RED_ROW_OF(name, min), [TRI_REDUCE_ALL] = RED_ROW_OF(name, all), \
    [TRI_REDUCE_ANY] = RED_ROW_OF(name, any) }
#define RED_PAIR(name) {tri_red_##name##_f32, tri_red_##name##_f64}

/* The partials of a mean are those of the sum; so is the first step. */
#define TRI_REDUCE_TABLE \
  { .rows = RED_ENTRIES(rows, mean), .row_blocks = RED_ENTRIES(row_blocks, sum), \
    .row_combine = RED_ENTRIES(row_combine, mean), .columns = RED_ENTRIES(columns, mean), \
    .column_blocks = RED_ENTRIES(column_blocks, sum), \
    .column_combine = RED_ENTRIES(column_combine, mean), \
    .arg_max = RED_ROW_OF(arg_rows, max), .arg_min = RED_ROW_OF(arg_rows, min), \
    .softmax = RED_PAIR(softmax), .log_softmax = RED_PAIR(log_softmax), .logsumexp = RED_PAIR(logsumexp), \
    .softmax_backward = RED_PAIR(softmax_backward), \
    .log_softmax_backward = RED_PAIR(log_softmax_backward), .cross_entropy = RED_PAIR(cross_entropy), \
    .cross_entropy_backward = RED_PAIR(cross_entropy_backward) }
