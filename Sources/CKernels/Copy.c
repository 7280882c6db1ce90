#include <string.h>

#include "Internal.h"

/* One innermost row. */
SK_INLINE void copy_row(const sk_copy *k, const char *source, char *target, int64_t n, int64_t from,
                        int64_t to) {
  if (from == 1 && to == 1) {
    memcpy(target, source, (size_t)(n * k->size));
  } else if (k->size == 4) {
    const uint32_t *s = (const uint32_t *)source;
    uint32_t *t = (uint32_t *)target;
    for (int64_t i = 0; i < n; i++) t[i * to] = s[i * from];
  } else if (k->size == 8) {
    const uint64_t *s = (const uint64_t *)source;
    uint64_t *t = (uint64_t *)target;
    for (int64_t i = 0; i < n; i++) t[i * to] = s[i * from];
  } else {
    for (int64_t i = 0; i < n; i++) target[i * to] = source[i * from];
  }
}

SK_CLONES static void copy_rows(const sk_copy *k, int64_t begin, int64_t end) {
  int last = k->rank - 1;
  int64_t index[SK_MAX_RANK], rest = begin, source = 0, target = 0;
  for (int axis = last - 1; axis >= 0; axis--) {
    index[axis] = rest % k->extent[axis];
    rest /= k->extent[axis];
    source += index[axis] * k->from[axis];
    target += index[axis] * k->to[axis];
  }
  for (int64_t row = begin; row < end; row++) {
    copy_row(k, (const char *)k->source + source * k->size, (char *)k->target + target * k->size,
             k->extent[last], k->from[last], k->to[last]);
    for (int axis = last - 1; axis >= 0; axis--) {
      source += k->from[axis];
      target += k->to[axis];
      if (++index[axis] < k->extent[axis]) break;
      index[axis] = 0;
      source -= k->from[axis] * k->extent[axis];
      target -= k->to[axis] * k->extent[axis];
    }
  }
}

void sk_run_copy(const void *kernel, int thread, int threads) {
  const sk_copy *k = kernel;
  int64_t rows = 1;
  for (int axis = 0; axis + 1 < k->rank; axis++) rows *= k->extent[axis];
  if (rows == 0 || k->extent[k->rank - 1] == 0) return;
  sk_range share = sk_share(rows, 1, thread, threads);
  if (share.begin < share.end) copy_rows(k, share.begin, share.end);
}

void sk_run_fill(const void *kernel, int thread, int threads) {
  const sk_fill *k = kernel;
  sk_range share = sk_share(k->count, 64, thread, threads);
  if (k->bits == 0 || k->size == 1) {
    memset((char *)k->target + share.begin * k->size, (int)k->bits,
           (size_t)((share.end - share.begin) * k->size));
  } else if (k->size == 4) {
    for (int64_t i = share.begin; i < share.end; i++) ((uint32_t *)k->target)[i] = (uint32_t)k->bits;
  } else {
    for (int64_t i = share.begin; i < share.end; i++) ((uint64_t *)k->target)[i] = k->bits;
  }
}

void sk_run_move(const void *kernel, int thread, int threads) {
  const sk_move *k = kernel;
  sk_range share = sk_share(k->bytes, 4096, thread, threads);
  memcpy((char *)k->target + share.begin, (const char *)k->source + share.begin,
         (size_t)(share.end - share.begin));
}

void sk_run_integer(const void *kernel, int thread, int threads) {
  const sk_integer *k = kernel;
  sk_range share = sk_share(k->count, 64, thread, threads);
  for (int64_t i = share.begin; i < share.end; i++) {
    uint64_t a = (uint64_t)k->a[i], b = (uint64_t)k->b[i];
    switch (k->op) {
    case SK_SELECT: a = k->condition[i] ? a : b; break;
    case SK_ADD: a += b; break;
    case SK_SUBTRACT: a -= b; break;
    default: a *= b;
    }
    k->target[i] = (int64_t)a;
  }
}
