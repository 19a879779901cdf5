/* SPDX-License-Identifier: MIT */
// A program that replaces the basic operators new and delete alone, plain and aligned: all other forms go by way of
// these (ISO C++ [new.delete]). Its blocks begin with a header, so nobody else can free them.
extern "C" {
#include "tests/harness/tap.h"
}

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>

#ifndef __clang__
#pragma GCC diagnostic ignored "-Wsized-deallocation" // that a form is missing is the point
#endif

namespace
{
const std::size_t header = 64, most = 1000000;
volatile std::size_t impossible = std::numeric_limits<std::ptrdiff_t>::max();
int made, taken;

// SIZE bytes, ALIGNMENT behind the block's start.
void *make(std::size_t size, std::size_t alignment)
{
    void *block = size <= most
                      ? std::aligned_alloc(alignment, (alignment + size + alignment - 1) / alignment * alignment)
                      : nullptr;
    if (!block)
        throw std::bad_alloc();
    made++;
    return static_cast<char *>(block) + alignment;
}

void take(void *pointer, std::size_t alignment)
{
    taken++;
    std::free(static_cast<char *>(pointer) - alignment);
}
} // namespace

void *operator new(std::size_t size)
{
    return make(size, header);
}

void operator delete(void *pointer) noexcept
{
    take(pointer, header);
}

void *operator new(std::size_t size, std::align_val_t alignment)
{
    return make(size, static_cast<std::size_t>(alignment));
}

void operator delete(void *pointer, std::align_val_t alignment) noexcept
{
    take(pointer, static_cast<std::size_t>(alignment));
}

namespace
{
const std::align_val_t alignment{256};

void test_forms()
{
    made = taken = 0;
    ::operator delete (::operator new(100), std::size_t{100});
    ::operator delete(::operator new(100, std::nothrow), std::nothrow);
    ::operator delete[](::operator new[](100));
    ::operator delete[](::operator new[](100), std::size_t{100});
    ::operator delete[](::operator new[](100, std::nothrow), std::nothrow);
    tap_ok(made == 5, "new, new[] and nothrow call the program's new: %d of 5", made);
    tap_ok(taken == 5, "sized, nothrow and delete[] call the program's delete: %d of 5", taken);
}

void test_aligned_forms()
{
    made = taken = 0;
    ::operator delete (::operator new(100, alignment), std::size_t{100}, alignment);
    ::operator delete(::operator new(100, alignment, std::nothrow), alignment, std::nothrow);
    ::operator delete[](::operator new[](100, alignment), alignment);
    ::operator delete[](::operator new[](100, alignment), std::size_t{100}, alignment);
    ::operator delete[](::operator new[](100, alignment, std::nothrow), alignment, std::nothrow);
    tap_ok(made == 5, "so do the aligned forms of new: %d of 5", made);
    tap_ok(taken == 5, "... and of delete: %d of 5", taken);
}

void test_failure()
{
    bool thrown = false;
    try {
        ::operator delete[](::operator new[](impossible));
    } catch (const std::bad_alloc &) {
        thrown = true;
    }
    tap_ok(thrown, "what the program's new throws leaves new[]");
    tap_ok(!::operator new(impossible, std::nothrow) && !::operator new[](impossible, std::nothrow),
           "... but not nothrow new");
    tap_ok(!::operator new(impossible, alignment, std::nothrow) &&
               !::operator new[](impossible, alignment, std::nothrow),
           "... nor aligned nothrow new");
}
} // namespace

int main()
{
    test_forms();
    test_aligned_forms();
    test_failure();
    return tap_done();
}
