/* The inner loops of convolutions of thin channels. A source is reached at fixed offsets, one a pair of channel and
 * tap: a position's products with them are sums over the offsets, a filter's gradient sums over the positions. */
#pragma once
#include "Internal.h"

#define SK_UNROLLED _Pragma("clang loop unroll(full)")

/* Offsets in runs: `count` of each `step`, from the first on. Weights lie [offset][output]. */
typedef struct {
  const int64_t *offsets;
  const float *w;
  int64_t runs, step, count;
} sk_thin_taps;

/* Where results go: a channel's are `pitch` from the next's. */
typedef struct {
  float *y;
  int64_t pitch;
  const float *bias; /* one a channel, or none */
  int relu;
} sk_thin_results;

/* `outputs` results of `vectors` vectors, in registers. */
SK_INLINE void sk_thin_tile(const float *x, sk_thin_taps taps, sk_thin_results to, const int outputs,
                            const int vectors) {
  sk_v16 sum[8][8];
  SK_UNROLLED for (int o = 0; o < outputs; o++)
    SK_UNROLLED for (int v = 0; v < vectors; v++) sum[o][v] = (sk_v16){0} + (to.bias ? to.bias[o] : 0);
  for (int64_t run = 0; run < taps.runs; run++) {
    const float *w = taps.w + run * taps.step * outputs;
    const int64_t *offset = taps.offsets + run * taps.step;
    for (int64_t k = 0; k < taps.count; k++, w += outputs) {
      const float *at = x + offset[k];
      sk_v16 value[8];
      SK_UNROLLED for (int v = 0; v < vectors; v++) value[v] = *(const sk_v16 *)(at + 16 * v);
      SK_UNROLLED for (int o = 0; o < outputs; o++)
        SK_UNROLLED for (int v = 0; v < vectors; v++) sum[o][v] += w[o] * value[v];
    }
  }
  SK_UNROLLED for (int o = 0; o < outputs; o++)
    SK_UNROLLED for (int v = 0; v < vectors; v++) {
      const sk_v16 s = sum[o][v];
      *(sk_v16 *)(to.y + o * to.pitch + 16 * v) = to.relu ? (sk_v16)((sk_i16)s & ~(s < 0)) : s;
    }
}

/* Vectors of a tile of so many outputs. */
SK_INLINE int sk_thin_vectors(int64_t outputs) {
  return outputs <= 2 ? 8 : outputs == 3 ? 6 : outputs == 4 ? 5 : outputs <= 6 ? 4 : 3;
}

/* The same for a row of positions, whose length is a multiple of 16. */
SK_INLINE void sk_thin_row(const float *x, sk_thin_taps taps, sk_thin_results to, int64_t length, int64_t outputs) {
#define ROW(n, vectors) \
  case n: \
    for (; length >= 16 * vectors; length -= 16 * vectors, x += 16 * vectors, to.y += 16 * vectors) \
      sk_thin_tile(x, taps, to, n, vectors); \
    for (; length > 0; length -= 16, x += 16, to.y += 16) sk_thin_tile(x, taps, to, n, 1); \
    break;
  switch (outputs) {
    ROW(1, 8) ROW(2, 8) ROW(3, 6) ROW(4, 5) ROW(5, 4) ROW(6, 4) ROW(7, 3) ROW(8, 3)
  }
#undef ROW
}

/* Rows of sources and of gradients: `rows` of each of `planes`. A channel's gradients are y_channel from the next's. */
typedef struct {
  const float *x, *y;
  int64_t planes, x_plane, y_plane;
  int64_t rows, x_row, y_row;
  int64_t length, y_channel;
} sk_thin_rows;

/* Adds the rows' products of `taps` offsets with `outputs` gradients to their sums, [offset][output][16]. */
SK_INLINE void sk_thin_products(sk_thin_rows r, const int64_t *offsets, sk_v16 *sums, const int taps,
                                const int outputs) {
  sk_v16 sum[8][8];
  SK_UNROLLED for (int t = 0; t < taps; t++)
    SK_UNROLLED for (int o = 0; o < outputs; o++) sum[t][o] = sums[t * outputs + o];
  for (int64_t i = 0; i < r.planes; i++)
    for (int64_t j = 0; j < r.rows; j++) {
      const float *x[8], *y = r.y + i * r.y_plane + j * r.y_row;
      SK_UNROLLED for (int t = 0; t < taps; t++) x[t] = r.x + i * r.x_plane + j * r.x_row + offsets[t];
      for (int64_t at = 0; at < r.length; at += 16) {
        sk_v16 value[8];
        SK_UNROLLED for (int t = 0; t < taps; t++) value[t] = *(const sk_v16 *)(x[t] + at);
        SK_UNROLLED for (int o = 0; o < outputs; o++) {
          const sk_v16 gradient = *(const sk_v16 *)(y + o * r.y_channel + at);
          SK_UNROLLED for (int t = 0; t < taps; t++) sum[t][o] += value[t] * gradient;
        }
      }
    }
  SK_UNROLLED for (int t = 0; t < taps; t++)
    SK_UNROLLED for (int o = 0; o < outputs; o++) sums[t * outputs + o] = sum[t][o];
}

/* The same for all `count` offsets. */
SK_INLINE void sk_thin_sums(sk_thin_rows r, const int64_t *offsets, int64_t count, sk_v16 *sums, int64_t outputs) {
#define SUMS(n, taps) \
  case n: { \
    int64_t k = 0; \
    for (; k + taps <= count; k += taps) sk_thin_products(r, offsets + k, sums + k * n, taps, n); \
    for (; k < count; k++) sk_thin_products(r, offsets + k, sums + k * n, 1, n); \
    break; \
  }
  switch (outputs) {
    SUMS(1, 8) SUMS(2, 8) SUMS(3, 8) SUMS(4, 6) SUMS(5, 4) SUMS(6, 4) SUMS(7, 3) SUMS(8, 3)
  }
#undef SUMS
}
