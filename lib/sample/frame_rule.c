/* SPDX-License-Identifier: MIT */
#include "lib/sample/frame_rule.h"

#include "lib/sample/frame_entry.h"
#include "lib/sample/modules.h"

/* Where the caller's value of one register stands, or what the CFA is. */
struct place {
    enum { PLACE_SAME, PLACE_UNDEFINED, PLACE_AT, PLACE_UNKNOWN } kind;
    uint8_t base; /* enum frame_base */
    bool is_there;
    int64_t offset;
};

struct places {
    struct place cfa, fp, back; /* `back`: the return address */
};

#define REMEMBERED_MOST 4 /* compilers nest none */

struct machine {
    struct places now, first; /* `first`: after the common instructions */
    struct places remembered[REMEMBERED_MOST];
    unsigned depth;
    uintptr_t address; /* that the next instructions hold from */
    bool failed;
};

static uint8_t base_of(int64_t number)
{
    if (number == REGISTER_SP)
        return FRAME_BASE_SP;
    return number == REGISTER_FP ? FRAME_BASE_FP : FRAME_BASE_NONE;
}

static struct place *place_of(struct places *places, uint64_t number)
{
    if ((int64_t)number == REGISTER_FP)
        return &places->fp;
    return (int64_t)number == REGISTER_RETURN ? &places->back : NULL;
}

static void set_place(struct machine *machine, uint64_t number, struct place place)
{
    struct place *of = place_of(&machine->now, number);
    if (of != NULL)
        *of = place;
}

static struct place from_cfa(int64_t offset)
{
    return (struct place){.kind = PLACE_AT, .base = FRAME_BASE_CFA, .offset = offset};
}

static void set_cfa(struct machine *machine, uint64_t number, int64_t offset)
{
    uint8_t base = base_of((int64_t)number);
    machine->now.cfa =
        (struct place){.kind = base != FRAME_BASE_NONE ? PLACE_AT : PLACE_UNKNOWN, .base = base, .offset = offset};
}

/* Expressions: "register + offset", and "what stands there". */
enum { BREG_0 = 0x70, BREG_31 = 0x8f, DEREF = 0x06 };

static struct place read_expression(struct frame_reader *reader)
{
    struct place place = {.kind = PLACE_UNKNOWN};
    uint64_t length = size_minimum(frame_read_uleb(reader), (size_t)(reader->end - reader->at));
    struct frame_reader inner = {reader->at, reader->at + length, reader->table};
    reader->at += length;
    unsigned operation = (unsigned)frame_read_bytes(&inner, 1);
    if (operation < BREG_0 || operation > BREG_31)
        return place;
    place.base = base_of((int64_t)operation - BREG_0);
    place.offset = frame_read_sleb(&inner);
    place.is_there = inner.at != inner.end && frame_read_bytes(&inner, 1) == DEREF;
    if (place.base != FRAME_BASE_NONE && inner.at == inner.end)
        place.kind = PLACE_AT;
    return place;
}

/* A register's value stands where the expression says, which is never told by another address. */
static struct place read_place(struct frame_reader *reader)
{
    struct place place = read_expression(reader);
    if (place.is_there)
        place.kind = PLACE_UNKNOWN;
    return place;
}

static void remember(struct machine *machine)
{
    if (machine->depth < REMEMBERED_MOST)
        machine->remembered[machine->depth++] = machine->now;
    else
        machine->failed = true;
}

static void recall(struct machine *machine)
{
    if (machine->depth > 0)
        machine->now = machine->remembered[--machine->depth];
    else
        machine->failed = true;
}

static void restore(struct machine *machine, uint64_t number)
{
    struct place *first = place_of(&machine->first, number);
    if (first != NULL)
        set_place(machine, number, *first);
}

/* The instructions whose operation fills a byte. */
static void run_long(struct machine *machine, struct frame_reader *reader, const struct frame_entry *entry,
                     unsigned operation)
{
    uint64_t number;
    switch (operation) {
    case 0x00: /* nop */
        break;
    case 0x01: /* set_loc */
        machine->address = frame_read_address(reader, entry->pointer);
        break;
    case 0x02: /* advance_loc1, 2, 4 */
    case 0x03:
    case 0x04:
        machine->address += frame_read_bytes(reader, (size_t)1 << (operation - 2)) * entry->code_factor;
        break;
    case 0x05: /* offset_extended */
        number = frame_read_uleb(reader);
        set_place(machine, number, from_cfa((int64_t)frame_read_uleb(reader) * entry->data_factor));
        break;
    case 0x11: /* offset_extended_sf */
        number = frame_read_uleb(reader);
        set_place(machine, number, from_cfa(frame_read_sleb(reader) * entry->data_factor));
        break;
    case 0x06: /* restore_extended */
        restore(machine, frame_read_uleb(reader));
        break;
    case 0x07: /* undefined */
        set_place(machine, frame_read_uleb(reader), (struct place){.kind = PLACE_UNDEFINED});
        break;
    case 0x08: /* same_value */
        set_place(machine, frame_read_uleb(reader), (struct place){.kind = PLACE_SAME});
        break;
    case 0x09: /* register */
    case 0x14: /* val_offset, val_offset_sf: the value itself is reckoned */
    case 0x15:
        set_place(machine, frame_read_uleb(reader), (struct place){.kind = PLACE_UNKNOWN});
        frame_read_uleb(reader);
        break;
    case 0x0a: /* remember_state, restore_state */
        remember(machine);
        break;
    case 0x0b:
        recall(machine);
        break;
    case 0x0c: /* def_cfa */
        number = frame_read_uleb(reader);
        set_cfa(machine, number, (int64_t)frame_read_uleb(reader));
        break;
    case 0x12: /* def_cfa_sf */
        number = frame_read_uleb(reader);
        set_cfa(machine, number, frame_read_sleb(reader) * entry->data_factor);
        break;
    case 0x0d: /* def_cfa_register */
        set_cfa(machine, frame_read_uleb(reader), machine->now.cfa.offset);
        break;
    case 0x0e: /* def_cfa_offset, def_cfa_offset_sf */
        machine->now.cfa.offset = (int64_t)frame_read_uleb(reader);
        break;
    case 0x13:
        machine->now.cfa.offset = frame_read_sleb(reader) * entry->data_factor;
        break;
    case 0x0f: /* def_cfa_expression */
        machine->now.cfa = read_expression(reader);
        break;
    case 0x10: /* expression */
        number = frame_read_uleb(reader);
        set_place(machine, number, read_place(reader));
        break;
    case 0x16: /* val_expression */
        number = frame_read_uleb(reader);
        read_expression(reader);
        set_place(machine, number, (struct place){.kind = PLACE_UNKNOWN});
        break;
    case 0x2d: /* AARCH64_negate_ra_state: whoever reads the address takes the signature off in any case */
        break;
    case 0x2e: /* GNU_args_size */
        frame_read_uleb(reader);
        break;
    default:
        machine->failed = true;
    }
}

/* Runs what holds for the instruction at ADDRESS. */
static void run(struct machine *machine, struct frame_reader reader, const struct frame_entry *entry, uintptr_t address)
{
    enum { SHORT = 0xc0, SHORT_OPERAND = 0x3f, ADVANCE = 0x40, OFFSET = 0x80, RESTORE = 0xc0 };
    while (reader.at < reader.end && machine->address <= address && !machine->failed) {
        unsigned byte = (unsigned)frame_read_bytes(&reader, 1), operand = byte & SHORT_OPERAND;
        if ((byte & SHORT) == ADVANCE)
            machine->address += operand * entry->code_factor;
        else if ((byte & SHORT) == OFFSET)
            set_place(machine, operand, from_cfa((int64_t)frame_read_uleb(&reader) * entry->data_factor));
        else if ((byte & SHORT) == RESTORE)
            restore(machine, operand);
        else
            run_long(machine, &reader, entry, byte);
    }
}

static bool fits(const struct place *place)
{
    return place->offset % 8 == 0 && place->offset >= INT32_MIN && place->offset <= INT32_MAX;
}

/* Whether PLACES are a rule. A return address that is nowhere ends the stack. */
static bool make_rule(const struct places *places, bool is_signal, struct frame_rule *rule)
{
    const struct place *cfa = &places->cfa, *fp = &places->fp, *back = &places->back;
    if (cfa->kind != PLACE_AT || fp->kind == PLACE_UNKNOWN || !fits(cfa) || !fits(fp) || !fits(back) ||
        (back->kind != PLACE_AT && back->kind != PLACE_UNDEFINED))
        return false;
    *rule = (struct frame_rule){
        .cfa_offset = (int32_t)cfa->offset,
        .cfa_base = cfa->base,
        .cfa_is_there = cfa->is_there,
        .return_offset = (int32_t)back->offset,
        .return_base = back->kind == PLACE_AT ? back->base : (uint8_t)FRAME_BASE_NONE,
        .fp_offset = (int32_t)fp->offset,
        .fp_base = fp->kind == PLACE_AT ? fp->base : (uint8_t)FRAME_BASE_NONE,
        .is_signal = is_signal,
    };
    return true;
}

bool frame_rule_find(uintptr_t address, struct frame_rule *rule)
{
    struct module module;
    struct frame_entry entry;
    if (!module_find(address, &module) || module.frame_table == NULL ||
        !frame_entry_find(module.frame_table, address, &entry))
        return false;
    struct machine machine = {.address = entry.start};
    run(&machine, entry.common, &entry, UINTPTR_MAX);
    machine.first = machine.now;
    run(&machine, entry.own, &entry, address);
    return !machine.failed && make_rule(&machine.now, entry.is_signal, rule);
}
