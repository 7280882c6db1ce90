#pragma once

#include <stddef.h>
#include <stdint.h>

/// libpng's simplified interface; our own declarations, stable through libpng 1.6.

/// libpng's `png_image`.
typedef struct {
  void *opaque;
  uint32_t version;
  uint32_t width;
  uint32_t height;
  uint32_t format;
  uint32_t flags;
  uint32_t colormap_entries;
  uint32_t warning_or_error;
  char message[64];
} codecs_png_image;

enum {
  CODECS_PNG_VERSION = 1,
  CODECS_PNG_FORMAT_ALPHA = 1,
  CODECS_PNG_FORMAT_COLOR = 2,
  CODECS_PNG_FORMAT_LINEAR = 4,
  CODECS_PNG_FORMAT_COLORMAP = 8,
  /// 16-bit files without a gamma chunk hold sRGB values, as 8-bit ones do.
  CODECS_PNG_FLAG_16BIT_SRGB = 4,
};

typedef struct {
  int (*begin_read)(codecs_png_image *, const void *bytes, size_t count);
  int (*finish_read)(
      codecs_png_image *, const void *background, void *pixels, int32_t row_stride, void *map);
  int (*write)(
      codecs_png_image *, void *bytes, size_t *count, int to_8_bit, const void *pixels,
      int32_t row_stride, const void *map);
  void (*free)(codecs_png_image *);
  const char *(*version)(void *);
} codecs_png_table;

/// Private to this header; filled by `codecs_find_libpng`.
extern const codecs_png_table *const codecs_png_private;

/// Reads the header; 0 on failure, with `message` set.
static inline int codecs_png_begin(codecs_png_image *image, const void *bytes, size_t count) {
  const codecs_png_table *png = codecs_png_private;
  return png->begin_read ? png->begin_read(image, bytes, count) : 0;
}

/// Decodes the pixels in `image->format` and releases the reader; 0 on failure.
static inline int codecs_png_finish(codecs_png_image *image, void *pixels) {
  const codecs_png_table *png = codecs_png_private;
  return png->finish_read ? png->finish_read(image, NULL, pixels, 0, NULL) : 0;
}

/// Encodes pixels; with `bytes` NULL only sets the count needed; 0 on failure.
static inline int codecs_png_write(
    codecs_png_image *image, void *bytes, size_t *count, const void *pixels) {
  const codecs_png_table *png = codecs_png_private;
  return png->write ? png->write(image, bytes, count, 0, pixels, 0, NULL) : 0;
}

/// The same with a map of colours, of which `pixels` are indices.
static inline int codecs_png_write_mapped(
    codecs_png_image *image, void *bytes, size_t *count, const void *pixels, const void *map) {
  const codecs_png_table *png = codecs_png_private;
  return png->write ? png->write(image, bytes, count, 0, pixels, 0, map) : 0;
}

/// Releases what a failed or abandoned read holds.
static inline void codecs_png_free(codecs_png_image *image) {
  const codecs_png_table *png = codecs_png_private;
  if (png->free) png->free(image);
}

/// The message of the last failure, cut at the end of its field.
static inline const char *codecs_png_message(codecs_png_image *image) {
  image->message[sizeof image->message - 1] = 0;
  return image->message;
}
