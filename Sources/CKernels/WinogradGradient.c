#include <string.h>

#include "Winograd.h"

/* The filter's gradient: products of transformed inputs (rows) and of transformed gradients of results (columns),
 * summed over tiles, in squares of two by two blocks. Threads exchange nothing but sums: each takes either tiles and
 * has sums of its own, or rows, for which it transforms all gradients of results by itself. */
typedef struct {
  int64_t rowBlocks, columnBlocks, across, down, squares; /* squares of two by two blocks */
  int64_t frequencies, tiles, block, pitch;               /* floats of a square's sums of one frequency */
  int64_t inputs, results, sums, size;                    /* floats of a thread's slabs and sums, and all of them */
  sk_tiles in, out;
} sizes;

SK_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static sizes measure(const sk_winograd *k) {
  sizes s;
  s.rowBlocks = (k->inputs + 15) / 16, s.columnBlocks = (k->outputs + 15) / 16;
  s.across = (s.columnBlocks + 1) / 2, s.down = (s.rowBlocks + 1) / 2;
  s.squares = s.down * s.across;
  s.frequencies = sk_frequencies(k->tile);
  s.pitch = 1024 + 16;
  const int64_t down = (k->output[0] + k->tile - 1) / k->tile, across = (k->output[1] + k->tile - 1) / k->tile;
  s.tiles = k->images * down * across;
  s.block = k->shared ? s.tiles : least(k->block, s.tiles);
  s.inputs = s.frequencies * sk_pitch(k->shared ? 2 : s.rowBlocks, s.block);
  s.results = s.frequencies * sk_pitch(s.columnBlocks, s.block);
  s.sums = s.frequencies * s.pitch * (k->shared ? 1 : s.squares);
  s.size = s.inputs + s.results + s.sums + s.columnBlocks * 16;
  s.in = (sk_tiles){k->images, s.rowBlocks, k->input[0], k->input[1], down, across, {k->low[0], k->low[1]}};
  s.out = (sk_tiles){k->images, s.columnBlocks, k->output[0], k->output[1], down, across, {0, 0}};
  return s;
}

int64_t sk_winograd_gradient_scratch_size(const sk_winograd *k, int threads) { return threads * measure(k).size; }

/* Sums [32 rows][32 columns] of one frequency; v begins at the square's rows, of which there are `rows` blocks. */
SK_INLINE void multiply(const sizes *s, const float *v, int64_t rows, const float *p, int64_t column, int64_t count,
                        int add, float *sums) {
  const int lanes = column + 2 <= s->columnBlocks ? 2 : 1;
  for (int64_t i = 0; i < rows; i++)
    sk_multiply_gradients(v + i * count * 16, p + column * count * 16, count * 16, count, lanes, add, sums + i * 512,
                          32);
}

static void finish(const sk_winograd *k, const sizes *s, int64_t row, int64_t column, const float *sums) {
  for (int64_t i = row; i < row + 2 && i < s->rowBlocks; i++)
    for (int64_t j = column; j < column + 2 && j < s->columnBlocks; j++)
      sk_transform_gradient(k->tile, sums + (i - row) * 512 + (j - column) * 16, s->pitch, 32,
                            k->w + (j * s->rowBlocks + i) * 2304);
}

/* Each thread takes rows, and all tiles of them. */
static void run_rows(const sk_winograd *k, const sizes *s, int thread, int threads) {
  float *v = k->scratch + thread * s->size, *p = v + s->inputs, *sums = p + s->results;
  float *bias = k->dbias && thread == 0 ? sums + s->sums : NULL;
  const sk_range share = sk_share(s->down, 1, thread, threads);
  if (share.begin == share.end && !bias) return;
  const int64_t pitch = sk_pitch(2, s->tiles), resultPitch = sk_pitch(s->columnBlocks, s->tiles);
  sk_transform_results(k->tile, &s->out, k->y, 0, s->tiles, 0, s->columnBlocks, p, resultPitch, s->tiles, bias);
  for (int64_t row = share.begin * 2; row < share.end * 2; row += 2) {
    const int64_t rows = least(2, s->rowBlocks - row);
    sk_transform_inputs(k->tile, &s->in, k->x, 0, s->tiles, row, row + rows, v, pitch, s->tiles);
    for (int64_t column = 0; column < s->columnBlocks; column += 2) {
      for (int64_t f = 0; f < s->frequencies; f++)
        multiply(s, v + f * pitch, rows, p + f * resultPitch, column, s->tiles, 0, sums + f * s->pitch);
      finish(k, s, row, column, sums);
    }
  }
}

/* Each thread takes tiles, block by block. */
static void sum_tiles(const sk_winograd *k, const sizes *s, int thread, int threads) {
  float *v = k->scratch + thread * s->size, *p = v + s->inputs, *sums = p + s->results;
  float *bias = k->dbias ? sums + s->sums : NULL;
  const sk_range share = sk_share(s->tiles, 1, thread, threads);
  const int64_t own = share.end - share.begin, parts = (own + s->block - 1) / s->block;
  if (parts == 0) memset(sums, 0, sizeof(float) * (size_t)s->sums);
  for (int64_t part = 0; part < parts; part++) {
    const int64_t begin = share.begin + own * part / parts, count = share.begin + own * (part + 1) / parts - begin;
    const int64_t pitch = sk_pitch(s->rowBlocks, count), resultPitch = sk_pitch(s->columnBlocks, count);
    sk_transform_inputs(k->tile, &s->in, k->x, begin, count, 0, s->rowBlocks, v, pitch, count);
    sk_transform_results(k->tile, &s->out, k->y, begin, count, 0, s->columnBlocks, p, resultPitch, count, bias);
    for (int64_t f = 0; f < s->frequencies; f++)
      for (int64_t square = 0; square < s->squares; square++) {
        const int64_t row = square / s->across * 2, column = square % s->across * 2;
        multiply(s, v + f * pitch + row * count * 16, least(2, s->rowBlocks - row), p + f * resultPitch, column, count,
                 part > 0, sums + (square * s->frequencies + f) * s->pitch);
      }
  }
}

SK_WIDE static void add(float *a, const float *b, int64_t count) {
  for (int64_t i = 0; i < count; i += 16) *(sk_v16 *)(a + i) += *(const sk_v16 *)(b + i);
}

/* Adds up the threads' sums of a thread's share of the squares, in the first one's memory. */
static void finish_squares(const sk_winograd *k, const sizes *s, int thread, int threads) {
  const sk_range share = sk_share(s->squares, 1, thread, threads);
  const int64_t size = s->frequencies * s->pitch;
  float *all = k->scratch + s->inputs + s->results;
  for (int64_t square = share.begin; square < share.end; square++) {
    for (int t = 1; t < threads; t++) add(all + square * size, all + t * s->size + square * size, size);
    finish(k, s, square / s->across * 2, square % s->across * 2, all + square * size);
  }
}

void sk_run_winograd_filter_gradient(const void *kernel, int thread, int threads) {
  const sk_winograd *k = kernel;
  const sizes s = measure(k);
  const float *biases = k->scratch + s.inputs + s.results + s.sums;
  if (k->dbias) memset((float *)biases + thread * s.size, 0, sizeof(float) * (size_t)s.columnBlocks * 16);
  if (k->shared) {
    run_rows(k, &s, thread, threads);
    if (k->dbias && thread == 0) memcpy(k->dbias, biases, sizeof(float) * (size_t)k->outputs);
    return;
  }
  sum_tiles(k, &s, thread, threads);
  sk_meet((int32_t *)k->meeting, threads);
  finish_squares(k, &s, thread, threads);
  if (k->dbias && thread == 0)
    for (int64_t i = 0; i < k->outputs; i++) {
      k->dbias[i] = 0;
      for (int t = 0; t < threads; t++) k->dbias[i] += biases[t * s.size + i];
    }
}
