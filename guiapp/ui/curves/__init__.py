"""The energy and curvature families in the window: curves of DFT and models on the same axes, system by system."""
