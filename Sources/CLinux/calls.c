#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t clinux_getdents64(int descriptor, void *buffer, size_t byte_count) {
    return getdents64(descriptor, buffer, byte_count);
}

int clinux_enter_network_namespace(int descriptor) { return setns(descriptor, CLONE_NEWNET); }

int clinux_rewrite_u32(void *address) {
    uint32_t value;
    struct iovec own = {&value, sizeof value};
    struct iovec asked = {address, sizeof value};
    ssize_t byte_count = process_vm_readv(getpid(), &own, 1, &asked, 1, 0);
    if (byte_count == sizeof value) byte_count = process_vm_writev(getpid(), &own, 1, &asked, 1, 0);
    if (byte_count == sizeof value) return 0;
    if (byte_count >= 0) errno = EFAULT;  // Only the bytes of the first page can be reached.
    return -1;
}

void clinux_malloc_trim(void) { malloc_trim(0); }

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
