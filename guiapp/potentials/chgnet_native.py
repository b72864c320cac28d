"""CHGNet on the compiled kernel: the same function as the flat path, several times faster on a CPU, where the kernel is installed.

The kernel is a distribution of its own (``packaging/chgnet_kernel``, built by ``python3 main.py build-kernel``) that the program works
without. Whatever was built where and by whom: it is used only after it gave the flat path's numbers, so that its predictions may be kept
under the same key.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from guiapp.frames.frame import Frame
from guiapp.potentials.chgnet_bonds import bond_list, join_bond_lists
from guiapp.potentials.chgnet_flat import FlatChgnet
from guiapp.potentials.chgnet_weights import ChgnetWeights
from guiapp.potentials.optional_kernel import BUILD_COMMAND, kernel_is_installed, kernel_is_turned_off, kernel_state, remember_check
from guiapp.potentials.potential import Prediction

_INTERFACE = 1
_ENERGY_LIMIT = 1e-5
"""eV/atom, from the flat path in double precision."""
_FORCE_LIMIT = 5e-4
"""eV/Å; what float32 leaves of forces of 10 eV/Å, whichever way they are computed."""
_STRESS_LIMIT = 2e-5
"""eV/Å^3."""
_MOMENT_LIMIT = 1e-4
"""Bohr magnetons."""
_LOG = logging.getLogger(__name__)


class NativeChgnet:
    """A CHGNet that the compiled kernel predicts with."""

    def __init__(self, weights: ChgnetWeights, title: str) -> None:
        """Hand the weights over; they are copied.

        Args:
            weights: Of an architecture that the flat path knows.
            title: What messages call the model.

        Raises:
            ImportError: Where the kernel is not installed.
            temper_chgnet_kernel.KernelError: Where it is not made for this architecture or cannot be loaded.
        """
        from temper_chgnet_kernel import Network

        tensors = {name: tensor.detach().cpu().numpy() for name, tensor in weights.tensors.items()}
        self._network = Network(weights.arguments, tensors)
        self._title = title
        self._bond_cutoff = float(weights.arguments["atom_graph_cutoff"])
        self._angle_cutoff = float(weights.arguments["bond_graph_cutoff"])

    @property
    def instructions(self) -> str:
        """Which of the processor's instructions the code uses, e.g. ``avx2``."""
        return str(self._network.instructions)

    def predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict frames in one pass.

        Args:
            frames: Periodic frames of known elements.

        Returns:
            One prediction a frame.

        Raises:
            UserFacingError: Where a frame has an isolated atom.
        """
        bonds = [bond_list(frame, self._bond_cutoff, self._angle_cutoff, self._title) for frame in frames]
        batch = join_bond_lists(frames, bonds)
        answer = self._network.evaluate(
            numbers=batch.numbers,
            frame_of_atom=batch.frame_of_atom,
            first=batch.first,
            second=batch.second,
            vectors=batch.vectors,
            n_short=batch.n_short,
            n_frames=len(frames),
        )
        stresses = answer.virials / batch.volumes[:, None, None]
        ends = np.cumsum(batch.atoms_per_frame)[:-1]
        by_frame = zip(answer.energies, np.split(answer.forces, ends), stresses, np.split(answer.moments, ends), strict=True)
        return [Prediction(float(energy), forces, stress, moments) for energy, forces, stress, moments in by_frame]


@dataclass(frozen=True)
class NativeChoice:
    """Whether the kernel is used for a model."""

    native: NativeChgnet | None
    words: str
    """What computes, or why the kernel does not, in a few words for a log or a card."""


def choose_native(weights: ChgnetWeights, title: str) -> NativeChoice:
    """Load the kernel for a model and compare it with the flat path; what was chosen is logged.

    Args:
        weights: Of an architecture that the flat path knows.
        title: What messages call the model.
    """
    if not kernel_is_installed():
        return NativeChoice(None, "PyTorch")
    if kernel_is_turned_off():
        return NativeChoice(None, f"PyTorch; the compiled kernel is turned off {kernel_state().decided}")
    instructions = ""
    try:
        import temper_chgnet_kernel

        if temper_chgnet_kernel.INTERFACE != _INTERFACE:
            return _refused(title, f"it was built for another version of this program; run “{BUILD_COMMAND}” again")
        native = NativeChgnet(weights, title)
        instructions = native.instructions
        difference = _difference(native, weights, title)
    except Exception as error:  # noqa: BLE001 - it was compiled elsewhere: whatever goes wrong in it, the flat path serves
        return _refused(title, f"{type(error).__name__}: {error}".rstrip("."), instructions)
    if difference:
        return _refused(title, difference, instructions)
    remember_check(title, instructions, "")
    words = f"compiled kernel ({native.instructions}), checked against PyTorch"
    _LOG.info("%s: %s", title, words)
    return NativeChoice(native, words)


def _refused(title: str, reason: str, instructions: str = "") -> NativeChoice:
    remember_check(title, instructions, reason)
    _LOG.warning("%s: the compiled kernel is not used: %s", title, reason)
    return NativeChoice(None, f"PyTorch; the compiled kernel is not used: {reason}")


def _difference(native: NativeChgnet, weights: ChgnetWeights, title: str) -> str:
    """Say how the kernel's numbers differ from those of the flat path in double precision; empty where they do not."""
    frames = _check_frames()
    ours, exact = native.predict(frames), FlatChgnet(weights, title, "cpu", torch.float64).predict(frames)
    pairs = list(zip(ours, exact, strict=True))
    found = (
        ("energies", max(abs(a.energy - b.energy) / len(b.forces) for a, b in pairs), _ENERGY_LIMIT, "eV/atom"),
        ("forces", max(float(np.abs(a.forces - b.forces).max()) for a, b in pairs), _FORCE_LIMIT, "eV/Å"),
        ("stresses", max(float(np.abs(a.stress - b.stress).max()) for a, b in pairs), _STRESS_LIMIT, "eV/Å^3"),
        ("magnetic moments", max(_largest(a.magmoms, b.magmoms) for a, b in pairs), _MOMENT_LIMIT, "Bohr magnetons"),
    )
    wrong = [f"its {name} differ by {value:.1e} {unit}" for name, value, limit, unit in found if not value <= limit]
    return ", ".join(wrong)


def _largest(a: np.ndarray | None, b: np.ndarray | None) -> float:
    return float("nan") if a is None or b is None else float(np.abs(a - b).max())


@lru_cache
def _check_frames() -> tuple[Frame, ...]:
    """Return crystals with everything that differs in the code: many angles and none, one atom, a skewed cell, straight angles."""
    random = np.random.default_rng(5)
    cube = np.array([[0.0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    oxide = np.concatenate([cube, cube + np.array([0.5, 0, 0])]) @ (np.eye(3) * 4.2)
    skewed = np.array([[2.9, 0.1, -0.2], [1.2, 2.8, 0.2], [-1.0, 0.9, 3.4]])
    return (
        Frame(np.array([12] * 4 + [8] * 4), oxide + random.normal(0, 0.1, (8, 3)), np.eye(3) * 4.2),
        Frame(np.array([55]), np.zeros((1, 3)), (np.ones((3, 3)) - 2 * np.eye(3)) * 2.75),
        Frame(np.array([26, 94]), np.array([[0.0, 0, 0], [1.5, 1.9, 1.7]]), skewed),
        Frame(np.array([29]), np.zeros((1, 3)), (np.ones((3, 3)) - np.eye(3)) * 1.8),
    )
