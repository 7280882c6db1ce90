#include "ThinConvolution.h"

/* Convolutions of thin channels, sixteen positions a vector: for few images. */

/* The first q with q · stride + phase - low >= bound, in 0...limit. */
SK_INLINE int64_t first(int64_t bound, int64_t phase, int64_t low, int64_t stride, int64_t limit) {
  int64_t distance = bound + low - phase;
  int64_t q = distance <= 0 ? 0 : (distance + stride - 1) / stride;
  return q < limit ? q : limit;
}

/* Copies n numbers; rows are short. */
SK_INLINE void copy(float *restrict to, const float *restrict from, int64_t n) {
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) *(sk_v16 *)(to + i) = *(const sk_v16 *)(from + i);
#pragma clang loop vectorize(disable) unroll(disable)
  for (; i + 4 <= n; i += 4) memcpy(to + i, from + i, 16);
#pragma clang loop vectorize(disable) unroll(disable)
  for (; i < n; i++) to[i] = from[i];
}

/* Copies a channel of images into its phases, or phases back into the channel. */
SK_INLINE void transfer(const sk_thin_convolution *k, const view *v, float *x, float *plane, int back) {
  const int64_t s = k->stride[2], width = k->input[2];
  /* Positions between windows that do not meet have no phase. */
  const int isWhole = v->phases[0] == k->stride[0] && v->phases[1] == k->stride[1] && v->phases[2] == s;
  const int isCovered = isWhole && k->low[0] + k->low[1] + k->low[2] >= 0;
  if (back && !(isCovered && v->q[0] * k->stride[0] >= k->input[0] + k->low[0] &&
                v->q[1] * k->stride[1] >= k->input[1] + k->low[1] && v->q[2] * s >= width + k->low[2]))
    memset(x, 0, sizeof(float) * (size_t)(k->input[0] * k->input[1] * width));
  for (int64_t a = 0; a < v->phases[0]; a++)
    for (int64_t b = 0; b < v->phases[1]; b++)
      for (int64_t c = 0; c < v->phases[2]; c++, plane += v->plane) {
        const int64_t begin = first(0, c, k->low[2], s, v->q[2]), end = first(width, c, k->low[2], s, v->q[2]);
        for (int64_t i = 0; i < v->q[0]; i++) {
          const int64_t depth = i * k->stride[0] + a - k->low[0];
          if (depth < 0 || depth >= k->input[0]) continue;
          for (int64_t j = 0; j < v->q[1]; j++) {
            const int64_t height = j * k->stride[1] + b - k->low[1];
            if (height < 0 || height >= k->input[1] || begin >= end) continue;
            float *there = plane + (i * v->q[1] + j) * v->q[2] + begin;
            float *here = x + (depth * k->input[1] + height) * width + begin * s + c - k->low[2];
            const int64_t n = end - begin;
            if (s == 1) copy(back ? here : there, back ? there : here, n);
            else if (back) for (int64_t l = 0; l < n; l++) here[l * s] = there[l];
            else for (int64_t l = 0; l < n; l++) there[l] = here[l * s];
          }
        }
      }
}

/* Copies a channel of results into a row of the spread pitch. */
SK_INLINE void pitch(const sk_thin_convolution *k, const view *v, const float *y, float *row) {
  for (int64_t i = 0; i < k->output[0]; i++)
    for (int64_t j = 0; j < k->output[1]; j++, y += k->output[2])
      copy(row + (i * v->q[1] + j) * v->q[2], y, k->output[2]);
}

static int64_t forward_size(const sk_thin_convolution *k) {
  view v = open_view(k);
  int64_t pairs = k->inputs * v.taps;
  return whole(2 * pairs) + whole(pairs * k->outputs) + k->inputs * v.channel + 16 + 8 * v.length;
}

SK_CLONES void sk_thin_positions_forward(const sk_thin_convolution *k, int64_t thread, sk_range share) {
  const view v = open_view(k);
  const int64_t pairs = k->inputs * v.taps, results = pixels(k->output);
  float *scratch = k->scratch + thread * k->scratch_size;
  int64_t *offsets = (int64_t *)scratch;
  float *w = scratch + whole(2 * pairs), *spread = w + whole(pairs * k->outputs);
  float *row = spread + k->inputs * v.channel + 16;
  clear(spread, k->inputs * v.channel + 16);
  for (int64_t i = 0; i < k->inputs; i++)
    EACH_TAP(k, &v, t, phase, offset, {
      offsets[i * v.taps + t] = i * v.channel + phase * v.plane + offset;
    });
  int64_t packed = -1;
  for (int64_t at = share.begin; at < share.end; at++) {
    const int64_t g = at / k->images, n = at % k->images;
    if (g != packed) pack(k, g, pairs, w);
    packed = g;
    for (int64_t i = 0; i < k->inputs; i++)
      transfer(k, &v, k->x + ((n * k->groups + g) * k->inputs + i) * pixels(k->input), spread + i * v.channel, 0);
    EACH_PART(k->outputs, part, begin, count) {
      const int64_t channel = g * k->outputs + begin;
      const sk_thin_taps taps = {.offsets = offsets, .w = w + begin * pairs, .runs = 1, .count = pairs};
      const sk_thin_results to = {.y = row, .pitch = v.length, .bias = k->bias ? k->bias + channel : NULL,
                                  .relu = k->relu};
      sk_thin_row(spread, taps, to, v.length, count);
      float *y = k->y + (n * k->groups * k->outputs + channel) * results;
      for (int64_t o = 0; o < count; o++)
        for (int64_t i = 0; i < k->output[0]; i++)
          for (int64_t j = 0; j < k->output[1]; j++, y += k->output[2])
            copy(y, row + o * v.length + (i * v.q[1] + j) * v.q[2], k->output[2]);
    }
  }
}

static int64_t input_size(const sk_thin_convolution *k) {
  view v = open_view(k);
  int64_t pairs = k->outputs * v.taps;
  return whole(2 * pairs) + whole(pairs * k->inputs) + k->outputs * v.row + 16 + 8 * v.channel;
}

/* Weights and offsets of a phase's taps lie together, phase by phase. */
SK_CLONES void sk_thin_positions_input(const sk_thin_convolution *k, int64_t thread, sk_range share) {
  const view v = open_view(k);
  const int64_t pairs = k->outputs * v.taps, results = pixels(k->output);
  float *scratch = k->scratch + thread * k->scratch_size;
  int64_t *offsets = (int64_t *)scratch;
  float *w = scratch + whole(2 * pairs), *rows = w + whole(pairs * k->inputs);
  float *spread = rows + k->outputs * v.row + 16;
  clear(rows, k->outputs * v.row + 16);
  int64_t packed = -1;
  for (int64_t at = share.begin; at < share.end; at++) {
    const int64_t g = at / k->images, n = at % k->images;
    for (int64_t o = 0; o < k->outputs; o++)
      pitch(k, &v, k->y + (n * k->groups * k->outputs + g * k->outputs + o) * results, rows + o * v.row + v.margin);
    EACH_PART(k->inputs, part, begin, count) {
      int64_t done = 0;
      for (int64_t f = 0; f < v.phaseCount; f++) {
        int64_t end = done;
        if (g != packed)
          for (int64_t o = 0; o < k->outputs; o++)
            EACH_TAP(k, &v, t, phase, offset, {
              if (phase != f) continue;
              offsets[end] = o * v.row + v.margin - offset;
              for (int64_t i = 0; i < count; i++)
                w[begin * pairs + end * count + i] =
                    k->w[((g * k->outputs + o) * k->inputs + begin + i) * v.taps + t];
              end++;
            });
        else
          EACH_TAP(k, &v, t, phase, offset, { end += phase == f ? k->outputs : 0; });
        const sk_thin_taps taps = {.offsets = offsets + done, .w = w + begin * pairs + done * count, .runs = 1,
                                   .count = end - done};
        const sk_thin_results to = {.y = spread + f * v.plane, .pitch = v.channel};
        sk_thin_row(rows, taps, to, v.plane, count);
        done = end;
      }
      for (int64_t i = 0; i < count; i++)
        transfer(k, &v, k->x + ((n * k->groups + g) * k->inputs + begin + i) * pixels(k->input),
                 spread + i * v.channel, 1);
    }
    packed = g;
  }
}

/* Images whose planes lie side by side in a core's own cache, so that sums are rarely loaded and stored. */
SK_INLINE int64_t chunk_of(const sk_thin_convolution *k, const view *v) {
  int64_t fitting = 65536 / (k->inputs * v->channel + k->outputs * v->length);
  return fitting < 1 ? 1 : fitting < k->images ? fitting : k->images;
}

static int64_t filter_size(const sk_thin_convolution *k) {
  view v = open_view(k);
  int64_t pairs = k->inputs * v.taps, chunk = chunk_of(k, &v);
  return whole(2 * pairs) + 16 * (pairs + 1) * k->outputs + chunk * (k->inputs * v.channel + k->outputs * v.length) +
         16;
}

/* The gradient of some groups' filters by some images; w and bias begin at the first group of all. */
SK_CLONES void sk_thin_positions_filter(const sk_thin_convolution *k, int64_t thread, sk_range groups, sk_range images,
                                        float *w, float *bias) {
  const view v = open_view(k);
  const int64_t pairs = k->inputs * v.taps, results = pixels(k->output), chunk = chunk_of(k, &v);
  float *scratch = k->scratch + thread * k->scratch_size;
  int64_t *offsets = (int64_t *)scratch;
  sk_v16 *sums = (sk_v16 *)(scratch + whole(2 * pairs)), *biases = sums + pairs * k->outputs;
  float *rows = (float *)(biases + k->outputs), *spread = rows + chunk * k->outputs * v.length;
  clear(rows, chunk * (k->inputs * v.channel + k->outputs * v.length) + 16);
  for (int64_t i = 0; i < k->inputs; i++)
    EACH_TAP(k, &v, t, phase, offset, { offsets[i * v.taps + t] = i * v.channel + phase * v.plane + offset; });
  for (int64_t g = groups.begin; g < groups.end; g++) {
    memset(sums, 0, sizeof(sk_v16) * (size_t)((pairs + 1) * k->outputs));
    for (int64_t n = images.begin; n < images.end; n += chunk) {
      const int64_t count = images.end - n < chunk ? images.end - n : chunk;
      for (int64_t c = 0; c < count; c++) {
        const int64_t image = (n + c) * k->groups + g;
        for (int64_t i = 0; i < k->inputs; i++)
          transfer(k, &v, k->x + (image * k->inputs + i) * pixels(k->input), spread + (c * k->inputs + i) * v.channel,
                   0);
        for (int64_t o = 0; o < k->outputs; o++) {
          float *row = rows + (c * k->outputs + o) * v.length;
          pitch(k, &v, k->y + (image * k->outputs + o) * results, row);
          if (bias)
            for (int64_t l = 0; l < v.length; l += 16) biases[o] += *(const sk_v16 *)(row + l);
        }
      }
      EACH_PART(k->outputs, part, begin, outputs) {
        const sk_thin_rows all = {.x = spread, .y = rows + begin * v.length, .planes = 1, .rows = count,
                                  .x_row = k->inputs * v.channel, .y_row = k->outputs * v.length,
                                  .length = v.length, .y_channel = v.length};
        sk_thin_sums(all, offsets, pairs, sums + begin * pairs, outputs);
      }
    }
    finish(k, g, pairs, sums, biases, w, bias);
  }
}

int64_t sk_thin_positions_size(const sk_thin_convolution *k, int direction) {
  return direction == SK_THIN_FORWARD ? forward_size(k) : direction == SK_THIN_INPUT ? input_size(k) : filter_size(k);
}
