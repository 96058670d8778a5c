#include "CBuildInfo.h"

const char *cbuildinfo_revision(void) { return BUILD_REVISION; }
