/* SPDX-License-Identifier: MIT */
#include "lib/sample/symbols.h"

#include "lib/base/os.h"
#include "lib/sample/elf_names.h"
#include "lib/sample/maps.h"
#include "lib/sample/modules.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t item_bytes(size_t capacity)
{
    return round_up(capacity * sizeof(struct sort_item), os_page_bytes);
}

static size_t module_bytes(void)
{
    return round_up(SYMBOL_MODULES * sizeof(struct symbol_module), os_page_bytes);
}

bool symbols_begin(struct symbols *symbols, size_t capacity)
{
    *symbols = (struct symbols){.capacity = size_maximum(capacity, 1)};
    symbols->items = os_map(item_bytes(symbols->capacity));
    symbols->modules = os_map(module_bytes());
    if (symbols->items != NULL && symbols->modules != NULL)
        return true;
    symbols_end(symbols);
    return false;
}

static void sort_and_unite(struct symbols *symbols)
{
    size_t kept = 0;
    sort_items(symbols->items, symbols->count);
    for (size_t i = 0; i < symbols->count; i++)
        if (kept == 0 || symbols->items[kept - 1].key != symbols->items[i].key)
            symbols->items[kept++] = symbols->items[i];
    symbols->count = kept;
}

void symbols_add(struct symbols *symbols, uintptr_t address)
{
    if (symbols->count < symbols->capacity)
        symbols->items[symbols->count++] = (struct sort_item){.key = address};
}

/* The first item whose address is not below ADDRESS. */
static size_t find(const struct symbols *symbols, uintptr_t address)
{
    size_t low = 0, high = symbols->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (symbols->items[middle].key < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_module(const struct maps_code *code, void *context)
{
    struct symbols *symbols = context;
    size_t length = strlen(code->path);
    if (symbols->module_count == SYMBOL_MODULES || length >= SYMBOL_PATH)
        return;
    struct symbol_module *module = &symbols->modules[symbols->module_count++];
    *module = (struct symbol_module){.start = code->start, .end = code->end, .offset = code->offset};
    memcpy(module->path, code->path, length + 1);
}

static void map_image(struct symbol_module *module)
{
    struct stat status;
    int descriptor = open(module->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0)
        return;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        module->image_bytes = (size_t)status.st_size;
        void *image = mmap(NULL, module->image_bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
        module->image = image != MAP_FAILED ? image : NULL;
    }
    close(descriptor);
}

struct naming {
    struct symbols *symbols;
    const struct symbol_module *module;
};

/* The function from START to END in the file is called NAME. */
static void name_range(uint64_t start, uint64_t end, const char *name, void *context)
{
    struct naming *naming = context;
    const struct symbol_module *module = naming->module;
    struct symbols *symbols = naming->symbols;
    if (end <= module->offset || start < module->offset)
        return;
    uintptr_t first = module->start + (start - module->offset), last = module->start + (end - module->offset);
    for (size_t i = find(symbols, first); i < symbols->count && symbols->items[i].key < last; i++)
        if (symbols->items[i].value == NULL && symbols->items[i].key < module->end)
            symbols->items[i].value = name;
}

static void name_module(struct symbols *symbols, struct symbol_module *module)
{
    size_t first = find(symbols, module->start);
    if (first == symbols->count || symbols->items[first].key >= module->end)
        return;
    struct naming naming = {symbols, module};
    map_image(module);
    if (module->image != NULL)
        elf_names_each(module->image, module->image_bytes, module->offset, name_range, &naming);
}

void symbols_find(struct symbols *symbols)
{
    sort_and_unite(symbols);
    maps_each_code(add_module, symbols);
    for (size_t i = 0; i < symbols->module_count; i++)
        name_module(symbols, &symbols->modules[i]);
}

static const struct symbol_module *module_of(const struct symbols *symbols, uintptr_t address)
{
    for (size_t i = 0; i < symbols->module_count; i++)
        if (address >= symbols->modules[i].start && address < symbols->modules[i].end)
            return &symbols->modules[i];
    return NULL;
}

static void add_place(const struct symbol_module *module, uintptr_t address, struct writer *writer)
{
    const char *slash = strrchr(module->path, '/');
    writer_add(writer, slash != NULL ? slash + 1 : module->path);
    writer_add(writer, "+");
    writer_add_hexadecimal(writer, address - module->start + module->offset);
}

/* NULL where there is none. */
static const char *name_of(const struct symbols *symbols, uintptr_t address)
{
    size_t place = find(symbols, address);
    bool found = place < symbols->count && symbols->items[place].key == address;
    return found ? symbols->items[place].value : NULL;
}

void symbols_describe(const struct symbols *symbols, uintptr_t address, struct writer *writer)
{
    const char *name = name_of(symbols, address);
    const struct symbol_module *module = module_of(symbols, address);
    if (name != NULL)
        writer_add(writer, name);
    else if (module != NULL)
        add_place(module, address, writer);
    else
        writer_add_hexadecimal(writer, address);
}

void symbols_locate(const struct symbols *symbols, uintptr_t address, struct writer *writer)
{
    const char *name = name_of(symbols, address);
    const struct symbol_module *module = module_of(symbols, address);
    if (module == NULL) {
        module_locate(address, writer);
        return;
    }
    uint64_t bias = module->image != NULL ? elf_names_bias(module->image, module->image_bytes, module->offset) : 0;
    writer_add(writer, module->path);
    writer_add(writer, "+");
    writer_add_hexadecimal(writer, address - module->start + module->offset + bias);
    if (name == NULL)
        return;
    writer_add(writer, " (");
    writer_add(writer, name);
    writer_add(writer, ")");
}

void symbols_end(struct symbols *symbols)
{
    for (size_t i = 0; symbols->modules != NULL && i < symbols->module_count; i++)
        if (symbols->modules[i].image != NULL)
            munmap((void *)(uintptr_t)symbols->modules[i].image, symbols->modules[i].image_bytes);
    if (symbols->items != NULL)
        os_unmap(symbols->items, item_bytes(symbols->capacity));
    if (symbols->modules != NULL)
        os_unmap(symbols->modules, module_bytes());
}
