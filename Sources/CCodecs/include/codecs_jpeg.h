#pragma once

#include <stddef.h>

/// TurboJPEG's decompressor; our own declarations of the interface that is stable since 2.0.

enum {
  /// One byte a pixel.
  CODECS_JPEG_GREY = 6,
  /// Red, green, blue.
  CODECS_JPEG_RGB = 0,
  /// Cyan, magenta, yellow, black as they are in the file.
  CODECS_JPEG_CMYK = 11,
  /// Progressive files of more than 500 scans are refused: they cost time and hold nothing.
  CODECS_JPEG_LIMIT_SCANS = 32768,
};

typedef struct {
  void *(*open)(void);
  int (*close)(void *);
  int (*decompress)(
      void *, const unsigned char *bytes, unsigned long count, unsigned char *pixels, int width,
      int pitch, int height, int format, int flags);
  char *(*message)(void *);
  int (*severity)(void *);
} codecs_jpeg_table;

/// Private to this header; filled by `codecs_find_turbojpeg`.
extern const codecs_jpeg_table *const codecs_jpeg_private;

/// A decompressor, for one thread at a time; NULL where there is none.
static inline void *codecs_jpeg_open(void) {
  const codecs_jpeg_table *jpeg = codecs_jpeg_private;
  return jpeg->open ? jpeg->open() : NULL;
}

/// Releases a decompressor.
static inline void codecs_jpeg_close(void *handle) {
  const codecs_jpeg_table *jpeg = codecs_jpeg_private;
  if (jpeg->close && handle) jpeg->close(handle);
}

/// Decodes at the largest of TurboJPEG's scales that fits into `width` × `height`, in rows of `pitch`
/// bytes; -1 on failure or where something was odd, 0 otherwise.
static inline int codecs_jpeg_decode(
    void *handle, const unsigned char *bytes, size_t count, unsigned char *pixels, int width,
    int pitch, int height, int format) {
  const codecs_jpeg_table *jpeg = codecs_jpeg_private;
  if (!jpeg->decompress) return -1;
  return jpeg->decompress(
      handle, bytes, (unsigned long)count, pixels, width, pitch, height, format,
      CODECS_JPEG_LIMIT_SCANS);
}

/// What the last call has to say; owned by the handle.
static inline const char *codecs_jpeg_message(void *handle) {
  const codecs_jpeg_table *jpeg = codecs_jpeg_private;
  const char *message = jpeg->message ? jpeg->message(handle) : NULL;
  return message ? message : "";
}

/// Whether the last call only warned and decoded to the end.
static inline int codecs_jpeg_warned(void *handle) {
  const codecs_jpeg_table *jpeg = codecs_jpeg_private;
  return jpeg->severity ? jpeg->severity(handle) == 0 : 0;
}
