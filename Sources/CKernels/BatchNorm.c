#include "Functions.h"

/* Batch norm of images in blocks of 16 channels: [images][blocks][positions][16]. Where there are blocks for all
 * threads, each takes whole ones and goes over a block again while it is in the cache; else threads divide the
 * images and leave partial sums, which a second step adds up in the order of threads. */

enum { LANES = 16, CHUNK = 512 };

/* What becomes of a channel's numbers: y = (x - mean) * factor + term. */
typedef struct { sk_v16 mean, factor, term; } affine;

/* Vectors are passed by address: by value they would have another ABI in each clone. */
#define AT(p) (*(sk_v16 *)(p))
#define LOAD(p) (*(const sk_v16 *)(p))
/* Past the caches, where what is written does not fit them: it need not be read before, nor written back later. */
typedef float sk_line __attribute__((vector_size(64)));
#define PUT(p, v) \
  do { \
    if (streams) __builtin_nontemporal_store((sk_line)(v), (sk_line *)(p)); \
    else AT(p) = (v); \
  } while (0)
#define APPLY(a, v) (((v) - (a)->mean) * (a)->factor + (a)->term)

SK_INLINE void widen(double sum[LANES], const sk_v16 *part) {
  for (int i = 0; i < LANES; i++) sum[i] += (double)(*part)[i];
}

/* Channels beyond the last are treated as zeros whose results are zero: their scale and shift count as 0. */
SK_INLINE void parameters(const float *p, const sk_batch_norm *k, int64_t block, sk_v16 *v) {
  *v = (sk_v16){0};
  for (int i = 0; p && i < LANES && block * LANES + i < k->channels; i++) (*v)[i] = p[block * LANES + i];
}

SK_INLINE void keep(float *p, const sk_batch_norm *k, int64_t block, const sk_v16 *v) {
  for (int i = 0; i < LANES && block * LANES + i < k->channels; i++) p[block * LANES + i] = (*v)[i];
}

/* The same in the forward pass and its gradient, so that a result's sign is the same in both. */
SK_INLINE void normalization(const sk_batch_norm *k, int64_t block, const sk_v16 *mean, const sk_v16 *variance, affine *a) {
  sk_v16 scale;
  parameters(k->scale, k, block, &scale);
  parameters(k->shift, k, block, &a->term);
  a->mean = *mean;
  for (int i = 0; i < LANES; i++) a->factor[i] = scale[i] / sqrtf((*variance)[i] + k->epsilon);
}

/* Sums of x - pivot and of its square, and in the gradient of dy and dy * (x - mean). */
typedef struct { double first[LANES], second[LANES]; } sums;

SK_INLINE const float *plane(const sk_batch_norm *k, const float *base, int64_t image, int64_t block) {
  return base + (image * k->blocks + block) * k->positions * LANES;
}

SK_INLINE void sum_plane(const float *x, int64_t positions, const sk_v16 *pivot, sums *s) {
  const sk_v16 near = *pivot;
  for (int64_t at = 0; at < positions; at += CHUNK) {
    int64_t end = at + CHUNK < positions ? at + CHUNK : positions, p = at;
    sk_v16 a0 = {0}, a1 = {0}, b0 = {0}, b1 = {0};
    for (; p + 2 <= end; p += 2) {
      sk_v16 u = LOAD(x + p * LANES) - near, v = LOAD(x + p * LANES + LANES) - near;
      a0 += u, b0 += u * u;
      a1 += v, b1 += v * v;
    }
    if (p < end) {
      sk_v16 u = LOAD(x + p * LANES) - near;
      a0 += u, b0 += u * u;
    }
    a0 += a1, b0 += b1;
    widen(s->first, &a0);
    widen(s->second, &b0);
  }
}

/* Any number near the mean: without it the variance of a channel far from 0 would drown in rounding. */
SK_INLINE const sk_v16 *pivot(const sk_batch_norm *k, int64_t block) {
  return (const sk_v16 *)plane(k, k->x, 0, block);
}

SK_INLINE void statistics(const sk_batch_norm *k, const sums *s, const sk_v16 *pivot, sk_v16 *mean, sk_v16 *variance) {
  double n = (double)(k->images * k->positions);
  for (int i = 0; i < LANES; i++) {
    double m = s->first[i] / n, v = s->second[i] / n - m * m;
    (*mean)[i] = (float)(m + (double)(*pivot)[i]);
    (*variance)[i] = v < 0 ? 0 : (float)v; /* NaN stays */
  }
}

SK_INLINE void write_plane(const sk_batch_norm *k, const affine *norm, int64_t image, int64_t block) {
  int64_t start = (image * k->blocks + block) * k->positions * LANES, count = k->positions * LANES;
  const float *x = k->x + start, *r = k->residual ? k->residual + start : NULL;
  float *y = k->y + start;
  const sk_v16 zero = {0};
  const affine own = *norm, *a = &own;
  const int streams = k->streams;
  if (r && k->relu)
    for (int64_t i = 0; i < count; i += LANES) {
      sk_v16 v = APPLY(a, LOAD(x + i)) + LOAD(r + i);
      PUT(y + i, SK_CHOOSE(v <= zero, zero, v)); /* NaN stays */
    }
  else if (r)
    for (int64_t i = 0; i < count; i += LANES) PUT(y + i, APPLY(a, LOAD(x + i)) + LOAD(r + i));
  else if (k->relu)
    for (int64_t i = 0; i < count; i += LANES) {
      sk_v16 v = APPLY(a, LOAD(x + i));
      PUT(y + i, SK_CHOOSE(v <= zero, zero, v));
    }
  else
    for (int64_t i = 0; i < count; i += LANES) PUT(y + i, APPLY(a, LOAD(x + i)));
}

/* The sums of one image and block that the gradient needs; what passes the gate is left in dsum. */
SK_INLINE void gradient_sums(const sk_batch_norm *k, const affine *norm, int64_t image, int64_t block, sums *s) {
  int64_t start = (image * k->blocks + block) * k->positions * LANES;
  const float *x = k->x + start, *dy = k->dy + start, *more = k->more ? k->more + start : NULL;
  const float *y = k->y ? k->y + start : NULL;
  float *out = k->dsum ? k->dsum + start : NULL;
  const sk_v16 zero = {0};
  const affine own = *norm, *a = &own;
  int gates = k->relu && !y;
  for (int64_t at = 0; at < k->positions; at += CHUNK) {
    int64_t end = at + CHUNK < k->positions ? at + CHUNK : k->positions;
    sk_v16 first = {0}, second = {0};
    for (int64_t i = at * LANES; i < end * LANES; i += LANES) {
      sk_v16 v = LOAD(x + i), d = LOAD(dy + i);
      if (more) d += LOAD(more + i);
      if (y) d = (sk_v16)((sk_i16)(LOAD(y + i) > zero) & (sk_i16)d);
      if (gates) d = (sk_v16)((sk_i16)(APPLY(a, v) > zero) & (sk_i16)d);
      if (out) AT(out + i) = d;
      first += d, second += d * (v - a->mean);
    }
    widen(s->first, &first);
    widen(s->second, &second);
  }
}

/* dx = factor * dy + slope * (x - mean) + term, dy what passes the gate. */
SK_INLINE void gradient_plane(const sk_batch_norm *k, const affine *norm, const affine *rest, const sk_v16 *slope,
                              int64_t image, int64_t block) {
  int64_t start = (image * k->blocks + block) * k->positions * LANES, count = k->positions * LANES;
  const float *x = k->x + start, *d = (k->dsum ? k->dsum : k->dy) + start;
  const float *more = k->dsum || !k->more ? NULL : k->more + start, *y = k->dsum || !k->y ? NULL : k->y + start;
  float *result = k->dx + start;
  const sk_v16 zero = {0}, slopes = *slope;
  const affine own = *norm, *a = &own, dx = *rest;
  int gates = k->relu && !k->dsum && !y;
  const int streams = k->streams;
  for (int64_t i = 0; i < count; i += LANES) {
    sk_v16 v = LOAD(x + i), g = LOAD(d + i);
    if (more) g += LOAD(more + i);
    if (y) g = (sk_v16)((sk_i16)(LOAD(y + i) > zero) & (sk_i16)g);
    if (gates) g = (sk_v16)((sk_i16)(APPLY(a, v) > zero) & (sk_i16)g);
    PUT(result + i, g * dx.factor + ((v - dx.mean) * slopes + dx.term));
  }
}

/* The partial sums of all threads for a block. */
SK_INLINE void collect(const sk_batch_norm *k, int64_t block, sums *s) {
  memset(s, 0, sizeof *s);
  for (int64_t part = 0; part < k->parts; part++) {
    const sums *other = (const sums *)k->partial + part * k->blocks + block;
    for (int i = 0; i < LANES; i++) s->first[i] += other->first[i], s->second[i] += other->second[i];
  }
}

SK_CLONES static void sum_share(const sk_batch_norm *k, int64_t begin, int64_t end, int64_t block, sums *s) {
  memset(s, 0, sizeof *s);
  for (int64_t image = begin; image < end; image++)
    sum_plane(plane(k, k->x, image, block), k->positions, pivot(k, block), s);
}

SK_CLONES static void apply_share(const sk_batch_norm *k, int64_t begin, int64_t end, int64_t block, const sums *s,
                                  int keeps) {
  sk_v16 mean, variance;
  affine a;
  statistics(k, s, pivot(k, block), &mean, &variance);
  if (keeps) {
    keep(k->mean, k, block, &mean);
    keep(k->variance, k, block, &variance);
  }
  normalization(k, block, &mean, &variance, &a);
  for (int64_t image = begin; image < end; image++) write_plane(k, &a, image, block);
}

SK_INLINE void known_normalization(const sk_batch_norm *k, int64_t block, sk_v16 *variance, affine *a) {
  sk_v16 mean;
  parameters(k->mean, k, block, &mean);
  parameters(k->variance, k, block, variance);
  normalization(k, block, &mean, variance, a);
}

SK_CLONES static void gradient_sum_share(const sk_batch_norm *k, int64_t begin, int64_t end, int64_t block, sums *s) {
  sk_v16 variance;
  affine a;
  memset(s, 0, sizeof *s);
  known_normalization(k, block, &variance, &a);
  for (int64_t image = begin; image < end; image++) gradient_sums(k, &a, image, block, s);
}

SK_CLONES static void gradient_share(const sk_batch_norm *k, int64_t begin, int64_t end, int64_t block, const sums *s,
                                     int keeps) {
  sk_v16 variance, dscale = {0}, dshift = {0}, slope = {0};
  affine a, dx;
  known_normalization(k, block, &variance, &a);
  dx = a;
  double n = (double)(k->images * k->positions);
  for (int i = 0; i < LANES; i++) {
    double inverse = 1 / sqrt((double)variance[i] + (double)k->epsilon);
    dscale[i] = (float)(s->second[i] * inverse);
    dshift[i] = (float)s->first[i];
    slope[i] = (float)(-(double)a.factor[i] * inverse * inverse * s->second[i] / n);
    dx.term[i] = (float)(-(double)a.factor[i] * s->first[i] / n);
  }
  if (keeps) {
    keep(k->dscale, k, block, &dscale);
    keep(k->dshift, k, block, &dshift);
  }
  for (int64_t image = begin; image < end; image++) gradient_plane(k, &a, &dx, &slope, image, block);
}

SK_CLONES static void again_share(const sk_batch_norm *k, int64_t begin, int64_t end, int64_t block) {
  sk_v16 variance;
  affine a;
  known_normalization(k, block, &variance, &a);
  for (int64_t image = begin; image < end; image++) write_plane(k, &a, image, block);
}

/* What was written past the caches is there for all threads after this. */
static void finish(const sk_batch_norm *k) {
#if defined(__x86_64__)
  if (k->streams) __builtin_ia32_sfence();
#endif
}

typedef void (*summing)(const sk_batch_norm *, int64_t, int64_t, int64_t, sums *);
typedef void (*writing)(const sk_batch_norm *, int64_t, int64_t, int64_t, const sums *, int);

/* Whole blocks, one after the other. */
static void run_whole(const sk_batch_norm *k, summing sum, writing write, int thread, int threads) {
  sums s;
  sk_range share = sk_share(k->blocks, 1, thread, threads);
  for (int64_t block = share.begin; block < share.end; block++) {
    sum(k, 0, k->images, block, &s);
    write(k, 0, k->images, block, &s, 1);
  }
  finish(k);
}

static void run_sums(const sk_batch_norm *k, summing sum, int thread, int threads) {
  sk_range parts = sk_share(k->parts, 1, thread, threads);
  for (int64_t part = parts.begin; part < parts.end; part++) {
    sk_range share = sk_share(k->images, 1, (int)part, (int)k->parts);
    for (int64_t block = 0; block < k->blocks; block++)
      sum(k, share.begin, share.end, block, (sums *)k->partial + part * k->blocks + block);
  }
}

static void run_rest(const sk_batch_norm *k, writing write, int thread, int threads) {
  sums s;
  sk_range share = sk_share(k->images, 1, thread, threads);
  for (int64_t block = 0; block < k->blocks; block++) {
    collect(k, block, &s);
    write(k, share.begin, share.end, block, &s, thread == 0);
  }
  finish(k);
}

int64_t sk_batch_norm_partial_size(int64_t blocks, int64_t parts) { return blocks * parts * (int64_t)sizeof(sums); }

void sk_run_batch_norm(const void *k, int t, int n) { run_whole(k, sum_share, apply_share, t, n); }
void sk_run_batch_norm_sums(const void *k, int t, int n) { run_sums(k, sum_share, t, n); }
void sk_run_batch_norm_rest(const void *k, int t, int n) { run_rest(k, apply_share, t, n); }
void sk_run_batch_norm_gradient(const void *k, int t, int n) { run_whole(k, gradient_sum_share, gradient_share, t, n); }
void sk_run_batch_norm_gradient_sums(const void *k, int t, int n) { run_sums(k, gradient_sum_share, t, n); }
void sk_run_batch_norm_gradient_rest(const void *k, int t, int n) { run_rest(k, gradient_share, t, n); }
void sk_run_batch_norm_again(const void *kernel, int thread, int threads) {
  const sk_batch_norm *k = kernel;
  sk_range share = sk_share(k->images, 1, thread, threads);
  for (int64_t block = 0; block < k->blocks; block++) again_share(k, share.begin, share.end, block);
  finish(k);
}
