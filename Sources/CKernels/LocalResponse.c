#include <math.h>

#include "Internal.h"

/* Neighbouring positions that are computed together: their channels stay in the cache. */
enum { WIDTH = SK_LOCAL_WIDTH };

enum { LANES = 16 };
#define ONE ((sk_v16){0} + 1.0f)

/* s^-beta of all WIDTH sums; the usual exponents without a power. */
SK_INLINE void powers(const float *restrict s, float *restrict p, float beta) {
  if (beta == 0.75f) {
    for (int i = 0; i < WIDTH; i += LANES) {
      sk_v16 r = ONE / SK_ROOT(*(const sk_v16 *)(s + i));
      *(sk_v16 *)(p + i) = r * SK_ROOT(r);
    }
  } else if (beta == 0.5f) {
    for (int i = 0; i < WIDTH; i += LANES) *(sk_v16 *)(p + i) = ONE / SK_ROOT(*(const sk_v16 *)(s + i));
  } else if (beta == 1) {
    for (int i = 0; i < WIDTH; i++) p[i] = 1 / s[i];
  } else {
    for (int i = 0; i < WIDTH; i++) p[i] = powf(s[i], -beta);
  }
}

/* k + alpha · Σ x² over the channels around one; 1 beyond the n positions. */
SK_INLINE void sums(const sk_local_response *k, const float *x, int64_t channel, float *restrict s,
                    int64_t n) {
  int64_t low = channel - k->window / 2, high = channel + (k->window - 1) / 2;
  if (low < 0) low = 0;
  if (high >= k->channels) high = k->channels - 1;
  for (int64_t i = 0; i < n; i++) s[i] = 0;
  for (int64_t j = low; j <= high; j++) {
    const float *row = x + j * k->plane;
    for (int64_t i = 0; i < n; i++) s[i] += row[i] * row[i];
  }
  for (int64_t i = 0; i < n; i++) s[i] = k->k + k->alpha * s[i];
  for (int64_t i = n; i < WIDTH; i++) s[i] = 1;
}

SK_CLONES static void forward(const sk_local_response *k, int64_t start, int64_t n) {
  float s[WIDTH], p[WIDTH];
  const float *x = k->x + start;
  for (int64_t c = 0; c < k->channels; c++) {
    const float *row = x + c * k->plane;
    float *restrict y = k->y + start + c * k->plane;
    sums(k, x, c, s, n);
    powers(s, p, k->beta);
    for (int64_t i = 0; i < n; i++) y[i] = row[i] * p[i];
  }
}

SK_CLONES static void backward(const sk_local_response *k, int64_t start, int64_t n,
                               float *restrict q) {
  float s[WIDTH], p[WIDTH];
  const float *x = k->x + start;
  for (int64_t c = 0; c < k->channels; c++) {
    const float *row = x + c * k->plane, *dy = k->dy + start + c * k->plane;
    float *restrict dx = k->y + start + c * k->plane, *restrict t = q + c * WIDTH;
    sums(k, x, c, s, n);
    powers(s, p, k->beta);
    for (int64_t i = 0; i < n; i++) {
      float g = dy[i] * p[i];
      dx[i] = g;
      t[i] = g * row[i] / s[i];
    }
  }
  const float factor = 2 * k->alpha * k->beta;
  for (int64_t c = 0; c < k->channels; c++) {
    const float *row = x + c * k->plane;
    float *restrict dx = k->y + start + c * k->plane;
    int64_t low = c - (k->window - 1) / 2, high = c + k->window / 2;
    if (low < 0) low = 0;
    if (high >= k->channels) high = k->channels - 1;
    for (int64_t i = 0; i < n; i++) s[i] = 0;
    for (int64_t j = low; j <= high; j++)
      for (int64_t i = 0; i < n; i++) s[i] += q[j * WIDTH + i];
    for (int64_t i = 0; i < n; i++) dx[i] -= factor * row[i] * s[i];
  }
}

void sk_run_local_response(const void *kernel, int thread, int threads) {
  const sk_local_response *k = kernel;
  int64_t strips = (k->plane + WIDTH - 1) / WIDTH;
  sk_range share = sk_share(k->images * strips, 1, thread, threads);
  for (int64_t at = share.begin; at < share.end; at++) {
    int64_t first = at % strips * WIDTH, n = k->plane - first < WIDTH ? k->plane - first : WIDTH;
    int64_t start = at / strips * k->channels * k->plane + first;
    if (k->dy)
      backward(k, start, n, k->scratch + thread * k->channels * WIDTH);
    else
      forward(k, start, n);
  }
}
