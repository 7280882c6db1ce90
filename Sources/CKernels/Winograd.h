/* Winograd's minimal filtering for r x r convolutions of stride 1 (Lavin and Gray, 2015): a tile of m x m results is
 * n x n products of transformed inputs and filters, n = m + r - 1, instead of r² m². Everything lies in blocks of 16
 * channels, so every transform is arithmetic on whole vectors. With n = 6 (m = 4 and r = 3, or m = 2 and r = 5) the
 * points of evaluation are 0, ±5/8, ±3/2 and infinity, whose rounding errors are half of those at 0, ±1, ±2 and
 * infinity; with n = 4 (m = 2, r = 3) they are 0, ±1 and infinity. */
#pragma once
#include "Internal.h"

/* Only machines with vectors of 16 floats run these. */
#if defined(__x86_64__)
#define SK_WIDE __attribute__((target("avx512f")))
#else
#define SK_WIDE
#endif

/* Results and taps a side. */
typedef struct { int m, r; } sk_form;
SK_INLINE sk_form sk_form_of(const sk_winograd *k) { return (sk_form){k->tile, k->taps}; }
SK_INLINE int sk_side(sk_form form) { return form.m + form.r - 1; }
SK_INLINE int64_t sk_frequencies(sk_form form) { return (int64_t)sk_side(form) * sk_side(form); }

/* Calls with the form as a constant. */
#define SK_FORMS(form, call) \
  do { \
    if ((form).r == 5) call(((sk_form){2, 5})); \
    else if ((form).m == 2) call(((sk_form){2, 3})); \
    else call(((sk_form){4, 3})); \
  } while (0)

#define SK_POINT_A 0.625f
#define SK_POINT_B 1.5f
#define SK_A2 (SK_POINT_A * SK_POINT_A)
#define SK_B2 (SK_POINT_B * SK_POINT_B)

/* 1-D transforms; two of them make the 2-D one. Of an input: n to n. */
SK_INLINE void sk_input_1d(const sk_form form, const sk_v16 *d, sk_v16 *v) {
  if (sk_side(form) == 4) {
    v[0] = d[0] - d[2];
    v[1] = d[1] + d[2];
    v[2] = d[2] - d[1];
    v[3] = d[3] - d[1];
    return;
  }
  const sk_v16 evenA = d[4] - SK_B2 * d[2], oddA = d[3] - SK_B2 * d[1];
  const sk_v16 evenB = d[4] - SK_A2 * d[2], oddB = d[3] - SK_A2 * d[1];
  v[0] = SK_A2 * SK_B2 * d[0] + (d[4] - (SK_A2 + SK_B2) * d[2]);
  v[1] = evenA + SK_POINT_A * oddA;
  v[2] = evenA - SK_POINT_A * oddA;
  v[3] = evenB + SK_POINT_B * oddB;
  v[4] = evenB - SK_POINT_B * oddB;
  v[5] = SK_A2 * SK_B2 * d[1] + (d[5] - (SK_A2 + SK_B2) * d[3]);
}

/* Of products to results: n to m. */
SK_INLINE void sk_output_1d(const sk_form form, const sk_v16 *p, sk_v16 *y) {
  if (sk_side(form) == 4) {
    y[0] = p[0] + p[1] + p[2];
    y[1] = p[1] - p[2] + p[3];
    return;
  }
  const sk_v16 evenA = p[1] + p[2], oddA = p[1] - p[2], evenB = p[3] + p[4], oddB = p[3] - p[4];
  y[0] = p[0] + evenA + evenB;
  if (form.m == 2) {
    y[1] = SK_POINT_A * oddA + (SK_POINT_B * oddB + p[5]);
    return;
  }
  y[1] = SK_POINT_A * oddA + SK_POINT_B * oddB;
  y[2] = SK_A2 * evenA + SK_B2 * evenB;
  y[3] = SK_A2 * SK_POINT_A * oddA + (SK_B2 * SK_POINT_B * oddB + p[5]);
}

/* Of a result's gradient, the transpose of the last: m to n. */
SK_INLINE void sk_result_1d(const sk_form form, const sk_v16 *y, sk_v16 *p) {
  p[0] = y[0];
  if (sk_side(form) == 4) {
    p[1] = y[0] + y[1];
    p[2] = y[0] - y[1];
    p[3] = y[1];
    return;
  }
  if (form.m == 2) {
    p[1] = y[0] + SK_POINT_A * y[1];
    p[2] = y[0] - SK_POINT_A * y[1];
    p[3] = y[0] + SK_POINT_B * y[1];
    p[4] = y[0] - SK_POINT_B * y[1];
    p[5] = y[1];
    return;
  }
  const sk_v16 evenA = y[0] + SK_A2 * y[2], oddA = SK_POINT_A * y[1] + SK_A2 * SK_POINT_A * y[3];
  const sk_v16 evenB = y[0] + SK_B2 * y[2], oddB = SK_POINT_B * y[1] + SK_B2 * SK_POINT_B * y[3];
  p[1] = evenA + oddA;
  p[2] = evenA - oddA;
  p[3] = evenB + oddB;
  p[4] = evenB - oddB;
  p[5] = y[3];
}

/* One over the products of each point's distances to the others. */
#define SK_N0 (1 / (SK_A2 * SK_B2))
#define SK_NA (1 / (2 * SK_A2 * (SK_A2 - SK_B2)))
#define SK_NB (1 / (2 * SK_B2 * (SK_B2 - SK_A2)))

/* Of a filter: r to n. */
SK_INLINE void sk_filter_1d(const sk_form form, const sk_v16 *g, sk_v16 *u) {
  if (sk_side(form) == 4) {
    const sk_v16 even = 0.5f * (g[0] + g[2]);
    u[0] = g[0];
    u[1] = even + 0.5f * g[1];
    u[2] = even - 0.5f * g[1];
    u[3] = g[2];
    return;
  }
  sk_v16 evenA = SK_NA * g[0] + SK_NA * SK_A2 * g[2], evenB = SK_NB * g[0] + SK_NB * SK_B2 * g[2];
  sk_v16 oddA = SK_NA * SK_POINT_A * g[1], oddB = SK_NB * SK_POINT_B * g[1];
  if (form.r == 5) {
    evenA += SK_NA * SK_A2 * SK_A2 * g[4], evenB += SK_NB * SK_B2 * SK_B2 * g[4];
    oddA += SK_NA * SK_A2 * SK_POINT_A * g[3], oddB += SK_NB * SK_B2 * SK_POINT_B * g[3];
  }
  u[0] = SK_N0 * g[0];
  u[1] = evenA + oddA;
  u[2] = evenA - oddA;
  u[3] = evenB + oddB;
  u[4] = evenB - oddB;
  u[5] = g[form.r - 1];
}

/* Its transpose: n to r. */
SK_INLINE void sk_gradient_1d(const sk_form form, const sk_v16 *u, sk_v16 *g) {
  if (sk_side(form) == 4) {
    const sk_v16 even = 0.5f * (u[1] + u[2]);
    g[0] = u[0] + even;
    g[1] = 0.5f * (u[1] - u[2]);
    g[2] = u[3] + even;
    return;
  }
  const sk_v16 evenA = SK_NA * (u[1] + u[2]), oddA = SK_NA * SK_POINT_A * (u[1] - u[2]);
  const sk_v16 evenB = SK_NB * (u[3] + u[4]), oddB = SK_NB * SK_POINT_B * (u[3] - u[4]);
  g[0] = SK_N0 * u[0] + evenA + evenB;
  g[1] = oddA + oddB;
  g[2] = SK_A2 * evenA + SK_B2 * evenB;
  if (form.r == 5) {
    g[3] = SK_A2 * oddA + SK_B2 * oddB;
    g[4] = SK_A2 * SK_A2 * evenA + SK_B2 * SK_B2 * evenB;
  }
  g[form.r - 1] += u[5];
}

/* Where tiles lie in blocked images. */
typedef struct {
  int64_t images, blocks, height, width; /* of the array; blocks of 16 channels */
  int64_t down, across;                  /* tiles a column and a row */
  int64_t low[2];                        /* a tile begins at tile · m - low */
} sk_tiles;

/* Transformed tiles lie [frequency][block][tile][16]; a frequency's pitch keeps lines out of each other's way. */
SK_INLINE int64_t sk_pitch(int64_t blocks, int64_t tiles) { return blocks * tiles * 16 + 16; }
/* Transformed filters lie [frequency][row][16 · lanes] for one or two blocks of columns. */
SK_INLINE int64_t sk_filter_pitch(int64_t rows, int64_t lanes) { return rows * lanes * 16 + 16; }

/* `count` tiles from `begin` on, of blocks `low` to `high`, transformed as inputs. Frequencies lie `pitch` floats apart
 * in v, blocks `tiles` tiles. */
void sk_transform_inputs(sk_form form, const sk_tiles *where, const float *x, int64_t begin, int64_t count, int64_t low,
                         int64_t high, float *v, int64_t pitch, int64_t tiles);
/* The same of gradients of results; sums of the elements are added to `sums`, one a channel, if given. */
void sk_transform_results(sk_form form, const sk_tiles *where, const float *y, int64_t begin, int64_t count,
                          int64_t low, int64_t high, float *v, int64_t pitch, int64_t tiles, float *sums);

/* What is done to results as they are written. */
typedef struct {
  const float *bias; /* one a channel, or none */
  const float *sum;  /* added: lies as the result does */
  int64_t channels;
  int relu;          /* no result is less than 0, nor greater than `high` */
  float high;
} sk_finish;
/* `count` tiles' products of blocks `block` to `block + lanes` to results. */
void sk_transform_outputs(sk_form form, const sk_tiles *where, const float *p, int64_t begin, int64_t count,
                          int64_t block, int lanes, const sk_finish *finish, float *y);

/* Filters [columns][rows][r][r][16 rows][16 columns], for rows of block `row`, to u of `rows` rows in all. If
 * `turned`, blocks lie [rows][columns][r][r][16 columns][16 rows], and each filter is rotated by half a turn. */
void sk_transform_filter(sk_form form, const float *w, int64_t row, int64_t rowBlocks, int64_t column,
                         int64_t columnBlocks, int lanes, int turned, float *u, int64_t rows);
/* A block's gradient: products u [frequency][16 rows][16] with a pitch, to [r][r][16][16]. */
void sk_transform_gradient(sk_form form, const float *u, int64_t pitch, int64_t rowPitch, float *w);

/* p[lane][tile][16] = sum over rows of v[block][tile][16] · u[row][16 · lanes], for one frequency. */
void sk_multiply_tiles(const float *v, int64_t rows, int64_t tiles, const float *u, int lanes, float *p);
/* g[16 rows][pitch] (+)= sum over tiles of v[tile][16] · p[tile][16] for one frequency and block, one or two blocks
 * of columns `step` apart. */
void sk_multiply_gradients(const float *v, const float *p, int64_t step, int64_t tiles, int lanes, int add, float *g,
                           int64_t pitch);

/* Asks for part `at` of `parts` of the memory of `count` tiles of blocks `low` to `high`, to be read or written
 * soon. */
SK_INLINE void sk_fetch_tiles(sk_form form, const sk_tiles *s, const float *x, int64_t begin, int64_t count,
                              int64_t low, int64_t high, int64_t at, int64_t parts, const int writes) {
  const int64_t all = count * (high - low), plane = s->height * s->width * 16;
  for (int64_t i = all * at / parts; i < all * (at + 1) / parts; i++) {
    const int64_t t = begin + i % count, across = t % s->across, down = t / s->across % s->down;
    const int64_t image = t / s->across / s->down, first = writes ? 0 : form.r - 1;
    const int m = form.m;
    const int64_t top = down * m - s->low[0] + first, left = across * m - s->low[1] + first;
    const float *from = x + (image * s->blocks + low + i / count) * plane;
    for (int64_t y = top; y < top + m && y < s->height; y++)
      for (int64_t z = left; z < left + m && z < s->width; z++) {
        if (writes) __builtin_prefetch(from + (y * s->width + z) * 16, 1, 2);
        else __builtin_prefetch(from + (y * s->width + z) * 16, 0, 2);
      }
  }
}

/* Waits until all threads of a kernel are here. */
void sk_meet(int32_t *meeting, int threads);
