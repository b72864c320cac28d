"""Configurations with their DFT labels, and reading every file people have."""
