#include "memory.h"

#include <stdlib.h>

namespace {

const size_t LINE = 64, KEPT = (size_t)64 << 20;

struct Block {
  char* start = nullptr;
  size_t size = 0;
  ~Block() { free(start); }
};

thread_local Block block;

}  // namespace

char* scratch(size_t bytes) {
  const bool too_small = bytes > block.size, far_too_large = block.size > KEPT && bytes < block.size / 8;
  if (too_small || far_too_large) {
    free(block.start);
    block.size = bytes + bytes / 4;
    block.start = (char*)malloc(block.size + LINE);
    if (!block.start) block.size = 0;
  }
  if (!block.start) return nullptr;
  return (char*)(((uintptr_t)block.start + LINE - 1) & ~(uintptr_t)(LINE - 1));
}
