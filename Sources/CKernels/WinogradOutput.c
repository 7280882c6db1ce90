#include "Functions.h"
#include "Winograd.h"

SK_INLINE void transform(const sk_form form, const float *p, int64_t pitch, sk_v16 *y) {
  const int n = sk_side(form), m = form.m;
  sk_v16 half[24], column[6], out[4];
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < n; i++) column[i] = *(const sk_v16 *)(p + (i * n + j) * pitch);
    sk_output_1d(form, column, out);
    for (int i = 0; i < m; i++) half[i * n + j] = out[i];
  }
  for (int i = 0; i < m; i++) sk_output_1d(form, half + i * n, y + i * m);
}

SK_INLINE void transform_all(const sk_form form, const sk_tiles *s, const float *p, int64_t begin, int64_t count,
                             int64_t block, int lanes, const sk_finish *f, float *y) {
  const int64_t pitch = sk_pitch(lanes, count), row = s->width * 16;
  const int m = form.m;
  for (int lane = 0; lane < lanes; lane++) {
    const int64_t channel = (block + lane) * 16;
    sk_v16 bias = {0}, zero = {0}, high = zero + f->high;
    if (f->bias)
      for (int i = 0; i < 16 && channel + i < f->channels; i++) bias[i] = f->bias[channel + i];
    for (int64_t t = 0; t < count; t++) {
      const int64_t at = begin + t, across = at % s->across, down = at / s->across % s->down;
      const int64_t image = at / s->across / s->down, top = down * m, left = across * m;
      const int64_t offset = (image * s->blocks + block + lane) * s->height * row + top * row + left * 16;
      const int height = s->height - top < m ? (int)(s->height - top) : m;
      const int width = s->width - left < m ? (int)(s->width - left) : m;
      sk_v16 out[16];
      transform(form, p + (lane * count + t) * 16, pitch, out);
      for (int i = 0; i < m; i++) {
        if (i >= height) break;
        for (int j = 0; j < m; j++) {
          if (j >= width) break;
          sk_v16 value = out[i * m + j] + bias;
          if (f->sum) value += *(const sk_v16 *)(f->sum + offset + i * row + j * 16);
          if (f->relu) {
            value = SK_CHOOSE(value <= zero, zero, value);
            value = SK_CHOOSE(value > high, high, value);
          }
          *(sk_v16 *)(y + offset + i * row + j * 16) = value;
        }
      }
    }
  }
}

SK_WIDE void sk_transform_outputs(sk_form form, const sk_tiles *s, const float *p, int64_t begin, int64_t count,
                                  int64_t block, int lanes, const sk_finish *finish, float *y) {
#define CALL(form) transform_all(form, s, p, begin, count, block, lanes, finish, y)
  SK_FORMS(form, CALL);
#undef CALL
}
