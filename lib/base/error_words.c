/* SPDX-License-Identifier: MIT */
#include "lib/base/error_words.h"

#include <errno.h>

const char *error_words(int error)
{
    switch (error) {
    case ENOENT:
        return "there is no such directory";
    case EACCES:
    case EPERM:
        return "that is not permitted";
    case EROFS:
        return "the file system is read-only";
    case ENOSPC:
    case EDQUOT:
        return "there is no space left";
    case EFBIG:
        return "the file would be too large";
    case EISDIR:
        return "that is a directory";
    case ENOTDIR:
        return "a part of the name is no directory";
    case ENAMETOOLONG:
        return "the name is too long";
    case EMFILE:
    case ENFILE:
        return "too many files are open";
    case EBUSY:
        return "another one is being written";
    case ENOMEM:
        return "there is no memory";
    case ENXIO:
        return "nobody reads that pipe";
    default:
        return "the system refuses it";
    }
}
