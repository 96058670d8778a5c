#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <wchar.h>

// Made once and never freed. Two threads that come first at the same time make it twice, and either
// will do.
static locale_t utf8_locale(void) {
    static _Atomic(locale_t) made;
    if (!made) made = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return made;
}

int clinux_display_width(uint32_t character) {
    locale_t locale = utf8_locale();
    if (!locale) return 1;
    locale_t before = uselocale(locale);
    int width = wcwidth((wchar_t)character);
    uselocale(before);
    return width;
}

bool clinux_is_locale_utf8(void) {
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (!locale) return false;
    bool is_utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return is_utf8;
}

int clinux_terminal_size(int descriptor, unsigned short *rows, unsigned short *columns) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) < 0) return -1;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}

int clinux_open_signals(const sigset_t *signals) {
    return signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

int clinux_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t byte_count;
    do byte_count = read(descriptor, &info, sizeof info);
    while (byte_count < 0 && errno == EINTR);
    return byte_count == sizeof info ? (int)info.ssi_signo : -1;
}

bool clinux_is_signal_ignored(int signal) {
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static const char *progress_text;
static volatile sig_atomic_t progress_is_shown;

static void show_progress(int signal) {
    (void)signal;
    int before = errno;
    progress_is_shown = write(STDERR_FILENO, progress_text, strlen(progress_text)) > 0;
    errno = before;
}

void clinux_progress_begin(const char *text, unsigned seconds) {
    progress_text = text;
    progress_is_shown = 0;
    struct sigaction action = {.sa_handler = show_progress, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    alarm(seconds);
}

void clinux_progress_end(void) {
    static const char erase[] = "\r\033[K";
    alarm(0);
    signal(SIGALRM, SIG_DFL);
    if (progress_is_shown && write(STDERR_FILENO, erase, sizeof erase - 1) > 0)
        progress_is_shown = 0;
}
