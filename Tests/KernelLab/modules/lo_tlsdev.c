// Makes the loopback device one that encrypts and decrypts kernel TLS, as some network cards do.
//
// It does no cryptography: it says yes to every socket, as the driver of a card with room left does
// (struct tlsdev_ops, linux/netdevice.h). From then on the kernel itself treats the socket as a
// device's: inet_diag reports TLS_CONF_HW, /proc/net/tls_stat counts it. So no data may be sent
// over such a socket: it would go through unencrypted.
//
// Parameters, which root may change in /sys/module/lo_tlsdev/parameters between two sockets:
// tx, rx: whether the device takes the sending and the receiving direction. What it refuses, the
// kernel does in software. The module has no exit: it holds as long as the guest.
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <net/tls.h>

static bool tx;
module_param(tx, bool, 0644);
MODULE_PARM_DESC(tx, "take the sending direction of new sockets");

static bool rx;
module_param(rx, bool, 0644);
MODULE_PARM_DESC(rx, "take the receiving direction of new sockets");

static int add(struct net_device *device, struct sock *socket,
               enum tls_offload_ctx_dir direction, struct tls_crypto_info *keys, u32 sequence)
{
    return (direction == TLS_OFFLOAD_CTX_DIR_TX ? tx : rx) ? 0 : -EOPNOTSUPP;
}

static void forget(struct net_device *device, struct tls_context *context,
                   enum tls_offload_ctx_dir direction)
{
}

// Never called, for no data flows; the kernel wants it of a device that receives.
static int resync(struct net_device *device, struct sock *socket, u32 sequence, u8 *record,
                  enum tls_offload_ctx_dir direction)
{
    return 0;
}

static const struct tlsdev_ops operations = {
    .tls_dev_add = add,
    .tls_dev_del = forget,
    .tls_dev_resync = resync,
};

static int __init lo_tlsdev_init(void)
{
    const netdev_features_t features = NETIF_F_HW_TLS_TX | NETIF_F_HW_TLS_RX;
    struct net_device *loopback = init_net.loopback_dev;

    rtnl_lock();
    loopback->tlsdev_ops = &operations;
    loopback->hw_features |= features;
    loopback->wanted_features |= features;
    netdev_update_features(loopback);
    rtnl_unlock();
    return (loopback->features & features) == features ? 0 : -EINVAL;
}
module_init(lo_tlsdev_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Kernel TLS offload to a loopback device, for tests");
