/* Hot loops on images of bytes: rows from the top, the 1 or 3 channels of a pixel next to each other.

   Pointers must hold what the extents say; nothing is checked here. Images never overlap. Results are
   the same on every instruction set: sums of bytes are integers, and floating-point products are not
   contracted. */
#pragma once
#include <stdint.h>

/* Filters of a resize that averages the covered area, with Pillow's supports. */
enum { SI_BOX, SI_BILINEAR, SI_BICUBIC, SI_LANCZOS };

/* Weights an output has at most when `in` pixels become `out`. */
int64_t si_resample_taps(int64_t in, int64_t out, int filter);
/* For each output the first source pixel, the number of weights, and the weights in 22-bit fixed point,
   `taps` places an output. */
void si_resample_weights(int64_t in, int64_t out, int filter, int64_t taps, int32_t *first,
                         int32_t *count, int32_t *weights);
/* Resizes `rows` rows, `stride` bytes apart, to a width; `last` says that nothing may be read after
   the last pixel of the last row. */
void si_resample_rows(const uint8_t *src, int64_t stride, int64_t rows, int channels, int64_t width,
                      int64_t taps, const int32_t *first, const int32_t *count,
                      const int32_t *weights, int last, uint8_t *dst);
/* Resizes columns: rows of `bytes` bytes, `stride` apart, to a height. */
void si_resample_columns(const uint8_t *src, int64_t stride, int64_t bytes, int64_t height,
                         int64_t taps, const int32_t *first, const int32_t *count,
                         const int32_t *weights, uint8_t *dst);

/* Pixel (x, y) of the result is pixel (columns[x], rows[y]); where either is negative, `fill`. */
void si_gather(const uint8_t *src, int64_t src_width, int channels, const int32_t *columns,
               int64_t width, const int32_t *rows, int64_t height, const uint8_t *fill,
               uint8_t *dst);
/* Pixel (x, y) of the result is what lies at matrix · (x + ½, y + ½, 1), a matrix of 2 × 3 by rows;
   outside, `fill`. The nearest pixel, or a mean of the four around. */
void si_affine(const uint8_t *src, int64_t src_width, int64_t src_height, int channels,
               const double *matrix, int bilinear, const uint8_t *fill, int64_t width,
               int64_t height, uint8_t *dst);

/* A table of 256 values for each channel, applied to `pixels` pixels. */
void si_lookup(const uint8_t *src, int64_t pixels, int channels, const uint8_t *tables,
               uint8_t *dst);
/* How often each value occurs, 256 counts a channel, added to `counts`. */
void si_histogram(const uint8_t *src, int64_t pixels, int channels, uint64_t *counts);
/* Grey of red, green and blue by ITU-R BT.601. */
void si_grey(const uint8_t *src, int64_t pixels, uint8_t *dst);
/* a + factor · (b − a), cut off to a byte; factors outside [0, 1] go beyond the two. */
void si_blend(const uint8_t *a, const uint8_t *b, float factor, int64_t bytes, uint8_t *dst);
/* Grey of each pixel blended with it, `factor` 0 being grey. */
void si_saturate(const uint8_t *src, float factor, int64_t pixels, uint8_t *dst);
/* Turns the hue of red, green and blue by `shift` / 256 of the circle, through 8-bit HSV. */
void si_hue(const uint8_t *src, uint8_t shift, int64_t pixels, uint8_t *dst);

/* A mean over 3 × 3 with a centre of weight 5; the border stays. */
void si_smooth(const uint8_t *src, int64_t width, int64_t height, int channels, uint8_t *dst);
/* A separable blur with reflected edges; `kernel` has an odd number of weights, `scratch` room for
   the image's values. */
void si_blur(const uint8_t *src, int64_t width, int64_t height, int channels, const float *kernel,
             int64_t taps, float *scratch, uint8_t *dst);

/* Planes of floats: a table of 256 values for each channel, applied while the channels are parted. */
void si_planes(const uint8_t *src, int64_t pixels, int channels, const float *tables, float *dst);
