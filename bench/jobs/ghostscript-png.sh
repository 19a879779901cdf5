# SPDX-License-Identifier: MIT
what="gs: 16 pages of PostScript to PNG, 100 dots an inch"
needs=gs
. "$jobs/parts/postscript.sh"

prepare() { postscript 16 >pages.ps; }

job() {
    measured gs -q -dBATCH -dNOPAUSE -dSAFER -sDEVICE=png16m -r100 -o "$job_scratch/page%d.png" pages.ps && cat "$job_scratch"/page*.png | cksum
}
