#pragma once

/// Codecs found at run time, and the byte loops around them.
///
/// Nothing is linked: zlib, libpng and TurboJPEG are opened with dlopen when first needed, behind our own
/// declarations of the few functions used. Swift sees ordinary functions.

#include "codecs_bytes.h"
#include "codecs_jpeg.h"
#include "codecs_crc32c.h"
#include "codecs_histogram.h"
#include "codecs_library.h"
#include "codecs_png.h"
#include "codecs_sha256.h"
#include "codecs_zlib.h"
