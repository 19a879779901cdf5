// SPDX-License-Identifier: MIT
// What made other heap profilers wait for themselves: threads that load and unload libraries, throw exceptions, go
// through the list of what is loaded, have frames registered that the runtime sorts in memory of malloc, fork and end,
// while every allocation is sampled. It ends, or it does not.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace
{

std::atomic<bool> done;
std::atomic<long> turns[6];

// The runtime allocates an exception, and unwinds.
void throw_from(int depth)
{
    std::string text(100 + depth, 'x');
    if (depth == 0)
        throw std::runtime_error(text);
    throw_from(depth - 1);
}

void throws()
{
    while (!done) {
        try {
            throw_from(10);
        } catch (const std::exception &error) {
            if (error.what()[0] != 'x')
                abort();
        }
        turns[0]++;
    }
}

// The loader allocates, with its locks held.
void loads(const char *library)
{
    while (!done) {
        void *handle = dlopen(library, RTLD_NOW);
        if (handle == nullptr)
            abort();
        dlsym(handle, "plugin_work");
        dlclose(handle);
        turns[1]++;
    }
}

int allocate_within(dl_phdr_info *, size_t, void *)
{
    free(malloc(200));
    std::vector<std::string> names(3, std::string(50, 'y'));
    return 0;
}

// Allocates while the loader's lock is held.
void goes_through()
{
    while (!done) {
        dl_iterate_phdr(allocate_within, nullptr);
        turns[2]++;
    }
}

void forks()
{
    while (!done) {
        pid_t child = fork();
        if (child == 0) {
            try {
                throw_from(3);
            } catch (...) {
            }
            free(malloc(1000));
            _exit(0);
        }
        int status = 1;
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
            abort();
        turns[3]++;
    }
}

// A destructor at a thread's end allocates, and throws within itself.
struct at_end {
    std::vector<int> numbers;
    ~at_end()
    {
        numbers.resize(300);
        try {
            throw_from(1);
        } catch (...) {
        }
    }
};

void ends()
{
    while (!done) {
        std::thread([] {
            static thread_local at_end object;
            object.numbers.push_back(1);
        }).join();
        turns[4]++;
    }
}

extern "C" void __register_frame(void *) __attribute__((weak));
extern "C" void __deregister_frame(void *) __attribute__((weak));

// Copies of this program's own unwind tables, as compilers at run time register theirs. At the next exception the
// runtime sorts them, in memory that it allocates with its lock held.
struct tables {
    const char *start = nullptr;
    size_t length = 0;
};

int find_tables(dl_phdr_info *info, size_t, void *context)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type != PT_GNU_EH_FRAME)
            continue;
        const char *header = reinterpret_cast<const char *>(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
        int offset;
        memcpy(&offset, header + 4, sizeof offset);
        auto *found = static_cast<tables *>(context);
        found->start = header + 4 + offset;
        unsigned length = 0;
        while (memcpy(&length, found->start + found->length, sizeof length), length != 0)
            found->length += length + sizeof length;
    }
    return 1; // of the program alone
}

void registers()
{
    tables own;
    dl_iterate_phdr(find_tables, &own);
    while (!done && __register_frame != nullptr && own.length != 0) {
        std::vector<char> copy(own.start, own.start + own.length);
        copy.insert(copy.end(), 4, '\0');
        __register_frame(copy.data());
        try {
            throw_from(2);
        } catch (...) {
        }
        __deregister_frame(copy.data());
        turns[5]++;
    }
}

// Has the threads run for so many seconds.
void run(std::vector<std::thread> threads, unsigned seconds)
{
    sleep(seconds);
    done = true;
    for (auto &thread : threads)
        thread.join();
    done = false;
}

} // namespace

int main(int arguments, char **argument)
{
    if (arguments < 3)
        return 2;
    auto seconds = static_cast<unsigned>(atoi(argument[2]));
    std::vector<std::thread> threads;
    threads.emplace_back(throws);
    threads.emplace_back(loads, argument[1]);
    threads.emplace_back(goes_through);
    threads.emplace_back(forks);
    threads.emplace_back(ends);
    run(std::move(threads), seconds);
    // Apart, and last: the runtime's lock for registered frames is held for ever in a child that is forked meanwhile,
    // so that children could not throw.
    std::vector<std::thread> others;
    others.emplace_back(registers);
    others.emplace_back(throws);
    others.emplace_back(loads, argument[1]);
    others.emplace_back(goes_through);
    others.emplace_back(ends);
    run(std::move(others), seconds);
    for (auto &count : turns)
        printf("%ld ", count.load());
    printf("\n");
    return 0;
}
