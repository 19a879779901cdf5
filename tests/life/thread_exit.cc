/* SPDX-License-Identifier: MIT */
// The end of threads: destructors of pthread keys that allocate and free, and set their key again for as many rounds as
// the system does; destructors of thread_local objects; pthread_exit; detached threads. Blocks of threads that are gone
// stay valid.
//
// thread_exit [THREADS]: so many whose memory is reused, in place of 1,200
extern "C" {
#include "tests/harness/pattern.h"
#include "tests/harness/tap.h"
}

#include <atomic>
#include <climits>
#include <cstdlib>
#include <malloc.h>
#include <pthread.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace
{
const int thread_count = 200;

// ThreadSanitizer's own destructor lets the thread go in the last round.
#ifdef __SANITIZE_THREAD__
const int rounds = PTHREAD_DESTRUCTOR_ITERATIONS - 1;
#else
const int rounds = PTHREAD_DESTRUCTOR_ITERATIONS;
#endif

pthread_key_t early_key; // made before the first thread ends
pthread_key_t late_keys[20];
std::atomic<int> rounds_run, wrong_content;

struct Remembered {
    int round;
    std::size_t size;
    char *block;
};

Remembered *remember(int round)
{
    std::size_t size = static_cast<std::size_t>(round + 1) * 777;
    auto *made = static_cast<Remembered *>(std::malloc(sizeof(Remembered)));
    *made = Remembered{round, size, static_cast<char *>(std::malloc(size))};
    pattern_fill(made->block, size, size);
    return made;
}

// Frees what the thread (or the round before) left, allocates anew, and asks to be called again.
void again(pthread_key_t key, void *value)
{
    auto *old = static_cast<Remembered *>(value);
    if (!pattern_holds(old->block, old->size, old->size))
        wrong_content++;
    std::vector<void *> blocks;
    for (std::size_t i = 0; i < 60; i++)
        blocks.push_back(std::malloc(i * 55));
    for (void *block : blocks)
        std::free(block);
    int round = old->round;
    std::free(old->block);
    std::free(old);
    rounds_run++;
    if (round + 1 < rounds)
        pthread_setspecific(key, remember(round + 1));
}

void again_early(void *value)
{
    again(early_key, value);
}

template <int index> void again_late(void *value)
{
    again(late_keys[index], value);
}

struct Local {
    std::vector<std::string> texts;
    ~Local()
    {
        for (std::size_t i = 0; i < texts.size(); i++)
            if (texts[i] != std::string(i * 5, 'q'))
                wrong_content++;
        texts.push_back(std::string(5000, 'z')); // grows in the destructor
    }
};
thread_local Local local;

std::atomic<char *> left_behind[thread_count];

void *live(void *argument)
{
    auto number = reinterpret_cast<std::uintptr_t>(argument);
    for (std::size_t i = 0; i < 100; i++)
        local.texts.push_back(std::string(i * 5, 'q'));
    pthread_setspecific(early_key, remember(0));
    pthread_setspecific(late_keys[0], remember(0));
    pthread_setspecific(late_keys[19], remember(0));
    char *block = static_cast<char *>(std::malloc(2000));
    pattern_fill(block, 2000, number);
    left_behind[number] = block;
    if (number % 2)
        pthread_exit(nullptr);
    return nullptr;
}

std::atomic<int> detached_done;

void *live_detached(void *)
{
    std::free(std::malloc(100000));
    local.texts.push_back("");
    detached_done++;
    return nullptr;
}

void test_keys_and_thread_locals()
{
    for (std::uintptr_t i = 0; i < thread_count; i++) {
        pthread_t thread;
        if (pthread_create(&thread, nullptr, live, reinterpret_cast<void *>(i)) != 0 ||
            pthread_join(thread, nullptr) != 0)
            std::exit(99);
    }
    int expected = thread_count * 3 * rounds;
    tap_ok(rounds_run == expected, "key destructors that set their key again run for %d rounds (%d calls of %d)",
           rounds, rounds_run.load(), expected);
    tap_ok(wrong_content == 0, "what they and thread_local destructors find is intact");
}

// The last rounds of destructors free and allocate after the allocator has seen the thread go; that must not be lost
// for good.
void test_memory_is_reused(std::uintptr_t threads)
{
    bool good = true;
    for (std::size_t i = 0; i < thread_count; i++) {
        char *block = left_behind[i].load();
        good = good && pattern_holds(block, 2000, i);
        std::free(block);
    }
    tap_ok(good, "blocks of threads that ended are intact, and other threads free them");
    // Up to now each thread has left nothing; growth per thread would show after hundreds.
    std::size_t before = 0;
    for (std::uintptr_t i = 0; i < threads; i++) {
        pthread_t thread;
        std::uintptr_t number = i % thread_count;
        if (pthread_create(&thread, nullptr, live, reinterpret_cast<void *>(number)) != 0 ||
            pthread_join(thread, nullptr) != 0)
            std::exit(99);
        std::free(left_behind[number].load());
        if (i == threads / 3)
            before = mallinfo2().uordblks;
    }
    std::size_t after = mallinfo2().uordblks;
    tap_ok(after < before + 2 * MIB, "%zu more threads leave nothing in use (%zu, then %zu bytes)",
           static_cast<std::size_t>(threads - threads / 3), before, after);
}

void test_detached()
{
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    int created = 0;
    for (int i = 0; i < 300; i++) {
        pthread_t thread;
        created += pthread_create(&thread, &detached, live_detached, nullptr) == 0;
    }
    while (detached_done < created)
        usleep(1000);
    pthread_attr_destroy(&detached);
    tap_ok(created > 0, "%d detached threads come and go", created);
}
} // namespace

int main(int argc, char **argv)
{
    pthread_key_create(&early_key, again_early);
    std::free(std::malloc(1));
    for (int i = 1; i < 19; i++)
        pthread_key_create(&late_keys[i], nullptr);
    pthread_key_create(&late_keys[0], again_late<0>);
    pthread_key_create(&late_keys[19], again_late<19>);
    test_keys_and_thread_locals();
    test_memory_is_reused(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1200);
    test_detached();
    return tap_done();
}
