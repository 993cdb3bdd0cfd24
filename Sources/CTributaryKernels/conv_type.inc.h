/* One element type's half of the convolutions. No include guard: included once for each type. */
#include "conv_source.inc.h"
#include "conv_direct.inc.h"
#include "conv_run.inc.h"
#include "conv_weight.inc.h"
#include "conv_grouped.inc.h"
