// Memory that starts on a cache line, counted before it is taken.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Returns this thread's own block of at least so many bytes, which is valid until the next call; nullptr where memory is short.
// It is kept from call to call: mapping and unmapping hundreds of megabytes each time costs more than the arithmetic of small cells.
char* scratch(size_t bytes);

// Hands out parts of a block; without one it only counts.
struct Parts {
  char* block;
  size_t used;

  template <typename Item>
  Item* take(int64_t count) {
    Item* result = block ? (Item*)(block + used) : nullptr;
    used += ((size_t)count * sizeof(Item) + 63) & ~(size_t)63;
    return result;
  }
};
