// All code for one kind of processor. A code_*.cpp includes this once, with INSTRUCTIONS (a name), LANES and BLOCK (rows of a product
// whose sums fit into the registers) of its own. Headers of the system come before, so that nothing of theirs is compiled for it.
#if defined(__GNUC__) && !defined(__clang__)
#define UNROLLED _Pragma("GCC unroll 16")
#else
#define UNROLLED
#endif

#include "parts.h"

#include "vector.h"

#include "matrix.h"

#include "network.h"

#include "gate.h"

#include "state.h"

#include "geometry.h"

#include "atom_update.h"

#include "angle_update.h"

#include "evaluate.h"

#define TEXT_OF(name) #name
#define NAME_OF(name) TEXT_OF(name)
#define CODE {NAME_OF(INSTRUCTIONS), INSTRUCTIONS::weights_expected, INSTRUCTIONS::make, INSTRUCTIONS::discard, INSTRUCTIONS::evaluate}
