# SPDX-License-Identifier: MIT
# Sourced by bench/compare and bench/locality: which allocators there are to be compared. POSIX sh.
#
# Sets and appends to `contenders`: one line "NAME FILE" for each allocator; FILE is "-" for the C library's own.

program=${0##*/}
contenders=
newline='
'

fail() { # STATUS MESSAGE
    echo "bench/$program: $2" >&2
    exit "$1"
}

add_contender() { # NAME FILE
    contenders="$contenders${contenders:+$newline}$1 $2"
}

# --lib NAME=FILE.so
add_named_library() {
    library_name=${1%%=*}
    library_file=${1#*=}
    case $1 in
        *=*) ;;
        *) fail 2 "--lib $1: expected NAME=FILE.so" ;;
    esac
    case $library_name in
        '' | *[!A-Za-z0-9._-]*) fail 2 "--lib $1: a name is made of letters, digits, dots, dashes and underscores" ;;
    esac
    [ -f "$library_file" ] && [ -r "$library_file" ] || fail 2 "--lib $1: cannot read $library_file"
    directory=$(cd "$(dirname "$library_file")" && pwd)
    case $directory in
        *[[:space:]:]*) fail 2 "--lib $1: LD_PRELOAD cannot name a file in a directory with a space or a colon" ;;
    esac
    add_contender "$library_name" "$directory/${library_file##*/}"
}

# The C library and the peers that the dynamic linker finds.
add_installed_peers() {
    known_libraries=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null)
    for peer in mimalloc=libmimalloc.so.2 jemalloc=libjemalloc.so.2 tcmalloc=libtcmalloc_minimal.so.4; do
        peer_file=$(printf '%s\n' "$known_libraries" | awk -v name="${peer#*=}" '$1 == name { print $NF; exit }')
        [ -z "$peer_file" ] || add_contender "${peer%%=*}" "$peer_file"
    done
    add_contender glibc -
}

# The library of this build, if there is one.
add_own_library() { # BUILD-DIRECTORY
    own_library=$1/.libs/libhakmem.so
    [ -r "$own_library" ] || fail 1 "$own_library is not there: run make first, or name the build directory with --build"
    add_named_library "hakmem=$own_library"
}

# Complains unless an option is followed by its value: need_value OPTION NUMBER-OF-ARGUMENTS-LEFT
need_value() {
    [ "$2" -ge 2 ] || fail 2 "$1 needs a value; --help shows all options"
}
