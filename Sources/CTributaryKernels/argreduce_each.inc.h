/* The position of RED_OP (max or min) for every dtype. */

#define RED_TYPE f32
#include "argreduce.inc.h"
#undef RED_TYPE

#define RED_TYPE f64
#include "argreduce.inc.h"
#undef RED_TYPE

#define RED_TYPE i64
#include "argreduce.inc.h"
#undef RED_TYPE

#define RED_TYPE i32
#include "argreduce.inc.h"
#undef RED_TYPE

#define RED_TYPE u8
#include "argreduce.inc.h"
#undef RED_TYPE

#undef RED_OP
