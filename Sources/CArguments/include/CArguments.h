// The command line as the kernel passed it. Swift's `CommandLine` searches for it next to the
// environment in a statically linked program, and finds nothing once setenv(3) has moved the
// environment: a preloaded library that calls it would take every option away.
#ifndef CARGUMENTS_H
#define CARGUMENTS_H

/// How many arguments there are, the program's name included.
int carguments_count(void);

/// An argument, for an index from 0 to below the count. It lives as long as the process.
const char *carguments_at(int index);

#endif
