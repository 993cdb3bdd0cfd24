/* Elementary functions on 64-byte vectors: one body for every path, hence one set of bits.

   Rules of the family:
   - No libm, no reciprocal estimate, no contraction: each fused multiply-add is written out. On a target without
     one the compiler calls fma(), which is exact, so the bits stand.
   - A condition is a vector mask (all bits or none) and a choice is a selection by that mask; lanes never reach
     each other, so that a value has the same bits in any lane and in any tail.
   - A NaN that comes in goes out quieted with its payload (but that of pow, atan2 and hypot is
     always the one made here); a NaN made here is the positive quiet one. (x86 makes
     negative ones, Arm positive: the instruction's own NaN must not reach memory.)
   - Results are rounded once at the end wherever the text speaks of a high and a low part; gradual underflow is by
     two multiplications with powers of two, of which only the last can round.

   Error bounds stand at each function, measured by Tests/MathAccuracy: float32 over all 2^32 inputs. */
#ifndef TRI_MATH_INC_H
#define TRI_MATH_INC_H

#include "vector.inc.h"

#include "math_f32.inc.h"
#include "math_gelu_f32.inc.h"
#include "math_f64.inc.h"
#include "math_erf_f64.inc.h"
#include "math_trig_f64.inc.h"
#include "math_pow_f64.inc.h"
#include "math_wide.inc.h"
#include "math_pow_f32.inc.h"
#include "math_arc_f64.inc.h"
#include "math_arc_f32.inc.h"
#include "math_hyperbolic_f64.inc.h"
#include "math_hyperbolic_f32.inc.h"
#include "math_root.inc.h"
#include "math_mish.inc.h"
#include "math_erfinv.inc.h"
#include "math_lgamma.inc.h"
#include "math_digamma.inc.h"
#include "math_gamma_f32.inc.h"
#include "math_polygamma.inc.h"
#undef TRI_WIDEN
#undef TRI_WIDEN_FINITE

#endif
