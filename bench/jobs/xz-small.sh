# SPDX-License-Identifier: MIT
what="xz -9 of 20 files of 100 KB, one process for all"
needs=xz

prepare() { for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do random_lines 5000 $number | head -c 100000 >data$number; done; }

job() { measured xz -T1 -9 -c data* | cksum; }
