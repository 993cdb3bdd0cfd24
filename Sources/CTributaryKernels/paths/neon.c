#include "CTributaryKernels.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#define TRI_PATH TRI_NEON
#define TRI_TABLE_NAME tri_table_neon
#include "table.inc.h"
#endif
