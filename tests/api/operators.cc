/* SPDX-License-Identifier: MIT */
// What C++ promises of operator new and delete (ISO C++ [new.delete]): every form, sized, aligned and nothrow;
// bad_alloc; new_handler. A program, and a plug-in for operators_host.c. With an argument, what has threads alone.
extern "C" {
#include "tests/harness/tap.h"

int test_operators();
}

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <malloc.h>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace
{
// The compiler may leave out new-expressions, but not direct calls of the operators with a size that it cannot know.
volatile std::size_t impossible = std::numeric_limits<std::ptrdiff_t>::max();
const std::size_t sizes[] = {0, 1, 16, 100, 1000, 5000, 40000, 300000, 5000000};

bool usable(void *block, std::size_t size, std::size_t alignment)
{
    bool good = block && reinterpret_cast<std::uintptr_t>(block) % alignment == 0 && malloc_usable_size(block) >= size;
    if (good)
        std::memset(block, 0x77, size);
    return good;
}

void test_plain_forms()
{
    bool good = true;
    for (int round = 0; round < 1000; round++)
        for (std::size_t size : sizes) {
            if (round && size > 50000)
                continue;
            void *blocks[] = {::operator new(size),
                              ::operator new[](size),
                              ::operator new(size, std::nothrow),
                              ::operator new[](size, std::nothrow),
                              ::operator new(size),
                              ::operator new[](size)};
            for (void *block : blocks)
                good = usable(block, size, __STDCPP_DEFAULT_NEW_ALIGNMENT__) && good;
            ::operator delete(blocks[0]);
            ::operator delete[](blocks[1]);
            ::operator delete(blocks[2], std::nothrow);
            ::operator delete[](blocks[3], std::nothrow);
            ::operator delete(blocks[4], size);
            ::operator delete[](blocks[5], size);
        }
    tap_ok(good, "new, new[], nothrow; delete, delete[], nothrow, sized");
}

void test_aligned_forms()
{
    bool good = true;
    for (std::size_t alignment = 1; alignment <= 4096 * 1024; alignment *= 4)
        for (std::size_t size : sizes) {
            std::align_val_t value{alignment};
            void *blocks[] = {::operator new(size, value),
                              ::operator new[](size, value),
                              ::operator new(size, value, std::nothrow),
                              ::operator new[](size, value, std::nothrow),
                              ::operator new(size, value),
                              ::operator new[](size, value)};
            for (void *block : blocks)
                good = usable(block, size, alignment) && good;
            ::operator delete(blocks[0], value);
            ::operator delete[](blocks[1], value);
            ::operator delete(blocks[2], value, std::nothrow);
            ::operator delete[](blocks[3], value, std::nothrow);
            ::operator delete(blocks[4], size, value);
            ::operator delete[](blocks[5], size, value);
        }
    tap_ok(good, "the same forms with an alignment, from 1 byte to 4 MiB");
}

void test_delete_null()
{
    void *volatile null = nullptr;
    std::align_val_t value{64};
    errno = 4711;
    ::operator delete(null);
    ::operator delete[](null);
    ::operator delete(null, std::nothrow);
    ::operator delete (null, std::size_t{8});
    ::operator delete[](null, std::size_t{8});
    ::operator delete(null, value);
    ::operator delete (null, std::size_t{8}, value);
    tap_ok(errno == 4711, "delete of a null pointer does nothing, in every form");
}

template <typename Function> bool throws_bad_alloc(Function allocate)
{
    try {
        void *block = allocate();
        tap_note("got %p", block);
        return false;
    } catch (const std::bad_alloc &) {
        return true;
    }
}

void test_failure()
{
    std::align_val_t value{64};
    tap_ok(throws_bad_alloc([] { return ::operator new(impossible); }), "new throws bad_alloc");
    tap_ok(throws_bad_alloc([] { return ::operator new[](impossible); }), "new[] throws bad_alloc");
    tap_ok(throws_bad_alloc([=] { return ::operator new(impossible, value); }), "aligned new throws bad_alloc");
    tap_ok(throws_bad_alloc([=] { return ::operator new[](impossible, value); }), "aligned new[] throws bad_alloc");
    tap_ok(!::operator new(impossible, std::nothrow) && !::operator new[](impossible, std::nothrow),
           "nothrow new gives a null pointer");
    tap_ok(!::operator new(impossible, value, std::nothrow) && !::operator new[](impossible, value, std::nothrow),
           "aligned nothrow new gives a null pointer");
    volatile std::size_t count = impossible;
    tap_ok(throws_bad_alloc([&] { return static_cast<void *>(new std::uint64_t[count]); }),
           "new of an array whose size overflows throws");
}

// Undefined in C++; libstdc++ and libc++ hand out no block.
void test_no_power_of_two()
{
    static const std::size_t odd[] = {0, 3, 24, 255, 4097, std::numeric_limits<std::size_t>::max()};
    bool nothing = true, thrown = true;
    for (volatile std::size_t value : odd) {
        const std::align_val_t alignment{value};
        nothing =
            nothing && !::operator new(1, alignment, std::nothrow) && !::operator new[](1, alignment, std::nothrow);
        thrown = thrown && throws_bad_alloc([=] { return ::operator new(1, alignment); }) &&
                 throws_bad_alloc([=] { return ::operator new[](1, alignment); });
    }
    tap_ok(nothing, "nothrow new gives no block for an alignment that is no power of two");
    tap_ok(thrown, "the other forms throw bad_alloc for it");
}

int handler_calls;
const int handler_patience = 3;

// Gives up after a few calls, as a handler does that has no more caches to empty.
void patient_handler()
{
    if (++handler_calls == handler_patience)
        std::set_new_handler(nullptr);
}

void throwing_handler()
{
    handler_calls++;
    throw std::bad_alloc();
}

bool handler_is_called(void *(*allocate)(), std::new_handler handler, bool throws, int calls)
{
    handler_calls = 0;
    std::set_new_handler(handler);
    bool thrown = false;
    void *block = nullptr;
    try {
        block = allocate();
    } catch (const std::bad_alloc &) {
        thrown = true;
    }
    std::set_new_handler(nullptr);
    if (handler_calls != calls || thrown != throws || block)
        tap_note("%d calls of the handler, %s", handler_calls, thrown ? "bad_alloc" : "no exception");
    return handler_calls == calls && thrown == throws && !block;
}

void test_new_handler()
{
    auto plain = []() -> void * { return ::operator new(impossible); };
    auto array = []() -> void * { return ::operator new[](impossible); };
    auto aligned = []() -> void * { return ::operator new (impossible, std::align_val_t{128}); };
    auto nothrow = []() -> void * { return ::operator new(impossible, std::nothrow); };
    auto aligned_nothrow = []() -> void * { return ::operator new[](impossible, std::align_val_t{128}, std::nothrow); };
    tap_ok(handler_is_called(plain, patient_handler, true, handler_patience),
           "new calls the new_handler until there is none, then throws");
    tap_ok(handler_is_called(array, patient_handler, true, handler_patience), "so does new[]");
    tap_ok(handler_is_called(aligned, patient_handler, true, handler_patience), "so does aligned new");
    tap_ok(handler_is_called(plain, throwing_handler, true, 1), "an exception of the new_handler leaves new");
    tap_ok(handler_is_called(nothrow, patient_handler, false, handler_patience),
           "nothrow new calls the new_handler, then gives a null pointer");
    tap_ok(handler_is_called(nothrow, throwing_handler, false, 1),
           "an exception of the new_handler does not leave nothrow new");
    tap_ok(handler_is_called(aligned_nothrow, throwing_handler, false, 1), "nor aligned nothrow new[]");
}

struct alignas(256) Wide {
    char content[300];
};

void test_expressions()
{
    bool good = true;
    std::vector<std::string> texts;
    std::vector<Wide *> wides;
    for (int i = 0; i < 20000; i++) {
        texts.push_back(std::string(static_cast<std::size_t>(i % 500), static_cast<char>('a' + i % 26)));
        if (i % 10 == 0)
            wides.push_back(new Wide());
    }
    for (std::size_t i = 0; i < texts.size(); i++)
        good = good && texts[i] == std::string(i % 500, static_cast<char>('a' + i % 26));
    // Other threads delete what this one made.
    std::thread other([&] {
        for (Wide *wide : wides)
            delete wide;
        texts.clear();
        texts.shrink_to_fit();
    });
    for (Wide *wide : wides)
        good = good && reinterpret_cast<std::uintptr_t>(wide) % alignof(Wide) == 0;
    other.join();
    tap_ok(good, "strings, vectors and over-aligned objects, deleted by another thread");
}
} // namespace

int test_operators()
{
    test_plain_forms();
    test_aligned_forms();
    test_delete_null();
    test_failure();
    test_no_power_of_two();
    test_new_handler();
    test_expressions();
    return tap_done();
}

int main(int count, char **)
{
    if (count == 1)
        return test_operators();
    test_expressions();
    return tap_done();
}
