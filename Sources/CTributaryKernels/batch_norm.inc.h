/* Batch normalisation, after the reductions, which bring its types' halves (batch_norm_type.inc.h). */

static void tri_bn_forward_entry(const tri_batch_norm *q, int64_t begin, int64_t end) {
  if (q->dtype == TRI_F32) tri_bn_forward_f32(q, begin, end);
  else if (q->dtype == TRI_F64) tri_bn_forward_f64(q, begin, end);
}

static void tri_bn_backward_entry(const tri_batch_norm *q, int64_t begin, int64_t end) {
  if (q->dtype == TRI_F32) tri_bn_backward_f32(q, begin, end);
  else if (q->dtype == TRI_F64) tri_bn_backward_f64(q, begin, end);
}

#define TRI_BATCH_NORM_TABLE {.forward = tri_bn_forward_entry, .backward = tri_bn_backward_entry}
