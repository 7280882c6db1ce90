#include "Winograd.h"

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() ((void)0)
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <sched.h>
#endif

void sk_meet(int32_t *meeting, int threads) {
  if (threads < 2) return;
  const int32_t round = __atomic_load_n(&meeting[1], __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&meeting[0], 1, __ATOMIC_ACQ_REL) == threads) {
    __atomic_store_n(&meeting[0], 0, __ATOMIC_RELAXED);
    __atomic_store_n(&meeting[1], (int32_t)((uint32_t)round + 1), __ATOMIC_RELEASE);
    return;
  }
  for (int spins = 0; __atomic_load_n(&meeting[1], __ATOMIC_ACQUIRE) == round; spins++) {
    PAUSE();
    if (spins > 4096) sched_yield();
  }
}

/* Sizes that follow from a kernel's. */
typedef struct {
  int64_t rowBlocks, columnBlocks, groups; /* blocks of 16; groups of two blocks of columns */
  int64_t frequencies, tiles, groupSize;   /* floats of a group's transformed filter */
  sk_tiles in, out;
} sizes;

static sizes measure(const sk_winograd *k) {
  sizes s;
  s.rowBlocks = (k->inputs + 15) / 16, s.columnBlocks = (k->outputs + 15) / 16;
  s.groups = (s.columnBlocks + 1) / 2;
  s.frequencies = sk_frequencies(sk_form_of(k));
  s.groupSize = s.frequencies * sk_filter_pitch(k->inputs, 2);
  const int64_t down = (k->output[0] + k->tile - 1) / k->tile, across = (k->output[1] + k->tile - 1) / k->tile;
  s.tiles = k->images * down * across;
  s.in = (sk_tiles){k->images, s.rowBlocks, k->input[0], k->input[1], down, across, {k->low[0], k->low[1]}};
  s.out = (sk_tiles){k->images, s.columnBlocks, k->output[0], k->output[1], down, across, {0, 0}};
  return s;
}

SK_INLINE int lanes(const sizes *s, int64_t group) { return 2 * group + 2 <= s->columnBlocks ? 2 : 1; }
SK_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

int64_t sk_winograd_filter_size(const sk_winograd *k) {
  sizes s = measure(k);
  return s.groups * s.groupSize;
}

int64_t sk_winograd_scratch_size(const sk_winograd *k, int threads) {
  sizes s = measure(k);
  const int64_t block = least(k->block, s.tiles);
  const int64_t inputs = s.frequencies * sk_pitch(s.rowBlocks, block);
  const int64_t products = s.frequencies * sk_pitch(2, block);
  const int64_t filter = k->filter ? 0 : s.groupSize;
  return k->shared ? inputs + threads * (products + filter) : threads * (inputs + products);
}

static void transform_group(const sk_winograd *k, const sizes *s, int64_t group, int64_t low, int64_t high, float *u) {
  for (int64_t row = low; row < high; row++)
    sk_transform_filter(sk_form_of(k), k->w, row, s->rowBlocks, 2 * group, s->columnBlocks, lanes(s, group),
                        k->turned, u, k->inputs);
}

void sk_run_winograd_filter(const void *kernel, int thread, int threads) {
  const sk_winograd *k = kernel;
  const sizes s = measure(k);
  const sk_range share = sk_share(s.groups * s.rowBlocks, 1, thread, threads);
  for (int64_t at = share.begin; at < share.end; at++) {
    const int64_t group = at / s.rowBlocks, row = at % s.rowBlocks;
    transform_group(k, &s, group, row, row + 1, k->filter + group * s.groupSize);
  }
}

/* A group of columns of a block of tiles; what is read `next` and written is fetched meanwhile. */
static void results(const sk_winograd *k, const sizes *s, const float *v, int64_t begin, int64_t count, int64_t next,
                    int64_t group, const float *u, float *products) {
  const sk_finish finish = {k->bias, k->sum, k->outputs, k->relu, k->high};
  const int n = lanes(s, group);
  const int64_t pitch = sk_pitch(s->rowBlocks, count), outPitch = sk_pitch(n, count);
  for (int64_t f = 0; f < s->frequencies; f++) {
    sk_multiply_tiles(v + f * pitch, k->inputs, count, u + f * sk_filter_pitch(k->inputs, n), n,
                      products + f * outPitch);
    sk_fetch_tiles(sk_form_of(k), &s->in, k->x, begin + count, next, 0, s->rowBlocks, group * s->frequencies + f,
                   s->groups * s->frequencies, 0);
    sk_fetch_tiles(sk_form_of(k), &s->out, k->y, begin, count, 2 * group, 2 * group + n, f, s->frequencies, 1);
  }
  sk_transform_outputs(sk_form_of(k), &s->out, products, begin, count, 2 * group, n, &finish, k->y);
}

/* Each thread takes tiles, all channels of them. */
static void run_own(const sk_winograd *k, const sizes *s, int thread, int threads) {
  const sk_range share = sk_share(s->tiles, 1, thread, threads);
  const int64_t inputs = s->frequencies * sk_pitch(s->rowBlocks, least(k->block, s->tiles));
  const int64_t size = inputs + s->frequencies * sk_pitch(2, least(k->block, s->tiles));
  float *v = k->scratch + thread * size, *products = v + inputs;
  const int64_t own = share.end - share.begin, parts = (own + k->block - 1) / k->block;
  for (int64_t part = 0; part < parts; part++) {
    const int64_t begin = share.begin + own * part / parts, end = share.begin + own * (part + 1) / parts;
    const int64_t next = part + 1 < parts ? share.begin + own * (part + 2) / parts - end : 0;
    sk_transform_inputs(sk_form_of(k), &s->in, k->x, begin, end - begin, 0, s->rowBlocks, v,
                        sk_pitch(s->rowBlocks, end - begin), end - begin);
    for (int64_t group = 0; group < s->groups; group++)
      results(k, s, v, begin, end - begin, next, group, k->filter + group * s->groupSize, products);
  }
}

/* All transform a block's tiles; each thread then takes channels. */
static void run_shared(const sk_winograd *k, const sizes *s, int thread, int threads) {
  const int64_t block = least(k->block, s->tiles), parts = (s->tiles + block - 1) / block;
  const int64_t inputs = s->frequencies * sk_pitch(s->rowBlocks, block);
  const int64_t size = s->frequencies * sk_pitch(2, block) + (k->filter ? 0 : s->groupSize);
  float *products = k->scratch + inputs + thread * size;
  float *own = products + s->frequencies * sk_pitch(2, block);
  const sk_range groups = sk_share(s->groups, 1, thread, threads);
  int32_t *meeting = (int32_t *)k->meeting;
  for (int64_t part = 0; part < parts; part++) {
    const int64_t begin = s->tiles * part / parts, count = s->tiles * (part + 1) / parts - begin;
    if (part > 0) sk_meet(meeting, threads);
    const sk_range share = sk_share(count * s->rowBlocks, 1, thread, threads);
    for (int64_t at = share.begin; at < share.end;) {
      const int64_t row = at / count, first = at % count, n = least(count - first, share.end - at);
      sk_transform_inputs(sk_form_of(k), &s->in, k->x, begin + first, n, row, row + 1,
                          k->scratch + (row * count + first) * 16, sk_pitch(s->rowBlocks, count), count);
      at += n;
    }
    sk_meet(meeting, threads);
    for (int64_t group = groups.begin; group < groups.end; group++) {
      if (!k->filter) transform_group(k, s, group, 0, s->rowBlocks, own);
      results(k, s, k->scratch, begin, count, 0, group, k->filter ? k->filter + group * s->groupSize : own, products);
    }
  }
}

void sk_run_winograd(const void *kernel, int thread, int threads) {
  const sk_winograd *k = kernel;
  const sizes s = measure(k);
  if (k->shared) run_shared(k, &s, thread, threads);
  else run_own(k, &s, thread, threads);
}

int sk_has_wide_vectors(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") != 0;
#else
  return 1;
#endif
}
