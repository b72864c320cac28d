// For x86 processors since 2013: eight numbers side by side.
#include "system.h"

#ifdef HAS_X86_CODE
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#define INSTRUCTIONS avx2
#define LANES 8
#define BLOCK 6
#include "code.h"

#ifdef __clang__
#pragma clang attribute pop
#endif

static const Code code = CODE;
const Code* const CODE_AVX2 = &code;
#else
const Code* const CODE_AVX2 = nullptr;
#endif
