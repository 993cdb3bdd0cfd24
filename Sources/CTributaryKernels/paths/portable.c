#include "CTributaryKernels.h"

#define TRI_PATH TRI_PORTABLE
#define TRI_TABLE_NAME tri_table_portable
#include "table.inc.h"
