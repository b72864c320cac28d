"""Compare our labels with VASP's of the same structures: slope and MAE a compound, as a Markdown table.

Usage: ``python3 compare_with_vasp.py OURS.extxyz [--phonons SHIPPED/phonons PUBLIC]``. ``OURS.extxyz`` comes from ``vasp_frames.py``.
``PUBLIC`` is a folder with phonopy's files of a compound in a folder of its name; the shipped phonon set is compared with those that both
have. Plain Python.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read


@dataclass(frozen=True)
class Agreement:
    """How our forces stand to VASP's."""

    name: str
    n_frames: int
    n_components: int
    slope: float
    """Of ours on VASP's through the origin; 1 where a model's scale would be the same against either."""
    mae: float
    """eV/Å."""
    rms: float
    """Of VASP's force components, eV/Å, to see the MAE against."""
    r2: float
    """Uncentred."""

    def row(self) -> str:
        """Return the line of the table."""
        cells = (self.name, self.n_frames, self.n_components, f"{self.slope:.3f}", f"{self.mae:.3f}", f"{self.rms:.2f}", f"{self.r2:.4f}")
        return f"| {' | '.join(map(str, cells))} |"


COLUMNS = ("compound", "frames", "components", "slope of GPAW on VASP", "MAE, eV/Å", "VASP's rms, eV/Å", "r²")


def agreement(name: str, frames: Sequence[Atoms]) -> Agreement:
    """Return how ``REF_forces`` of some frames stand to their ``vasp_forces``; both (n_atoms, 3) eV/Å."""
    ours = np.concatenate([frame.arrays["REF_forces"].ravel() for frame in frames])
    theirs = np.concatenate([frame.arrays["vasp_forces"].ravel() for frame in frames])
    both, squares = float(ours @ theirs), float(theirs @ theirs)
    return Agreement(
        name,
        len(frames),
        len(ours),
        slope=both / squares,
        mae=float(np.abs(ours - theirs).mean()),
        rms=float(np.sqrt((theirs**2).mean())),
        r2=both**2 / (squares * float(ours @ ours)),
    )


def force_table(frames: Sequence[Atoms]) -> str:
    """Return the table of all compounds, and a last line over all frames."""
    names = list(dict.fromkeys(str(frame.info["name"]) for frame in frames))
    rows = [agreement(name, [frame for frame in frames if frame.info["name"] == name]).row() for name in names]
    return "\n".join([f"| {' | '.join(COLUMNS)} |", len(COLUMNS) * "| --- " + "|", *rows, agreement("all", frames).row()])


SHARED_POINTS = {"Γ": (0.0, 0.0, 0.0), "X": (0.5, 0.0, 0.5), "L": (0.5, 0.5, 0.5)}
"""Reduced wave vectors of an fcc crystal that fit into 2x2x2 primitive cells: free of interpolation there and in larger ones."""


def frequencies(folder: Path) -> tuple[dict[str, float], float]:
    """Return the largest phonon frequency at each shared point, and the lattice constant, from phonopy's files of an fcc crystal.

    Args:
        folder: With ``phonopy_disp.yaml`` and either ``FORCE_SETS`` or, one folder up, our ``labels.extxyz``.

    Returns:
        THz, without the non-analytical correction, and the cube root of four primitive volumes, Å.
    """
    import phonopy  # noqa: PLC0415 - the other table needs none of it

    sets = folder / "FORCE_SETS"
    phonon = phonopy.load(
        folder / "phonopy_disp.yaml",
        primitive_matrix="auto",
        force_sets_filename=sets if sets.exists() else None,
        is_nac=False,
        produce_fc=False,
        log_level=0,
    )
    if not sets.exists():
        frames = [frame for frame in read(folder.parent / "labels.extxyz", ":") if frame.info["system"] == folder.name]
        moved = sorted((f for f in frames if f.info["role"] == "displaced"), key=lambda frame: int(frame.info["displacement"]))
        rest = next(frame for frame in frames if frame.info["role"] == "perfect").arrays["REF_forces"]
        phonon.forces = np.array([frame.arrays["REF_forces"] - rest for frame in moved])
    phonon.produce_force_constants()
    phonon.symmetrize_force_constants()
    phonon.run_qpoints(list(SHARED_POINTS.values()))
    largest = phonon.qpoints.frequencies.max(axis=1)
    return dict(zip(SHARED_POINTS, map(float, largest), strict=True)), float((4 * phonon.primitive.volume) ** (1 / 3))


def phonon_table(shipped: Path, public: Path) -> str:
    """Return the table of compounds whose phonons both folders have."""
    lines = [
        "| compound | point | largest frequency, GPAW, THz | VASP, THz | ratio | lattice constant, GPAW, Å | VASP, Å |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for folder in sorted(shipped.iterdir()):
        if (folder / "phonopy_disp.yaml").exists() and (public / folder.name / "FORCE_SETS").exists():
            (ours, a), (theirs, b) = frequencies(folder), frequencies(public / folder.name)
            for point, value in ours.items():
                ratio = value / theirs[point]
                lines.append(f"| {folder.name} | {point} | {value:.2f} | {theirs[point]:.2f} | {ratio:.3f} | {a:.3f} | {b:.3f} |")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ours", type=Path)
    parser.add_argument("--phonons", type=Path, nargs=2, metavar=("SHIPPED", "PUBLIC"))
    chosen = parser.parse_args(arguments)
    print(force_table(read(chosen.ours, ":")))
    if chosen.phonons:
        print(f"\n{phonon_table(*chosen.phonons)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
