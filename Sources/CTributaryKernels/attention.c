#include "CTributaryKernels.h"
#include "bits.h"

int64_t tri_attention_queries(void) { return TRI_ATTENTION_QUERIES; }

int64_t tri_attention_keys(void) { return TRI_ATTENTION_KEYS; }
