#ifndef TRI_RANDOM_H
#define TRI_RANDOM_H

#include "tri_types.h"

typedef struct tri_random_table {
  void *_Nullable reserved;
} tri_random_table;

#endif
