// libmicrohttpd's public interface, and what of it Swift cannot call.
#pragma once
#include <microhttpd.h>

// MHD_get_connection_info is variadic, which Swift does not import.
// -1 where the connection has no socket.
static inline MHD_socket CMicroHTTPD_connection_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : MHD_INVALID_SOCKET;
}

// For the same reason. GnuTLS' session, as gnutls_session_t; NULL on a connection without TLS.
static inline struct gnutls_session_int *
CMicroHTTPD_connection_session(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? (struct gnutls_session_int *)info->tls_session : NULL;
}

// For the same reason. Bytes from the method to the end of the empty line after the headers; 0 where it is
// not known.
static inline size_t CMicroHTTPD_head_byte_count(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}

// For the same reason. NULL where it is not known.
static inline const struct sockaddr *
CMicroHTTPD_connection_address(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}
