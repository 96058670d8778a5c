#include "arming.h"

#include <errno.h>

#include "CFaultInjection.h"

// In an executable, thread-local variables lie at fixed offsets: reading them calls nothing, and so
// cannot come back here.
static _Thread_local struct {
    bool is_armed;
    unsigned calls;
    unsigned nth;
    int error;
    const char *failed_call;
    int descriptors_left_open;
} arming;

void fault_injection_arm(unsigned nth, int error) {
    arming.is_armed = true;
    arming.calls = 0;
    arming.nth = nth;
    arming.error = error;
    arming.failed_call = 0;
    arming.descriptors_left_open = 0;
}

unsigned fault_injection_disarm(void) {
    arming.is_armed = false;
    return arming.calls;
}

const char *fault_injection_failed_call(void) {
    return arming.failed_call ? arming.failed_call : "";
}

int fault_injection_descriptors_left_open(void) {
    return arming.descriptors_left_open;
}

bool fault_injection_strikes(const char *name) {
    if (!arming.is_armed || ++arming.calls != arming.nth) return false;
    arming.failed_call = name;
    errno = arming.error;
    return true;
}

int fault_injection_opened(long descriptor) {
    if (arming.is_armed && descriptor >= 0) arming.descriptors_left_open++;
    return (int)descriptor;
}

void fault_injection_closed(int result) {
    if (arming.is_armed && result == 0) arming.descriptors_left_open--;
}
