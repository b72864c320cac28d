// Atoms receive messages along every bond in both directions; and the way back.
namespace INSTRUCTIONS {

template <bool NORM>
static void update_atoms(State& s, int level) {
  const AtomUpdate& update = s.network->atoms[level];
  const Kept& kept = s.atom_kept[level];
  const int64_t bonds = s.bonds, shorts = s.short_bonds;
  multiply(update.centre.forward, s.atoms, s.atom_features, FEATURES, s.at_centre, HIDDEN, BIAS, update.bias);
  multiply(update.neighbour.forward, s.atoms, s.atom_features, FEATURES, s.at_neighbour, HIDDEN);
  multiply(update.short_bond.forward, shorts, s.bond_features, FEATURES, s.at_bond, HIDDEN);
  multiply(update.long_bond.forward, bonds - shorts, s.basis + BASIS * shorts, BASIS, s.at_bond + HIDDEN * shorts, HIDDEN);
  if (update.long_shift)
    for (int64_t u = shorts; u < bonds; u++)
      if (s.bond_has_angles[u] != 0) add_rows(s.at_bond + HIDDEN * u, update.long_shift, HIDDEN);
  clear(s.atom_sums, s.atoms * FEATURES);
  float active[TILE * HIDDEN], message[FEATURES];
  for (int direction = 0; direction < 2; direction++) {
    const int32_t *to = direction ? s.batch->second : s.batch->first, *from = direction ? s.batch->first : s.batch->second;
    for (int64_t start = 0; start < bonds; start += TILE) {
      const int rows = rows_left(start, bonds);
      const int64_t row = direction * bonds + start;
      float *activation = kept.activation + HIDDEN * row, *second = kept.row + HIDDEN * row;
      for (int t = 0; t < rows; t++) {
        const float *centre = s.at_centre + HIDDEN * (int64_t)to[start + t], *neighbour = s.at_neighbour + HIDDEN * (int64_t)from[start + t];
        const float* bond = s.at_bond + HIDDEN * (start + t);
        for (int k = 0; k < HIDDEN; k += LANES) {
          Vector value, slope;
          activate(load(centre + k) + load(neighbour + k) + load(bond + k), value, slope);
          store(active + HIDDEN * t + k, value);
          store(activation + HIDDEN * t + k, slope);
        }
      }
      multiply(update.gate.second_core.forward, rows, active, HIDDEN, second, HIDDEN, BIAS, update.gate.second_bias);
      multiply(update.gate.second_gate.forward, rows, active + FEATURES, HIDDEN, second + FEATURES, HIDDEN, BIAS,
               update.gate.second_bias + FEATURES);
      for (int t = 0; t < rows; t++) {
        open_gate<NORM>(update.gate, second + HIDDEN * t, kept.spread + 2 * (row + t), message);
        const float* weight = s.message_weights + FEATURES * (start + t);
        float* sums = s.atom_sums + FEATURES * (int64_t)to[start + t];
        for (int k = 0; k < FEATURES; k += LANES) add_to(sums + k, load(message + k) * load(weight + k));
      }
    }
  }
  multiply(update.out.forward, s.atoms, s.atom_sums, FEATURES, s.atom_features, FEATURES, PRESENT);
  if (update.out_bias)
    for (int64_t i = 0; i < s.atoms; i++) add_rows(s.atom_features + FEATURES * i, update.out_bias, FEATURES);
}

template <bool NORM>
static void back_through_atoms(State& s, int level) {
  const AtomUpdate& update = s.network->atoms[level];
  const Kept& kept = s.atom_kept[level];
  const int64_t bonds = s.bonds, shorts = s.short_bonds;
  const bool to_atoms = level > 0;  // the first features are of the elements and have no slope
  float* by_sums = s.atom_sums;
  multiply(update.out.backward, s.atoms, s.by_atom_features, FEATURES, by_sums, FEATURES);
  clear(s.at_centre, s.atoms * HIDDEN);
  clear(s.at_neighbour, s.atoms * HIDDEN);
  float by_second[TILE * HIDDEN], by_first[TILE * HIDDEN], by_bond[TILE * HIDDEN], wanted[FEATURES], message[FEATURES];
  for (int64_t start = 0; start < bonds;) {
    const int64_t end = start < shorts ? shorts : bonds;  // a tile is of short bonds or of long ones
    const int rows = rows_left(start, end);
    clear(by_bond, rows * HIDDEN);
    for (int direction = 0; direction < 2; direction++) {
      const int32_t *to = direction ? s.batch->second : s.batch->first, *from = direction ? s.batch->first : s.batch->second;
      const int64_t row = direction * bonds + start;
      for (int t = 0; t < rows; t++) {
        const float *by_sum = by_sums + FEATURES * (int64_t)to[start + t], *weight = s.message_weights + FEATURES * (start + t);
        for (int k = 0; k < FEATURES; k += LANES) store(wanted + k, load(by_sum + k) * load(weight + k));
        close_gate<NORM>(update.gate, kept.row + HIDDEN * (row + t), kept.spread + 2 * (row + t), wanted, message, by_second + HIDDEN * t);
        float* by_weight = s.by_message_weights + FEATURES * (start + t);
        for (int k = 0; k < FEATURES; k += LANES) add_to(by_weight + k, load(by_sum + k) * load(message + k));
      }
      multiply(update.gate.second_core.backward, rows, by_second, HIDDEN, by_first, HIDDEN);
      multiply(update.gate.second_gate.backward, rows, by_second + FEATURES, HIDDEN, by_first + FEATURES, HIDDEN);
      for (int t = 0; t < rows; t++) {
        const float *activation = kept.activation + HIDDEN * (row + t), *first = by_first + HIDDEN * t;
        float *centre = s.at_centre + HIDDEN * (int64_t)to[start + t], *neighbour = s.at_neighbour + HIDDEN * (int64_t)from[start + t];
        for (int k = 0; k < HIDDEN; k += LANES) {
          Vector slope = load(first + k) * load(activation + k);
          add_to(by_bond + HIDDEN * t + k, slope);
          if (to_atoms) {
            add_to(centre + k, slope);
            add_to(neighbour + k, slope);
          }
        }
      }
    }
    if (start < shorts)
      multiply(update.short_bond.backward, rows, by_bond, HIDDEN, s.by_bond_features + FEATURES * start, FEATURES, PRESENT);
    else
      multiply(update.long_bond.backward, rows, by_bond, HIDDEN, s.by_basis + BASIS * start, BASIS, PRESENT);
    start += rows;
  }
  if (to_atoms) {
    multiply(update.centre.backward, s.atoms, s.at_centre, HIDDEN, s.by_atom_features, FEATURES, PRESENT);
    multiply(update.neighbour.backward, s.atoms, s.at_neighbour, HIDDEN, s.by_atom_features, FEATURES, PRESENT);
  }
}

}  // namespace INSTRUCTIONS
