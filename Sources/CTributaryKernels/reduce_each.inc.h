/* The operation RED_OP for every dtype. */

#define RED_TYPE f32
#include "reduce_rows.inc.h"
#include "reduce_columns.inc.h"
#undef RED_TYPE

#define RED_TYPE f64
#include "reduce_rows.inc.h"
#include "reduce_columns.inc.h"
#undef RED_TYPE

#define RED_TYPE i64
#include "reduce_rows.inc.h"
#include "reduce_columns.inc.h"
#undef RED_TYPE

#define RED_TYPE i32
#include "reduce_rows.inc.h"
#include "reduce_columns.inc.h"
#undef RED_TYPE

#define RED_TYPE u8
#include "reduce_rows.inc.h"
#include "reduce_columns.inc.h"
#undef RED_TYPE

#undef RED_OP
