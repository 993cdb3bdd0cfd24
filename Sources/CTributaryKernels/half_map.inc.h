/* The maps of halves: those of float32 over blocks that are widened on the stack, the result rounded back. A block
   stays in the first-level cache; nothing is written twice. */

#define TRI_HALF_BLOCK 256

/* `inputs` halves, or numbers in float32; `test`: the result is bools. */
static __attribute__((noinline)) void tri_map_halves(tri_map_fn map, int inputs, _Bool brain, _Bool test,
                                                     TRI_MAP_ARGUMENTS) {
  _Alignas(64) float wide[3][TRI_HALF_BLOCK], result[TRI_HALF_BLOCK];
  const uint16_t *from[3] = {(const uint16_t *)a, (const uint16_t *)b, (const uint16_t *)c};
  for (int k = 0; k < inputs; k++) {
    if (broadcast & TRI_WIDE_A << k) {
      __builtin_memcpy(wide[k], from[k], sizeof(float));
      broadcast |= TRI_BROADCAST_A << k;
    } else if (broadcast & TRI_BROADCAST_A << k) {
      tri_widen_row(brain, wide[k], from[k], 1);
    }
  }
  broadcast &= TRI_BROADCAST_A | TRI_BROADCAST_B | TRI_BROADCAST_C;
  for (int64_t done = 0, count; done < n; done += count) {
    count = n - done < TRI_HALF_BLOCK ? n - done : TRI_HALF_BLOCK;
    for (int k = 0; k < inputs; k++)
      if (!(broadcast >> k & 1)) tri_widen_row(brain, wide[k], from[k] + done, count);
    map(test ? (void *)((uint8_t *)out + done) : (void *)result, wide[0], wide[1], wide[2], count, broadcast, param);
    if (!test) tri_round_row(brain, (uint16_t *)out + done, result, count);
  }
}

/* Maps that stand in no table, being parts of others, get them too. */
#define TRI_UNUSED __attribute__((unused))

#define TRI_MAPS_OF_HALVES(OP, INPUTS, TEST)                                                           \
  TRI_UNUSED static void tri_map_##OP##_f16(TRI_MAP_ARGUMENTS) {                                       \
    tri_map_halves(tri_map_##OP##_f32, INPUTS, 0, TEST, out, a, b, c, n, broadcast, param);            \
  }                                                                                                    \
  TRI_UNUSED static void tri_map_##OP##_bf16(TRI_MAP_ARGUMENTS) {                                      \
    tri_map_halves(tri_map_##OP##_f32, INPUTS, 1, TEST, out, a, b, c, n, broadcast, param);            \
  }
