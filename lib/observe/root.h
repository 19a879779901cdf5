/* SPDX-License-Identifier: MIT */
/* The root by which another process reads this one's heap (hakmem/inspect.h): where the variables are, and what their
 * structures look like. Data only; no code reads it here. Below: thread, heap, space, the profile. */
#ifndef HAK_OBSERVE_ROOT_H
#define HAK_OBSERVE_ROOT_H

#include <hakmem/inspect.h>

/* The ELF note that leads to the root, in the object of a file that every program with this library has: so the
 * archive's programs have the root as well. A number of four bytes that the linker knows needs no relocation at the
 * start. */
#define ROOT_TEXT(value) ROOT_TEXT_OF(value)
#define ROOT_TEXT_OF(value) #value
#define ROOT_NOTE                                                                                                   \
    __asm__(".pushsection .note.hakmem, \"a\", %note\n"                                                             \
            ".balign 4\n"                                                                                           \
            ".long 2f - 1f, 4f - 3f, " ROOT_TEXT(HAK_INSPECT_NOTE_TYPE) "\n"                                        \
                                                                        "1: .asciz \"" HAK_INSPECT_NOTE_NAME "\"\n" \
                                                                        "2: .balign 4\n"                            \
                                                                        "3: .long hak_root - .\n"                   \
                                                                        "4: .popsection\n")

#endif
