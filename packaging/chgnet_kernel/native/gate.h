// The non-linear parts of a gated network, a row at a time, with what their slopes need.
namespace INSTRUCTIONS {

static const float NORM_EPSILON = 1e-5f;

// SiLU of a vector and its derivative.
INLINE void activate(Vector x, Vector& value, Vector& slope) {
  Vector s = sigmoid(x);
  value = x * s;
  slope = s * (all(1.0f) + x * (all(1.0f) - s));
}

INLINE float reciprocal_spread(Vector squares) { return 1.0f / sqrtf(sum(squares) * (1.0f / FEATURES) + NORM_EPSILON); }

// Finish one row.
//   row: (HIDDEN) outputs of core and gate with mean zero; with a norm, divided by their spread afterwards.
//   spread: (2) one over it.
//   message: (FEATURES) SiLU(core) * sigmoid(gate).
template <bool NORM>
INLINE void open_gate(const Gate& gate, float* row, float* spread, float* message) {
  if (NORM) {
    Vector core_squares = all(0.0f), gate_squares = all(0.0f);
    for (int k = 0; k < FEATURES; k += LANES) {
      Vector c = load(row + k), g = load(row + FEATURES + k);
      core_squares = core_squares + c * c;
      gate_squares = gate_squares + g * g;
    }
    spread[0] = reciprocal_spread(core_squares);
    spread[1] = reciprocal_spread(gate_squares);
  }
  for (int k = 0; k < FEATURES; k += LANES) {
    Vector c = load(row + k), g = load(row + FEATURES + k);
    if (NORM) {
      c = c * all(spread[0]);
      g = g * all(spread[1]);
      store(row + k, c);
      store(row + FEATURES + k, g);
      c = c * load(gate.scale + k) + load(gate.shift + k);
      g = g * load(gate.scale + FEATURES + k) + load(gate.shift + FEATURES + k);
    }
    Vector one = all(1.0f), zero = all(0.0f);
    store(message + k, c / ((one + exponential(zero - c)) * (one + exponential(zero - g))));
  }
}

// Go back through open_gate.
//   row, spread: as it left them.
//   wanted: (FEATURES) slope of the energy by each message.
//   message: (FEATURES) the messages again.
//   slopes: (HIDDEN) of the energy by the row that open_gate was given.
template <bool NORM>
INLINE void close_gate(const Gate& gate, const float* row, const float* spread, const float* wanted, float* message, float* slopes) {
  Vector one = all(1.0f), zero = all(0.0f), core_along = zero, gate_along = zero;
  for (int k = 0; k < FEATURES; k += LANES) {
    Vector c = load(row + k), g = load(row + FEATURES + k), core = c, open = g;
    if (NORM) {
      core = c * load(gate.scale + k) + load(gate.shift + k);
      open = g * load(gate.scale + FEATURES + k) + load(gate.shift + FEATURES + k);
    }
    Vector a = one + exponential(zero - core), b = one + exponential(zero - open);
    Vector both = one / (a * b);
    Vector s = both * b, t = both * a;  // sigmoids of core and gate
    Vector value = core * both;
    store(message + k, value);
    Vector slope = load(wanted + k);
    Vector by_core = slope * both * (one + core * (one - s)), by_gate = slope * value * (one - t);
    if (NORM) {
      by_core = by_core * load(gate.scale + k);
      by_gate = by_gate * load(gate.scale + FEATURES + k);
      core_along = core_along + by_core * c;
      gate_along = gate_along + by_gate * g;
    }
    store(slopes + k, by_core);
    store(slopes + FEATURES + k, by_gate);
  }
  if (NORM) {
    Vector along_core = all(sum(core_along) * (1.0f / FEATURES)), along_gate = all(sum(gate_along) * (1.0f / FEATURES));
    for (int k = 0; k < FEATURES; k += LANES) {
      store(slopes + k, all(spread[0]) * (load(slopes + k) - load(row + k) * along_core));
      store(slopes + FEATURES + k, all(spread[1]) * (load(slopes + FEATURES + k) - load(row + FEATURES + k) * along_gate));
    }
  }
}

}  // namespace INSTRUCTIONS
