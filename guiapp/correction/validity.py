"""Where a correction has been confirmed: the validity card that goes with every export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guiapp.frames.frame import Frame
from guiapp.number_words import counted


@dataclass(frozen=True)
class Validity:
    """The part of the world in which frames confirmed the correction."""

    compounds: tuple[str, ...]
    elements: tuple[str, ...]
    largest_force: float
    """Longest DFT force vector, eV/Å."""
    rms_force: float
    """Root-mean-square DFT component, eV/Å."""
    smallest_strain: float | None
    """Linear strain as a fraction; None where no frame records one."""
    largest_strain: float | None
    volume_per_atom: tuple[float, float]
    """Smallest and largest, Å^3."""
    n_frames: int
    """Unseen frames behind it."""

    def describe(self, *, confirmed: bool = True) -> str:
        """Return it in one sentence, as where the correction was confirmed or, with ``confirmed`` false, only tried."""
        if not self.n_frames:
            return "Confirmed nowhere: there were no unseen frames."
        parts = [f"elements {', '.join(self.elements)}", f"forces up to {self.largest_force:.1f} eV/Å"]
        if self.smallest_strain is not None and self.largest_strain is not None:
            parts.append(_strain_words(self.smallest_strain, self.largest_strain))
        low, high = self.volume_per_atom
        parts.append(f"{_range(f'{low:.1f}', f'{high:.1f}')} Å³ per atom")
        return f"{'Confirmed' if confirmed else 'Tried'} for {', '.join(parts)} ({counted(self.n_frames, 'unseen frame')})."


def validity_of(frames: Sequence[Frame]) -> Validity:
    """Return where these unseen frames confirm a correction."""
    forces = [np.asarray(frame.forces) for frame in frames if frame.forces is not None and frame.n_atoms]
    strains = [float(s) for frame in frames if isinstance(s := frame.info.get("strain"), (int, float)) and np.isfinite(s)]
    volumes = [frame.volume / frame.n_atoms for frame in frames if frame.n_atoms]
    return Validity(
        compounds=tuple(dict.fromkeys(frame.compound for frame in frames)),
        elements=tuple(sorted({symbol for frame in frames for symbol in frame.elements})),
        largest_force=max((frame.largest_force or 0.0 for frame in frames), default=0.0),
        rms_force=float(np.sqrt(np.mean(np.concatenate(forces) ** 2))) if forces else 0.0,
        smallest_strain=min(strains, default=None),
        largest_strain=max(strains, default=None),
        volume_per_atom=(min(volumes, default=0.0), max(volumes, default=0.0)),
        n_frames=len(frames),
    )


def _strain_words(smallest: float, largest: float) -> str:
    if not (smallest or largest):
        return "unstrained cells"
    low, high = _percent(smallest), _percent(largest)
    return "strain within 0.5 %" if low == high == "0 %" else f"strain {_range(low, high)}"


def _range(low: str, high: str) -> str:
    """Return two ends as printed, one number where they print the same."""
    return low if low == high else f"{low} to {high}"


def _percent(strain: float) -> str:
    rounded = round(100 * strain)
    return f"{rounded:+d} %".replace("-", "−") if rounded else "0 %"
