"""What training asks of a network whose own parameters are trained in place: MACE and matgl."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from guiapp.potentials.potential import PotentialCard
from guiapp.potentials.trainable import copied_state, set_state

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class TrainableNetwork:
    """The parameters that are trained, by name; what is left out is never changed. A family adds how it predicts and what it becomes."""

    def __init__(self, named: Iterable[tuple[str, Tensor]], device: str) -> None:
        """Let gradients reach the parameters.

        Args:
            named: Name and tensor of each parameter to train, at least one.
            device: ``cpu`` or ``cuda``.
        """
        self._named = dict(named)
        self._device = device
        for tensor in self._named.values():
            tensor.requires_grad_(requires_grad=True)

    @property
    def parameters(self) -> list[Tensor]:
        """The tensors that are trained, leaves of the graph."""
        return list(self._named.values())

    @property
    def device(self) -> str:
        """``cpu`` or ``cuda``."""
        return self._device

    @property
    def dtype(self) -> torch.dtype:
        """Precision of the weights and of what is predicted."""
        return next(iter(self._named.values())).dtype

    def state(self) -> dict[str, Tensor]:
        """Return copies of the trained tensors, on the CPU."""
        return copied_state(self._named)

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Set the trained tensors; see ``Trainable``."""
        set_state(self._named, state)


def trained_card(card: PotentialCard, name: str) -> PotentialCard:
    """Return the card of a model made by training: its own name, and no file yet."""
    return replace(card, name=name, title=name, weights=None, state="ready")
