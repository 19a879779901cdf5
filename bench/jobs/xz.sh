# SPDX-License-Identifier: MIT
what="xz -6 of 4 MB"
needs=xz

prepare() { random_lines 100000 1 | head -c 4000000 >data; }

job() { measured xz -T1 -6 -c data | cksum; }
