#ifndef ARMING_H
#define ARMING_H

#include <stdbool.h>

/// Counts a call of the interposed function `name` on this thread. Returns true, with errno set,
/// where that call has to fail.
bool fault_injection_strikes(const char *name);

/// Counts the descriptor that a call has opened on this thread, unless it is -1. Returns it.
int fault_injection_opened(long descriptor);

/// Counts the descriptor that a call has closed on this thread, unless that failed.
void fault_injection_closed(int result);

#endif
