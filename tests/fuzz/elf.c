/* SPDX-License-Identifier: MIT */
/* The file of a program or of a library: what it says of itself. */
#include "cli/race/elf_file.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file file = fuzz_file_open(data, size);
    struct elf_file elf = elf_file_read(file.path);
    FUZZ_EXPECT(strlen(elf.version) < sizeof elf.version);
    FUZZ_EXPECT(elf.known || (!elf.is_static && !elf.defines_malloc && !elf.may_forward && !elf.version[0]));
    fuzz_file_close(&file);
    return 0;
}
