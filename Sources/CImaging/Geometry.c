/* Moving pixels: by rows and columns, and along a 2 × 3 matrix, with Pillow's roundings. */
#include <math.h>
#include <string.h>

#include "Internal.h"

void si_gather(const uint8_t *src, int64_t src_width, int channels, const int32_t *columns,
               int64_t width, const int32_t *rows, int64_t height, const uint8_t *fill,
               uint8_t *dst) {
  int64_t run = 1; /* a run of neighbours, as a crop has, is copied at once */
  while (run < width && columns[0] >= 0 && columns[run] == columns[0] + run) run++;
  for (int64_t y = 0; y < height; y++) {
    const uint8_t *row = rows[y] < 0 ? NULL : src + rows[y] * src_width * channels;
    int64_t x = 0;
    if (row && run > 1) {
      memcpy(dst, row + (int64_t)columns[0] * channels, (size_t)(run * channels));
      dst += run * channels;
      x = run;
    }
    for (; x < width; x++, dst += channels) {
      const uint8_t *p = row && columns[x] >= 0 ? row + (int64_t)columns[x] * channels : fill;
      dst[0] = p[0];
      if (channels == 3) dst[1] = p[1], dst[2] = p[2];
    }
  }
}

/* Whether the result's corners fall where 16.16 fixed point can say them. */
static int si_fixed(const double *m, int64_t width, int64_t height) {
  for (int corner = 0; corner < 4; corner++) {
    double x = corner & 1 ? (double)width : 0, y = corner & 2 ? (double)height : 0;
    if (!(fabs(x * m[0] + y * m[1] + m[2]) < 32768 && fabs(x * m[3] + y * m[4] + m[5]) < 32768))
      return 0;
  }
  return 1;
}

static int64_t si_fix(double value) { return (int64_t)floor(value * 65536 + 0.5); }

SI_INLINE void si_copy(const uint8_t *p, int channels, uint8_t *dst) {
  dst[0] = p[0];
  if (channels == 3) dst[1] = p[1], dst[2] = p[2];
}

static void si_affine_fixed(const uint8_t *src, int64_t src_width, int64_t src_height, int channels,
                            const double *m, const uint8_t *fill, int64_t width, int64_t height,
                            uint8_t *dst) {
  int64_t left = si_fix(m[2] + m[0] * 0.5 + m[1] * 0.5);
  int64_t top = si_fix(m[5] + m[3] * 0.5 + m[4] * 0.5);
  int64_t dx = si_fix(m[0]), dy = si_fix(m[3]), nx = si_fix(m[1]), ny = si_fix(m[4]);
  for (int64_t y = 0; y < height; y++, left += nx, top += ny) {
    int64_t xx = left, yy = top;
    for (int64_t x = 0; x < width; x++, xx += dx, yy += dy, dst += channels) {
      int64_t u = xx >> 16, v = yy >> 16;
      int inside = u >= 0 && u < src_width && v >= 0 && v < src_height;
      si_copy(inside ? src + (v * src_width + u) * channels : fill, channels, dst);
    }
  }
}

SI_INLINE double si_mix(double a, double b, double part) { return a + (b - a) * part; }

SI_INLINE int64_t si_clip(int64_t value, int64_t count) {
  return value < 0 ? 0 : value < count ? value : count - 1;
}

void si_affine(const uint8_t *src, int64_t src_width, int64_t src_height, int channels,
               const double *m, int bilinear, const uint8_t *fill, int64_t width, int64_t height,
               uint8_t *dst) {
  if (!bilinear && si_fixed(m, width, height)) {
    si_affine_fixed(src, src_width, src_height, channels, m, fill, width, height, dst);
    return;
  }
  for (int64_t y = 0; y < height; y++) {
    for (int64_t x = 0; x < width; x++, dst += channels) {
      double u = m[0] * ((double)x + 0.5) + m[1] * ((double)y + 0.5) + m[2];
      double v = m[3] * ((double)x + 0.5) + m[4] * ((double)y + 0.5) + m[5];
      if (!(u >= 0 && u < (double)src_width && v >= 0 && v < (double)src_height)) {
        si_copy(fill, channels, dst);
        continue;
      }
      if (!bilinear) {
        si_copy(src + ((int64_t)v * src_width + (int64_t)u) * channels, channels, dst);
        continue;
      }
      double fx = floor(u - 0.5), fy = floor(v - 0.5);
      double dx = u - 0.5 - fx, dy = v - 0.5 - fy;
      int64_t x0 = si_clip((int64_t)fx, src_width), x1 = si_clip((int64_t)fx + 1, src_width);
      int64_t y0 = si_clip((int64_t)fy, src_height), y1 = si_clip((int64_t)fy + 1, src_height);
      for (int c = 0; c < channels; c++) {
        const uint8_t *upper = src + y0 * src_width * channels + c;
        const uint8_t *lower = src + y1 * src_width * channels + c;
        double a = si_mix(upper[x0 * channels], upper[x1 * channels], dx);
        double b = si_mix(lower[x0 * channels], lower[x1 * channels], dx);
        dst[c] = (uint8_t)si_mix(a, b, dy);
      }
    }
  }
}
