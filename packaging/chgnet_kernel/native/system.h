// What the code for every kind of processor uses of the system.
#pragma once
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "interface.h"
#include "memory.h"

// One for each code_*.cpp; nullptr where this compiler or architecture has no such code.
extern const Code* const CODE_PLAIN;
extern const Code* const CODE_AVX2;
extern const Code* const CODE_AVX512;

#if defined(__GNUC__) && defined(__x86_64__)
#define HAS_X86_CODE 1
#endif
