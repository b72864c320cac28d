"""Figures, tables and result files."""
