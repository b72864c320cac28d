// For x86 processors with AVX-512: sixteen numbers side by side.
#include "system.h"

#ifdef HAS_X86_CODE
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,fma")
#endif

#define INSTRUCTIONS avx512
#define LANES 16
#define BLOCK 12
#include "code.h"

#ifdef __clang__
#pragma clang attribute pop
#endif

static const Code code = CODE;
const Code* const CODE_AVX512 = &code;
#else
const Code* const CODE_AVX512 = nullptr;
#endif
