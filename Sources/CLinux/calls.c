#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/futex.h>
#include <linux/nsfs.h>
#include <malloc.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

ssize_t clinux_getdents64(int descriptor, void *buffer, size_t byte_count) {
    return getdents64(descriptor, buffer, byte_count);
}

// FILEID_KERNFS, linux/exportfs.h: the handle is the 64-bit ID of a kernfs node.
enum { FILE_ID_KERNFS = 0xfe };

int clinux_open_cgroup(int mount, uint64_t identifier) {
    _Alignas(struct file_handle) char bytes[sizeof(struct file_handle) + sizeof identifier];
    struct file_handle *handle = (struct file_handle *)bytes;
    handle->handle_bytes = sizeof identifier;
    handle->handle_type = FILE_ID_KERNFS;
    memcpy(handle->f_handle, &identifier, sizeof identifier);
    return open_by_handle_at(mount, handle, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int clinux_enter_network_namespace(int descriptor) { return setns(descriptor, CLONE_NEWNET); }

void clinux_namespace_user(int descriptor, uint32_t *user) {
    int space = ioctl(descriptor, NS_GET_USERNS), parent;
    // EPERM: there is no parent, or it is around the caller's own. 32 is the most that Linux nests.
    for (int depth = 0; space >= 0 && depth <= 32; depth++) {
        if ((parent = ioctl(space, NS_GET_PARENT)) < 0) break;
        ioctl(space, NS_GET_OWNER_UID, user);
        close(space);
        space = parent;
    }
    if (space >= 0) close(space);
}

// Adds 0 to an aligned word, atomically, and wakes those who wait for a variable that nobody knows.
static int add_zero(uintptr_t word) {
    uint32_t unknown = 0;
    int operation = FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0);
    return syscall(SYS_futex, &unknown, FUTEX_WAKE_OP_PRIVATE, 1, NULL, word, operation) < 0 ? -1 : 0;
}

int clinux_rewrite_u32(void *address) {
    // The aligned words that hold the first and the last byte.
    uintptr_t first = (uintptr_t)address & ~(uintptr_t)3;
    uintptr_t last = ((uintptr_t)address + 3) & ~(uintptr_t)3;
    int result = add_zero(first);
    return result < 0 || last == first ? result : add_zero(last);
}

void clinux_malloc_trim(void) { malloc_trim(0); }

void clinux_malloc_map_large(void) { mallopt(M_MMAP_THRESHOLD, 256 * 1024); }

static int release_object(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    (void)context;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        // Where it is refused (locked memory), everything stays as it is.
        madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void clinux_release_file_pages(void) { dl_iterate_phdr(release_object, NULL); }

int clinux_accept(int listening, struct sockaddr *address, socklen_t *byte_count) {
    return accept4(listening, address, byte_count, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_open_event(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
