// dladdr is a GNU extension on Linux.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CCodecs.h"

static codecs_zlib_table zlib_table;
const codecs_zlib_table *const codecs_zlib_private = &zlib_table;
static codecs_png_table png_table;
const codecs_png_table *const codecs_png_private = &png_table;
static codecs_jpeg_table jpeg_table;
const codecs_jpeg_table *const codecs_jpeg_private = &jpeg_table;

#define TEXT_SIZE 1024

// One library: where it may be, and what became of it.
typedef struct {
  const char *variable;
  const char *names[4];
  char path[TEXT_SIZE];
  char error[TEXT_SIZE];
  const char *version;
} search;

#ifdef __APPLE__
static search zlib_search = {.variable = "STRIATE_ZLIB", .names = {"libz.1.dylib", "libz.dylib"}};
static search png_search = {.variable = "STRIATE_LIBPNG", .names = {"libpng16.16.dylib", "libpng16.dylib"}};
static search jpeg_search = {
    .variable = "STRIATE_TURBOJPEG", .names = {"libturbojpeg.0.dylib", "libturbojpeg.dylib"}};
#else
static search zlib_search = {.variable = "STRIATE_ZLIB", .names = {"libz.so.1", "libz.so"}};
static search png_search = {.variable = "STRIATE_LIBPNG", .names = {"libpng16.so.16", "libpng16.so"}};
static search jpeg_search = {
    .variable = "STRIATE_TURBOJPEG", .names = {"libturbojpeg.so.0", "libturbojpeg.so"}};
#endif

static void *open_library(const char *name) { return dlopen(name, RTLD_NOW | RTLD_LOCAL); }

// An environment variable decides alone: a wrong path is an error, not a reason to look elsewhere.
static void *open_named_by_user(search *s, const char *named) {
  if (named[0] != '/') {
    snprintf(s->error, TEXT_SIZE, "%s is %s, expected an absolute path", s->variable, named);
    return NULL;
  }
  void *handle = open_library(named);
  if (!handle) {
    const char *reason = dlerror();
    snprintf(s->error, TEXT_SIZE, "%s: %s", s->variable, reason ? reason : "not loadable");
  }
  return handle;
}

static void *open_first(search *s) {
  const char *named = getenv(s->variable);
  if (named && named[0]) return open_named_by_user(s, named);
  const char *home = getenv("HOME");
  for (int i = 0; i < 4 && s->names[i]; i++) {
    if (!home || home[0] != '/') break;
    char candidate[TEXT_SIZE];
    int length =
        snprintf(candidate, TEXT_SIZE, "%s/.local/share/striate/lib/%s", home, s->names[i]);
    void *handle = length < TEXT_SIZE ? open_library(candidate) : NULL;
    if (handle) return handle;
  }
  for (int i = 0; i < 4 && s->names[i]; i++) {
    void *handle = open_library(s->names[i]);
    if (handle) return handle;
  }
  snprintf(
      s->error, TEXT_SIZE, "%s is neither in ~/.local/share/striate/lib nor known to the system",
      s->names[0]);
  return NULL;
}

static void remember_path(search *s, const void *symbol) {
  Dl_info info;
  memset(&info, 0, sizeof info);
  const char *found = dladdr(symbol, &info) && info.dli_fname ? info.dli_fname : s->names[0];
  snprintf(s->path, TEXT_SIZE, "%s", found);
}

// Takes a symbol, or notes the first one that is missing.
static void *take(search *s, void *handle, const char *name) {
  void *symbol = dlsym(handle, name);
  if (!symbol && !s->error[0]) snprintf(s->error, TEXT_SIZE, "it has no function %s", name);
  return symbol;
}

static void load_zlib(void) {
  search *s = &zlib_search;
  void *handle = open_first(s);
  if (!handle) return;
  codecs_zlib_table t;
  memset(&t, 0, sizeof t);
  *(void **)&t.version = take(s, handle, "zlibVersion");
  *(void **)&t.inflate_init = take(s, handle, "inflateInit2_");
  *(void **)&t.inflate = take(s, handle, "inflate");
  *(void **)&t.inflate_end = take(s, handle, "inflateEnd");
  *(void **)&t.crc32 = take(s, handle, "crc32");
  if (s->error[0]) return;
  zlib_table = t;
  s->version = t.version();
  remember_path(s, *(void **)&t.version);
}

static void load_png(void) {
  search *s = &png_search;
  void *handle = open_first(s);
  if (!handle) return;
  codecs_png_table t;
  memset(&t, 0, sizeof t);
  *(void **)&t.begin_read = take(s, handle, "png_image_begin_read_from_memory");
  *(void **)&t.finish_read = take(s, handle, "png_image_finish_read");
  *(void **)&t.write = take(s, handle, "png_image_write_to_memory");
  *(void **)&t.free = take(s, handle, "png_image_free");
  *(void **)&t.version = take(s, handle, "png_get_libpng_ver");
  if (s->error[0]) return;
  png_table = t;
  s->version = t.version(NULL);
  remember_path(s, *(void **)&t.version);
}

static void load_turbojpeg(void) {
  search *s = &jpeg_search;
  void *handle = open_first(s);
  if (!handle) return;
  codecs_jpeg_table t;
  memset(&t, 0, sizeof t);
  *(void **)&t.open = take(s, handle, "tjInitDecompress");
  *(void **)&t.close = take(s, handle, "tjDestroy");
  *(void **)&t.decompress = take(s, handle, "tjDecompress2");
  *(void **)&t.message = take(s, handle, "tjGetErrorStr2");
  *(void **)&t.severity = take(s, handle, "tjGetErrorCode");
  if (s->error[0]) return;
  jpeg_table = t;
  // The library does not tell its version; its functions tell its interface.
  s->version = dlsym(handle, "tj3Init") ? "3.x" : "2.x";
  remember_path(s, *(void **)&t.open);
}

static codecs_library result(const search *s) {
  codecs_library found = {NULL, NULL, NULL};
  if (s->path[0]) {
    found.path = s->path;
    found.version = s->version;
  } else {
    found.error = s->error;
  }
  return found;
}

codecs_library codecs_find_zlib(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_zlib);
  return result(&zlib_search);
}

codecs_library codecs_find_libpng(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_png);
  return result(&png_search);
}

codecs_library codecs_find_turbojpeg(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_turbojpeg);
  return result(&jpeg_search);
}
