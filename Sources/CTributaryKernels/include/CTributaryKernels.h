#ifndef CTRIBUTARY_KERNELS_H
#define CTRIBUTARY_KERNELS_H

/* The table of kernels. Every function works on pointers alone: it allocates nothing, starts no
   thread and keeps no state, and gives the same bits on every path. */

#include "tri_types.h"
#include "tri_elementwise.h"
#include "tri_nd.h"
#include "tri_reduce.h"
#include "tri_scan.h"
#include "tri_index.h"
#include "tri_sort.h"
#include "tri_gemm.h"
#include "tri_conv.h"
#include "tri_batch_norm.h"
#include "tri_pool.h"
#include "tri_random.h"
#include "tri_norm.h"
#include "tri_attention.h"

typedef struct tri_kernels {
  tri_path path;
  tri_elementwise_table elementwise;
  tri_reduce_table reduce;
  tri_scan_table scan;
  tri_sort_table sort;
  tri_gemm_table gemm;
  tri_conv_table conv;
  tri_batch_norm_table batch_norm;
  tri_pool_table pool;
  tri_random_table random;
  tri_norm_table norm;
  tri_attention_table attention;
} tri_kernels;

#include "tri_elementwise_lookup.h"
#include "tri_reduce_calls.h"
#include "tri_scan_calls.h"
#include "tri_norm_calls.h"

/* The table of a path, or NULL where this processor cannot run it. */
const tri_kernels *_Nullable tri_kernels_for(tri_path path);

/* The widest path this processor runs, or the one that TRIBUTARY_KERNEL_PATH names (portable, avx2,
   avx512, neon); decided once. A name that is unknown or cannot run here is passed over. */
const tri_kernels *_Nonnull tri_kernels_default(void);

/* "portable", "avx2", "avx512", "neon". */
const char *_Nonnull tri_path_name(tri_path path);

#endif
