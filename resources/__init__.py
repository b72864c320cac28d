"""What the program ships: icons, themes, reference data with its provenance."""
