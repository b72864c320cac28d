// Short bonds receive messages along every angle, and angles are updated in turn; and the way back.
//
// The two angles of a pair of bonds start alike, so at the first level whatever depends on the angle alone is computed once a pair.
namespace INSTRUCTIONS {

// Where the rows of an angle come from: bond, other bond, corner.
struct Ends {
  int64_t one, other, corner;
};

INLINE Ends ends_of(const State& s, int64_t angle) {
  const int64_t pair = angle / 2, a = s.pair_one[pair], b = s.pair_other[pair];
  const bool swapped = angle % 2 != 0;
  return {swapped ? b : a, swapped ? a : b, s.pair_corner[pair]};
}

// First layers by bond and by corner atom, before they are gathered to angles.
static void start_network(State& s, const AngleNetwork& network) {
  multiply(network.one.forward, s.short_bonds, s.bond_features, FEATURES, s.at_one, HIDDEN, BIAS, network.bias);
  multiply(network.other.forward, s.short_bonds, s.bond_features, FEATURES, s.at_other, HIDDEN);
  multiply(network.corner.forward, s.atoms, s.atom_features, FEATURES, s.at_centre, HIDDEN);
}

// What angles of one tile add to the first layer, (rows, HIDDEN), or (rows / 2, HIDDEN) at the first level.
static void angle_layer(const State& s, const AngleNetwork& network, bool first_level, int64_t start, int rows, float* result) {
  if (first_level)
    multiply(network.angle.forward, rows / 2, s.angle_basis + BASIS * (start / 2), BASIS, result, HIDDEN);
  else
    multiply(network.angle.forward, rows, s.angle_features + FEATURES * start, FEATURES, result, HIDDEN);
}

INLINE Vector first_layer(const State& s, const Ends& ends, const float* of_angle, int k) {
  return load(of_angle + k) + load(s.at_one + HIDDEN * ends.one + k) + load(s.at_other + HIDDEN * ends.other + k) +
         load(s.at_centre + HIDDEN * ends.corner + k);
}

template <bool NORM>
static void update_bonds(State& s, int level) {
  const BondUpdate& update = s.network->bonds[level];
  const AngleNetwork& network = update.network;
  const Kept& kept = s.bond_kept[level];
  start_network(s, network);
  clear(s.bond_sums, s.short_bonds * FEATURES);
  float of_angle[TILE * HIDDEN], active[TILE * HIDDEN], message[FEATURES];
  for (int64_t start = 0; start < 2 * s.pairs; start += TILE) {
    const int rows = rows_left(start, 2 * s.pairs);
    float *activation = kept.activation + HIDDEN * start, *second = kept.row + HIDDEN * start;
    angle_layer(s, network, level == 0, start, rows, of_angle);
    for (int t = 0; t < rows; t++) {
      const Ends ends = ends_of(s, start + t);
      const float* own = of_angle + HIDDEN * (level == 0 ? t / 2 : t);
      for (int k = 0; k < HIDDEN; k += LANES) {
        Vector value, slope;
        activate(first_layer(s, ends, own, k), value, slope);
        store(active + HIDDEN * t + k, value);
        store(activation + HIDDEN * t + k, slope);
      }
    }
    multiply(network.gate.second_core.forward, rows, active, HIDDEN, second, HIDDEN, BIAS, network.gate.second_bias);
    multiply(network.gate.second_gate.forward, rows, active + FEATURES, HIDDEN, second + FEATURES, HIDDEN, BIAS,
             network.gate.second_bias + FEATURES);
    for (int t = 0; t < rows; t++) {
      const Ends ends = ends_of(s, start + t);
      open_gate<NORM>(network.gate, second + HIDDEN * t, kept.spread + 2 * (start + t), message);
      const float *one = s.short_weights + FEATURES * ends.one, *other = s.short_weights + FEATURES * ends.other;
      float* sums = s.bond_sums + FEATURES * ends.one;
      for (int k = 0; k < FEATURES; k += LANES) add_to(sums + k, load(message + k) * load(one + k) * load(other + k));
    }
  }
  multiply(update.out.forward, s.short_bonds, s.bond_sums, FEATURES, s.bond_features, FEATURES, PRESENT);
  if (update.out_bias)
    for (int64_t u = 0; u < s.short_bonds; u++)
      if (s.bond_has_angles[u] != 0) add_rows(s.bond_features + FEATURES * u, update.out_bias, FEATURES);
}

template <bool NORM>
static void update_angles(State& s, int level) {
  const AngleNetwork& network = s.network->angles[level];
  const Kept& kept = s.angle_kept[level];
  start_network(s, network);
  float of_angle[TILE * HIDDEN], embedded[TILE * FEATURES], message[FEATURES];
  for (int64_t start = 0; start < 2 * s.pairs; start += TILE) {
    const int rows = rows_left(start, 2 * s.pairs);
    angle_layer(s, network, level == 0, start, rows, of_angle);
    if (level == 0)
      multiply(s.network->angle_embedding.forward, rows / 2, s.angle_basis + BASIS * (start / 2), BASIS, embedded, FEATURES);
    for (int t = 0; t < rows; t++) {
      const Ends ends = ends_of(s, start + t);
      const float* own = of_angle + HIDDEN * (level == 0 ? t / 2 : t);
      float *row = kept.row + HIDDEN * (start + t), *features = s.angle_features + FEATURES * (start + t);
      for (int k = 0; k < HIDDEN; k += LANES) store(row + k, first_layer(s, ends, own, k));
      open_gate<NORM>(network.gate, row, kept.spread + 2 * (start + t), message);
      const float* before = level == 0 ? embedded + FEATURES * (t / 2) : features;
      for (int k = 0; k < FEATURES; k += LANES) store(features + k, load(before + k) + load(message + k));
    }
  }
}

// Start to collect slopes by first layers.
static void clear_slopes(State& s) {
  clear(s.at_one, s.short_bonds * HIDDEN);
  clear(s.at_other, s.short_bonds * HIDDEN);
  clear(s.at_centre, s.atoms * HIDDEN);
}

INLINE void spread_slope(State& s, const Ends& ends, Vector slope, int k) {
  add_to(s.at_one + HIDDEN * ends.one + k, slope);
  add_to(s.at_other + HIDDEN * ends.other + k, slope);
  add_to(s.at_centre + HIDDEN * ends.corner + k, slope);
}

static void back_to_features(State& s, const AngleNetwork& network) {
  multiply(network.one.backward, s.short_bonds, s.at_one, HIDDEN, s.by_bond_features, FEATURES, PRESENT);
  multiply(network.other.backward, s.short_bonds, s.at_other, HIDDEN, s.by_bond_features, FEATURES, PRESENT);
  multiply(network.corner.backward, s.atoms, s.at_centre, HIDDEN, s.by_atom_features, FEATURES, PRESENT);
}

// Sum the rows of each pair, in place.
static void sum_pairs(float* rows, int count, int width) {
  for (int t = 0; t < count; t += 2)
    for (int k = 0; k < width; k += LANES) store(rows + width * (t / 2) + k, load(rows + width * t + k) + load(rows + width * (t + 1) + k));
}

// From slopes by the first layer of one tile to slopes by its angles; the rows are used up.
static void back_to_angles(State& s, const AngleNetwork& network, bool first_level, int64_t start, int rows, float* by_first) {
  if (!first_level) {
    multiply(network.angle.backward, rows, by_first, HIDDEN, s.by_angle_features + FEATURES * start, FEATURES, PRESENT);
    return;
  }
  sum_pairs(by_first, rows, HIDDEN);
  multiply(network.angle.backward, rows / 2, by_first, HIDDEN, s.by_angle_basis + BASIS * (start / 2), BASIS, PRESENT);
}

template <bool NORM>
static void back_through_angles(State& s, int level) {
  const AngleNetwork& network = s.network->angles[level];
  const Kept& kept = s.angle_kept[level];
  clear_slopes(s);
  float by_first[TILE * HIDDEN], message[FEATURES];
  for (int64_t start = 0; start < 2 * s.pairs; start += TILE) {
    const int rows = rows_left(start, 2 * s.pairs);
    float* by_features = s.by_angle_features + FEATURES * start;
    for (int t = 0; t < rows; t++) {
      const Ends ends = ends_of(s, start + t);
      float* slopes = by_first + HIDDEN * t;
      close_gate<NORM>(network.gate, kept.row + HIDDEN * (start + t), kept.spread + 2 * (start + t), by_features + FEATURES * t, message,
                       slopes);
      for (int k = 0; k < HIDDEN; k += LANES) spread_slope(s, ends, load(slopes + k), k);
    }
    back_to_angles(s, network, level == 0, start, rows, by_first);
    if (level > 0) continue;
    sum_pairs(by_features, rows, FEATURES);
    multiply(s.network->angle_embedding.backward, rows / 2, by_features, FEATURES, s.by_angle_basis + BASIS * (start / 2), BASIS, PRESENT);
  }
  back_to_features(s, network);
}

template <bool NORM>
static void back_through_bonds(State& s, int level) {
  const BondUpdate& update = s.network->bonds[level];
  const AngleNetwork& network = update.network;
  const Kept& kept = s.bond_kept[level];
  float* by_sums = s.bond_sums;
  multiply(update.out.backward, s.short_bonds, s.by_bond_features, FEATURES, by_sums, FEATURES);
  clear_slopes(s);
  float by_second[TILE * HIDDEN], by_first[TILE * HIDDEN], wanted[FEATURES], message[FEATURES];
  for (int64_t start = 0; start < 2 * s.pairs; start += TILE) {
    const int rows = rows_left(start, 2 * s.pairs);
    for (int t = 0; t < rows; t++) {
      const Ends ends = ends_of(s, start + t);
      const float* by_sum = by_sums + FEATURES * ends.one;
      const float *one = s.short_weights + FEATURES * ends.one, *other = s.short_weights + FEATURES * ends.other;
      for (int k = 0; k < FEATURES; k += LANES) store(wanted + k, load(by_sum + k) * load(one + k) * load(other + k));
      close_gate<NORM>(network.gate, kept.row + HIDDEN * (start + t), kept.spread + 2 * (start + t), wanted, message, by_second + HIDDEN * t);
      float *by_one = s.by_short_weights + FEATURES * ends.one, *by_other = s.by_short_weights + FEATURES * ends.other;
      for (int k = 0; k < FEATURES; k += LANES) {
        Vector slope = load(message + k) * load(by_sum + k);
        add_to(by_one + k, slope * load(other + k));  // one after the other: a bond may be paired with itself
        add_to(by_other + k, slope * load(one + k));
      }
    }
    multiply(network.gate.second_core.backward, rows, by_second, HIDDEN, by_first, HIDDEN);
    multiply(network.gate.second_gate.backward, rows, by_second + FEATURES, HIDDEN, by_first + FEATURES, HIDDEN);
    for (int t = 0; t < rows; t++) {
      const Ends ends = ends_of(s, start + t);
      float* slopes = by_first + HIDDEN * t;
      const float* activation = kept.activation + HIDDEN * (start + t);
      for (int k = 0; k < HIDDEN; k += LANES) {
        Vector slope = load(slopes + k) * load(activation + k);
        store(slopes + k, slope);
        spread_slope(s, ends, slope, k);
      }
    }
    back_to_angles(s, network, level == 0, start, rows, by_first);
  }
  back_to_features(s, network);
}

}  // namespace INSTRUCTIONS
