"""Pure functions: softening scale, corrections, error split, bootstrap."""
