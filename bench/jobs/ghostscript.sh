# SPDX-License-Identifier: MIT
what="gs: 150 pages of PostScript to PDF"
needs=gs
. "$jobs/parts/postscript.sh"

prepare() { postscript 150 >pages.ps; }

# The PDF has the time in it.
job() {
    measured gs -q -dBATCH -dNOPAUSE -dSAFER -sDEVICE=pdfwrite -o "$job_scratch/pages.pdf" pages.ps &&
        grep -a -c '/Type */Page\>' "$job_scratch/pages.pdf"
}
