#include "Winograd.h"

/* Sums stay in registers only where loops over them are unrolled before anything else is done. */
#define EACH _Pragma("clang loop unroll(full)")

/* One frequency of `tiles` tiles and one or two blocks of columns; the sums stay in registers. The filter is fetched
 * `ahead`: that of the next frequency. */
SK_INLINE void block(const int tiles, const int lanes, const float *v, int64_t step, int64_t rows, const float *u,
                     float *p, int64_t lanePitch, int64_t ahead) {
  sk_v16 sums[28];
  EACH
  for (int i = 0; i < tiles * lanes; i++) sums[i] = (sk_v16){0};
  for (; rows > 0; rows -= 16, v += step) {
    const int count = rows < 16 ? (int)rows : 16;
#pragma clang loop unroll_count(4)
    for (int row = 0; row < count; row++, u += 16 * lanes) {
      const sk_v16 first = *(const sk_v16 *)u, second = *(const sk_v16 *)(u + (lanes == 2 ? 16 : 0));
      __builtin_prefetch(u + ahead, 0, 2);
      if (lanes == 2) __builtin_prefetch(u + ahead + 16, 0, 2);
      EACH
      for (int t = 0; t < tiles; t++) {
        const float x = v[t * 16 + row];
        sums[t * lanes] += x * first;
        if (lanes == 2) sums[t * lanes + 1] += x * second;
      }
    }
  }
  EACH
  for (int t = 0; t < tiles; t++)
    EACH
    for (int lane = 0; lane < lanes; lane++) *(sk_v16 *)(p + lane * lanePitch + t * 16) = sums[t * lanes + lane];
}

#define CASES(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14)
#define MOST 14

SK_INLINE void multiply(const int lanes, const float *v, int64_t rows, int64_t tiles, const float *u, float *p) {
  const int64_t parts = (tiles + MOST - 1) / MOST, ahead = sk_filter_pitch(rows, lanes);
  for (int64_t part = 0; part < parts; part++) {
    const int64_t begin = tiles * part / parts, count = tiles * (part + 1) / parts - begin;
    switch (count) {
#define CASE(n) \
  case n: block(n, lanes, v + begin * 16, tiles * 16, rows, u, p + begin * 16, tiles * 16, ahead); break;
      CASES(CASE)
#undef CASE
    }
  }
}

SK_WIDE void sk_multiply_tiles(const float *v, int64_t rows, int64_t tiles, const float *u, int lanes, float *p) {
  if (lanes == 2) multiply(2, v, rows, tiles, u, p);
  else multiply(1, v, rows, tiles, u, p);
}

/* The outer products of `rows` lanes of v and whole vectors of p, summed over tiles. */
SK_INLINE void outer(const int rows, const int lanes, const float *v, const float *p, int64_t step, int64_t tiles,
                     int add, float *g, int64_t pitch) {
  sk_v16 sums[28];
  EACH
  for (int i = 0; i < rows; i++)
    EACH
    for (int lane = 0; lane < lanes; lane++)
      sums[i * lanes + lane] = add ? *(const sk_v16 *)(g + i * pitch + lane * 16) : (sk_v16){0};
#pragma clang loop unroll_count(2)
  for (int64_t t = 0; t < tiles; t++) {
    const sk_v16 first = *(const sk_v16 *)(p + t * 16);
    const sk_v16 second = *(const sk_v16 *)(p + (lanes == 2 ? step : 0) + t * 16);
    EACH
    for (int i = 0; i < rows; i++) {
      const float x = v[t * 16 + i];
      sums[i * lanes] += x * first;
      if (lanes == 2) sums[i * lanes + 1] += x * second;
    }
  }
  EACH
  for (int i = 0; i < rows; i++)
    EACH
    for (int lane = 0; lane < lanes; lane++) *(sk_v16 *)(g + i * pitch + lane * 16) = sums[i * lanes + lane];
}

SK_WIDE void sk_multiply_gradients(const float *v, const float *p, int64_t step, int64_t tiles, int lanes, int add,
                                   float *g, int64_t pitch) {
  if (lanes == 2) {
    outer(8, 2, v, p, step, tiles, add, g, pitch);
    outer(8, 2, v + 8, p, step, tiles, add, g + 8 * pitch, pitch);
  } else {
    outer(16, 1, v, p, step, tiles, add, g, pitch);
  }
}
