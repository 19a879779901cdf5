# SPDX-License-Identifier: MIT
what="LibreOffice: a text of 1,500 paragraphs and a table of 300 rows to PDF"
needs=soffice
more_missing() {
    ls /usr/lib/libreoffice/program/libswlo.so /usr/lib64/libreoffice/program/libswlo.so 2>/dev/null | grep -q . ||
        echo "libreoffice-writer is not installed"
}

convert() { # PROFILE-DIRECTORY OUT-DIRECTORY
    soffice "-env:UserInstallation=file://$1" --headless --norestore --convert-to pdf --outdir "$2" text.fodt
}

# The first start makes the user's profile, so this is one.
prepare() {
    LC_ALL=C awk 'BEGIN {
        print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        printf "<office:document xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\""
        printf " xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\""
        print " office:version=\"1.2\" office:mimetype=\"application/vnd.oasis.opendocument.text\"><office:body><office:text>"
        state = 11
        for (paragraph = 0; paragraph < 1500; paragraph++) {
            if (paragraph % 50 == 0) print "<text:h text:outline-level=\"1\">Chapter " paragraph / 50 "</text:h>"
            printf "<text:p>"
            for (word = 0; word < 60; word++) { state = (state * 16807) % 2147483647; printf "%x%s", state % 1048576, word % 9 ? " " : ", " }
            print "</text:p>"
        }
        print "<table:table><table:table-column table:number-columns-repeated=\"5\"/>"
        for (row = 0; row < 300; row++) {
            printf "<table:table-row>"
            for (column = 0; column < 5; column++) printf "<table:table-cell><text:p>%d</text:p></table:table-cell>", row * column
            print "</table:table-row>"
        }
        print "</table:table></office:text></office:body></office:document>"
    }' >text.fodt
    convert "$PWD/profile" "$PWD/first" >log 2>&1 && [ -s first/text.pdf ] || { tail -n 1 log >&2; return 1; }
}

# The PDF has the time in it.
job() {
    cp -r profile "$job_scratch/profile" || return
    measured soffice "-env:UserInstallation=file://$job_scratch/profile" --headless --norestore --convert-to pdf --outdir "$job_scratch" text.fodt \
        >"$job_scratch/log" 2>&1 && grep -a -c '/Type */Page\>' "$job_scratch/text.pdf"
}
