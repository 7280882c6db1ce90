#include "ThinConvolution.h"
#include "Lanes.h"

/* Convolutions of thin channels, a position of sixteen images a vector: no product is wasted on padding. */

/* Numbers of a block of sixteen images: of a channel's planes, with a vector for pixels that no window reaches behind
 * them, and of its results. */
SK_INLINE int64_t plane_size(const view *v) { return 16 * (v->channel + 1); }
SK_INLINE int64_t results_size(const sk_thin_convolution *k) { return 16 * pixels(k->output); }

/* Where the pixels of a channel lie in its phases; those that no window reaches lie behind all of them. */
SK_INLINE void map_pixels(const sk_thin_convolution *k, const view *v, int32_t *map) {
  int64_t at[3];
  for (at[0] = 0; at[0] < k->input[0]; at[0]++)
    for (at[1] = 0; at[1] < k->input[1]; at[1]++)
      for (at[2] = 0; at[2] < k->input[2]; at[2]++) {
        int64_t phase = 0, position = 0;
        int isReached = 1;
        for (int a = 0; a < 3; a++) {
          const int64_t padded = at[a] + k->low[a], within = padded % k->stride[a], q = padded / k->stride[a];
          isReached &= within < v->phases[a] && q < v->q[a];
          phase = phase * v->phases[a] + within;
          position = position * v->q[a] + q;
        }
        *map++ = (int32_t)(isReached ? phase * v->plane + position : v->channel);
      }
}

/* Where results lie in rows of the planes' pitch. */
SK_INLINE void map_results(const sk_thin_convolution *k, const view *v, int32_t *map) {
  for (int64_t i = 0; i < k->output[0]; i++)
    for (int64_t j = 0; j < k->output[1]; j++)
      for (int64_t l = 0; l < k->output[2]; l++) *map++ = (int32_t)(v->margin + (i * v->q[1] + j) * v->q[2] + l);
}

/* A block's channels in lanes; a channel takes `size` numbers. */
SK_INLINE void gather(const float *x, int64_t channels, int64_t stride, int64_t images, int64_t count,
                      const int32_t *map, float *to, int64_t size) {
  for (int64_t c = 0; c < channels; c++) sk_lanes_in(x + c * count, stride, images, count, map, to + c * size);
}

/* A thread's space: one list of numbers after the other. */
typedef struct {
  int64_t *offsets;
  int32_t *map;
  float *w, *x, *y;
  int64_t size;
} space;

SK_INLINE space divide(float *at, int64_t pairs, int64_t map, int64_t w, int64_t x, int64_t y) {
  space s = {.offsets = (int64_t *)at, .map = (int32_t *)(at + whole(2 * pairs))};
  s.w = at + whole(2 * pairs) + whole(map);
  s.x = s.w + whole(w);
  s.y = s.x + x;
  s.size = whole(2 * pairs) + whole(map) + whole(w) + x + y;
  return s;
}

static space forward_space(const sk_thin_convolution *k, const view *v, float *at) {
  const int64_t pairs = k->inputs * v->taps;
  return divide(at, pairs, pixels(k->input), pairs * k->outputs, k->inputs * plane_size(v), 8 * results_size(k));
}

SK_CLONES void sk_thin_images_forward(const sk_thin_convolution *k, int64_t thread, sk_range share) {
  const view v = open_view(k);
  const int64_t pairs = k->inputs * v.taps, results = pixels(k->output), blocks = (k->images + 15) / 16;
  const int64_t x_stride = k->groups * k->inputs * pixels(k->input), y_stride = k->groups * k->outputs * results;
  const space s = forward_space(k, &v, k->scratch + thread * k->scratch_size);
  for (int64_t i = 0; i < k->inputs; i++)
    EACH_TAP(k, &v, t, phase, offset, {
      s.offsets[i * v.taps + t] = i * plane_size(&v) + 16 * (phase * v.plane + offset);
    });
  map_pixels(k, &v, s.map);
  clear(s.x, k->inputs * plane_size(&v));
  int64_t packed = -1;
  for (int64_t at = share.begin; at < share.end; at++) {
    const int64_t g = at / blocks, n = at % blocks * 16, images = k->images - n;
    if (g != packed) pack(k, g, pairs, s.w);
    packed = g;
    gather(k->x + n * x_stride + g * k->inputs * pixels(k->input), k->inputs, x_stride, images, pixels(k->input),
           s.map, s.x, plane_size(&v));
    EACH_PART(k->outputs, part, begin, count) {
      const int64_t channel = g * k->outputs + begin;
      const sk_thin_taps taps = {.offsets = s.offsets, .w = s.w + begin * pairs, .runs = 1, .count = pairs};
      sk_thin_results to = {.y = s.y, .pitch = results_size(k), .bias = k->bias ? k->bias + channel : NULL,
                            .relu = k->relu};
      for (int64_t i = 0; i < k->output[0]; i++)
        for (int64_t j = 0; j < k->output[1]; j++, to.y += 16 * k->output[2])
          sk_thin_row(s.x + 16 * (i * v.q[1] + j) * v.q[2], taps, to, 16 * k->output[2], count);
      for (int64_t o = 0; o < count; o++)
        sk_lanes_out(s.y + o * results_size(k), NULL, results, k->y + n * y_stride + (channel + o) * results, y_stride,
                     images);
    }
  }
}

static space input_space(const sk_thin_convolution *k, const view *v, float *at) {
  const int64_t pairs = k->outputs * v->taps;
  return divide(at, pairs, pixels(k->input) + pixels(k->output), pairs * k->inputs,
                8 * plane_size(v), 16 * k->outputs * v->row);
}

/* The taps of a phase along an axis: those at first, first + step, … — and those of them that reach results from a
 * position. */
typedef struct { int64_t first, step, count, offset, advance; } axis_taps;

SK_INLINE axis_taps taps_of(const sk_thin_convolution *k, int axis, int64_t phase) {
  axis_taps t = {.step = 1};
  int64_t tap = 0;
  const int64_t stride = k->stride[axis], dilation = k->dilation[axis];
  while (tap < k->kernel[axis] && tap * dilation % stride != phase) tap++;
  if (tap == k->kernel[axis]) return t;
  t.first = tap, t.offset = tap * dilation / stride;
  while (t.step * dilation % stride != 0) t.step++;
  t.count = (k->kernel[axis] - tap + t.step - 1) / t.step;
  t.advance = t.step * dilation / stride;
  return t;
}

/* Of an axis' taps those from which some position in begin..<end meets a result. */
SK_INLINE sk_range meeting_taps(axis_taps t, int64_t begin, int64_t end, int64_t results) {
  sk_range taps = {0, t.count};
  while (taps.begin < taps.end && begin - (t.offset + taps.begin * t.advance) >= results) taps.begin++;
  while (taps.begin < taps.end && end - 1 - (t.offset + (taps.end - 1) * t.advance) < 0) taps.end--;
  return taps;
}

/* The gradients of a phase's positions: taps lie [row][column][plane][result's channel], so that those which meet
 * results from a tile are runs. */
SK_INLINE void phase_gradient(const sk_thin_convolution *k, const view *v, const space *s, const float *w,
                              const int64_t *offsets, axis_taps down, axis_taps across, int64_t inner, float *to,
                              int64_t count) {
  for (int64_t i = 0; i < v->q[0]; i++)
    for (int64_t j = 0; j < v->q[1]; j++) {
      const sk_range rows = meeting_taps(down, j, j + 1, k->output[1]);
      for (int64_t l = 0; l < v->q[2];) {
        int64_t wide = sk_thin_vectors(count);
        if (l + wide > v->q[2]) wide = 1;
        const sk_range columns = meeting_taps(across, l, l + wide, k->output[2]);
        const int64_t first = (rows.begin * across.count + columns.begin) * inner;
        const int64_t position = (i * v->q[1] + j) * v->q[2] + l;
        const sk_thin_taps taps = {.offsets = offsets + first, .w = w + first * count, .step = across.count * inner,
                                   .runs = rows.end - rows.begin, .count = (columns.end - columns.begin) * inner};
        const sk_thin_results results = {.y = to + 16 * position, .pitch = plane_size(v)};
        sk_thin_row(s->y + 16 * position, taps, results, 16 * wide, count);
        l += wide;
      }
    }
}

SK_CLONES void sk_thin_images_input(const sk_thin_convolution *k, int64_t thread, sk_range share) {
  const view v = open_view(k);
  const int64_t pairs = k->outputs * v.taps, results = pixels(k->output), blocks = (k->images + 15) / 16;
  const int64_t x_stride = k->groups * k->inputs * pixels(k->input), y_stride = k->groups * k->outputs * results;
  const space s = input_space(k, &v, k->scratch + thread * k->scratch_size);
  int32_t *result_map = s.map + pixels(k->input);
  map_pixels(k, &v, s.map);
  map_results(k, &v, result_map);
  clear(s.x, 8 * plane_size(&v));
  clear(s.y, 16 * k->outputs * v.row);
  for (int64_t at = share.begin; at < share.end; at++) {
    const int64_t g = at / blocks, n = at % blocks * 16, images = k->images - n;
    gather(k->y + n * y_stride + g * k->outputs * results, k->outputs, y_stride, images, results, result_map, s.y,
           16 * v.row);
    EACH_PART(k->inputs, part, begin, count) {
      int64_t done = 0;
      for (int64_t f = 0; f < v.phaseCount; f++) {
        const axis_taps deep = taps_of(k, 0, f / (v.phases[1] * v.phases[2]));
        const axis_taps down = taps_of(k, 1, f / v.phases[2] % v.phases[1]), across = taps_of(k, 2, f % v.phases[2]);
        const int64_t inner = deep.count * k->outputs;
        int64_t end = done;
        for (int64_t a = 0; a < down.count; a++)
          for (int64_t b = 0; b < across.count; b++)
            for (int64_t c = 0; c < deep.count; c++)
              for (int64_t o = 0; o < k->outputs; o++, end++) {
                const int64_t tap = ((deep.first + c * deep.step) * k->kernel[1] + down.first + a * down.step) *
                                        k->kernel[2] + across.first + b * across.step;
                const int64_t back = ((deep.offset + c * deep.advance) * v.q[1] + down.offset + a * down.advance) *
                                         v.q[2] + across.offset + b * across.advance;
                s.offsets[end] = 16 * (o * v.row + v.margin - back);
                for (int64_t i = 0; i < count; i++)
                  s.w[end * count + i] = k->w[((g * k->outputs + o) * k->inputs + begin + i) * v.taps + tap];
              }
        phase_gradient(k, &v, &s, s.w + done * count, s.offsets + done, down, across, inner, s.x + 16 * f * v.plane,
                       count);
        done = end;
      }
      float *x = k->x + n * x_stride + (g * k->inputs + begin) * pixels(k->input);
      for (int64_t i = 0; i < count; i++) {
        sk_lanes_out(s.x + i * plane_size(&v), s.map, pixels(k->input), x + i * pixels(k->input), x_stride, images);
      }
    }
  }
}

static space filter_space(const sk_thin_convolution *k, const view *v, float *at) {
  const int64_t pairs = k->inputs * v->taps;
  return divide(at, pairs, pixels(k->input), 16 * (pairs + 1) * k->outputs, k->inputs * plane_size(v),
                k->outputs * results_size(k));
}

SK_CLONES void sk_thin_images_filter(const sk_thin_convolution *k, int64_t thread, sk_range groups, sk_range images,
                                     float *w, float *bias) {
  const view v = open_view(k);
  const int64_t pairs = k->inputs * v.taps, results = pixels(k->output);
  const int64_t x_stride = k->groups * k->inputs * pixels(k->input), y_stride = k->groups * k->outputs * results;
  const space s = filter_space(k, &v, k->scratch + thread * k->scratch_size);
  sk_v16 *sums = (sk_v16 *)s.w, *biases = sums + pairs * k->outputs;
  for (int64_t i = 0; i < k->inputs; i++)
    EACH_TAP(k, &v, t, phase, offset, {
      s.offsets[i * v.taps + t] = i * plane_size(&v) + 16 * (phase * v.plane + offset);
    });
  map_pixels(k, &v, s.map);
  clear(s.x, k->inputs * plane_size(&v));
  for (int64_t g = groups.begin; g < groups.end; g++) {
    memset(sums, 0, sizeof(sk_v16) * (size_t)((pairs + 1) * k->outputs));
    for (int64_t n = images.begin; n < images.end; n += 16) {
      gather(k->x + n * x_stride + g * k->inputs * pixels(k->input), k->inputs, x_stride, images.end - n,
             pixels(k->input), s.map, s.x, plane_size(&v));
      gather(k->y + n * y_stride + g * k->outputs * results, k->outputs, y_stride, images.end - n, results, NULL, s.y,
             results_size(k));
      for (int64_t o = 0; bias && o < k->outputs; o++)
        for (int64_t l = 0; l < results; l++) biases[o] += *(const sk_v16 *)(s.y + o * results_size(k) + 16 * l);
      EACH_PART(k->outputs, part, begin, count) {
        const sk_thin_rows rows = {
            .x = s.x, .y = s.y + begin * results_size(k),
            .planes = k->output[0], .x_plane = 16 * v.q[1] * v.q[2], .y_plane = 16 * k->output[1] * k->output[2],
            .rows = k->output[1], .x_row = 16 * v.q[2], .y_row = 16 * k->output[2],
            .length = 16 * k->output[2], .y_channel = results_size(k)};
        sk_thin_sums(rows, s.offsets, pairs, sums + begin * pairs, count);
      }
    }
    finish(k, g, pairs, sums, biases, w, bias);
  }
}

int64_t sk_thin_images_size(const sk_thin_convolution *k, int direction) {
  const view v = open_view(k);
  return (direction == SK_THIN_FORWARD ? forward_space : direction == SK_THIN_INPUT ? input_space : filter_space)(
             k, &v, k->scratch).size;
}
