/* Batch normalisation, after the reductions, which bring its types' halves (batch_norm_type.inc.h). */

#define BN_ENTRY(name, parameters, arguments)                                   \
  static void tri_bn_##name##_entry parameters {                                \
    if (q->dtype == TRI_F32) tri_bn_##name##_f32 arguments;                     \
    else if (q->dtype == TRI_F64) tri_bn_##name##_f64 arguments;                \
  }
BN_ENTRY(forward, (const tri_batch_norm *q, int64_t begin, int64_t end), (q, begin, end))
BN_ENTRY(backward, (const tri_batch_norm *q, int64_t begin, int64_t end), (q, begin, end))
BN_ENTRY(partial, (const tri_batch_norm *q, tri_batch_norm_term term, int64_t begin, int64_t end),
         (q, (int)term, begin, end))
BN_ENTRY(join, (const tri_batch_norm *q, tri_batch_norm_term term), (q, (int)term))
BN_ENTRY(scale, (const tri_batch_norm *q), (q))
BN_ENTRY(parts, (const tri_batch_norm *q, _Bool backward, int64_t begin, int64_t end), (q, backward, begin, end))
#undef BN_ENTRY

#define TRI_BATCH_NORM_TABLE                                                                          \
  {                                                                                                   \
    .forward = tri_bn_forward_entry, .backward = tri_bn_backward_entry, .partial = tri_bn_partial_entry, \
    .join = tri_bn_join_entry, .scale = tri_bn_scale_entry, .parts = tri_bn_parts_entry               \
  }
