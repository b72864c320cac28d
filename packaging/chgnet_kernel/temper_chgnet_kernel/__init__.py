"""CHGNet's energies, forces, stresses and magnetic moments on the processor, compiled; an optional part of Temper."""

from temper_chgnet_kernel.binding import Answer, KernelError, Network, instruction_sets
from temper_chgnet_kernel.weights import unsupported

INTERFACE = 1
"""Changes whenever a function of this package takes or returns something else; Temper uses the one it was written for."""

__all__ = ["INTERFACE", "Answer", "KernelError", "Network", "instruction_sets", "unsupported"]
