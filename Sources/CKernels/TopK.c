#include "Internal.h"

typedef struct { float value; int32_t place; } entry;

/* Whether `a` comes before `b`: NaN counts as the greatest number, of equals the first comes first. */
SK_INLINE int is_before(entry a, entry b, int least) {
  float x = least ? b.value : a.value, y = least ? a.value : b.value;
  if (x > y || (x != x && y == y)) return 1;
  if (x == y || (x != x && y != y)) return a.place < b.place;
  return 0;
}

/* The results themselves hold a heap whose root comes last of all kept ones. */
SK_INLINE entry get(const sk_top_k *k, int64_t line, int64_t i) {
  return (entry){k->values[line + i * k->inner], k->indices[line + i * k->inner]};
}

SK_INLINE void put(const sk_top_k *k, int64_t line, int64_t i, entry e) {
  k->values[line + i * k->inner] = e.value;
  k->indices[line + i * k->inner] = e.place;
}

/* Puts an entry in at the root of the heap's first `count` ones. */
static void sink(const sk_top_k *k, int64_t line, int64_t at, int64_t count, entry e) {
  for (int64_t child; (child = 2 * at + 1) < count; at = child) {
    entry below = get(k, line, child);
    if (child + 1 < count) {
      entry other = get(k, line, child + 1);
      if (is_before(below, other, k->least)) below = other, child++;
    }
    if (is_before(below, e, k->least)) break;
    put(k, line, at, below);
  }
  put(k, line, at, e);
}

void sk_run_top_k(const void *kernel, int thread, int threads) {
  const sk_top_k *k = kernel;
  if (k->k == 0) return;
  sk_range share = sk_share(k->outer * k->inner, 1, thread, threads);
  for (int64_t at = share.begin; at < share.end; at++) {
    const float *x = k->source + at / k->inner * k->extent * k->inner + at % k->inner;
    int64_t line = at / k->inner * k->k * k->inner + at % k->inner;
    for (int64_t i = 0; i < k->k; i++) put(k, line, i, (entry){x[i * k->inner], (int32_t)i});
    for (int64_t i = k->k / 2 - 1; i >= 0; i--) sink(k, line, i, k->k, get(k, line, i));
    for (int64_t i = k->k; i < k->extent; i++) {
      entry e = {x[i * k->inner], (int32_t)i};
      if (is_before(e, get(k, line, 0), k->least)) sink(k, line, 0, k->k, e);
    }
    for (int64_t end = k->k - 1; end > 0; end--) { /* the root goes last, again and again */
      entry root = get(k, line, 0), e = get(k, line, end);
      put(k, line, end, root);
      sink(k, line, 0, end, e);
    }
  }
}
