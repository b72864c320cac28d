// Memory that is counted before it is taken.
namespace INSTRUCTIONS {

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

}  // namespace INSTRUCTIONS
