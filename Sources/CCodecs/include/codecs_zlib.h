#pragma once

#include <stddef.h>
#include <string.h>

/// zlib's streaming decompression; our own declarations of its stable interface.

/// zlib's `z_stream`.
typedef struct {
  const unsigned char *next_in;
  unsigned int avail_in;
  unsigned long total_in;
  unsigned char *next_out;
  unsigned int avail_out;
  unsigned long total_out;
  const char *msg;
  void *state;
  void *zalloc;
  void *zfree;
  void *opaque;
  int data_type;
  unsigned long adler;
  unsigned long reserved;
} codecs_z_stream;

enum {
  CODECS_Z_OK = 0,
  CODECS_Z_STREAM_END = 1,
  CODECS_Z_STREAM_ERROR = -2,
  CODECS_Z_DATA_ERROR = -3,
  CODECS_Z_MEM_ERROR = -4,
  CODECS_Z_BUF_ERROR = -5,
};

typedef struct {
  const char *(*version)(void);
  int (*inflate_init)(codecs_z_stream *, int window_bits, const char *version, int size);
  int (*inflate)(codecs_z_stream *, int flush);
  int (*inflate_end)(codecs_z_stream *);
  unsigned long (*crc32)(unsigned long, const unsigned char *, unsigned int);
} codecs_zlib_table;

/// Private to this header; filled by `codecs_find_zlib`.
extern const codecs_zlib_table *const codecs_zlib_private;

/// Prepares a zeroed stream for gzip data; an error code where zlib was not found.
static inline int codecs_gunzip_init(codecs_z_stream *stream) {
  const codecs_zlib_table *z = codecs_zlib_private;
  if (!z->inflate_init) return CODECS_Z_STREAM_ERROR;
  return z->inflate_init(stream, 15 + 16, "1.2.0", (int)sizeof(codecs_z_stream));
}

/// Decompresses as much as input and output allow.
static inline int codecs_inflate(codecs_z_stream *stream) {
  const codecs_zlib_table *z = codecs_zlib_private;
  return z->inflate ? z->inflate(stream, 0) : CODECS_Z_STREAM_ERROR;
}

/// Releases what the stream holds.
static inline int codecs_inflate_end(codecs_z_stream *stream) {
  const codecs_zlib_table *z = codecs_zlib_private;
  return z->inflate_end ? z->inflate_end(stream) : CODECS_Z_STREAM_ERROR;
}

/// The running CRC-32 of bytes, 0 to begin with; 0 where zlib was not found.
static inline unsigned long codecs_crc32(
    unsigned long crc, const unsigned char *bytes, unsigned int count) {
  const codecs_zlib_table *z = codecs_zlib_private;
  return z->crc32 ? z->crc32(crc, bytes, count) : 0;
}

/// Decompresses data of a known size at once; 0 where they hold exactly so many bytes or more. The window is 15 for
/// zlib data and −15 for those of ZIP files, which have no header.
static inline int codecs_inflate_whole(
    const unsigned char *bytes, size_t count, unsigned char *output, size_t wanted, int window) {
  const codecs_zlib_table *z = codecs_zlib_private;
  codecs_z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (!z->inflate_init || z->inflate_init(&stream, window, "1.2.0", (int)sizeof stream)) return -1;
  size_t read = 0, done = 0;
  int status = CODECS_Z_OK;
  while (status == CODECS_Z_OK && done < wanted) {
    unsigned int given = count - read < 1u << 30 ? (unsigned int)(count - read) : 1u << 30;
    unsigned int room = wanted - done < 1u << 30 ? (unsigned int)(wanted - done) : 1u << 30;
    stream.next_in = bytes + read, stream.avail_in = given;
    stream.next_out = output + done, stream.avail_out = room;
    status = z->inflate(&stream, 0);
    read += given - stream.avail_in, done += room - stream.avail_out;
    if (given == stream.avail_in && room == stream.avail_out) break;
  }
  z->inflate_end(&stream);
  return done == wanted ? 0 : -1;
}
