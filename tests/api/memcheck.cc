/* SPDX-License-Identifier: MIT */
// One mistake with a block of operator new, for valgrind to find: memcheck clean | leak | overflow | freed |
// wrong-delete
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <new>

#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmismatched-new-delete" // the mistake is the point
#pragma GCC diagnostic ignored "-Wuse-after-free"
#endif

int main(int argc, char **argv)
{
    const char *mistake = argc == 2 ? argv[1] : "";
    volatile std::size_t size = 123;
    char *volatile block = static_cast<char *>(::operator new(size));
    std::memset(block, 1, size);
    if (std::strcmp(mistake, "leak") == 0) {
        block = nullptr;
    } else if (std::strcmp(mistake, "overflow") == 0) {
        block[size] = 1;
        ::operator delete(block);
    } else if (std::strcmp(mistake, "freed") == 0) {
        ::operator delete(block);
        block[0] = 1;
    } else if (std::strcmp(mistake, "wrong-delete") == 0) {
        ::operator delete[](block);
    } else {
        ::operator delete(block);
    }
    std::puts("end");
    return 0;
}
