#include "ThinConvolution.h"
#include "Winograd.h"

/* Threads take groups where there are many, else images: each writes sums of its own, and they are added up in order.
 * So many sets of sums there are, or none. */
SK_INLINE int64_t partial_sums(const sk_thin_convolution *k) { return k->groups >= 4 * k->threads ? 0 : k->threads; }

SK_INLINE int64_t sums_size(const sk_thin_convolution *k) {
  return whole(k->groups * k->outputs * (k->inputs * k->kernel[0] * k->kernel[1] * k->kernel[2] + 1));
}

/* Images as lanes waste nothing but lanes without an image, as long as a block's planes stay in a core's own cache.
 * They take a transposition that is worth a seventh of the products. */
static int takes_images(const sk_thin_convolution *k) {
  const view v = open_view(k);
  const int64_t results = pixels(k->output), blocks = (k->images + 15) / 16;
  return 16 * (k->inputs * v.channel + k->outputs * results) <= 1 << 18 &&
         20 * k->images * v.length >= 23 * 16 * blocks * results;
}

void sk_prepare_thin(sk_thin_convolution *k, int direction) {
  k->lanes = takes_images(k);
  k->scratch_size =
      whole(k->lanes ? sk_thin_images_size(k, direction) : sk_thin_positions_size(k, direction));
}

int64_t sk_thin_scratch(const sk_thin_convolution *k, int direction) {
  return k->threads * k->scratch_size + (direction == SK_THIN_FILTER ? partial_sums(k) * sums_size(k) : 0);
}

/* A thread's groups times images, or times blocks of them. */
SK_INLINE sk_range share_of(const sk_thin_convolution *k, int thread, int threads) {
  return sk_share((k->lanes ? (k->images + 15) / 16 : k->images) * k->groups, 1, thread, threads);
}

void sk_run_thin_convolution(const void *kernel, int thread, int threads) {
  const sk_thin_convolution *k = kernel;
  (k->lanes ? sk_thin_images_forward : sk_thin_positions_forward)(k, thread, share_of(k, thread, threads));
}

void sk_run_thin_input_gradient(const void *kernel, int thread, int threads) {
  const sk_thin_convolution *k = kernel;
  (k->lanes ? sk_thin_images_input : sk_thin_positions_input)(k, thread, share_of(k, thread, threads));
}

void sk_run_thin_filter_gradient(const void *kernel, int thread, int threads) {
  const sk_thin_convolution *k = kernel;
  const int64_t sets = partial_sums(k), size = sums_size(k);
  const sk_range groups = {0, k->groups}, images = {0, k->images};
  void (*filter)(const sk_thin_convolution *, int64_t, sk_range, sk_range, float *, float *) =
      k->lanes ? sk_thin_images_filter : sk_thin_positions_filter;
  if (sets == 0) {
    filter(k, thread, sk_share(k->groups, 1, thread, threads), images, k->w, k->bias);
    return;
  }
  const int64_t biases = k->groups * k->outputs;
  const int64_t weights = biases * k->inputs * k->kernel[0] * k->kernel[1] * k->kernel[2];
  float *partial = k->scratch + k->threads * k->scratch_size;
  const sk_range own = sk_share(sets, 1, thread, threads);
  for (int64_t set = own.begin; set < own.end; set++) {
    float *sums = partial + set * size;
    const sk_range part = sk_share(k->images, k->lanes ? 16 : 1, (int)set, (int)sets);
    filter(k, thread, groups, part, sums, k->bias ? sums + weights : NULL);
  }
  sk_meet((int32_t *)k->meeting, threads);
  const sk_range share = sk_share(weights + (k->bias ? biases : 0), 16, thread, threads);
  for (int64_t i = share.begin; i < share.end; i++) {
    float sum = 0;
    for (int64_t set = 0; set < sets; set++) sum += partial[set * size + i];
    if (i < weights) k->w[i] = sum;
    else k->bias[i - weights] = sum;
  }
}
