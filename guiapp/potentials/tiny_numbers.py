"""Numbers so small that a processor needs many times longer for them, and that no result depends on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def tiny_as_zero() -> Iterator[None]:
    """Take float32 numbers below 1.2e-38 for zero in this thread while inside.

    Some pre-activations of published CHGNets are beyond -700, where SiLU and its slope get that small: predictions took a tenth longer.
    """
    import torch

    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
