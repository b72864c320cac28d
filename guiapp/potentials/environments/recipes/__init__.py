"""Recipes of models in their own environment; README.md beside this file is the contract."""
