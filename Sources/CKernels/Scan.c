#include "Internal.h"

enum { CHUNK = 64 };

/* Up to CHUNK lines side by side; double sums keep the rounding error of long lines small. */
SK_CLONES static void scan_floats(const sk_scan *k, const float *x, float *y, int64_t lines) {
  double sum[CHUNK] = {0};
  for (int64_t i = 0; i < k->extent; i++) {
    int64_t at = (k->reversed ? k->extent - 1 - i : i) * k->inner;
    for (int64_t j = 0; j < lines; j++) y[at + j] = (float)(sum[j] += (double)x[at + j]);
  }
}

SK_CLONES static void scan_integers(const sk_scan *k, const int32_t *x, int32_t *y, int64_t lines) {
  uint32_t sum[CHUNK] = {0};
  for (int64_t i = 0; i < k->extent; i++) {
    int64_t at = (k->reversed ? k->extent - 1 - i : i) * k->inner;
    for (int64_t j = 0; j < lines; j++) y[at + j] = (int32_t)(sum[j] += (uint32_t)x[at + j]);
  }
}

void sk_run_scan(const void *kernel, int thread, int threads) {
  const sk_scan *k = kernel;
  int64_t chunks = (k->inner + CHUNK - 1) / CHUNK;
  sk_range share = sk_share(k->outer * chunks, 1, thread, threads);
  for (int64_t at = share.begin; at < share.end; at++) {
    int64_t first = at % chunks * CHUNK;
    int64_t start = at / chunks * k->extent * k->inner + first;
    int64_t lines = k->inner - first < CHUNK ? k->inner - first : CHUNK;
    if (k->type == SK_F32) {
      scan_floats(k, (const float *)k->source + start, (float *)k->target + start, lines);
    } else {
      scan_integers(k, (const int32_t *)k->source + start, (int32_t *)k->target + start, lines);
    }
  }
}
