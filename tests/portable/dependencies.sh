#!/bin/sh
# SPDX-License-Identifier: MIT
# What a build of the library and its tests needs besides a compiler, for a compiler that Debian has no packages for: libyaml and cmocka, from
# Debian's sources.
#
#   dependencies.sh sources DIRECTORY            fetches the sources into DIRECTORY/sources, if they are not there
#   dependencies.sh build DIRECTORY CC PREFIX    compiles static libraries with CC: PREFIX/include and PREFIX/lib
#
# The packages' own build systems are not needed for a dozen of C files.
set -eu

say() { echo "dependencies: $*" >&2; }

# The machine's own package sources once more, as lists of source packages in $1: the machine's lists stay as they are.
write_lists() {
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
        name=$1/$(basename "$file")
        case $file in
        *.sources) [ ! -f "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"$name" ;;
        *.list) [ ! -f "$file" ] || sed -n 's/^deb[[:space:]]/deb-src /p' "$file" >"$name" ;;
        esac
    done
}

fetch_sources() {
    fetched=$1/sources
    [ ! -d "$fetched/libyaml" ] || [ ! -d "$fetched/cmocka" ] || return 0
    command -v apt-get >/dev/null 2>&1 || { say "the sources of libyaml and cmocka cannot be fetched: there is no apt-get"; exit 1; }
    apt=$1/apt
    rm -rf "$apt" "$fetched"
    mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/got" "$fetched"
    write_lists "$apt/sources"
    set -- -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt/sources" -o Dir::State::lists="$apt/lists" \
        -o Dir::Cache="$apt/cache" -o APT::Sandbox::User= -o APT::Update::Post-Invoke-Success::= -o Acquire::Languages=none
    # One list of several may be out of reach, and not be needed.
    apt-get "$@" update || :
    (cd "$apt/got" && apt-get "$@" source --download-only libyaml cmocka) ||
        { say "the sources of libyaml and cmocka cannot be fetched"; exit 1; }
    for package in libyaml cmocka; do
        mkdir -p "$apt/$package"
        tar -C "$apt/$package" --strip-components=1 -xf "$(ls "$apt/got/$package"_*.orig.tar.?z)"
        mv "$apt/$package" "$fetched"
    done
    rm -rf "$apt"
}

# compile SOURCE-DIRECTORY CC LIBRARY FLAG... : all of its C files, into the static library.
compile() {
    from=$1 compiler=$2 library=$3
    shift 3
    objects=$library.objects
    rm -rf "$objects" "$library"
    mkdir -p "$objects"
    for file in "$from"/src/*.c; do
        $compiler -O2 -g -fPIC -w "$@" -I"$from/include" -c -o "$objects/$(basename "$file" .c).o" "$file"
    done
    ar rcs "$library" "$objects"/*.o
    rm -rf "$objects"
}

build() {
    sources=$1/sources compiler=$2 prefix=$3
    mkdir -p "$prefix/include" "$prefix/lib"
    # yaml_get_version is not used, so the version need not be right.
    compile "$sources/libyaml" "$compiler" "$prefix/lib/libyaml.a" \
        -DYAML_VERSION_MAJOR=0 -DYAML_VERSION_MINOR=0 -DYAML_VERSION_PATCH=0 -DYAML_VERSION_STRING='"0.0.0"'
    compile "$sources/cmocka" "$compiler" "$prefix/lib/libcmocka.a" -D_GNU_SOURCE -DHAVE_INTTYPES_H -DHAVE_STDINT_H -DHAVE_SIGNAL_H \
        -DHAVE_STRINGS_H -DHAVE_UNISTD_H -DHAVE_TIME_H -DHAVE_STRUCT_TIMESPEC -DHAVE_CLOCK_GETTIME -DHAVE_CLOCK_REALTIME -DHAVE_SNPRINTF \
        -DHAVE_VSNPRINTF -DHAVE_STRSIGNAL -DHAVE_GCC_THREAD_LOCAL_STORAGE
    cp "$sources"/libyaml/include/*.h "$sources"/cmocka/include/*.h "$prefix/include"
}

case ${1:-} in
sources) fetch_sources "$2" ;;
build) build "$2" "$3" "$4" ;;
*) say "usage: dependencies.sh sources DIRECTORY | build DIRECTORY CC PREFIX"; exit 2 ;;
esac
