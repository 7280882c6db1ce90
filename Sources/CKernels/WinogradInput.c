#include "Winograd.h"

/* The part of a tile that lies within the image. */
typedef struct { int top, bottom, left, right; } extent;

SK_INLINE extent inside(const sk_tiles *s, const int side, int64_t y, int64_t x) {
  extent e;
  e.top = y < 0 ? (int)-y : 0;
  e.left = x < 0 ? (int)-x : 0;
  e.bottom = y + side <= s->height ? side : s->height > y ? (int)(s->height - y) : 0;
  e.right = x + side <= s->width ? side : s->width > x ? (int)(s->width - x) : 0;
  return e;
}

/* Two passes: columns, then rows; elements outside the image are zero. */
SK_INLINE void transform(const sk_form form, const int kind, const sk_tiles *s, const float *plane, int64_t y,
                         int64_t x, float *v, int64_t pitch, sk_v16 *sums) {
  const int n = sk_side(form), side = kind ? form.m : n;
  const int64_t row = s->width * 16;
  const extent e = inside(s, side, y, x);
  const float *corner = plane + y * row + x * 16;
  sk_v16 half[36], column[6], out[6];
  sk_v16 sum = {0};
  const int whole = e.top == 0 && e.left == 0 && e.bottom == side && e.right == side;
  for (int j = 0; j < side; j++) {
    if (whole) {
      for (int i = 0; i < side; i++) column[i] = *(const sk_v16 *)(corner + i * row + j * 16);
    } else {
      const int there = j >= e.left && j < e.right;
      for (int i = 0; i < side; i++)
        column[i] = there && i >= e.top && i < e.bottom ? *(const sk_v16 *)(corner + i * row + j * 16) : (sk_v16){0};
    }
    if (kind) {
      if (sums)
        for (int i = 0; i < side; i++) sum += column[i];
      sk_result_1d(form, column, out);
    } else {
      sk_input_1d(form, column, out);
    }
    for (int i = 0; i < n; i++) half[i * side + j] = out[i];
  }
  for (int i = 0; i < n; i++) {
    if (kind) sk_result_1d(form, half + i * side, out);
    else sk_input_1d(form, half + i * side, out);
    for (int j = 0; j < n; j++) *(sk_v16 *)(v + (i * n + j) * pitch) = out[j];
  }
  if (kind && sums) *sums += sum;
}

SK_INLINE void transform_all(const sk_form form, const int kind, const sk_tiles *s, const float *x, int64_t begin,
                             int64_t count, int64_t low, int64_t high, float *v, int64_t pitch, int64_t tiles,
                             float *sums) {
  const int64_t plane = s->height * s->width * 16, m = form.m;
  for (int64_t block = low; block < high; block++) {
    float *out = v + (block - low) * tiles * 16;
    for (int64_t t = begin; t < begin + count; t++, out += 16) {
      const int64_t across = t % s->across, down = t / s->across % s->down, image = t / s->across / s->down;
      transform(form, kind, s, x + (image * s->blocks + block) * plane, down * m - s->low[0],
                across * m - s->low[1], out, pitch, sums ? (sk_v16 *)(sums + block * 16) : NULL);
    }
  }
}

SK_WIDE void sk_transform_inputs(sk_form form, const sk_tiles *s, const float *x, int64_t begin, int64_t count,
                                 int64_t low, int64_t high, float *v, int64_t pitch, int64_t tiles) {
#define CALL(form) transform_all(form, 0, s, x, begin, count, low, high, v, pitch, tiles, NULL)
  SK_FORMS(form, CALL);
#undef CALL
}

SK_WIDE void sk_transform_results(sk_form form, const sk_tiles *s, const float *y, int64_t begin, int64_t count,
                                  int64_t low, int64_t high, float *v, int64_t pitch, int64_t tiles, float *sums) {
#define CALL(form) transform_all(form, 1, s, y, begin, count, low, high, v, pitch, tiles, sums)
  SK_FORMS(form, CALL);
#undef CALL
}
