// The weights of one model, arranged for products in both directions.
namespace INSTRUCTIONS {

// A layer that is used forwards, and backwards for slopes.
struct Layer {
  Matrix forward, backward;
};

// A gated network after its first layer: SiLU(norm(core)) * sigmoid(norm(gate)). What would subtract the mean over features is folded
// into the weights, so that a norm has only to divide by the spread.
struct Gate {
  const float *scale, *shift;       // (HIDDEN) of the norms of core and gate
  Layer second_core, second_gate;   // only with two layers
  const float* second_bias;         // (HIDDEN)
};

struct AtomUpdate {
  Layer centre, neighbour, short_bond;  // first layer by input, FEATURES to HIDDEN
  Layer long_bond;                      // from the radial basis at once: long bonds are never updated
  const float* bias;                    // (HIDDEN)
  const float* long_shift;              // (HIDDEN) what the biases of earlier bond updates add to a long bond's first layer
  Gate gate;
  Layer out;
  const float* out_bias;                // (FEATURES)
};

struct AngleNetwork {
  Layer one, other, corner, angle;  // first layer by input; `angle` from the angular basis at the first level
  const float* bias;
  Gate gate;
};

struct BondUpdate {
  AngleNetwork network;
  Layer out;
  const float* out_bias;
};

struct Network {
  Sizes sizes;
  void* memory;                 // of all matrices and vectors
  const float *elements;        // (elements, FEATURES)
  const float *references;      // (elements) eV
  const float *bond_frequencies, *short_frequencies;  // (BASIS)
  const float *angle_frequencies;                     // (BASIS / 2)
  Layer bond_embedding, bond_weights, short_weights, angle_embedding;
  AtomUpdate atoms[MOST_LEVELS + 1];
  BondUpdate bonds[MOST_LEVELS];
  AngleNetwork angles[MOST_LEVELS];
  const float* moment;          // (FEATURES + 1) weights and bias
  const float* readout_norm;    // (2 FEATURES) scale and shift
  Layer readout[MOST_LEVELS];
  const float* readout_bias[MOST_LEVELS];
  const float* last;            // (FEATURES + 1) weights and bias
};

// Takes weights from the stream that temper_chgnet_kernel/weights.py writes; without memory it only counts.
struct Reader {
  Parts parts;
  const float* weights;
  int64_t n_read;

  Layer layer(int depth, int width) {
    int64_t size = (int64_t)depth * width;
    float* panels = parts.take<float>(2 * size);
    Layer result = {};
    if (panels) {
      result.forward = arrange(weights + n_read, depth, width, false, panels);
      result.backward = arrange(weights + n_read, depth, width, true, panels + size);
    }
    n_read += size;
    return result;
  }
  const float* vector(int64_t size) {
    float* place = parts.take<float>(size);
    if (place) memcpy(place, weights + n_read, sizeof(float) * (size_t)size);
    n_read += size;
    return place;
  }
  Gate gate(bool norm, bool two_layers) {
    Gate gate = {};
    if (two_layers) {
      gate.second_core = layer(FEATURES, FEATURES);
      gate.second_gate = layer(FEATURES, FEATURES);
      gate.second_bias = vector(HIDDEN);
    }
    if (norm) {
      gate.scale = vector(HIDDEN);
      gate.shift = vector(HIDDEN);
    }
    return gate;
  }
  AngleNetwork angle_network(bool norm, bool two_layers, bool from_basis) {
    AngleNetwork network = {};
    network.one = layer(FEATURES, HIDDEN);
    network.other = layer(FEATURES, HIDDEN);
    network.corner = layer(FEATURES, HIDDEN);
    network.angle = layer(from_basis ? BASIS : FEATURES, HIDDEN);
    network.bias = vector(HIDDEN);
    network.gate = gate(norm, two_layers);
    return network;
  }
};

static void read(Network& to, Reader& from) {
  const Sizes& sizes = to.sizes;
  const bool norm = sizes.gate_norm != 0, biased = sizes.out_bias != 0;
  to.elements = from.vector((int64_t)sizes.elements * FEATURES);
  to.references = from.vector(sizes.elements);
  to.bond_frequencies = from.vector(BASIS);
  to.short_frequencies = from.vector(BASIS);
  to.angle_frequencies = from.vector(BASIS / 2);
  to.bond_embedding = from.layer(BASIS, FEATURES);
  to.bond_weights = from.layer(BASIS, FEATURES);
  to.short_weights = from.layer(BASIS, FEATURES);
  to.angle_embedding = from.layer(BASIS, FEATURES);
  for (int level = 0; level <= sizes.levels; level++) {
    AtomUpdate& update = to.atoms[level];
    update.centre = from.layer(FEATURES, HIDDEN);
    update.neighbour = from.layer(FEATURES, HIDDEN);
    update.short_bond = from.layer(FEATURES, HIDDEN);
    update.long_bond = from.layer(BASIS, HIDDEN);
    update.bias = from.vector(HIDDEN);
    update.long_shift = biased ? from.vector(HIDDEN) : nullptr;
    update.gate = from.gate(norm, true);
    update.out = from.layer(FEATURES, FEATURES);
    update.out_bias = biased ? from.vector(FEATURES) : nullptr;
  }
  for (int level = 0; level < sizes.levels; level++) {
    BondUpdate& update = to.bonds[level];
    update.network = from.angle_network(norm, true, level == 0);
    update.out = from.layer(FEATURES, FEATURES);
    update.out_bias = biased ? from.vector(FEATURES) : nullptr;
  }
  for (int level = 0; level + 1 < sizes.levels; level++) to.angles[level] = from.angle_network(norm, false, level == 0);
  to.moment = from.vector(FEATURES + 1);
  to.readout_norm = sizes.readout_norm ? from.vector(2 * FEATURES) : nullptr;
  for (int k = 0; k < sizes.readout_layers; k++) {
    to.readout[k] = from.layer(FEATURES, FEATURES);
    to.readout_bias[k] = from.vector(FEATURES);
  }
  to.last = from.vector(FEATURES + 1);
}

static int64_t weights_expected(const Sizes& sizes) {
  Network network = {};
  Reader counting = {};
  network.sizes = sizes;
  read(network, counting);
  return counting.n_read;
}

static void discard(void* network) {
  if (network) free(((Network*)network)->memory);
  free(network);
}

static void* make(const Sizes& sizes, const float* weights) {
  const size_t line = 64;
  Network* network = (Network*)calloc(1, sizeof(Network));
  if (!network) return nullptr;
  network->sizes = sizes;
  Reader counting = {};
  read(*network, counting);
  network->memory = malloc(counting.parts.used + line);
  if (!network->memory) {
    discard(network);
    return nullptr;
  }
  Reader reader = {{(char*)(((uintptr_t)network->memory + line - 1) & ~(uintptr_t)(line - 1)), 0}, weights, 0};
  read(*network, reader);
  return network;
}

}  // namespace INSTRUCTIONS
