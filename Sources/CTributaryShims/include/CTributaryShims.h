#ifndef CTRIBUTARY_SHIMS_H
#define CTRIBUTARY_SHIMS_H

/* What Swift cannot say: thread-local words, the floating-point environment, the processor's pause. */

#include "tri_thread.h"
#include "tri_cpu.h"
#include "tri_memory.h"
#include "tri_parallel.h"

#endif
