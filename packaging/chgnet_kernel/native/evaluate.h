// One evaluation: energies, and forces and virials from a single way back; the order of operations follows chgnet 0.4.2.
//
// Source: Deng et al., Nature Machine Intelligence 5, 1031 (2023), equations 1 to 9.
namespace INSTRUCTIONS {

static void embed(State& s) {
  const Network& net = *s.network;
  multiply(net.bond_embedding.forward, s.short_bonds, s.basis, BASIS, s.bond_features, FEATURES);
  multiply(net.bond_weights.forward, s.bonds, s.basis, BASIS, s.message_weights, FEATURES);
  multiply(net.short_weights.forward, s.short_bonds, s.short_basis, BASIS, s.short_weights, FEATURES);
  for (int64_t i = 0; i < s.atoms; i++)
    memcpy(s.atom_features + FEATURES * i, net.elements + FEATURES * (int64_t)(s.batch->numbers[i] - 1), sizeof(float) * FEATURES);
}

INLINE float dot(const float* a, const float* b) {
  Vector total = all(0.0f);
  for (int k = 0; k < FEATURES; k += LANES) total = total + load(a + k) * load(b + k);
  return sum(total);
}

static void read_moments(const State& s, double* moments) {
  const float* moment = s.network->moment;
  for (int64_t i = 0; i < s.atoms; i++) moments[i] = fabs((double)dot(s.atom_features + FEATURES * i, moment) + moment[FEATURES]);
}

// Normalise a row; returns one over its spread.
static float normalise(const float* row, float* normal) {
  Vector total = all(0.0f), squares = all(0.0f);
  for (int k = 0; k < FEATURES; k += LANES) total = total + load(row + k);
  const Vector mean = all(sum(total) * (1.0f / FEATURES));
  for (int k = 0; k < FEATURES; k += LANES) {
    Vector x = load(row + k) - mean;
    squares = squares + x * x;
    store(normal + k, x);
  }
  const float spread = reciprocal_spread(squares);
  for (int k = 0; k < FEATURES; k += LANES) store(normal + k, load(normal + k) * all(spread));
  return spread;
}

// Site energies of up to TILE atoms from their features, and the slopes by these.
static void read_out(const Network& net, int rows, const float* features, double* energies, float* by_features) {
  const int layers = net.sizes.readout_layers;
  float normal[TILE * FEATURES], spread[TILE], values[TILE * FEATURES], next[TILE * FEATURES];
  float activation[MOST_LEVELS][TILE * FEATURES];
  memcpy(values, features, sizeof(float) * (size_t)(rows * FEATURES));
  if (net.readout_norm)
    for (int t = 0; t < rows; t++) {
      float *row = normal + FEATURES * t, *value = values + FEATURES * t;
      spread[t] = normalise(features + FEATURES * t, row);
      for (int k = 0; k < FEATURES; k += LANES)
        store(value + k, load(row + k) * load(net.readout_norm + k) + load(net.readout_norm + FEATURES + k));
    }
  for (int layer = 0; layer < layers; layer++) {
    multiply(net.readout[layer].forward, rows, values, FEATURES, next, FEATURES, BIAS, net.readout_bias[layer]);
    for (int k = 0; k < rows * FEATURES; k += LANES) {
      Vector value, slope;
      activate(load(next + k), value, slope);
      store(values + k, value);
      store(activation[layer] + k, slope);
    }
  }
  for (int t = 0; t < rows; t++) {
    energies[t] = (double)dot(values + FEATURES * t, net.last) + net.last[FEATURES];
    memcpy(by_features + FEATURES * t, net.last, sizeof(float) * FEATURES);
  }
  for (int layer = layers - 1; layer >= 0; layer--) {
    for (int k = 0; k < rows * FEATURES; k += LANES) store(next + k, load(by_features + k) * load(activation[layer] + k));
    multiply(net.readout[layer].backward, rows, next, FEATURES, by_features, FEATURES);
  }
  if (net.readout_norm)
    for (int t = 0; t < rows; t++) {
      float *row = normal + FEATURES * t, *by = by_features + FEATURES * t;
      Vector total = all(0.0f), along = all(0.0f);
      for (int k = 0; k < FEATURES; k += LANES) {
        Vector slope = load(by + k) * load(net.readout_norm + k);
        store(by + k, slope);
        total = total + slope;
        along = along + slope * load(row + k);
      }
      const Vector mean = all(sum(total) * (1.0f / FEATURES)), part = all(sum(along) * (1.0f / FEATURES));
      for (int k = 0; k < FEATURES; k += LANES) store(by + k, all(spread[t]) * (load(by + k) - mean - load(row + k) * part));
    }
}

static void sum_up(const State& s, const double* site_energies, const Result& result) {
  const Batch& batch = *s.batch;
  memset(result.energies, 0, sizeof(double) * (size_t)batch.frames);
  memset(result.forces, 0, sizeof(double) * 3 * (size_t)batch.atoms);
  memset(result.virials, 0, sizeof(double) * 9 * (size_t)batch.frames);
  for (int64_t i = 0; i < batch.atoms; i++)
    result.energies[batch.frame_of_atom[i]] += site_energies[i] + s.network->references[batch.numbers[i] - 1];
  for (int64_t u = 0; u < batch.bonds; u++) {
    const double *vector = batch.vectors + 3 * u, *by = s.by_vector + 3 * u;
    double *first = result.forces + 3 * (int64_t)batch.first[u], *second = result.forces + 3 * (int64_t)batch.second[u];
    double* virial = result.virials + 9 * (int64_t)batch.frame_of_atom[batch.first[u]];
    for (int p = 0; p < 3; p++) {
      first[p] -= by[p];
      second[p] += by[p];
      for (int q = 0; q < 3; q++) virial[3 * p + q] += vector[p] * by[q];
    }
  }
}

template <bool NORM>
static void pass(State& s, float* by_short_basis, double* site_energies, const Result& result) {
  const Network& net = *s.network;
  const int levels = net.sizes.levels;
  embed(s);
  for (int level = 0; level < levels; level++) {
    update_atoms<NORM>(s, level);
    update_bonds<NORM>(s, level);
    if (level + 1 < levels) update_angles<NORM>(s, level);  // nothing reads what the last one would return
  }
  read_moments(s, result.moments);
  update_atoms<NORM>(s, levels);
  for (int64_t i = 0; i < s.atoms; i += TILE)
    read_out(net, rows_left(i, s.atoms), s.atom_features + FEATURES * i, site_energies + i, s.by_atom_features + FEATURES * i);

  clear(s.by_bond_features, s.short_bonds * FEATURES);
  clear(s.by_angle_features, 2 * s.pairs * FEATURES);
  clear(s.by_basis, s.bonds * BASIS);
  clear(s.by_angle_basis, s.pairs * BASIS);
  clear(s.by_message_weights, s.bonds * FEATURES);
  clear(s.by_short_weights, s.short_bonds * FEATURES);
  back_through_atoms<NORM>(s, levels);
  for (int level = levels - 1; level >= 0; level--) {
    if (level + 1 < levels) back_through_angles<NORM>(s, level);
    back_through_bonds<NORM>(s, level);
    back_through_atoms<NORM>(s, level);
  }
  multiply(net.bond_embedding.backward, s.short_bonds, s.by_bond_features, FEATURES, s.by_basis, BASIS, PRESENT);
  multiply(net.bond_weights.backward, s.bonds, s.by_message_weights, FEATURES, s.by_basis, BASIS, PRESENT);
  multiply(net.short_weights.backward, s.short_bonds, s.by_short_weights, FEATURES, by_short_basis, BASIS);
}

static int evaluate(const void* network, const Batch& batch, const Result& result) {
  const Network& net = *(const Network*)network;
  Parts first = {};
  Starts starts = {};
  auto lay_out_starts = [&](Parts& parts) {
    starts.from = parts.take<int32_t>(batch.atoms + 2);
    starts.bond = parts.take<int32_t>(2 * batch.short_bonds);
  };
  lay_out_starts(first);
  char* own = (char*)malloc(first.used + 64);
  if (!own) return 1;
  first = {own, 0};
  lay_out_starts(first);
  sort_starts(batch, starts);

  State s = {};
  s.network = &net;
  s.batch = &batch;
  s.atoms = batch.atoms;
  s.bonds = batch.bonds;
  s.short_bonds = batch.short_bonds;
  s.pairs = starts.pairs;
  float *by_short_basis, *frame_has_angles;
  double* site_energies;
  char* block = nullptr;
  for (int turn = 0; turn < 2; turn++) {  // first counted, then handed out
    Parts parts = {block, 0};
    lay_out(s, parts);
    by_short_basis = parts.take<float>(s.short_bonds * BASIS);
    frame_has_angles = parts.take<float>(batch.frames);
    site_energies = parts.take<double>(s.atoms);
    if (!block) block = scratch(parts.used);
    if (!block) {
      free(own);
      return 1;
    }
  }
  measure_bonds(s);
  measure_angles(s, starts);
  if (s.bond_has_angles) mark_bonds_with_angles(s, starts, frame_has_angles);
  free(own);
  if (net.sizes.gate_norm)
    pass<true>(s, by_short_basis, site_energies, result);
  else
    pass<false>(s, by_short_basis, site_energies, result);
  slopes_by_vectors(s, by_short_basis);
  sum_up(s, site_energies, result);
  return 0;
}

}  // namespace INSTRUCTIONS
