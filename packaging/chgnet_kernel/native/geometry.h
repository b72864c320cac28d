// Lengths, directions, angles and their bases; at the end, from slopes by bases to slopes by bond vectors.
//
// Source of the bases: Deng et al., Nature Machine Intelligence 5, 1031 (2023), section "Methods".
namespace INSTRUCTIONS {

static const double COSINE_LIMIT = 1 - 1e-6;  // the package's: keeps the slope of arccos finite at 180 degrees

// Sines of a length under a polynomial that falls smoothly to 0 at the cut-off, and their derivatives by the length.
INLINE void radial_basis(double length, const float* frequencies, double cutoff, int power, float* values, float* slopes) {
  const double x = length / cutoff, p = power;
  double envelope = 0, envelope_slope = 0;
  if (!(x >= 1)) {  // NaN, of atoms on top of each other, shall stay
    double lower = 1;
    for (int k = 1; k < power; k++) lower *= x;
    const double a = (p + 1) * (p + 2) / 2, b = p * (p + 2), c = p * (p + 1) / 2;
    envelope = 1 - lower * x * (a - b * x + c * x * x);
    envelope_slope = -lower * (p * a - (p + 1) * b * x + (p + 2) * c * x * x) / cutoff;
  }
  const double height = sqrt(2 / cutoff) / length;
  const Vector up = all((float)(envelope * height)), turn = all((float)(envelope * height / cutoff));
  const Vector change = all((float)((envelope_slope - envelope / length) * height));
  for (int k = 0; k < BASIS; k += LANES) {
    Vector frequency = load(frequencies + k), sine, cosine;
    sine_cosine(frequency * all((float)x), sine, cosine);
    store(values + k, up * sine);
    store(slopes + k, turn * frequency * cosine + change * sine);
  }
}

static void measure_bonds(State& s) {
  const Network& net = *s.network;
  const Sizes& sizes = net.sizes;
  for (int64_t u = 0; u < s.bonds; u++) {
    const double* v = s.batch->vectors + 3 * u;
    const double length = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    s.lengths[u] = length;
    for (int k = 0; k < 3; k++) s.directions[3 * u + k] = v[k] / length;
    radial_basis(length, net.bond_frequencies, sizes.bond_cutoff, sizes.envelope_power, s.basis + BASIS * u, s.basis_slopes + BASIS * u);
  }
  for (int64_t u = 0; u < s.short_bonds; u++)
    radial_basis(s.lengths[u], net.short_frequencies, sizes.angle_cutoff, sizes.envelope_power, s.short_basis + BASIS * u,
                 s.short_basis_slopes + BASIS * u);
}

// Directed short bonds by the atom they start at; k runs from its first end, k + short_bonds from its second.
struct Starts {
  int32_t* from;     // (atoms + 2) where each atom's begin in `bond`
  int32_t* bond;     // (2 short_bonds)
  int64_t pairs;
};

static void sort_starts(const Batch& batch, Starts& starts) {
  const int64_t shorts = batch.short_bonds;
  memset(starts.from, 0, sizeof(int32_t) * (size_t)(batch.atoms + 2));
  for (int64_t u = 0; u < shorts; u++) {
    starts.from[batch.first[u] + 2]++;
    starts.from[batch.second[u] + 2]++;
  }
  starts.pairs = 0;
  for (int64_t i = 0; i < batch.atoms; i++) {
    const int64_t own = starts.from[i + 2];
    starts.pairs += own * (own - 1) / 2;
    starts.from[i + 2] += starts.from[i + 1];
  }
  for (int64_t u = 0; u < 2 * shorts; u++) {
    const int32_t atom = u < shorts ? batch.first[u] : batch.second[u - shorts];
    starts.bond[starts.from[atom + 1]++] = (int32_t)u;
  }
}

static void measure_angles(State& s, const Starts& starts) {
  const int32_t shorts = (int32_t)s.short_bonds;
  const float* frequencies = s.network->angle_frequencies;
  int64_t pair = 0;
  for (int32_t atom = 0; atom < s.atoms; atom++)
    for (int32_t p = starts.from[atom]; p < starts.from[atom + 1]; p++)
      for (int32_t q = p + 1; q < starts.from[atom + 1]; q++, pair++) {
        const int32_t one = starts.bond[p], other = starts.bond[q];
        const int32_t a = one < shorts ? one : one - shorts, b = other < shorts ? other : other - shorts;
        const double sign = (one < shorts) == (other < shorts) ? 1 : -1;
        const double *x = s.directions + 3 * (int64_t)a, *y = s.directions + 3 * (int64_t)b;
        const double cosine = sign * (x[0] * y[0] + x[1] * y[1] + x[2] * y[2]);
        s.pair_one[pair] = a;
        s.pair_other[pair] = b;
        s.pair_corner[pair] = atom;
        s.pair_signs[pair] = sign;
        s.pair_cosines[pair] = cosine;
        const Vector angle = all((float)acos(cosine * COSINE_LIMIT));
        float* values = s.angle_basis + BASIS * pair;
        for (int k = 0; k < BASIS / 2; k += LANES) {
          Vector sine, cosine_of;
          sine_cosine(load(frequencies + k) * angle, sine, cosine_of);
          store(values + k, sine);
          store(values + BASIS / 2 + k, cosine_of);
        }
      }
}

// For models whose bond updates have a bias: it is given to every bond, but not in frames without any angle.
static void mark_bonds_with_angles(State& s, const Starts& starts, float* frame_has_angles) {
  clear(frame_has_angles, s.batch->frames);
  for (int64_t i = 0; i < s.atoms; i++)
    if (starts.from[i + 1] - starts.from[i] > 1) frame_has_angles[s.batch->frame_of_atom[i]] = 1;
  for (int64_t u = 0; u < s.bonds; u++) s.bond_has_angles[u] = frame_has_angles[s.batch->frame_of_atom[s.batch->first[u]]];
}

INLINE double slope_along(const float* by_basis, const float* slopes) {
  Vector total = all(0.0f);
  for (int k = 0; k < BASIS; k += LANES) total = total + load(by_basis + k) * load(slopes + k);
  return sum(total);
}

static void slopes_by_vectors(State& s, const float* by_short_basis) {
  for (int64_t u = 0; u < s.bonds; u++) {
    double along = slope_along(s.by_basis + BASIS * u, s.basis_slopes + BASIS * u);
    if (u < s.short_bonds) along += slope_along(by_short_basis + BASIS * u, s.short_basis_slopes + BASIS * u);
    for (int k = 0; k < 3; k++) s.by_vector[3 * u + k] = along * s.directions[3 * u + k];
  }
  memset(s.by_direction, 0, sizeof(double) * 3 * (size_t)s.short_bonds);
  const float* frequencies = s.network->angle_frequencies;
  for (int64_t pair = 0; pair < s.pairs; pair++) {
    const float *values = s.angle_basis + BASIS * pair, *by = s.by_angle_basis + BASIS * pair;
    Vector total = all(0.0f);
    for (int k = 0; k < BASIS / 2; k += LANES) {
      Vector turn = load(by + k) * load(values + BASIS / 2 + k) - load(by + BASIS / 2 + k) * load(values + k);
      total = total + load(frequencies + k) * turn;
    }
    const double cosine = s.pair_cosines[pair] * COSINE_LIMIT;
    const double by_cosine = -(double)sum(total) / sqrt(1 - cosine * cosine) * COSINE_LIMIT * s.pair_signs[pair];
    const int64_t a = s.pair_one[pair], b = s.pair_other[pair];
    for (int k = 0; k < 3; k++) {
      s.by_direction[3 * a + k] += by_cosine * s.directions[3 * b + k];
      s.by_direction[3 * b + k] += by_cosine * s.directions[3 * a + k];
    }
  }
  for (int64_t u = 0; u < s.short_bonds; u++) {
    const double *direction = s.directions + 3 * u, *by = s.by_direction + 3 * u;
    const double along = direction[0] * by[0] + direction[1] * by[1] + direction[2] * by[2];
    for (int k = 0; k < 3; k++) s.by_vector[3 * u + k] += (by[k] - direction[k] * along) / s.lengths[u];
  }
}

}  // namespace INSTRUCTIONS
