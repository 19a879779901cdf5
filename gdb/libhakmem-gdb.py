# SPDX-License-Identifier: MIT
"""gdb commands that look into the heap of libhakmem: in a process or a core file, without running any of its code.

    info hakmem [ADDRESS]     what an address is; without one, the heap by size classes
    hakmem block ADDRESS      the same
    hakmem slab ADDRESS       the slab of an address and the state of each of its blocks
    hakmem classes            size classes: slabs, blocks in use, in caches and free
    hakmem threads            thread caches: whose they are and what they hold
    hakmem superslabs         SuperSlabs: where they are and how full
    hakmem large              large blocks, the longest first

Needs the library's debug information (gcc's -g, which configure gives by default). gdb loads this file with the library
if it is installed where gdb looks (info auto-load); elsewhere "source libhakmem-gdb.py" does.

A process that is stopped in the middle of an allocation may have a list half changed: what cannot be followed ends the
command with a message."""

import gdb

PAGE_SHIFT = 16  # of the page map: lib/base/compiler.h
CLASS_BITS = 8  # of its entries: lib/space/page_map.h
PAGE_FOREIGN, PAGE_LARGE, PAGE_GUARDED = 0, 1, 3
ID_SAMPLED = 0  # lib/heap/sampled.h
ID_SHARED = (1 << (32 - CLASS_BITS)) - 1  # lib/heap/heap.h
READY, ASIDE = 2, 3  # lib/thread/start.c: of process_stage
KINDS = ("slabs", "slabs, dense", "large blocks", "large blocks, huge")  # enum superslab_kind
ROW = 64  # blocks in a line
MOST_NODES = 1 << 24  # a list that is longer goes round in a circle


def size_text(count):
    """Bytes as people read them."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return ("%d %s" if unit == "B" else "%.1f %s") % (count, unit)
        count /= 1024


def table(head, rows):
    """Columns of text, the first to the left, the others to the right."""
    rows = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  ".join(cells).rstrip())


def offset_of(struct, name):
    """Bytes from the beginning of a struct type to its field NAME."""
    return next(field.bitpos // 8 for field in struct.fields() if field.name == name)


def plain(value):
    """VALUE without _Atomic, const and typedefs."""
    return value.cast(value.type.strip_typedefs().unqualified())


def number(value):
    """A pointer or an integer of the program as a Python number; an address is not negative."""
    value = plain(value)
    if value.type.code == gdb.TYPE_CODE_PTR:
        value = value.cast(gdb.lookup_type("unsigned long"))
    return int(value)


def memory(address, size):
    return bytes(gdb.selected_inferior().read_memory(address, size))


def words(address, count):
    """COUNT words of 64 bits at ADDRESS."""
    data = memory(address, 8 * count)
    return [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data), 8)]


class Library:
    """The library's variables. Types come from these, as a program may have types of its own by the same names."""

    def __init__(self):
        self.objfile = self.find_objfile()
        self.place = self.variable("page_map_place")
        self.shared_heap = self.variable("shared_heap")
        self.size_classes = self.variable("size_classes")
        self.class_count = number(self.variable("size_class_count"))
        self.pool = self.variable("pool")
        self.heap_type = self.shared_heap.type
        self.slab_type = self.shared_heap["partial"].type.target().target()
        self.superslab_type = next(f.type for f in self.slab_type.fields() if f.name == "superslab").target()
        self.large_type = self.function("large_find").type.target().target()
        self.cache_type = self.function("thread_cache_of_heap").type.target().target()
        stage = number(self.variable("process_stage"))
        if stage == ASIDE:
            raise gdb.GdbError("libhakmem has stepped aside for valgrind: it has no heap in this process")
        if stage != READY:
            raise gdb.GdbError("libhakmem has not started: the program has not come to it yet, or is compiled with a "
                               "sanitizer, whose allocator serves instead")

    @staticmethod
    def find_objfile():
        for objfile in gdb.objfiles():
            if objfile.is_valid() and objfile.lookup_global_symbol("page_map_place") is not None:
                return objfile
        try:
            gdb.parse_and_eval("&hak_malloc")
        except gdb.error:
            raise gdb.GdbError("libhakmem is not in this program, or not yet: run it to its main first")
        raise gdb.GdbError("libhakmem has no debug information here: build it with -g, as configure does by default, "
                           "and do not strip it")

    def symbol(self, name):
        symbol = self.objfile.lookup_global_symbol(name) or self.objfile.lookup_static_symbol(name)
        if symbol is None:
            raise gdb.GdbError("this libhakmem has no variable %s: libhakmem-gdb.py is of another version" % name)
        return symbol

    def variable(self, name):
        return self.symbol(name).value()

    def function(self, name):
        return self.symbol(name)

    # --- the page map -------------------------------------------------------------------------------------------

    def page_of(self, address):
        """Entry and descriptor of the page of ADDRESS: (PAGE_FOREIGN, 0) where the library has nothing there."""
        page = address >> PAGE_SHIFT
        window = plain(self.place["window"]).dereference()
        index = page - number(window["first"])
        if not 0 <= index < number(window["pages"]):
            return self.page_in_leaf(page)
        entries = number(window.address) + window.type.sizeof
        try:
            entry = int.from_bytes(memory(entries + 4 * index, 4), "little")
            return entry, words(number(window["descriptor"]) + 8 * index, 1)[0]
        except gdb.MemoryError:  # a core file has only the pieces that were written
            return PAGE_FOREIGN, 0

    def page_in_leaf(self, page):
        buckets = self.variable("page_leaf_buckets")
        leaf = plain(buckets[0])
        pages = leaf.type.target()["entry"].type.range()[1] + 1
        leaf = plain(buckets[page // pages % (buckets.type.range()[1] + 1)])
        while number(leaf) != 0:
            if number(leaf["number"]) == page // pages:
                return number(leaf["entry"][page % pages]), number(leaf["descriptor"][page % pages])
            leaf = plain(leaf["next"])
        return PAGE_FOREIGN, 0

    # --- lists --------------------------------------------------------------------------------------------------

    def members(self, first, of, link):
        """The members of a list of lib/space/list.h: structs of type OF, linked by their field LINK."""
        offset, node, left = offset_of(of, link), number(first), MOST_NODES
        while node != 0 and left > 0:
            member = gdb.Value(node - offset).cast(of.pointer()).dereference()
            node, left = number(member[link]["next"]), left - 1
            yield member

    def heaps(self):
        """All heaps of threads, the newest first."""
        heap, left = plain(self.variable("registry_made")), MOST_NODES
        while number(heap) != 0 and left > 0:
            yield heap.dereference()
            heap, left = plain(heap["next_made"]), left - 1

    def caches(self):
        """(heap, its thread cache), for all heaps."""
        offset = offset_of(self.cache_type, "heap")
        for heap in self.heaps():
            yield heap, gdb.Value(number(heap.address) - offset).cast(self.cache_type.pointer()).dereference()

    def superslabs(self):
        heaps = self.pool["heaps"]
        for kind in range(heaps.type.range()[1] + 1):
            lists = heaps[kind]["lists"]
            for i in range(lists.type.range()[1] + 1):
                yield from self.members(lists[i]["first"], self.superslab_type, "link")

    def large_blocks(self):
        return self.members(self.variable("used_list")["first"], self.large_type, "link")

    # --- blocks -------------------------------------------------------------------------------------------------

    def block_size(self, size_class):
        return number(self.size_classes[size_class]["size"])

    def is_shared(self, size_class):
        return number(self.size_classes[size_class]["shared"]) != 0

    def stack(self, cache, size_class):
        """The addresses in a cache's stacks of SIZE_CLASS: in its own, the oldest first, and in its counted one."""
        places = [size_class]
        if size_class < number(self.variable("size_class_counted")):
            places.append(number(self.variable("size_class_count")) + size_class)
        return [address for place in places for address in self.stack_at(cache, place)]

    def stack_at(self, cache, place):
        bottom, top = number(cache["bottom"][place]), number(cache["hot"]["top"][place])
        not_set_up = number(self.variable("divert_stack").address) + 8
        held = words(bottom, (top - bottom) // 8) if bottom != not_set_up and top > bottom else []
        return [address for address in held if address != 0]  # 0 diverts malloc: lib/thread/divert.h

    def remote_buffer(self, cache):
        count = number(cache["remote"]["count"])
        return words(number(cache["remote"]["block"].address), count) if count > 0 else []

    def cached(self, slab):
        """{address: (heap's id, in its remote buffer)} for those blocks of SLAB that lie in a thread's cache."""
        size_class = number(slab["class"])
        first = number(slab["base"])
        end = first + number(slab["blocks"]) * self.block_size(size_class)
        found = {}
        for heap, cache in self.caches():
            for buffered, held in (False, self.stack(cache, size_class)), (True, self.remote_buffer(cache)):
                found.update((address, (number(heap["id"]), buffered)) for address in held if first <= address < end)
        return found

    def slab_at(self, address):
        """The slab in whose pages ADDRESS lies, or None."""
        entry, descriptor = self.page_of(address)
        if entry in (PAGE_FOREIGN, PAGE_LARGE, PAGE_GUARDED):
            return None
        return gdb.Value(descriptor).cast(self.slab_type.pointer()).dereference()

    def large_at(self, address):
        """The large block in which ADDRESS lies, or None."""
        entry, descriptor = self.page_of(address)
        if entry == PAGE_LARGE:  # only its first page is in the page map
            return gdb.Value(descriptor).cast(self.large_type.pointer()).dereference()
        for large in self.large_blocks() if entry == PAGE_FOREIGN else ():
            if 0 <= address - number(large["base"]) < number(large["bytes"]):
                return large
        return None

    def superslab_at(self, address):
        for superslab in self.superslabs():
            if 0 <= address - number(superslab["base"]) < number(superslab["pages"]) << PAGE_SHIFT:
                return superslab
        return None


def threads_by_heap(library):
    """{heap's id: "thread 1 (NAME)"} of those threads that have a cache."""
    found = {}
    chosen = gdb.selected_thread()
    none = number(library.variable("thread_cache_none").address)
    for thread in sorted(gdb.selected_inferior().threads(), key=lambda thread: thread.num):
        try:
            thread.switch()
            cache = library.variable("held_cache")
            if number(cache) not in (0, none):
                found[number(cache["heap"]["id"])] = "thread %d%s" % (
                    thread.num, " (%s)" % thread.name if thread.name else "")
        except gdb.error:  # no thread-local variables here, as where libthread_db cannot be loaded
            continue
    if chosen is not None:
        chosen.switch()
    return found


def heap_text(library, heap_id, threads):
    if heap_id == ID_SHARED:
        return "the shared heap"
    if heap_id == ID_SAMPLED:
        return "the heap profile"
    if heap_id in threads:
        return "heap %d of %s" % (heap_id, threads[heap_id])
    for heap in library.heaps():
        if number(heap["id"]) == heap_id and number(heap["idle"]):
            return "heap %d, which is idle" % heap_id
    return "heap %d" % heap_id


def bits(slab, field):
    """A bitmap of SLAB as one number."""
    data = memory(number(slab[field]), 8 * number(slab["words"]))
    return int.from_bytes(data, "little")


class States:
    """The state of each block of a slab."""

    def __init__(self, library, slab):
        self.size = library.block_size(number(slab["class"]))
        self.base = number(slab["base"])
        self.count = number(slab["blocks"])
        self.free = bits(slab, "free_bits")
        self.remote = bits(slab, "remote_bits")
        self.cached = library.cached(slab)

    def of(self, index):
        """".": free in the slab, "r": freed by another thread, "c": in a thread cache, "#": in use."""
        if self.free >> index & 1:
            return "."
        if self.remote >> index & 1:
            return "r"
        return "c" if self.base + index * self.size in self.cached else "#"

    def __str__(self):
        return "".join(self.of(index) for index in range(self.count))


def print_slab(library, slab, threads):
    entry, _ = library.page_of(number(slab["base"]))
    superslab = slab["superslab"].dereference()
    size_class = number(slab["class"])
    pages = number(library.size_classes[size_class]["pages"])
    print("slab at 0x%x: %d blocks of %d bytes (class %d), %s; it belongs to %s" % (
        number(slab["base"]), number(slab["blocks"]), library.block_size(size_class), size_class,
        size_text(pages << PAGE_SHIFT), heap_text(library, entry >> CLASS_BITS, threads)))
    print("SuperSlab at 0x%x: %s for %s%s, %d of %d pages in use" % (
        number(superslab["base"]), size_text(number(superslab["pages"]) << PAGE_SHIFT),
        KINDS[number(superslab["kind"])], ", huge pages" if number(superslab["huge"]) else "",
        number(superslab["used_pages"]), number(superslab["pages"])))


def print_small(library, slab, address, threads):
    states = States(library, slab)
    index, inside = divmod(address - states.base, states.size)
    if index >= states.count:
        print("0x%x is no block: it lies behind the last block of its slab" % address)
        return
    start = states.base + index * states.size
    where = {".": "free, in its slab", "r": "free: another thread freed it, and the slab's heap has not taken it back",
             "#": "in use"}
    state = states.of(index)
    if state == "c":
        heap_id, buffered = states.cached[start]
        text = "free, in the cache of %s%s" % (heap_text(library, heap_id, threads),
                                               ", on its way to its own heap" if buffered else "")
    else:
        text = where[state]
    print("0x%x is %sa block of %d bytes (class %d): %s" % (
        address, "%d bytes into 0x%x, " % (inside, start) if inside else "", states.size, number(slab["class"]), text))
    print("block %d of %d in its slab, of which %d are in use" % (index, states.count, str(states).count("#")))


def print_large(library, large, address):
    base, size = number(large["base"]), number(large["bytes"])
    inside = address - base
    print("0x%x is %sa large block of %d bytes (%s): in use" % (
        address, "%d bytes into 0x%x, " % (inside, base) if inside else "", size, size_text(size)))
    if number(large["superslab"]) == 0:
        print("a mapping of its own")
    else:
        superslab = large["superslab"].dereference()
        print("a run of the SuperSlab at 0x%x, %s" % (
            number(superslab["base"]), size_text(number(superslab["pages"]) << PAGE_SHIFT)))


def print_other(library, address):
    superslab = library.superslab_at(address)
    if library.page_of(address)[0] == PAGE_GUARDED:
        print("0x%x lies among the pages of guarded blocks (security.guarded)" % address)
    elif superslab is not None:
        print("0x%x is free: it lies in unused pages of the SuperSlab at 0x%x, for %s" % (
            address, number(superslab["base"]), KINDS[number(superslab["kind"])]))
    else:
        print("0x%x is not in libhakmem's heap" % address)


def print_block(library, address):
    threads = threads_by_heap(library)
    slab, large = library.slab_at(address), library.large_at(address)
    if slab is not None:
        print_small(library, slab, address, threads)
        print_slab(library, slab, threads)
    elif large is not None:
        print_large(library, large, address)
    else:
        print_other(library, address)


def print_classes(library):
    heaps = list(library.caches())
    rows = []
    for size_class in range(library.class_count):
        owners = [library.shared_heap] if library.is_shared(size_class) else [heap for heap, _ in heaps]
        slabs = sum(number(heap["counts"]["slabs"][size_class]) for heap in owners)
        if slabs == 0:
            continue
        row = library.size_classes[size_class]
        blocks = slabs * number(row["blocks"])
        taken = sum(number(heap["counts"]["allocated"][size_class]) for heap in owners)
        cached = sum(len(library.stack(cache, size_class)) for _, cache in heaps)
        in_use = max(taken - cached, 0)
        rows.append([size_class, number(row["size"]), "shared" if library.is_shared(size_class) else "threads'", slabs,
                     size_text(slabs * number(row["pages"]) << PAGE_SHIFT), in_use,
                     size_text(in_use * number(row["size"])), cached, blocks - taken,
                     "%d %%" % (100 * in_use / blocks)])
    table(["class", "size", "heap", "slabs", "bytes", "in use", "bytes", "cached", "free", "full"], rows)


def print_totals(library):
    pool = library.pool
    large = list(library.large_blocks())
    print("libhakmem, profile \"%s\"" % library.variable("hak_active_profile")["name"].string())
    for kind, name in ((0, "for slabs"), (1, "for large blocks")):
        heap = pool["heaps"][kind]
        print("SuperSlabs %s: %d, %s; %s in use, %s retained" % (
            name, number(heap["count"]), size_text(number(heap["mapped_bytes"])), size_text(number(heap["used_bytes"])),
            size_text(number(heap["retention"]["bytes"]))))
    print("large blocks: %d, %s, of these %d mappings of their own; %s in cached mappings" % (
        len(large), size_text(sum(number(block["bytes"]) for block in large)),
        sum(number(block["superslab"]) == 0 for block in large), size_text(number(pool["mappings"]["bytes"]))))


def print_threads(library):
    threads = threads_by_heap(library)
    rows = []
    for heap, cache in library.caches():
        heap_id = number(heap["id"])
        stacks = [len(library.stack(cache, size_class)) for size_class in range(library.class_count)]
        size = sum(count * library.block_size(size_class) for size_class, count in enumerate(stacks))
        holder = threads.get(heap_id, "idle" if number(heap["idle"]) else "a thread that has ended, or is not known")
        slabs = sum(number(heap["counts"]["slabs"][size_class]) for size_class in range(library.class_count))
        rows.append([holder, heap_id, slabs, sum(stacks), size_text(size), len(library.remote_buffer(cache)),
                     number(heap["counts"]["refills"]), number(heap["counts"]["drains"])])
    rows.sort(key=lambda row: row[1])
    table(["held by", "heap", "slabs", "cached", "bytes", "remote", "refills", "drains"], rows)


def print_superslabs(library):
    rows = []
    for superslab in library.superslabs():
        pages, used = number(superslab["pages"]), number(superslab["used_pages"])
        rows.append(["0x%x" % number(superslab["base"]), size_text(pages << PAGE_SHIFT), pages, used,
                     number(superslab["retained_pages"]), "%d %%" % (100 * used / max(pages, 1)),
                     "yes" if number(superslab["huge"]) else "no", KINDS[number(superslab["kind"])]])
    rows.sort(key=lambda row: int(row[0], 16))
    table(["SuperSlab", "bytes", "pages", "used", "retained", "full", "huge", "for"], rows)


def print_large_blocks(library):
    blocks = sorted(library.large_blocks(), key=lambda large: -number(large["bytes"]))
    table(["block", "bytes", "", "in"],
          [["0x%x" % number(large["base"]), number(large["bytes"]), size_text(number(large["bytes"])),
            "SuperSlab 0x%x" % number(large["superslab"]["base"]) if number(large["superslab"]) else "its own mapping"]
           for large in blocks])


def print_states(library, address):
    slab = library.slab_at(address)
    if slab is None:
        raise gdb.GdbError("0x%x is in no slab of libhakmem's" % address)
    print_slab(library, slab, threads_by_heap(library))
    text = str(States(library, slab))
    print("# in use: %d, . free: %d, c in a thread cache: %d, r freed by another thread: %d" % tuple(
        text.count(state) for state in "#.cr"))
    before, repeated = None, False
    for first in range(0, len(text), ROW):
        row = text[first : first + ROW]
        if row != before:
            print("%5d  %s" % (first, row))
        elif not repeated:
            print("    *  the same")
        before, repeated = row, row == before


def address_of(argument):
    if not argument:
        raise gdb.GdbError("which address? An expression, such as p or 0x7ffff7a00010")
    return number(gdb.parse_and_eval(argument)) % (1 << 64)


def print_last_words(library):
    """What the library said before it ended the program."""
    words_said = library.variable("last_words")
    length = number(words_said["length"])
    if length > 0:
        print("it has ended the program: %s" % memory(number(words_said["text"].address), length).decode().strip())


def print_overview(library):
    print_totals(library)
    print_last_words(library)
    print_classes(library)


class Command(gdb.Command):
    """One command of this file."""

    def __init__(self, name, text, work, takes_address):
        self.__doc__ = text
        super().__init__(name, gdb.COMMAND_DATA,
                         gdb.COMPLETE_EXPRESSION if takes_address else gdb.COMPLETE_NONE)
        self.work = work

    def invoke(self, argument, from_tty):
        try:
            self.work(argument)
        except gdb.MemoryError as error:
            raise gdb.GdbError("libhakmem's structures cannot be followed: %s (in a core file they may be left out, and "
                               "in a process in the middle of an allocation they may be half changed)" % error)


class Prefix(gdb.Command):
    """What libhakmem's heap looks like: see "help hakmem block" and the others below."""

    def __init__(self):
        super().__init__("hakmem", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


def info(argument):
    if argument:
        print_block(Library(), address_of(argument))
    else:
        print_overview(Library())


Prefix()
Command("info hakmem", "What ADDRESS is in libhakmem's heap; without ADDRESS, the heap by size classes.", info, True)
Command("hakmem block", "What ADDRESS is: which block, its state, its slab and SuperSlab.",
        lambda argument: print_block(Library(), address_of(argument)), True)
Command("hakmem slab", "The slab of ADDRESS and the state of each of its blocks.",
        lambda argument: print_states(Library(), address_of(argument)), True)
Command("hakmem classes", "Size classes: slabs, blocks in use, in caches and free.",
        lambda argument: print_overview(Library()), False)
Command("hakmem threads", "Thread caches: whose they are and what they hold.",
        lambda argument: print_threads(Library()), False)
Command("hakmem superslabs", "SuperSlabs: where they are and how full.",
        lambda argument: print_superslabs(Library()), False)
Command("hakmem large", "Large blocks, the longest first.", lambda argument: print_large_blocks(Library()), False)
