/* SPDX-License-Identifier: MIT */
/* A kernel of larger pages, as far as an allocator can tell: preloaded, it stands before the C library's system calls
 * for memory and behaves as Linux built for pages of PAGE bytes would. It gives addresses that are multiples of such a
 * page, refuses others, and rounds lengths up: who unmaps or discards half a page loses the other half.
 *
 * What it cannot do: make a whole page resident when one byte of it is touched. mincore speaks of whole pages all the
 * same.
 *
 * PAGE comes from the compiler's command line. Nothing here allocates or has a lock; any thread may call anything.
 * Calls that the C library makes for itself do not come here. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* Pages of the kernel below are not smaller than this. */
#define SMALLEST_PAGE 4096

/* The file that says how large a transparent huge page is: a page full of page-table entries, each of which stands for
 * a page. */
#define HUGE_PAGE_FILE "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"
#define TABLE_ENTRY_BYTES 8

static size_t whole_pages(size_t bytes)
{
    return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static bool is_at_page(const void *address)
{
    return ((uintptr_t)address & (PAGE - 1)) == 0;
}

static int refuse(int error)
{
    errno = error;
    return -1;
}

static void *refuse_address(int error)
{
    errno = error;
    return MAP_FAILED;
}

/* --- the system calls themselves ---------------------------------------------------------------------------------- */

static void *real_mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
    return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}

static int real_munmap(void *address, size_t length)
{
    return (int)syscall(SYS_munmap, address, length);
}

static void *real_mremap(void *address, size_t old_length, size_t new_length, int flags, void *target)
{
    return (void *)syscall(SYS_mremap, address, old_length, new_length, flags, target);
}

/* Addresses for LENGTH bytes (whole pages) at a page; they may only be mapped over. */
static char *reserve(size_t length)
{
    char *room = real_mmap(NULL, length + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return MAP_FAILED;
    char *start = (char *)whole_pages((uintptr_t)room);
    if (start != room)
        real_munmap(room, (size_t)(start - room));
    real_munmap(start + length, PAGE - (size_t)(start - room));
    return start;
}

/* --- what the kernel says of itself ------------------------------------------------------------------------------- */

EXPORT long sysconf(int name)
{
    if (name == _SC_PAGESIZE)
        return PAGE;
    return ((long (*)(int))dlsym(RTLD_NEXT, "sysconf"))(name);
}

EXPORT int getpagesize(void)
{
    return PAGE;
}

EXPORT unsigned long getauxval(unsigned long type)
{
    if (type == AT_PAGESZ)
        return PAGE;
    return ((unsigned long (*)(unsigned long))dlsym(RTLD_NEXT, "getauxval"))(type);
}

static int open_huge_page_bytes(void)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%d\n", PAGE / TABLE_ENTRY_BYTES * PAGE);
    int file = memfd_create("hpage_pmd_size", MFD_CLOEXEC);
    if (file >= 0 && (write(file, text, (size_t)length) != length || lseek(file, 0, SEEK_SET) != 0)) {
        close(file);
        return refuse(EIO);
    }
    return file;
}

EXPORT int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (strcmp(path, HUGE_PAGE_FILE) == 0)
        return open_huge_page_bytes();
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/* --- mappings ----------------------------------------------------------------------------------------------------- */

EXPORT void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
    bool fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
    if (length == 0 || (offset & (PAGE - 1)) != 0 || (fixed && !is_at_page(address)))
        return refuse_address(EINVAL);
    if (length > PTRDIFF_MAX)
        return refuse_address(ENOMEM);
    length = whole_pages(length);
    char *mapping = real_mmap(address, length, protection, flags, file, offset);
    if (mapping == MAP_FAILED || is_at_page(mapping))
        return mapping;
    real_munmap(mapping, length);
    char *place = reserve(length);
    if (place == MAP_FAILED)
        return MAP_FAILED;
    mapping = real_mmap(place, length, protection, flags | MAP_FIXED, file, offset);
    if (mapping == MAP_FAILED) {
        int error = errno;
        real_munmap(place, length);
        errno = error;
    }
    return mapping;
}

/* The names that programs with files of 64-bit offsets call; in some C libraries they are macros for the others. */
#ifndef mmap64
EXPORT void *mmap64(void *address, size_t length, int protection, int flags, int file, off64_t offset)
{
    return mmap(address, length, protection, flags, file, offset);
}
#endif
#ifndef open64
EXPORT int open64(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    return open(path, flags, mode);
}
#endif

EXPORT int munmap(void *address, size_t length)
{
    if (!is_at_page(address) || length == 0)
        return refuse(EINVAL);
    return real_munmap(address, whole_pages(length));
}

EXPORT void *mremap(void *address, size_t old_length, size_t new_length, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    void *target = (flags & MREMAP_FIXED) != 0 ? va_arg(more, void *) : NULL;
    va_end(more);
    if (!is_at_page(address) || !is_at_page(target) || new_length == 0)
        return refuse_address(EINVAL);
    old_length = whole_pages(old_length);
    new_length = whole_pages(new_length);
    if ((flags & MREMAP_FIXED) != 0 || (flags & MREMAP_MAYMOVE) == 0)
        return real_mremap(address, old_length, new_length, flags, target);
    void *result = real_mremap(address, old_length, new_length, 0, NULL);
    if (result != MAP_FAILED)
        return result;
    target = reserve(new_length);
    return target == MAP_FAILED ? MAP_FAILED
                                : real_mremap(address, old_length, new_length, flags | MREMAP_FIXED, target);
}

EXPORT int mprotect(void *address, size_t length, int protection)
{
    if (!is_at_page(address))
        return refuse(EINVAL);
    return (int)syscall(SYS_mprotect, address, whole_pages(length), protection);
}

EXPORT int madvise(void *address, size_t length, int advice)
{
    if (!is_at_page(address))
        return refuse(EINVAL);
    return (int)syscall(SYS_madvise, address, whole_pages(length), advice);
}

EXPORT int mincore(void *address, size_t length, unsigned char *resident)
{
    unsigned char part[PAGE / SMALLEST_PAGE] = {0};
    if (!is_at_page(address))
        return refuse(EINVAL);
    for (size_t page = 0; page < whole_pages(length) / PAGE; page++) {
        if (syscall(SYS_mincore, (char *)address + page * PAGE, PAGE, part) != 0)
            return -1;
        resident[page] = memchr(part, 1, sizeof part) != NULL;
    }
    return 0;
}
