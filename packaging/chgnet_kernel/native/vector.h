// Single-precision numbers side by side in one register, LANES of them, and the elementary functions of them that CHGNet needs.
//
// GCC and Clang have types for this that compile to whatever the processor has; any other compiler gets a plain array with loops.
// The including file sets LANES; everything is in its namespace, so that code for one processor is never linked into that for another.
#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static __forceinline
#endif

namespace INSTRUCTIONS {

#if defined(__GNUC__) && !defined(CHGNET_KERNEL_PLAIN)
typedef float Vector __attribute__((vector_size(4 * LANES)));
typedef int32_t Bits __attribute__((vector_size(4 * LANES)));

INLINE Vector all(float x) { return x - Vector{}; }
INLINE Bits bits_of(Vector x) { return (Bits)x; }
INLINE Vector of_bits(Bits x) { return (Vector)x; }
INLINE Bits all_bits(int32_t x) { return x - Bits{}; }
INLINE Bits greater(Vector a, Vector b) { return (Bits)(a > b); }
INLINE Bits nonzero(Bits a) { return (Bits)(a != 0); }
#else
struct Vector {
  float lane[LANES];
};
struct Bits {
  int32_t lane[LANES];
};
#define EACH(Result, expression)                       \
  Result result;                                       \
  for (int k = 0; k < LANES; k++) result.lane[k] = (expression); \
  return result
INLINE Vector operator+(Vector a, Vector b) { EACH(Vector, a.lane[k] + b.lane[k]); }
INLINE Vector operator-(Vector a, Vector b) { EACH(Vector, a.lane[k] - b.lane[k]); }
INLINE Vector operator*(Vector a, Vector b) { EACH(Vector, a.lane[k] * b.lane[k]); }
INLINE Vector operator/(Vector a, Vector b) { EACH(Vector, a.lane[k] / b.lane[k]); }
INLINE Bits operator&(Bits a, Bits b) { EACH(Bits, a.lane[k] & b.lane[k]); }
INLINE Bits operator|(Bits a, Bits b) { EACH(Bits, a.lane[k] | b.lane[k]); }
INLINE Bits operator^(Bits a, Bits b) { EACH(Bits, a.lane[k] ^ b.lane[k]); }
INLINE Bits operator~(Bits a) { EACH(Bits, ~a.lane[k]); }
INLINE Bits operator+(Bits a, Bits b) { EACH(Bits, (int32_t)((uint32_t)a.lane[k] + (uint32_t)b.lane[k])); }
INLINE Bits operator<<(Bits a, int n) { EACH(Bits, (int32_t)((uint32_t)a.lane[k] << n)); }
INLINE Vector all(float x) { EACH(Vector, x); }
INLINE Bits all_bits(int32_t x) { EACH(Bits, x); }
INLINE Bits greater(Vector a, Vector b) { EACH(Bits, a.lane[k] > b.lane[k] ? -1 : 0); }
INLINE Bits nonzero(Bits a) { EACH(Bits, a.lane[k] != 0 ? -1 : 0); }
#undef EACH
INLINE Bits bits_of(Vector x) {
  Bits result;
  memcpy(&result, &x, sizeof x);
  return result;
}
INLINE Vector of_bits(Bits x) {
  Vector result;
  memcpy(&result, &x, sizeof x);
  return result;
}
#endif

INLINE Vector load(const float* from) {
  Vector x;
  memcpy(&x, from, sizeof x);
  return x;
}
INLINE void store(float* to, Vector x) { memcpy(to, &x, sizeof x); }
INLINE void add_to(float* to, Vector x) { store(to, load(to) + x); }

// Where the mask's bits are set the one, elsewhere the other.
INLINE Vector either(Bits mask, Vector one, Vector other) { return of_bits((mask & bits_of(one)) | (~mask & bits_of(other))); }

INLINE float sum(Vector x) {
  float lane[LANES];
  store(lane, x);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int k = 0; k < half; k++) lane[k] += lane[k + half];
  return lane[0];
}

// Adding this moves the digits behind the point out of a float, and its low bits then hold the integer.
static const float ROUNDING = 12582912.0f;  // 1.5 * 2^23

// exp(x) between exp(-87) and exp(40), to two units in the last digit; NaN stays NaN. Source of the polynomial: Cephes, expf.
INLINE Vector exponential(Vector x) {
  x = either(greater(x, all(40.0f)), all(40.0f), x);
  x = either(greater(all(-87.0f), x), all(-87.0f), x);
  Vector shifted = x * all(1.44269504f) + all(ROUNDING);
  Vector whole = shifted - all(ROUNDING);
  Vector r = x - whole * all(0.693359375f);
  r = r - whole * all(-2.12194440e-4f);
  Vector p = all(1.9875691500e-4f) * r + all(1.3981999507e-3f);
  p = p * r + all(8.3334519073e-3f);
  p = p * r + all(4.1665795894e-2f);
  p = p * r + all(1.6666665459e-1f);
  p = p * r + all(5.0000001201e-1f);
  p = p * (r * r) + (r + all(1.0f));
  return p * of_bits((bits_of(shifted) << 23) + all_bits(0x3f800000));
}

INLINE Vector sigmoid(Vector x) { return all(1.0f) / (all(1.0f) + exponential(all(0.0f) - x)); }

// Sine and cosine for |x| below about 10,000. Source of the polynomials: Cephes, sinf.
INLINE void sine_cosine(Vector x, Vector& sine, Vector& cosine) {
  Vector shifted = x * all(0.636619772f) + all(ROUNDING);
  Vector whole = shifted - all(ROUNDING);
  Bits quarter = bits_of(shifted);
  Vector r = x - whole * all(1.5703125f);
  r = r - whole * all(4.837512969970703125e-4f);
  r = r - whole * all(7.549789954891882e-8f);
  Vector r2 = r * r;
  Vector s = all(-1.9515295891e-4f) * r2 + all(8.3321608736e-3f);
  s = s * r2 + all(-1.6666654611e-1f);
  s = s * r2 * r + r;
  Vector c = all(2.443315711809948e-5f) * r2 + all(-1.388731625493765e-3f);
  c = c * r2 + all(4.166664568298827e-2f);
  c = c * (r2 * r2) + (all(1.0f) - all(0.5f) * r2);
  Bits odd = nonzero(quarter & all_bits(1));
  Bits sign = all_bits(INT32_MIN);
  Bits flip_sine = (quarter << 30) & sign;
  Bits flip_cosine = ((quarter + all_bits(1)) << 30) & sign;
  sine = of_bits(bits_of(either(odd, c, s)) ^ flip_sine);
  cosine = of_bits(bits_of(either(odd, s, c)) ^ flip_cosine);
}

}  // namespace INSTRUCTIONS
