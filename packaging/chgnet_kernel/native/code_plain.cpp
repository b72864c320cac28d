// For any processor: four numbers side by side, which SSE2 and NEON have.
#include "system.h"

#define INSTRUCTIONS plain
#define LANES 4
#if defined(__aarch64__)
#define BLOCK 12  // 32 registers
#else
#define BLOCK 6   // 16 registers
#endif
#include "code.h"

static const Code code = CODE;
const Code* const CODE_PLAIN = &code;
