# SPDX-License-Identifier: MIT
# For the jobs of ghostscript: postscript PAGES prints a document with text, curves and shades.

postscript() {
    LC_ALL=C awk -v pages="$1" 'BEGIN {
        print "%!PS-Adobe-3.0\n%%Pages: " pages
        state = 7
        for (page = 1; page <= pages; page++) {
            print "%%Page: " page " " page
            split("Times-Roman Helvetica Courier Times-Italic", font, " ")
            for (line = 0; line < 60; line++) {
                printf "/%s findfont %d scalefont setfont 40 %d moveto (", font[line % 4 + 1], 7 + line % 4, 780 - line * 12
                for (word = 0; word < 14; word++) { state = (state * 16807) % 2147483647; printf "%x ", state % 65536 }
                print ") show"
            }
            for (curve = 0; curve < 150; curve++) {
                printf "0.%d 0.%d 0.%d setrgbcolor newpath", curve % 10, (curve * 3) % 10, (curve * 7) % 10
                for (point = 0; point < 4; point++) {
                    state = (state * 16807) % 2147483647
                    printf " %d %d", state % 600, (state / 600) % 800
                    if (point == 0) printf " moveto"
                }
                print " curveto " (curve % 3 ? "stroke" : "closepath fill")
            }
            print "showpage"
        }
        print "%%EOF"
    }'
}
