// PCRE2's public interface, for texts of bytes.
#pragma once
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
