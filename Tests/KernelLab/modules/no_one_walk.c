// Makes the kernel refuse TCPDIAG_GETSOCK, the request that walks both address families at once, as
// a security module may that tells the message types apart. SOCK_DIAG_BY_FAMILY goes on as before.
//
// The parameter refused counts the refusals: /sys/module/no_one_walk/parameters/refused.
//
// It takes inet_diag's place as the handler of that request; nothing gives it back, and the module
// has no exit: it holds as long as the guest.
#include <linux/module.h>
#include <linux/sock_diag.h>

static int refused;
module_param(refused, int, 0444);
MODULE_PARM_DESC(refused, "how many requests were refused");

// The caller holds a lock (net/core/sock_diag.c): one request at a time.
static int refuse(struct sk_buff *request, struct nlmsghdr *header)
{
    refused++;
    return -EACCES;
}

static const struct sock_diag_inet_compat refusal = {.owner = THIS_MODULE, .fn = refuse};

static int __init no_one_walk_init(void)
{
    sock_diag_register_inet_compat(&refusal);
    return 0;
}
module_init(no_one_walk_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Refuses TCPDIAG_GETSOCK, for tests");
