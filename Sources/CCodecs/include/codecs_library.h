#pragma once

/// What became of the search for a library; the strings live as long as the process.
typedef struct {
  /// The file it was loaded from; NULL where it was not found.
  const char *path;
  /// The library's own version; NULL where it was not found.
  const char *version;
  /// Why it was not found; NULL where it was.
  const char *error;
} codecs_library;

/// zlib: `$STRIATE_ZLIB`, `~/.local/share/striate/lib`, the system's loader; never the working folder.
codecs_library codecs_find_zlib(void);

/// libpng 1.6: `$STRIATE_LIBPNG`, `~/.local/share/striate/lib`, the system's loader.
codecs_library codecs_find_libpng(void);

/// TurboJPEG 2.0 or later: `$STRIATE_TURBOJPEG`, `~/.local/share/striate/lib`, the system's loader.
codecs_library codecs_find_turbojpeg(void);
