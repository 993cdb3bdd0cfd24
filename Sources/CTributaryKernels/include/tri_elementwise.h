#ifndef TRI_ELEMENTWISE_H
#define TRI_ELEMENTWISE_H

#include "tri_types.h"

typedef struct tri_elementwise_table {
  void *_Nullable reserved;
} tri_elementwise_table;

#endif
