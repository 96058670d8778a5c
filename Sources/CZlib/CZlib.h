// zlib's public interface, and what of it Swift cannot call.
#pragma once
#include <zlib.h>

// deflateInit2 is a macro with a version and a size in it, which Swift does not import.
// The answer in the gzip format, made with the least work; 31 is the largest window, 15, and the
// 16 that asks for gzip's header and trailer instead of zlib's.
static inline int CZlib_begin_gzip(z_stream *stream) {
    return deflateInit2(stream, Z_BEST_SPEED, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
}
