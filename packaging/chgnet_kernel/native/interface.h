// What the Python package and the code for each kind of processor agree on; plain C types, so that ctypes can fill them.
#pragma once
#include <stdint.h>

enum { FEATURES = 64, HIDDEN = 2 * FEATURES, BASIS = 32, MOST_LEVELS = 8 };

// The architecture of one model, in the order of temper_chgnet_kernel/binding.py.
struct Sizes {
  int32_t elements;         // rows of the embedding; row k is atomic number k + 1
  int32_t levels;           // bond updates; there is one atom update more, and one angle update less
  int32_t readout_layers;   // hidden layers of the readout
  int32_t gate_norm;        // whether gated networks normalise their layers
  int32_t readout_norm;     // whether the readout does
  int32_t out_bias;         // whether the layer after summing messages has a bias
  int32_t envelope_power;   // of the polynomial that ends the radial basis
  double bond_cutoff;       // Å
  double angle_cutoff;      // Å
};

// Frames side by side, bonds once and not in both directions, all short ones before all others.
struct Batch {
  int64_t frames, atoms, bonds, short_bonds;
  const int32_t* numbers;         // (atoms) atomic number
  const int32_t* frame_of_atom;   // (atoms)
  const int32_t* first;           // (bonds) atom at one end
  const int32_t* second;          // (bonds) atom at the other end
  const double* vectors;          // (bonds, 3) Å, from the second atom to the first
};

struct Result {
  double* energies;  // (frames) eV
  double* forces;    // (atoms, 3) eV/Å
  double* virials;   // (frames, 3, 3) eV, the energy's derivative by strain
  double* moments;   // (atoms) Bohr magnetons
};

// The functions that each kind of processor has its own of.
struct Code {
  const char* name;
  int64_t (*weights_expected)(const Sizes&);
  void* (*make)(const Sizes&, const float* weights);            // nullptr where memory is short
  void (*discard)(void* network);
  int (*evaluate)(const void* network, const Batch&, const Result&);  // 0, or 1 where memory is short
};
