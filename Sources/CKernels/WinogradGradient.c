#include <string.h>

#include "Winograd.h"

/* The filter's gradient: products of transformed inputs (rows) and of transformed gradients of results (columns),
 * summed over tiles, in squares of up to two by two blocks. Threads exchange no slabs: each takes either tiles, and
 * its sums are added to the others' at the end, or rows, and transforms all gradients of results by itself. Sums of
 * all squares lie in memory, unless all tiles are one block: then squares are made one after the other. */
typedef struct {
  int64_t rowBlocks, columnBlocks, across; /* blocks, and squares a row of squares */
  int64_t frequencies, tiles, block, pitch, square; /* floats of a square's sums of one frequency, and of all */
  int64_t inputs, results, sums, size;              /* floats of a thread's slabs and sums, and all of them */
  int atOnce;
  sk_tiles in, out;
} sizes;

/* What a thread takes. */
typedef struct { int64_t row, rows, tile, tiles; } part;

SK_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static sizes measure(const sk_winograd *k, int threads) {
  sizes s;
  s.rowBlocks = (k->inputs + 15) / 16, s.columnBlocks = (k->outputs + 15) / 16;
  s.across = (s.columnBlocks + 1) / 2;
  s.frequencies = sk_frequencies(sk_form_of(k));
  s.pitch = 1024 + 16;
  s.square = s.frequencies * s.pitch;
  const int64_t down = (k->output[0] + k->tile - 1) / k->tile, across = (k->output[1] + k->tile - 1) / k->tile;
  s.tiles = k->images * down * across;
  s.block = least(k->block, s.tiles);
  s.atOnce = k->shared && s.block == s.tiles;
  const int64_t rows = k->shared ? (s.rowBlocks + threads - 1) / threads : s.rowBlocks;
  s.inputs = s.frequencies * sk_pitch(s.atOnce ? least(rows, 2) : rows, s.block);
  s.results = s.frequencies * sk_pitch(s.columnBlocks, s.block);
  s.sums = s.square * (s.atOnce ? 1 : (rows + 1) / 2 * s.across);
  s.size = s.inputs + s.results + s.sums + s.columnBlocks * 16;
  s.in = (sk_tiles){k->images, s.rowBlocks, k->input[0], k->input[1], down, across, {k->low[0], k->low[1]}};
  s.out = (sk_tiles){k->images, s.columnBlocks, k->output[0], k->output[1], down, across, {0, 0}};
  return s;
}

int64_t sk_winograd_gradient_scratch_size(const sk_winograd *k, int threads) {
  return threads * measure(k, threads).size;
}

/* Sums [32 rows][32 columns] of one frequency; v begins at the square's rows, of which there are `rows` blocks. */
SK_INLINE void multiply(const sizes *s, const float *v, int64_t rows, const float *p, int64_t column, int64_t count,
                        int add, float *sums) {
  const int lanes = column + 2 <= s->columnBlocks ? 2 : 1;
  for (int64_t i = 0; i < rows; i++)
    sk_multiply_gradients(v + i * count * 16, p + column * count * 16, count * 16, count, lanes, add, sums + i * 512,
                          32);
}

/* A square's gradient from its sums. */
static void finish(const sk_winograd *k, const sizes *s, int64_t row, int64_t rows, int64_t column,
                   const float *sums) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < 2 && column + j < s->columnBlocks; j++)
      sk_transform_gradient(sk_form_of(k), sums + i * 512 + j * 16, s->pitch, 32,
                            k->w + ((column + j) * s->rowBlocks + row + i) * k->taps * k->taps * 256);
}

/* All tiles at once, two blocks of rows after the other. */
static void sum_at_once(const sk_winograd *k, const sizes *s, part own, float *v, float *bias) {
  float *p = v + s->inputs, *sums = p + s->results;
  if (own.rows == 0 && !bias) return;
  const int64_t resultPitch = sk_pitch(s->columnBlocks, own.tiles);
  sk_transform_results(sk_form_of(k), &s->out, k->y, 0, own.tiles, 0, s->columnBlocks, p, resultPitch, own.tiles, bias);
  for (int64_t row = own.row; row < own.row + own.rows; row += 2) {
    const int64_t rows = least(2, own.row + own.rows - row), pitch = sk_pitch(rows, own.tiles);
    sk_transform_inputs(sk_form_of(k), &s->in, k->x, 0, own.tiles, row, row + rows, v, pitch, own.tiles);
    for (int64_t column = 0; column < s->columnBlocks; column += 2) {
      for (int64_t f = 0; f < s->frequencies; f++)
        multiply(s, v + f * pitch, rows, p + f * resultPitch, column, own.tiles, 0, sums + f * s->pitch);
      finish(k, s, row, rows, column, sums);
    }
  }
}

/* Block after block of tiles. */
static void sum_blocks(const sk_winograd *k, const sizes *s, part own, float *v, float *bias) {
  float *p = v + s->inputs, *sums = p + s->results;
  const int64_t parts = (own.tiles + s->block - 1) / s->block;
  if (parts == 0) memset(sums, 0, sizeof(float) * (size_t)s->sums);
  for (int64_t at = 0; at < parts; at++) {
    const int64_t begin = own.tile + own.tiles * at / parts, count = own.tile + own.tiles * (at + 1) / parts - begin;
    const int64_t pitch = sk_pitch(own.rows, count), resultPitch = sk_pitch(s->columnBlocks, count);
    sk_transform_inputs(sk_form_of(k), &s->in, k->x, begin, count, own.row, own.row + own.rows, v, pitch, count);
    sk_transform_results(sk_form_of(k), &s->out, k->y, begin, count, 0, s->columnBlocks, p, resultPitch, count, bias);
    const int64_t next = at + 1 < parts ? own.tile + own.tiles * (at + 2) / parts - begin - count : 0;
    for (int64_t f = 0; f < s->frequencies; f++) {
      float *to = sums + f * s->pitch;
      sk_fetch_tiles(sk_form_of(k), &s->in, k->x, begin + count, next, own.row, own.row + own.rows, f, s->frequencies,
                     0);
      sk_fetch_tiles(sk_form_of(k), &s->out, k->y, begin + count, next, 0, s->columnBlocks, f, s->frequencies, 0);
      for (int64_t row = 0; row < own.rows; row += 2)
        for (int64_t column = 0; column < s->columnBlocks; column += 2, to += s->square)
          multiply(s, v + f * pitch + row * count * 16, least(2, own.rows - row), p + f * resultPitch, column, count,
                   at > 0, to);
    }
  }
}

SK_WIDE static void add(float *a, const float *b, int64_t count) {
  for (int64_t i = 0; i < count; i += 16) *(sk_v16 *)(a + i) += *(const sk_v16 *)(b + i);
}

/* Finishes squares `begin` to `end` of rows that begin at block `row`, after adding up what several threads have. */
static void finish_squares(const sk_winograd *k, const sizes *s, part own, int64_t begin, int64_t end, float *sums,
                           int threads) {
  for (int64_t square = begin; square < end; square++) {
    float *all = sums + square * s->square;
    for (int t = 1; t < threads; t++) add(all, all + t * s->size, s->square);
    const int64_t row = square / s->across * 2;
    finish(k, s, own.row + row, least(2, own.rows - row), square % s->across * 2, all);
  }
}

void sk_run_winograd_filter_gradient(const void *kernel, int thread, int threads) {
  const sk_winograd *k = kernel;
  const sizes s = measure(k, threads);
  float *v = k->scratch + thread * s.size, *sums = k->scratch + s.inputs + s.results;
  float *bias = k->dbias && (!k->shared || thread == 0) ? v + s.size - s.columnBlocks * 16 : NULL;
  if (bias) memset(bias, 0, sizeof(float) * (size_t)s.columnBlocks * 16);
  const sk_range share = sk_share(k->shared ? s.rowBlocks : s.tiles, 1, thread, threads);
  const int64_t count = share.end - share.begin;
  const part own = k->shared ? (part){share.begin, count, 0, s.tiles} : (part){0, s.rowBlocks, share.begin, count};
  if (s.atOnce) sum_at_once(k, &s, own, v, bias);
  else sum_blocks(k, &s, own, v, bias);
  if (!k->shared) sk_meet((int32_t *)k->meeting, threads);
  const int64_t squares = (own.rows + 1) / 2 * s.across;
  if (!k->shared) {
    const sk_range part = sk_share(squares, 1, thread, threads);
    finish_squares(k, &s, own, part.begin, part.end, sums, threads);
  } else if (!s.atOnce) {
    finish_squares(k, &s, own, 0, squares, sums + thread * s.size, 1);
  }
  if (k->dbias && thread == 0)
    for (int64_t i = 0; i < k->outputs; i++) {
      k->dbias[i] = bias[i];
      for (int t = 1; t < threads && !k->shared; t++) k->dbias[i] += bias[t * s.size + i];
    }
}
