#include "CArguments.h"

static int count;
static char **arguments;

// glibc calls constructors with the arguments of main().
__attribute__((constructor)) static void keep_arguments(int argc, char **argv) {
    count = argc;
    arguments = argv;
}

int carguments_count(void) { return count; }

const char *carguments_at(int index) { return arguments[index]; }
