// Products with weight matrices, which are kept in the order in which the product reads them.
namespace INSTRUCTIONS {

static const int PANEL = 2 * LANES;  // columns that one pass over the rows yields

// A weight matrix of `depth` rows and `width` columns, panel by panel; a panel holds PANEL columns, row after row.
struct Matrix {
  const float* panels;
  int depth, width;
};

// What the product is added to.
enum Start { ZERO, BIAS, PRESENT };

// ROWS rows of one panel: sums stay in registers over the whole depth.
template <int ROWS>
INLINE void multiply_block(int depth, const float* a, int64_t a_step, const float* panel, float* c, int64_t c_step, Start start,
                           const float* bias) {
  Vector sums[ROWS][2];
  for (int r = 0; r < ROWS; r++)
    for (int j = 0; j < 2; j++) {
      const float* from = start == BIAS ? bias + j * LANES : c + r * c_step + j * LANES;
      sums[r][j] = start == ZERO ? all(0.0f) : load(from);
    }
  for (int k = 0; k < depth; k++) {
    Vector b0 = load(panel + (int64_t)k * PANEL), b1 = load(panel + (int64_t)k * PANEL + LANES);
    UNROLLED for (int r = 0; r < ROWS; r++) {
      Vector x = all(a[r * a_step + k]);
      sums[r][0] = sums[r][0] + x * b0;
      sums[r][1] = sums[r][1] + x * b1;
    }
  }
  for (int r = 0; r < ROWS; r++)
    for (int j = 0; j < 2; j++) store(c + r * c_step + j * LANES, sums[r][j]);
}

template <int ROWS>
struct LastRows {
  static void multiply(int rows, int depth, const float* a, int64_t a_step, const float* panel, float* c, int64_t c_step, Start start,
                       const float* bias) {
    if (rows == ROWS)
      multiply_block<ROWS>(depth, a, a_step, panel, c, c_step, start, bias);
    else
      LastRows<ROWS - 1>::multiply(rows, depth, a, a_step, panel, c, c_step, start, bias);
  }
};
template <>
struct LastRows<0> {
  static void multiply(int, int, const float*, int64_t, const float*, float*, int64_t, Start, const float*) {}
};

// c (rows, width) = a (rows, depth) b, added to a bias of every row or to what c holds; steps are from row to row.
static void multiply(const Matrix& b, int64_t rows, const float* a, int64_t a_step, float* c, int64_t c_step, Start start = ZERO,
                     const float* bias = nullptr) {
  for (int column = 0; column < b.width; column += PANEL) {
    const float* panel = b.panels + (int64_t)column * b.depth;
    const float* own_bias = start == BIAS ? bias + column : nullptr;
    int64_t row = 0;
    for (; row + BLOCK <= rows; row += BLOCK)
      multiply_block<BLOCK>(b.depth, a + row * a_step, a_step, panel, c + row * c_step + column, c_step, start, own_bias);
    LastRows<BLOCK - 1>::multiply((int)(rows - row), b.depth, a + row * a_step, a_step, panel, c + row * c_step + column, c_step, start,
                                  own_bias);
  }
}

// Write the panels of a matrix given row by row, (depth, width), or of its transpose.
static Matrix arrange(const float* rows, int depth, int width, bool transposed, float* panels) {
  Matrix result = {panels, transposed ? width : depth, transposed ? depth : width};
  for (int column = 0; column < result.width; column += PANEL)
    for (int k = 0; k < result.depth; k++)
      for (int j = 0; j < PANEL; j++) {
        int64_t from = transposed ? (int64_t)(column + j) * width + k : (int64_t)k * width + column + j;
        *panels++ = rows[from];
      }
  return result;
}

}  // namespace INSTRUCTIONS
