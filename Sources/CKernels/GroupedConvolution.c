#include <string.h>

#include "Internal.h"

/* Convolutions of many thin groups. An image's channel is spread into its scratch plane: padded, and its phases
 * (positions with the same remainder by the stride) apart; the result's channel has the same pitch there. Every
 * tap of the filter is then one fixed offset between two flat rows, whatever stride, dilation and padding are. */
typedef struct {
  int64_t q[3], phases[3]; /* extents of one phase, and how many an axis has */
  int64_t plane, length;   /* elements of one phase; of a pitched result, a multiple of 16 */
  int64_t taps;
  float *spread, *row, *sums;
  int64_t *offsets;
} view;

/* Elements of the spread planes, and the few that whole vectors touch beyond them. */
SK_INLINE int64_t spread_size(const view *v) {
  return v->phases[0] * v->phases[1] * v->phases[2] * v->plane + 16;
}

/* The thread's view, all zeros: what no copy writes stays so. */
static view open_view(const sk_grouped_convolution *k, int thread) {
  view v;
  for (int a = 0; a < 3; a++) {
    int64_t reach = (k->kernel[a] - 1) * k->dilation[a];
    v.q[a] = k->output[a] + reach / k->stride[a];
    v.phases[a] = k->stride[a] < reach + 1 ? k->stride[a] : reach + 1;
  }
  v.plane = v.q[0] * v.q[1] * v.q[2];
  v.taps = k->kernel[0] * k->kernel[1] * k->kernel[2];
  int64_t last = ((k->output[0] - 1) * v.q[1] + k->output[1] - 1) * v.q[2] + k->output[2];
  v.length = (last + 15) / 16 * 16;
  float *scratch = k->scratch + thread * k->scratch_size;
  v.offsets = (int64_t *)scratch;
  v.sums = scratch + 2 * v.taps;
  v.row = v.sums + 16 * v.taps * k->inputs;
  v.spread = v.row + v.length;
  int64_t *offset = v.offsets;
  for (int64_t i = 0; i < k->kernel[0]; i++)
    for (int64_t j = 0; j < k->kernel[1]; j++)
      for (int64_t l = 0; l < k->kernel[2]; l++) {
        int64_t at[] = {i * k->dilation[0], j * k->dilation[1], l * k->dilation[2]}, phase = 0, row = 0;
        for (int a = 0; a < 3; a++) {
          phase = phase * v.phases[a] + at[a] % k->stride[a];
          row = row * v.q[a] + at[a] / k->stride[a];
        }
        *offset++ = phase * v.plane + row;
      }
  memset(v.row, 0, sizeof(float) * (size_t)(v.length + spread_size(&v)));
  return v;
}

/* The first q with q · stride + phase - low >= bound, in 0...limit. */
SK_INLINE int64_t first(int64_t bound, int64_t phase, int64_t low, int64_t stride, int64_t limit) {
  int64_t distance = bound + low - phase;
  int64_t q = distance <= 0 ? 0 : (distance + stride - 1) / stride;
  return q < limit ? q : limit;
}

/* Copies a channel of images into its phases, or phases back into the channel. */
SK_INLINE void transfer(const sk_grouped_convolution *k, const view *v, float *x, int back) {
  const int64_t s = k->stride[2], width = k->input[2];
  if (back) memset(x, 0, sizeof(float) * (size_t)(k->input[0] * k->input[1] * width));
  float *plane = v->spread;
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
            if (s == 1) memcpy(back ? here : there, back ? there : here, sizeof(float) * (size_t)n);
            else if (back) for (int64_t l = 0; l < n; l++) here[l * s] = there[l];
            else for (int64_t l = 0; l < n; l++) there[l] = here[l * s];
          }
        }
      }
}

/* Copies a channel of results into a row of the spread pitch. */
SK_INLINE void pitch(const sk_grouped_convolution *k, const view *v, const float *y) {
  for (int64_t i = 0; i < k->output[0]; i++)
    for (int64_t j = 0; j < k->output[1]; j++, y += k->output[2])
      memcpy(v->row + (i * v->q[1] + j) * v->q[2], y, sizeof(float) * (size_t)k->output[2]);
}

/* Calls for blocks of 6, 3 and 1 taps: their sums stay in registers. */
#define BLOCKS(taps, step) \
  do { \
    int64_t t = 0; \
    for (; t + 6 <= (taps); t += 6) step(6); \
    for (; t + 3 <= (taps); t += 3) step(3); \
    for (; t < (taps); t++) step(1); \
  } while (0)

SK_INLINE void products(const view *v, int64_t t, sk_v16 *sums, const int count) {
  const float *x[6];
  sk_v16 s[6];
  for (int i = 0; i < count; i++) x[i] = v->spread + v->offsets[t + i], s[i] = sums[t + i];
  for (int64_t at = 0; at < v->length; at += 16) {
    const sk_v16 g = *(const sk_v16 *)(v->row + at);
    for (int i = 0; i < count; i++) s[i] += g * *(const sk_v16 *)(x[i] + at);
  }
  for (int i = 0; i < count; i++) sums[t + i] = s[i];
}

SK_INLINE void weighted(const view *v, int64_t t, const float *w, const int count) {
  const float *x[6];
  float f[6];
  for (int i = 0; i < count; i++) x[i] = v->spread + v->offsets[t + i], f[i] = w[t + i];
  for (int64_t at = 0; at < v->length; at += 16) {
    sk_v16 y = *(const sk_v16 *)(v->row + at);
    for (int i = 0; i < count; i++) y += f[i] * *(const sk_v16 *)(x[i] + at);
    *(sk_v16 *)(v->row + at) = y;
  }
}

/* One channel of the filter's gradient: all images, one after the other. */
SK_CLONES static void filter_gradient(const sk_grouped_convolution *k, const view *v, int64_t channel) {
  const int64_t group = channel / k->outputs, pixels = k->input[0] * k->input[1] * k->input[2];
  const int64_t results = k->output[0] * k->output[1] * k->output[2];
  float *w = k->w + channel * k->inputs * v->taps;
  sk_v16 bias = {0};
  memset(v->sums, 0, sizeof(sk_v16) * (size_t)(v->taps * k->inputs));
  for (int64_t n = 0; n < k->images; n++) {
    pitch(k, v, k->y + (n * k->groups * k->outputs + channel) * results);
    if (k->bias)
      for (int64_t at = 0; at < v->length; at += 16) bias += *(const sk_v16 *)(v->row + at);
    for (int64_t i = 0; i < k->inputs; i++) {
      transfer(k, v, k->x + ((n * k->groups + group) * k->inputs + i) * pixels, 0);
      sk_v16 *sums = (sk_v16 *)v->sums + i * v->taps;
#define STEP(count) products(v, t, sums, count)
      BLOCKS(v->taps, STEP);
#undef STEP
    }
  }
  for (int64_t t = 0; t < v->taps * k->inputs; t++) {
    const float *sums = v->sums + 16 * t;
    w[t] = 0;
    for (int lane = 0; lane < 16; lane++) w[t] += sums[lane];
  }
  if (k->bias) {
    k->bias[channel] = 0;
    for (int lane = 0; lane < 16; lane++) k->bias[channel] += bias[lane];
  }
}

/* One channel of one image's result. */
SK_CLONES static void forward(const sk_grouped_convolution *k, const view *v, int64_t at) {
  const int64_t channel = at % (k->groups * k->outputs), n = at / (k->groups * k->outputs);
  const int64_t group = channel / k->outputs, pixels = k->input[0] * k->input[1] * k->input[2];
  const float bias = k->bias ? k->bias[channel] : 0;
  for (int64_t i = 0; i < v->length; i++) v->row[i] = bias;
  for (int64_t i = 0; i < k->inputs; i++) {
    transfer(k, v, k->x + ((n * k->groups + group) * k->inputs + i) * pixels, 0);
    const float *w = k->w + (channel * k->inputs + i) * v->taps;
#define STEP(count) weighted(v, t, w, count)
    BLOCKS(v->taps, STEP);
#undef STEP
  }
  float *y = k->y + at * k->output[0] * k->output[1] * k->output[2];
  for (int64_t i = 0; i < k->output[0]; i++)
    for (int64_t j = 0; j < k->output[1]; j++, y += k->output[2]) {
      const float *row = v->row + (i * v->q[1] + j) * v->q[2];
      for (int64_t l = 0; l < k->output[2]; l++) y[l] = k->relu && row[l] < 0 ? 0 : row[l];
    }
}

/* One channel of one image's gradient. */
SK_CLONES static void input_gradient(const sk_grouped_convolution *k, const view *v, int64_t at) {
  const int64_t channel = at % (k->groups * k->inputs), n = at / (k->groups * k->inputs);
  const int64_t group = channel / k->inputs, i = channel % k->inputs;
  const int64_t results = k->output[0] * k->output[1] * k->output[2];
  memset(v->spread, 0, sizeof(float) * (size_t)spread_size(v));
  for (int64_t o = group * k->outputs; o < (group + 1) * k->outputs; o++) {
    pitch(k, v, k->y + (n * k->groups * k->outputs + o) * results);
    const float *w = k->w + (o * k->inputs + i) * v->taps;
    for (int64_t t = 0; t < v->taps; t++) {
      float *x = v->spread + v->offsets[t];
      for (int64_t l = 0; l < v->length; l += 16)
        *(sk_v16 *)(x + l) += w[t] * *(const sk_v16 *)(v->row + l);
    }
  }
  transfer(k, v, k->x + at * k->input[0] * k->input[1] * k->input[2], 1);
}

#define RUN(name, body, count) \
  void name(const void *kernel, int thread, int threads) { \
    const sk_grouped_convolution *k = kernel; \
    view v = open_view(k, thread); \
    sk_range share = sk_share(count, 1, thread, threads); \
    for (int64_t at = share.begin; at < share.end; at++) body(k, &v, at); \
  }

RUN(sk_run_grouped_convolution, forward, k->images * k->groups * k->outputs)
RUN(sk_run_grouped_input_gradient, input_gradient, k->images * k->groups * k->inputs)
RUN(sk_run_grouped_filter_gradient, filter_gradient, k->groups * k->outputs)
