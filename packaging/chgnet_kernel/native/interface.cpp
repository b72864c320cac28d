// The functions that ctypes calls: plain C, no exception leaves them, and nothing in them is shared between models or threads.
#include "system.h"

#ifdef _WIN32
#define EXPORTED extern "C" __declspec(dllexport)
#else
#define EXPORTED extern "C" __attribute__((visibility("default")))
#endif

namespace {

enum { DONE = 0, NO_MEMORY = 1, BAD_INPUT = 2 };

struct Model {
  const Code* code;
  Sizes sizes;
  void* network;
};

bool runs_here(const Code* code) {
  if (!code) return false;
#ifdef HAS_X86_CODE
  __builtin_cpu_init();
  if (code == CODE_AVX2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (code == CODE_AVX512) return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("fma");
#endif
  return true;
}

// The k-th code that this processor can run, the fastest first.
const Code* code_here(int k) {
  const Code* const all[] = {CODE_AVX512, CODE_AVX2, CODE_PLAIN};
  for (const Code* code : all)
    if (runs_here(code) && k-- == 0) return code;
  return nullptr;
}

bool within(const int32_t* values, int64_t count, int64_t low, int64_t high) {
  for (int64_t k = 0; k < count; k++)
    if (values[k] < low || values[k] >= high) return false;
  return true;
}

bool possible(const Sizes& sizes) {
  return sizes.elements > 0 && sizes.levels > 0 && sizes.levels <= MOST_LEVELS && sizes.readout_layers > 0 &&
         sizes.readout_layers <= MOST_LEVELS && sizes.envelope_power > 0 && sizes.bond_cutoff > 0 && sizes.angle_cutoff > 0;
}

bool possible(const Batch& batch, int32_t elements) {
  return batch.frames > 0 && batch.atoms > 0 && batch.bonds >= 0 && batch.bonds < INT32_MAX / 2 && batch.short_bonds >= 0 &&
         batch.short_bonds <= batch.bonds && within(batch.numbers, batch.atoms, 1, (int64_t)elements + 1) &&
         within(batch.frame_of_atom, batch.atoms, 0, batch.frames) && within(batch.first, batch.bonds, 0, batch.atoms) &&
         within(batch.second, batch.bonds, 0, batch.atoms);
}

}  // namespace

EXPORTED const char* chgnet_instructions(int k) {
  const Code* code = code_here(k);
  return code ? code->name : nullptr;
}

// nullptr where memory is short, the sizes make no sense or the number of weights is another.
EXPORTED void* chgnet_make(int k, const Sizes* sizes, const float* weights, int64_t n_weights) {
  const Code* code = code_here(k);
  if (!code || !possible(*sizes) || code->weights_expected(*sizes) != n_weights) return nullptr;
  void* network = code->make(*sizes, weights);
  Model* model = network ? (Model*)malloc(sizeof(Model)) : nullptr;
  if (!model) {
    code->discard(network);
    return nullptr;
  }
  *model = {code, *sizes, network};
  return model;
}

EXPORTED void chgnet_discard(void* model) {
  if (!model) return;
  ((Model*)model)->code->discard(((Model*)model)->network);
  free(model);
}

EXPORTED int chgnet_evaluate(const void* model, const Batch* batch, const Result* result) {
  const Model& own = *(const Model*)model;
  if (!possible(*batch, own.sizes.elements)) return BAD_INPUT;
  return own.code->evaluate(own.network, *batch, *result) == 0 ? DONE : NO_MEMORY;
}
