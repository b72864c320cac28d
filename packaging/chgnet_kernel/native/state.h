// Everything that one evaluation works on: geometry, features, what the way back needs, slopes of the energy.
namespace INSTRUCTIONS {

static const int TILE = 48;  // rows that go through a network together, an even number; their work stays in the cache

// Rows of one gated network as the way back needs them.
struct Kept {
  float* activation;  // (rows, HIDDEN) derivative of the first layer's SiLU; only with two layers
  float* row;         // (rows, HIDDEN) as open_gate left it
  float* spread;      // (rows, 2)
};

struct State {
  const Network* network;
  const Batch* batch;
  int64_t atoms, bonds, short_bonds, pairs;  // a pair of short bonds at an atom makes two angles, rows 2k and 2k + 1

  // Geometry.
  double *lengths, *directions;                     // (bonds) Å; (bonds, 3)
  float *basis, *basis_slopes;                      // (bonds, BASIS)
  float *short_basis, *short_basis_slopes;          // (short_bonds, BASIS)
  int32_t *pair_one, *pair_other, *pair_corner;     // (pairs) short bond, short bond, atom
  double *pair_cosines, *pair_signs;                // (pairs)
  float* angle_basis;                               // (pairs, BASIS)
  float* bond_has_angles;                           // (bonds) 1 where its frame has angles at all; only where a bias needs it

  // Features.
  float *atom_features, *bond_features, *angle_features;  // (atoms | short_bonds | 2 pairs, FEATURES)
  float *message_weights, *short_weights;                 // (bonds | short_bonds, FEATURES)
  Kept atom_kept[MOST_LEVELS + 1], bond_kept[MOST_LEVELS], angle_kept[MOST_LEVELS];

  // First layers by what they are of, and sums of messages; on the way back the slopes by the same.
  float *at_centre, *at_neighbour;  // (atoms, HIDDEN)
  float *at_bond;                   // (bonds, HIDDEN)
  float *at_one, *at_other;         // (short_bonds, HIDDEN)
  float *atom_sums, *bond_sums;     // (atoms | short_bonds, FEATURES)

  // Slopes of the energy.
  float *by_atom_features, *by_bond_features, *by_angle_features;
  float *by_basis;                  // (bonds, BASIS)
  float *by_angle_basis;            // (pairs, BASIS)
  float *by_message_weights, *by_short_weights;
  double* by_direction;             // (short_bonds, 3)
  double* by_vector;                // (bonds, 3) eV/Å
};

static Kept keep(Parts& parts, int64_t rows, bool norm, bool two_layers) {
  Kept kept = {};
  if (two_layers) kept.activation = parts.take<float>(rows * HIDDEN);
  kept.row = parts.take<float>(rows * HIDDEN);
  if (norm) kept.spread = parts.take<float>(rows * 2);
  return kept;
}

static void lay_out(State& s, Parts& parts) {
  const Sizes& sizes = s.network->sizes;
  const int64_t atoms = s.atoms, bonds = s.bonds, shorts = s.short_bonds, pairs = s.pairs;
  const bool norm = sizes.gate_norm != 0;
  s.lengths = parts.take<double>(bonds);
  s.directions = parts.take<double>(3 * bonds);
  s.basis = parts.take<float>(bonds * BASIS);
  s.basis_slopes = parts.take<float>(bonds * BASIS);
  s.short_basis = parts.take<float>(shorts * BASIS);
  s.short_basis_slopes = parts.take<float>(shorts * BASIS);
  s.pair_one = parts.take<int32_t>(pairs);
  s.pair_other = parts.take<int32_t>(pairs);
  s.pair_corner = parts.take<int32_t>(pairs);
  s.pair_cosines = parts.take<double>(pairs);
  s.pair_signs = parts.take<double>(pairs);
  s.angle_basis = parts.take<float>(pairs * BASIS);
  s.bond_has_angles = sizes.out_bias ? parts.take<float>(bonds) : nullptr;
  s.atom_features = parts.take<float>(atoms * FEATURES);
  s.bond_features = parts.take<float>(shorts * FEATURES);
  s.angle_features = parts.take<float>(2 * pairs * FEATURES);
  s.message_weights = parts.take<float>(bonds * FEATURES);
  s.short_weights = parts.take<float>(shorts * FEATURES);
  for (int k = 0; k <= sizes.levels; k++) s.atom_kept[k] = keep(parts, 2 * bonds, norm, true);
  for (int k = 0; k < sizes.levels; k++) s.bond_kept[k] = keep(parts, 2 * pairs, norm, true);
  for (int k = 0; k + 1 < sizes.levels; k++) s.angle_kept[k] = keep(parts, 2 * pairs, norm, false);
  s.at_centre = parts.take<float>(atoms * HIDDEN);
  s.at_neighbour = parts.take<float>(atoms * HIDDEN);
  s.at_bond = parts.take<float>(bonds * HIDDEN);
  s.at_one = parts.take<float>(shorts * HIDDEN);
  s.at_other = parts.take<float>(shorts * HIDDEN);
  s.atom_sums = parts.take<float>(atoms * FEATURES);
  s.bond_sums = parts.take<float>(shorts * FEATURES);
  s.by_atom_features = parts.take<float>(atoms * FEATURES);
  s.by_bond_features = parts.take<float>(shorts * FEATURES);
  s.by_angle_features = parts.take<float>(2 * pairs * FEATURES);
  s.by_basis = parts.take<float>(bonds * BASIS);
  s.by_angle_basis = parts.take<float>(pairs * BASIS);
  s.by_message_weights = parts.take<float>(bonds * FEATURES);
  s.by_short_weights = parts.take<float>(shorts * FEATURES);
  s.by_direction = parts.take<double>(3 * shorts);
  s.by_vector = parts.take<double>(3 * bonds);
}

static void clear(float* values, int64_t count) { memset(values, 0, sizeof(float) * (size_t)count); }

INLINE int rows_left(int64_t from, int64_t end) { return end - from < TILE ? (int)(end - from) : TILE; }

INLINE void add_rows(float* to, const float* from, int width) {
  for (int k = 0; k < width; k += LANES) add_to(to + k, load(from + k));
}

}  // namespace INSTRUCTIONS
