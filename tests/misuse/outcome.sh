#!/bin/sh
# SPDX-License-Identifier: MIT
# How a misuse has ended. Sourced by misuse.tap and by the table.
#
# outcome STATUS FILE: prints it, from a shell's exit status of `misuses NAME` and from what that has printed into FILE.
#
#   stopped   the wrong call or access did not return: the allocator ended the program
#   later     the allocator ended it after that, while it went on to allocate and free, or at its end
#   fault     the processor ended the program at the wrong access, or in the wrong call
#   faulted   the processor ended it after that, as a consequence
#   hung      it did not end
#   refused   the call failed as the standards say
#   silent    nothing ended it, and something is wrong: memory that two hold, others' bytes changed, freed bytes there to read
#   harmless  nothing ended it, and nothing that it could see is wrong
#   absent    the allocator has no such call, or the case cannot arise
outcome() {
    case $1 in
    0) tail -n 1 "$2"; return ;;
    99) echo impossible; return ;;
    124 | 137) echo hung; return ;;
    139 | 135) set -- fault faulted "$2" ;;
    *) set -- stopped later "$2" ;;
    esac
    if grep -q misused "$3"; then echo "$2"; else echo "$1"; fi
}
