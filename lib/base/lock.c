#include "lib/base/lock.h"

_Thread_local bool lock_passes;
