// Memory that starts on a cache line and is kept from call to call.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Returns this thread's own block of at least so many bytes, which is valid until the next call; nullptr where memory is short.
// It is kept from call to call: mapping and unmapping hundreds of megabytes each time costs more than the arithmetic of small cells.
char* scratch(size_t bytes);
