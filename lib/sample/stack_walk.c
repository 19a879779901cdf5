/* SPDX-License-Identifier: MIT */
#include "lib/sample/stack_walk.h"

#include "lib/base/os.h"
#include "lib/sample/frame_rule.h"
#include "lib/sample/modules.h"

#include <stdatomic.h>
#include <sys/auxv.h>

/* --- rules that are remembered ------------------------------------------------------------------------------------ */

/* Each address has one place, which has room for a rule in one word and for the address, as its exclusive or with that:
 * who finds them from different writers finds another address. Relaxed, therefore. 4096 places are those of the stacks
 * of large programs. */
#define PLACES 4096u

static struct {
    _Atomic uint64_t check, packed;
} remembered[PLACES];

/* Offsets are packed in units of 8 bytes. */
#define CFA_BITS 20
#define OFFSET_BITS 16
#define BASE_BITS 2

static bool has_room(int32_t offset, unsigned bits)
{
    return offset / 8 >= -(1 << (bits - 1)) && offset / 8 < 1 << (bits - 1);
}

static uint64_t pack_bits(uint64_t packed, int32_t value, unsigned bits)
{
    return packed << bits | ((uint32_t)value & ((UINT32_C(1) << bits) - 1));
}

/* 0, which is no rule, where it has no room. */
static uint64_t pack(const struct frame_rule *rule)
{
    if (!has_room(rule->cfa_offset, CFA_BITS) || !has_room(rule->return_offset, OFFSET_BITS) ||
        !has_room(rule->fp_offset, OFFSET_BITS))
        return 0;
    uint64_t packed = pack_bits(0, rule->cfa_offset / 8, CFA_BITS);
    packed = pack_bits(packed, rule->return_offset / 8, OFFSET_BITS);
    packed = pack_bits(packed, rule->fp_offset / 8, OFFSET_BITS);
    packed = pack_bits(packed, rule->cfa_base, BASE_BITS);
    packed = pack_bits(packed, rule->return_base, BASE_BITS);
    packed = pack_bits(packed, rule->fp_base, BASE_BITS);
    packed = pack_bits(packed, rule->cfa_is_there, 1);
    return pack_bits(packed, rule->is_signal, 1);
}

static int32_t unpack_bits(uint64_t *packed, unsigned bits)
{
    int64_t value = (int64_t)(*packed << (64 - bits)) >> (64 - bits);
    *packed >>= bits;
    return (int32_t)value;
}

static unsigned unpack_base(uint64_t *packed, unsigned bits)
{
    return (unsigned)unpack_bits(packed, bits) & ((1u << bits) - 1);
}

static struct frame_rule unpack(uint64_t packed)
{
    struct frame_rule rule;
    rule.is_signal = unpack_base(&packed, 1) != 0;
    rule.cfa_is_there = unpack_base(&packed, 1) != 0;
    rule.fp_base = (uint8_t)unpack_base(&packed, BASE_BITS);
    rule.return_base = (uint8_t)unpack_base(&packed, BASE_BITS);
    rule.cfa_base = (uint8_t)unpack_base(&packed, BASE_BITS);
    rule.fp_offset = 8 * unpack_bits(&packed, OFFSET_BITS);
    rule.return_offset = 8 * unpack_bits(&packed, OFFSET_BITS);
    rule.cfa_offset = 8 * unpack_bits(&packed, CFA_BITS);
    return rule;
}

static NOINLINE bool find_and_remember(uintptr_t address, size_t place, struct frame_rule *rule)
{
    if (!frame_rule_find(address, rule))
        return false;
    uint64_t packed = pack(rule);
    atomic_store_explicit(&remembered[place].packed, packed, memory_order_relaxed);
    atomic_store_explicit(&remembered[place].check, packed ^ address, memory_order_relaxed);
    return true;
}

static bool find_rule(uintptr_t address, struct frame_rule *rule)
{
    size_t place = (address * UINT64_C(0x9E3779B97F4A7C15)) >> 52 & (PLACES - 1);
    uint64_t packed = atomic_load_explicit(&remembered[place].packed, memory_order_relaxed),
             check = atomic_load_explicit(&remembered[place].check, memory_order_relaxed);
    if (UNLIKELY(packed == 0 || (packed ^ check) != address))
        return find_and_remember(address, place, rule);
    *rule = unpack(packed);
    return true;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

struct frame {
    uintptr_t address, sp, fp;
    uintptr_t place; /* where `address` stood */
    uintptr_t page;  /* the last one that there is memory behind */
    bool is_exact;   /* its address is that of an instruction, not one behind a call */
    bool varies;     /* how long the frame below was is not said by the address of its code */
};

/* The words of other functions' frames, which sanitizers know nothing of. */
#define READS_STACK __attribute__((no_sanitize("address", "thread")))

static READS_STACK uintptr_t word_at(uintptr_t address)
{
    return *(const uintptr_t *)address; /* NOLINT(performance-no-int-to-ptr) */
}

static uintptr_t page_of(uintptr_t address)
{
    return address & ~(uintptr_t)(os_page_bytes - 1);
}

static bool is_resident(uintptr_t page)
{
    return os_resident((const void *)page, os_page_bytes) != 0; /* NOLINT(performance-no-int-to-ptr) */
}

/* Whether the kernel says which pages there are; an emulator or a filter of system calls may not. Relaxed: each thread
 * finds the same. */
static bool kernel_answers(void)
{
    enum { UNKNOWN, YES, NO };
    static _Atomic uint8_t answers;
    if (UNLIKELY(atomic_load_explicit(&answers, memory_order_relaxed) == UNKNOWN))
        atomic_store_explicit(&answers, is_resident(page_of((uintptr_t)__builtin_frame_address(0))) ? YES : NO,
                              memory_order_relaxed);
    return atomic_load_explicit(&answers, memory_order_relaxed) == YES;
}

/* Whether the word at ADDRESS may be read. Tables are right, but a rule may be one that is remembered of a module that
 * has gone, whose addresses are another's now; or code without tables has left anything in the frame pointer, by which
 * the next rule goes. So the kernel is asked for each page of the stack, as the walk comes to it. */
static bool may_read(struct frame *frame, uintptr_t address)
{
    uintptr_t page = page_of(address);
    if (LIKELY(page == frame->page))
        return true;
    if (kernel_answers() && !is_resident(page))
        return false;
    frame->page = page;
    return true;
}

/* A return address without what the processor has signed it with. */
static uintptr_t plain_address(uintptr_t address)
{
#ifdef __aarch64__
    return address & ((UINT64_C(1) << 48) - 1);
#else
    return address;
#endif
}

static uintptr_t base_value(unsigned base, const struct frame *frame, uintptr_t cfa)
{
    if (base == FRAME_BASE_CFA)
        return cfa;
    return base == FRAME_BASE_FP ? frame->fp : frame->sp;
}

/* Whether a stack grows from LOW to HIGH: a signal may have another stack than what it has interrupted. */
static bool is_outward(uintptr_t low, uintptr_t high, bool is_signal)
{
    return high % sizeof(uintptr_t) == 0 && (high > low || is_signal);
}

static bool step_by_rule(struct frame *frame, const struct frame_rule *rule)
{
    uintptr_t cfa = base_value(rule->cfa_base, frame, 0) + (uintptr_t)(intptr_t)rule->cfa_offset;
    if (rule->cfa_is_there)
        cfa = cfa % sizeof cfa == 0 && may_read(frame, cfa) ? word_at(cfa) : 0;
    if (rule->return_base == FRAME_BASE_NONE || !is_outward(frame->sp, cfa, rule->is_signal))
        return false;
    uintptr_t back = base_value(rule->return_base, frame, cfa) + (uintptr_t)(intptr_t)rule->return_offset,
              fp = base_value(rule->fp_base, frame, cfa) + (uintptr_t)(intptr_t)rule->fp_offset;
    bool has_fp = rule->fp_base != FRAME_BASE_NONE;
    if (back % sizeof back != 0 || fp % sizeof fp != 0 || (has_fp && !may_read(frame, fp)) || !may_read(frame, back))
        return false;
    frame->place = back;
    frame->address = plain_address(word_at(back));
    if (has_fp)
        frame->fp = word_at(fp);
    frame->sp = cfa;
    frame->is_exact = rule->is_signal;
    frame->varies = rule->cfa_base != FRAME_BASE_SP || rule->cfa_is_there || rule->is_signal;
    return frame->address != 0;
}

/* The frames of code that is made at run time are not that long. */
#define FRAME_BYTES_MOST ((uintptr_t)64 << 10)

/* The frame pointer may be anything. */
static bool step_by_pointer(struct frame *frame)
{
    uintptr_t fp = frame->fp, back = fp + sizeof fp;
    if (fp % sizeof fp != 0 || fp < frame->sp || fp - frame->sp > FRAME_BYTES_MOST || !kernel_answers() ||
        !may_read(frame, fp) || !may_read(frame, back))
        return false;
    frame->place = back;
    frame->address = plain_address(word_at(back));
    frame->fp = word_at(fp);
    frame->sp = back + sizeof back;
    frame->is_exact = false;
    frame->varies = true;
    return frame->address != 0;
}

static bool step(struct frame *frame)
{
    struct frame_rule rule;
    return find_rule(frame->address - !frame->is_exact, &rule) ? step_by_rule(frame, &rule) : step_by_pointer(frame);
}

/* --- this library's own frames ------------------------------------------------------------------------------------ */

static bool is_before_caller(uintptr_t address, const void *caller)
{
    return caller != NULL && address != (uintptr_t)caller;
}

#ifdef FOR_ARCHIVE
static bool is_own(uintptr_t address, const void *caller)
{
    return is_before_caller(address, caller);
}
#else
/* The linker's names for the first byte in memory of what this is linked into, and the one behind its last. */
extern HIDDEN const char __ehdr_start[], _end[];

static bool is_in_here(uintptr_t address)
{
    return address - (uintptr_t)__ehdr_start < (uintptr_t)_end - (uintptr_t)__ehdr_start;
}

/* An archive that is built beside the shared library has the same objects: then this lies in the program, whose headers
 * are what the kernel has told. */
static bool is_own(uintptr_t address, const void *caller)
{
    return is_in_here(getauxval(AT_PHDR)) ? is_before_caller(address, caller) : is_in_here(address);
}
#endif

/* Of the calling function. */
#if defined __x86_64__
#define TAKE_FRAME(frame)                   \
    __asm__ volatile("leaq 0f(%%rip), %0\n" \
                     "0:\tmovq %%rsp, %1\n" \
                     "\tmovq %%rbp, %2"     \
                     : "=&r"((frame).address), "=&r"((frame).sp), "=&r"((frame).fp))
#elif defined __aarch64__
#define TAKE_FRAME(frame)             \
    __asm__ volatile("adr %0, .\n"    \
                     "\tmov %1, sp\n" \
                     "\tmov %2, x29"  \
                     : "=&r"((frame).address), "=&r"((frame).sp), "=&r"((frame).fp))
#else
#define TAKE_FRAME(frame) ((frame).address = 0)
#endif

bool stack_has_word(uintptr_t sp, uint16_t place)
{
    return !kernel_answers() || is_resident(page_of(sp + place * sizeof sp));
}

uintptr_t stack_word(uintptr_t sp, uint16_t place)
{
    return plain_address(word_at(sp + place * sizeof sp));
}

static void add_frame(struct stack *stack, uintptr_t sp, const struct frame *frame)
{
    uintptr_t place = (frame->place - sp) / sizeof sp;
    stack->varies |= stack->depth > 0 && frame->varies;
    stack->has_places &= stack->depth < STACK_PLACES && place <= UINT16_MAX;
    if (stack->has_places)
        stack->places[stack->depth] = (uint16_t)place;
    stack->frames[stack->depth++] = frame->address + frame->is_exact; /* tools take 1 off each */
}

/* With those of this library, and of a signal's handler in it. */
#define STEPS_MOST (2 * STACK_FRAMES_MOST)

NOINLINE void stack_walk(struct stack *stack, uintptr_t sp, const void *caller)
{
    struct frame frame = {.is_exact = true};
    TAKE_FRAME(frame);
    frame.page = page_of(frame.sp);
    stack->depth = 0;
    stack->has_places = true;
    stack->varies = false;
    for (int steps = 0; steps < STEPS_MOST && stack->depth < STACK_FRAMES_MOST && step(&frame); steps++)
        if (stack->depth != 0 || !is_own(frame.address, caller))
            add_frame(stack, sp, &frame);
}
