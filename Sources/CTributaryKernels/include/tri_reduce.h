#ifndef TRI_REDUCE_H
#define TRI_REDUCE_H

#include "tri_types.h"

typedef struct tri_reduce_table {
  void *_Nullable reserved;
} tri_reduce_table;

#endif
