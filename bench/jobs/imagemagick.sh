# SPDX-License-Identifier: MIT
what="ImageMagick: an image of 1200 x 900 resized, blurred, turned, and written as PNG"
image_magick() { first_program magick convert-im6.q16 convert; }
more_missing() { image_magick >/dev/null || echo "ImageMagick is not installed"; }

prepare() {
    LC_ALL=C awk 'BEGIN { print "P3 400 300 255"; state = 3
        for (i = 0; i < 360000; i++) { state = (state * 16807) % 2147483647; print int((i / 1200 * 0.85) % 200) + state % 56 } }' >image.ppm
}

job() {
    MAGICK_THREAD_LIMIT=1 measured "$(image_magick)" image.ppm -resize 1200x900 -blur 0x3 -rotate 8 -resize 50% -sharpen 0x1 -strip \
        -define png:exclude-chunks=date,time "$job_scratch/image.png" && "$(image_magick)" "$job_scratch/image.png" rgb:- | cksum
}
