#include <string.h>

#include "Winograd.h"

/* The filter's gradient: products of transformed inputs (rows) and of transformed gradients of results (columns),
 * summed over tiles, in squares of two by two blocks. A square's sums stay in a thread's cache where all tiles are
 * one block and there are squares enough; else they lie in memory, and threads divide frequencies too. */
typedef struct {
  int64_t rowBlocks, columnBlocks, across, squares; /* squares of two by two blocks */
  int64_t frequencies, tiles, block;
  int64_t inputs, results, square; /* floats of the slabs, and of one square's sums */
  sk_tiles in, out;
} sizes;

SK_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static sizes measure(const sk_winograd *k) {
  sizes s;
  s.rowBlocks = (k->inputs + 15) / 16, s.columnBlocks = (k->outputs + 15) / 16;
  s.across = (s.columnBlocks + 1) / 2;
  s.squares = (s.rowBlocks + 1) / 2 * s.across;
  s.frequencies = sk_frequencies(k->tile);
  const int64_t down = (k->output[0] + k->tile - 1) / k->tile, across = (k->output[1] + k->tile - 1) / k->tile;
  s.tiles = k->images * down * across;
  s.block = least(k->block, s.tiles);
  s.inputs = s.frequencies * sk_pitch(s.rowBlocks, s.block);
  s.results = s.frequencies * sk_pitch(s.columnBlocks, s.block);
  s.square = s.frequencies * (1024 + 16);
  s.in = (sk_tiles){k->images, s.rowBlocks, k->input[0], k->input[1], down, across, {k->low[0], k->low[1]}};
  s.out = (sk_tiles){k->images, s.columnBlocks, k->output[0], k->output[1], down, across, {0, 0}};
  return s;
}

SK_INLINE int keeps_own(const sizes *s, int threads) { return s->block == s->tiles && s->squares >= 4 * threads; }

int64_t sk_winograd_gradient_scratch_size(const sk_winograd *k, int threads) {
  const sizes s = measure(k);
  return s.inputs + s.results + (keeps_own(&s, threads) ? threads : s.squares) * s.square +
         threads * s.columnBlocks * 16;
}

/* A square's sums of one frequency: [32 rows][32 columns]. */
static void multiply(const sizes *s, const float *v, const float *p, int64_t square, int64_t f, int64_t count, int add,
                     float *sums) {
  const int64_t row = square / s->across * 2, column = square % s->across * 2;
  const int lanes = column + 2 <= s->columnBlocks ? 2 : 1;
  for (int64_t i = row; i < row + 2 && i < s->rowBlocks; i++)
    sk_multiply_gradients(v + f * sk_pitch(s->rowBlocks, count) + i * count * 16,
                          p + f * sk_pitch(s->columnBlocks, count) + column * count * 16, count * 16, count, lanes,
                          add, sums + f * (1024 + 16) + (i - row) * 512, 32);
}

static void finish(const sk_winograd *k, const sizes *s, int64_t square, const float *sums) {
  const int64_t row = square / s->across * 2, column = square % s->across * 2;
  for (int64_t i = row; i < row + 2 && i < s->rowBlocks; i++)
    for (int64_t j = column; j < column + 2 && j < s->columnBlocks; j++)
      sk_transform_gradient(k->tile, sums + (i - row) * 512 + (j - column) * 16, 1024 + 16, 32,
                            k->w + (j * s->rowBlocks + i) * 2304);
}

void sk_run_winograd_filter_gradient(const void *kernel, int thread, int threads) {
  const sk_winograd *k = kernel;
  const sizes s = measure(k);
  float *v = k->scratch, *p = v + s.inputs, *sums = p + s.results;
  const int own = keeps_own(&s, threads);
  float *biases = sums + (own ? threads : s.squares) * s.square;
  float *bias = k->dbias ? biases + thread * s.columnBlocks * 16 : NULL;
  int32_t *meeting = (int32_t *)k->meeting;
  if (bias) memset(bias, 0, sizeof(float) * (size_t)s.columnBlocks * 16);
  const int64_t parts = (s.tiles + s.block - 1) / s.block, kinds = s.rowBlocks + s.columnBlocks;
  for (int64_t part = 0; part < parts; part++) {
    const int64_t begin = s.tiles * part / parts, count = s.tiles * (part + 1) / parts - begin;
    if (part > 0) sk_meet(meeting, threads);
    const sk_range share = sk_share(count * kinds, 1, thread, threads);
    for (int64_t at = share.begin; at < share.end;) {
      const int64_t kind = at / count, first = at % count, n = least(count - first, share.end - at);
      const int64_t column = kind - s.rowBlocks;
      if (column < 0)
        sk_transform_inputs(k->tile, &s.in, k->x, begin + first, n, kind, kind + 1, v, first, count);
      else
        sk_transform_results(k->tile, &s.out, k->y, begin + first, n, column, column + 1, p, first, count, bias);
      at += n;
    }
    sk_meet(meeting, threads);
    if (own) {
      const sk_range squares = sk_share(s.squares, 1, thread, threads);
      float *mine = sums + thread * s.square;
      for (int64_t square = squares.begin; square < squares.end; square++) {
        for (int64_t f = 0; f < s.frequencies; f++) multiply(&s, v, p, square, f, count, 0, mine);
        finish(k, &s, square, mine);
      }
    } else {
      const sk_range units = sk_share(s.frequencies * s.squares, 1, thread, threads);
      for (int64_t at = units.begin; at < units.end; at++)
        multiply(&s, v, p, at % s.squares, at / s.squares, count, part > 0, sums + at % s.squares * s.square);
    }
  }
  if (!own) {
    sk_meet(meeting, threads);
    const sk_range squares = sk_share(s.squares, 1, thread, threads);
    for (int64_t square = squares.begin; square < squares.end; square++)
      finish(k, &s, square, sums + square * s.square);
  }
  if (k->dbias) {
    const sk_range channels = sk_share(k->outputs, 1, thread, threads);
    for (int64_t i = channels.begin; i < channels.end; i++) {
      double sum = 0;
      for (int t = 0; t < threads; t++) sum += (double)biases[t * s.columnBlocks * 16 + i];
      k->dbias[i] = (float)sum;
    }
  }
}
