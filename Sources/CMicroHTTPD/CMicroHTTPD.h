// libmicrohttpd's public interface, and nothing else.
#include <microhttpd.h>
