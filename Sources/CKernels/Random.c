#include <math.h>

#include "Internal.h"

/* Philox 4x32-10, as StriateCore/Philox.swift. */
SK_INLINE void philox(uint64_t key, uint64_t block, uint64_t stream, uint32_t out[4]) {
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32);
  uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = 0xD2511F53ull * c0, p1 = 0xCD9E8D57ull * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

SK_INLINE float unit(uint32_t word) { return (float)(word >> 8) * 0x1p-24f; }

void sk_run_random(const void *kernel, int thread, int threads) {
  const sk_random *k = kernel;
  uint64_t seed = (uint64_t)k->key[0];
  uint64_t stream = k->stream ^ ((uint64_t)k->key[1] * 0x9E3779B97F4A7C15ull);
  sk_range share = sk_share(k->count, 4, thread, threads);
  for (int64_t at = share.begin; at < share.end; at += 4) {
    uint32_t words[4];
    float values[4];
    philox(seed, (uint64_t)at / 4, stream, words);
    for (int j = 0; j < 4; j += 2) {
      if (k->normal) { /* Box and Muller: one pair of words gives one pair of numbers */
        double radius = sqrt(-2 * log(1 - (double)unit(words[j])));
        double angle = 2 * M_PI * (double)unit(words[j + 1]);
        values[j] = (float)(radius * cos(angle));
        values[j + 1] = (float)(radius * sin(angle));
      } else {
        values[j] = unit(words[j]);
        values[j + 1] = unit(words[j + 1]);
      }
    }
    for (int j = 0; j < 4 && at + j < share.end; j++) k->target[at + j] = values[j];
  }
}
