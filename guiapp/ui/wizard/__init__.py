"""The wizard: from one DFT calculation to a corrected model."""
