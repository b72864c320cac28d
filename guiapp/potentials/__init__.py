"""Interatomic potentials behind one protocol, one module a model family."""
