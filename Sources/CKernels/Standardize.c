#include <math.h>

#include "Internal.h"

SK_INLINE double lanes(const sk_v16 *v) {
  double sum = 0;
  for (int lane = 0; lane < 16; lane++) sum += (double)(*v)[lane];
  return sum;
}

/* ReLU that keeps a NaN. */
#define POSITIVE(v) ((sk_v16)((sk_i16)(v) & ~(sk_i16)((v) < (sk_v16){0})))

/* One row in three passes. The mean is rounded, so that sums of deviations from it say what it lacks: rows far
 * from zero lose nothing. */
SK_CLONES static void standardize_row(const sk_standardize *k, int64_t row) {
  const int64_t n = k->extent;
  const float *x = k->x + row * n;
  float *y = k->y ? k->y + row * n : NULL;
  int64_t i = 0;
  sk_v16 a = {0}, b = {0};
  double sum = 0;
  for (; i + 32 <= n; i += 32) {
    a += *(const sk_v16 *)(x + i);
    b += *(const sk_v16 *)(x + i + 16);
  }
  for (; i < n; i++) sum += (double)x[i];
  const float mean = (float)((sum + lanes(&a) + lanes(&b)) / (double)n);

  sk_v16 squares = {0}, more = {0};
  double rest = 0, square = 0;
  a = (sk_v16){0}, b = (sk_v16){0};
  for (i = 0; i + 32 <= n; i += 32) {
    sk_v16 p = *(const sk_v16 *)(x + i) - mean, q = *(const sk_v16 *)(x + i + 16) - mean;
    a += p, b += q, squares += p * p, more += q * q;
  }
  for (; i < n; i++) {
    float d = x[i] - mean;
    rest += (double)d, square += (double)(d * d);
  }
  const double lack = (rest + lanes(&a) + lanes(&b)) / (double)n;
  double variance = (square + lanes(&squares) + lanes(&more)) / (double)n - lack * lack;
  if (variance < 0) variance = 0;
  const float rstd = (float)(1 / sqrt(variance + (double)k->epsilon)), low = (float)lack;
  k->mean[row] = (float)((double)mean + lack);
  k->rstd[row] = rstd;

  if (!k->affine.scale) {
    for (i = 0; i + 16 <= n; i += 16)
      *(sk_v16 *)(y + i) = (*(const sk_v16 *)(x + i) - mean - low) * rstd;
    for (; i < n; i++) y[i] = (x[i] - mean - low) * rstd;
    return;
  }
  /* Scaled and shifted while at hand; y itself only where something reads it. */
  const sk_affine *affine = &k->affine;
  float *z = k->z + row * n;
  const int64_t at = row * n / affine->inner % affine->count;
  if (affine->inner == 1) {
    const float *scale = affine->scale + at, *shift = affine->shift ? affine->shift + at : NULL;
    for (i = 0; i + 16 <= n; i += 16) {
      sk_v16 v = (*(const sk_v16 *)(x + i) - mean - low) * rstd;
      if (k->y) *(sk_v16 *)(y + i) = v;
      v *= *(const sk_v16 *)(scale + i);
      if (shift) v += *(const sk_v16 *)(shift + i);
      *(sk_v16 *)(z + i) = affine->relu ? POSITIVE(v) : v;
    }
    for (; i < n; i++) {
      float v = (x[i] - mean - low) * rstd;
      if (k->y) y[i] = v;
      v = v * scale[i] + (shift ? shift[i] : 0);
      z[i] = affine->relu && v < 0 ? 0 : v;
    }
    return;
  }
  for (int64_t begin = 0, c = at; begin < n; begin += affine->inner, c = c + 1 < affine->count ? c + 1 : 0) {
    const int64_t end = begin + affine->inner;
    const float scale = affine->scale[c], shift = affine->shift ? affine->shift[c] : 0;
    for (i = begin; i + 16 <= end; i += 16) {
      sk_v16 v = (*(const sk_v16 *)(x + i) - mean - low) * rstd;
      if (k->y) *(sk_v16 *)(y + i) = v;
      v = v * scale + shift;
      *(sk_v16 *)(z + i) = affine->relu ? POSITIVE(v) : v;
    }
    for (; i < end; i++) {
      float v = (x[i] - mean - low) * rstd;
      if (k->y) y[i] = v;
      v = v * scale + shift;
      z[i] = affine->relu && v < 0 ? 0 : v;
    }
  }
}

SK_CLONES static void standardize_row_backward(const sk_standardize_backward *k, int64_t row) {
  const int64_t n = k->extent;
  const float *y = k->y + row * n, *dy = k->dy + row * n;
  float *dx = k->dx + row * n;
  int64_t i = 0;
  sk_v16 sums = {0}, products = {0};
  double sum = 0, product = 0;
  for (; i + 16 <= n; i += 16) {
    sk_v16 g = *(const sk_v16 *)(dy + i);
    sums += g, products += g * *(const sk_v16 *)(y + i);
  }
  for (; i < n; i++) sum += (double)dy[i], product += (double)(dy[i] * y[i]);
  const float a = (float)((sum + lanes(&sums)) / (double)n);
  const float b = (float)((product + lanes(&products)) / (double)n), r = k->rstd[row];
  for (i = 0; i + 16 <= n; i += 16)
    *(sk_v16 *)(dx + i) =
        (*(const sk_v16 *)(dy + i) - a - *(const sk_v16 *)(y + i) * b) * r;
  for (; i < n; i++) dx[i] = (dy[i] - a - y[i] * b) * r;
}

/* A row whose result was scaled element by element: its gradient, and its part of the sums of dy · y and dy. */
SK_CLONES static void scaled_row_backward(const sk_affine_backward *k, int64_t row, float *scales, float *shifts) {
  const int64_t n = k->rows.extent, at = row * n % k->count;
  const float *y = k->rows.y + row * n, *dy = k->rows.dy + row * n, *scale = k->scale + at;
  float *dx = k->rows.dx + row * n;
  int64_t i = 0;
  sk_v16 sums = {0}, products = {0};
  double sum = 0, product = 0;
  scales += at, shifts += at;
  for (; i + 16 <= n; i += 16) {
    const sk_v16 d = *(const sk_v16 *)(dy + i), v = *(const sk_v16 *)(y + i);
    const sk_v16 dv = d * v, s = *(const sk_v16 *)(scale + i);
    *(sk_v16 *)(shifts + i) += d;
    *(sk_v16 *)(scales + i) += dv;
    sums += d * s, products += dv * s;
  }
  for (; i < n; i++) {
    const float dv = dy[i] * y[i];
    shifts[i] += dy[i], scales[i] += dv;
    sum += (double)(dy[i] * scale[i]), product += (double)(dv * scale[i]);
  }
  const float a = (float)((sum + lanes(&sums)) / (double)n);
  const float b = (float)((product + lanes(&products)) / (double)n), r = k->rows.rstd[row];
  for (i = 0; i + 16 <= n; i += 16)
    *(sk_v16 *)(dx + i) =
        (*(const sk_v16 *)(dy + i) * *(const sk_v16 *)(scale + i) - a - *(const sk_v16 *)(y + i) * b) * r;
  for (; i < n; i++) dx[i] = (dy[i] * scale[i] - a - y[i] * b) * r;
}

/* A row of pieces with a scale each: the same; every piece has sums of its own. */
SK_CLONES static void scaled_pieces_backward(const sk_affine_backward *k, int64_t row) {
  const int64_t n = k->rows.extent, inner = k->inner, first = row * n / inner;
  float *dx = k->rows.dx + row * n;
  double sum = 0, product = 0;
  for (int64_t piece = first; piece < first + n / inner; piece++) {
    const float *y = k->rows.y + piece * inner, *dy = k->rows.dy + piece * inner;
    int64_t i = 0;
    sk_v16 sums = {0}, products = {0};
    double s = 0, p = 0;
    for (; i + 16 <= inner; i += 16) {
      const sk_v16 d = *(const sk_v16 *)(dy + i);
      sums += d, products += d * *(const sk_v16 *)(y + i);
    }
    for (; i < inner; i++) s += (double)dy[i], p += (double)(dy[i] * y[i]);
    s += lanes(&sums), p += lanes(&products);
    k->shifts[piece] = (float)s, k->scales[piece] = (float)p;
    sum += s * (double)k->scale[piece % k->count], product += p * (double)k->scale[piece % k->count];
  }
  const float a = (float)(sum / (double)n), b = (float)(product / (double)n), r = k->rows.rstd[row];
  for (int64_t piece = first; piece < first + n / inner; piece++, dx += inner) {
    const float *y = k->rows.y + piece * inner, *dy = k->rows.dy + piece * inner;
    const float scale = k->scale[piece % k->count];
    int64_t i = 0;
    for (; i + 16 <= inner; i += 16)
      *(sk_v16 *)(dx + i) = (*(const sk_v16 *)(dy + i) * scale - a - *(const sk_v16 *)(y + i) * b) * r;
    for (; i < inner; i++) dx[i] = (dy[i] * scale - a - y[i] * b) * r;
  }
}

void sk_run_affine_backward(const void *kernel, int thread, int threads) {
  const sk_affine_backward *k = kernel;
  sk_range share = sk_share(k->rows.rows, 1, thread, threads);
  if (k->inner == 1)
    for (int64_t own = thread; own < k->parts; own += threads)
      for (int64_t i = 0; i < k->count; i++) k->scales[own * k->count + i] = k->shifts[own * k->count + i] = 0;
  for (int64_t row = share.begin; row < share.end; row++)
    if (k->inner == 1)
      scaled_row_backward(k, row, k->scales + thread * k->count, k->shifts + thread * k->count);
    else
      scaled_pieces_backward(k, row);
}

/* Adds up the parts of the two sums. */
void sk_run_affine_sums(const void *kernel, int thread, int threads) {
  const sk_affine_backward *k = kernel;
  sk_range share = sk_share(k->count, 1, thread, threads);
  for (int64_t i = share.begin; i < share.end; i++) {
    double scale = 0, shift = 0;
    for (int64_t part = 0; part < k->parts; part++) {
      scale += (double)k->scales[part * k->count + i];
      shift += (double)k->shifts[part * k->count + i];
    }
    if (k->dscale) k->dscale[i] = (float)scale;
    if (k->dshift) k->dshift[i] = (float)shift;
  }
}

void sk_run_standardize(const void *kernel, int thread, int threads) {
  const sk_standardize *k = kernel;
  sk_range share = sk_share(k->rows, 1, thread, threads);
  for (int64_t row = share.begin; row < share.end; row++) standardize_row(k, row);
}

void sk_run_standardize_backward(const void *kernel, int thread, int threads) {
  const sk_standardize_backward *k = kernel;
  sk_range share = sk_share(k->rows, 1, thread, threads);
  for (int64_t row = share.begin; row < share.end; row++) standardize_row_backward(k, row);
}
