#pragma once
#include <string.h>

#include "ThinTiles.h"

/* Convolutions of thin channels: of few channels, or of many groups of few. A group's channels are spread into planes:
 * padded, and their phases (positions with the same remainder by the stride) apart; results have the same pitch there.
 * Every tap of the filter is then one fixed offset between two flat rows, whatever stride, dilation and padding are.
 * Lanes of vectors are sixteen positions of an image (ThinPositions.c) or a position of sixteen images (ThinImages.c),
 * never channels. */
typedef struct {
  int64_t q[3], phases[3], phaseCount; /* extents of one phase, and how many an axis has */
  int64_t plane, length;               /* elements of one phase and of a pitched result, multiples of 16 */
  int64_t taps, margin;                /* the largest offset within a phase, a multiple of 16 */
  int64_t channel, row;                /* elements of a spread channel, and of a result with its margin */
} view;

/* A multiple of 16 from n on. */
SK_INLINE int64_t whole(int64_t n) { return (n + 15) / 16 * 16; }

SK_INLINE view open_view(const sk_thin_convolution *k) {
  view v = {.taps = k->kernel[0] * k->kernel[1] * k->kernel[2]};
  int64_t reach[3];
  for (int a = 0; a < 3; a++) {
    reach[a] = (k->kernel[a] - 1) * k->dilation[a];
    v.q[a] = k->output[a] + reach[a] / k->stride[a];
    v.phases[a] = k->stride[a] < reach[a] + 1 ? k->stride[a] : reach[a] + 1;
    reach[a] /= k->stride[a];
  }
  v.phaseCount = v.phases[0] * v.phases[1] * v.phases[2];
  v.plane = whole(v.q[0] * v.q[1] * v.q[2]);
  v.length = whole(((k->output[0] - 1) * v.q[1] + k->output[1] - 1) * v.q[2] + k->output[2]);
  v.margin = whole((reach[0] * v.q[1] + reach[1]) * v.q[2] + reach[2]);
  v.channel = v.phaseCount * v.plane;
  v.row = v.margin + v.plane;
  return v;
}

/* Calls back(tap, phase, offset) for every tap: where it lies within its phase of the plane. */
#define EACH_TAP(k, v, tap, phase, offset, body) \
  do { \
    int64_t tap = 0; \
    for (int64_t i_ = 0; i_ < (k)->kernel[0]; i_++) \
      for (int64_t j_ = 0; j_ < (k)->kernel[1]; j_++) \
        for (int64_t l_ = 0; l_ < (k)->kernel[2]; l_++, tap++) { \
          const int64_t at_[] = {i_ * (k)->dilation[0], j_ * (k)->dilation[1], l_ * (k)->dilation[2]}; \
          int64_t phase = 0, offset = 0; \
          for (int a_ = 0; a_ < 3; a_++) { \
            phase = phase * (v)->phases[a_] + at_[a_] % (k)->stride[a_]; \
            offset = offset * (v)->q[a_] + at_[a_] / (k)->stride[a_]; \
          } \
          body \
        } \
  } while (0)

/* Channels are taken in even parts of at most 8: the first of part `part` of so many. */
SK_INLINE int64_t part_begin(int64_t channels, int64_t part) {
  int64_t parts = (channels + 7) / 8;
  return part * (channels / parts) + (part < channels % parts ? part : channels % parts);
}

/* The sum of a vector's lanes, in order. */
SK_INLINE float total(const sk_v16 *sum) {
  float total = 0;
  for (int lane = 0; lane < 16; lane++) total += (*sum)[lane];
  return total;
}

/* Numbers of a channel's images. */
SK_INLINE int64_t pixels(const int64_t extents[3]) { return extents[0] * extents[1] * extents[2]; }

/* Zeros: what no copy writes stays so. */
SK_INLINE void clear(float *space, int64_t count) { memset(space, 0, sizeof(float) * (size_t)count); }

#define EACH_PART(channels, part, begin, count) \
  for (int64_t part = 0, begin = 0, count = 0; \
       part < ((channels) + 7) / 8 && (begin = part_begin(channels, part), \
                                       count = part_begin(channels, part + 1) - begin, 1); \
       part++)

/* A group's filters as tiles take them: parts of the outputs, [pair of channel and tap][output of the part]. */
SK_INLINE void pack(const sk_thin_convolution *k, int64_t g, int64_t pairs, float *w) {
  EACH_PART(k->outputs, part, begin, count)
    for (int64_t p = 0; p < pairs; p++)
      for (int64_t o = 0; o < count; o++)
        w[begin * pairs + p * count + o] = k->w[(g * k->outputs + begin + o) * pairs + p];
}

/* A group's gradients from their sums, [part of the outputs][pair][output of the part][16]. */
SK_INLINE void finish(const sk_thin_convolution *k, int64_t g, int64_t pairs, const sk_v16 *sums,
                      const sk_v16 *biases, float *w, float *bias) {
  w += g * k->outputs * pairs;
  EACH_PART(k->outputs, part, begin, count)
    for (int64_t o = 0; o < count; o++)
      for (int64_t p = 0; p < pairs; p++)
        w[(begin + o) * pairs + p] = total(sums + begin * pairs + p * count + o);
  for (int64_t o = 0; bias && o < k->outputs; o++) bias[g * k->outputs + o] = total(biases + o);
}

/* One direction by one way: a thread's space in floats, and a share of the work. Work is counted in groups times images
 * or blocks of them, group by group; a filter's gradient takes a share of the groups and one of the images. */
int64_t sk_thin_positions_size(const sk_thin_convolution *k, int direction);
int64_t sk_thin_images_size(const sk_thin_convolution *k, int direction);
void sk_thin_positions_forward(const sk_thin_convolution *k, int64_t thread, sk_range share);
void sk_thin_images_forward(const sk_thin_convolution *k, int64_t thread, sk_range share);
void sk_thin_positions_input(const sk_thin_convolution *k, int64_t thread, sk_range share);
void sk_thin_images_input(const sk_thin_convolution *k, int64_t thread, sk_range share);
void sk_thin_positions_filter(const sk_thin_convolution *k, int64_t thread, sk_range groups, sk_range images, float *w,
                              float *bias);
void sk_thin_images_filter(const sk_thin_convolution *k, int64_t thread, sk_range groups, sk_range images, float *w,
                           float *bias);
