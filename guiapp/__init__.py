"""Temper: measure and repair softening in universal interatomic potentials."""

__version__ = "0.1.0"
