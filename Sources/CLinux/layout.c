#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tls.h>
#include <stddef.h>

#define PROVE(number, fact) \
    _Static_assert((int)(number) == (int)(fact), #number " differs from the kernel's")

PROVE(NLMSGHDR_LEN, offsetof(struct nlmsghdr, nlmsg_len));
PROVE(NLMSGHDR_TYPE, offsetof(struct nlmsghdr, nlmsg_type));
PROVE(NLMSGHDR_FLAGS, offsetof(struct nlmsghdr, nlmsg_flags));
PROVE(NLMSGHDR_SEQ, offsetof(struct nlmsghdr, nlmsg_seq));
PROVE(NLMSGHDR_PID, offsetof(struct nlmsghdr, nlmsg_pid));
PROVE(NLMSGHDR_BYTES, sizeof(struct nlmsghdr));

PROVE(NLATTR_LEN, offsetof(struct nlattr, nla_len));
PROVE(NLATTR_TYPE, offsetof(struct nlattr, nla_type));
PROVE(NLATTR_BYTES, sizeof(struct nlattr));

PROVE(INET_DIAG_MSG_FAMILY, offsetof(struct inet_diag_msg, idiag_family));
PROVE(INET_DIAG_MSG_STATE, offsetof(struct inet_diag_msg, idiag_state));
PROVE(INET_DIAG_MSG_SPORT, offsetof(struct inet_diag_msg, id.idiag_sport));
PROVE(INET_DIAG_MSG_DPORT, offsetof(struct inet_diag_msg, id.idiag_dport));
PROVE(INET_DIAG_MSG_SRC, offsetof(struct inet_diag_msg, id.idiag_src));
PROVE(INET_DIAG_MSG_DST, offsetof(struct inet_diag_msg, id.idiag_dst));
PROVE(INET_DIAG_MSG_IF, offsetof(struct inet_diag_msg, id.idiag_if));
PROVE(INET_DIAG_MSG_COOKIE, offsetof(struct inet_diag_msg, id.idiag_cookie));
PROVE(INET_DIAG_MSG_RQUEUE, offsetof(struct inet_diag_msg, idiag_rqueue));
PROVE(INET_DIAG_MSG_WQUEUE, offsetof(struct inet_diag_msg, idiag_wqueue));
PROVE(INET_DIAG_MSG_UID, offsetof(struct inet_diag_msg, idiag_uid));
PROVE(INET_DIAG_MSG_INODE, offsetof(struct inet_diag_msg, idiag_inode));
PROVE(INET_DIAG_MSG_BYTES, sizeof(struct inet_diag_msg));

PROVE(INET_DIAG_REQ_FAMILY, offsetof(struct inet_diag_req, idiag_family));
PROVE(INET_DIAG_REQ_EXT, offsetof(struct inet_diag_req, idiag_ext));
PROVE(INET_DIAG_REQ_STATES, offsetof(struct inet_diag_req, idiag_states));
PROVE(INET_DIAG_REQ_BYTES, sizeof(struct inet_diag_req));

PROVE(INET_DIAG_REQ_V2_FAMILY, offsetof(struct inet_diag_req_v2, sdiag_family));
PROVE(INET_DIAG_REQ_V2_PROTOCOL, offsetof(struct inet_diag_req_v2, sdiag_protocol));
PROVE(INET_DIAG_REQ_V2_EXT, offsetof(struct inet_diag_req_v2, idiag_ext));
PROVE(INET_DIAG_REQ_V2_STATES, offsetof(struct inet_diag_req_v2, idiag_states));
PROVE(INET_DIAG_REQ_V2_BYTES, sizeof(struct inet_diag_req_v2));

PROVE(CLINUX_TCPDIAG_GETSOCK, TCPDIAG_GETSOCK);
PROVE(CLINUX_SOCK_DIAG_BY_FAMILY, SOCK_DIAG_BY_FAMILY);
PROVE(CLINUX_INET_DIAG_INFO, INET_DIAG_INFO);
PROVE(CLINUX_INET_DIAG_SKMEMINFO, INET_DIAG_SKMEMINFO);
PROVE(SK_MEMINFO_DROPS_OFFSET, SK_MEMINFO_DROPS * sizeof(__u32));
PROVE(CLINUX_INET_DIAG_MARK, INET_DIAG_MARK);
PROVE(CLINUX_INET_DIAG_ULP_INFO, INET_DIAG_ULP_INFO);
PROVE(CLINUX_INET_DIAG_CGROUP_ID, INET_DIAG_CGROUP_ID);
PROVE(CLINUX_INET_ULP_INFO_NAME, INET_ULP_INFO_NAME);
PROVE(CLINUX_INET_ULP_INFO_TLS, INET_ULP_INFO_TLS);
PROVE(CLINUX_TLS_INFO_VERSION, TLS_INFO_VERSION);
PROVE(CLINUX_TLS_INFO_CIPHER, TLS_INFO_CIPHER);
PROVE(CLINUX_TLS_INFO_TXCONF, TLS_INFO_TXCONF);
PROVE(CLINUX_TLS_INFO_RXCONF, TLS_INFO_RXCONF);

PROVE(DIRENT64_INO, offsetof(struct dirent64, d_ino));
PROVE(DIRENT64_RECLEN, offsetof(struct dirent64, d_reclen));
PROVE(DIRENT64_TYPE, offsetof(struct dirent64, d_type));
PROVE(DIRENT64_NAME, offsetof(struct dirent64, d_name));
