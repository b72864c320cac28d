"""Measuring how fast the program is beside the loops that others use; every number is a ratio taken in one run."""
