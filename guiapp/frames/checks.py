"""Look a frame over and flag what the user should know before believing a number made from it.

A flag never removes a frame: it explains, and it says whether the frame can take part in a benchmark.

Thresholds (all lengths in Å):

===================  =======================  ========  ==========================================================
code                 condition                excludes  why
===================  =======================  ========  ==========================================================
``no-forces``        no DFT forces            yes       there is nothing to compare a model with
``wrong-shape``      arrays disagree          yes       forces cannot be assigned to atoms
``nan``              NaN or infinity          yes       one bad number spoils every sum
``unknown-element``  Z outside 1..118         yes       no model knows it
``no-cell``          no periodic direction    yes       the models here need a periodic cell
                     and no cell
``no-volume``        volume < 1e-3 Å^3        yes       the lattice vectors are linearly dependent
``thin-cell``        a height < 0.5           yes       the neighbour search of every model stalls
``coincident``       two atoms within 0.05    yes       models return NaN
``overlap``          two atoms within 0.5     no        no chemistry is that short; usually a broken file
``isolated``         neighbour beyond 6       no        outside the graph of the models (CHGNet sees 6 Å)
``not-periodic``     cell, but pbc off        no        the models treat the cell as periodic
``net-force``        |sum F|/n > 0.01 eV/Å    no        forces of a closed system add up to zero
``large-force``      a |F| > 500 eV/Å         no        looks like other units or a collapsed structure
``large-energy``     |E|/n > 1e4 eV           no        looks like an all-electron energy or other units
``not-converged``    electronic loop ended    no        the label is not a ground-state force
                     at its step limit
===================  =======================  ========  ==========================================================
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from guiapp.frames.distances import cell_heights, nearest_neighbour_distances
from guiapp.frames.frame import Flag, Frame

LARGEST_ATOMIC_NUMBER = 118
COINCIDENT = 0.05  # Å
OVERLAP = 0.5  # Å
ISOLATED = 6.0  # Å
THIN = 0.5  # Å
SMALLEST_VOLUME = 1e-3  # Å^3
NET_FORCE = 0.01  # eV/Å per atom; plane-wave codes leave below 1e-3 (GPAW labels of the shipped set: 6e-4 at most, VASP: 5e-9)
LARGE_FORCE = 500.0  # eV/Å
LARGE_ENERGY = 1e4  # eV/atom


def check_frame(frame: Frame) -> Frame:
    """Return the frame with a flag for everything that is odd about it, in place of the flags it had.

    Args:
        frame: Any frame, however broken.

    Returns:
        The same frame where nothing is odd, else a copy that carries the flags.
    """
    flags = tuple(_label_flags(frame)) + tuple(_geometry_flags(frame))
    return frame if flags == frame.flags else frame.with_changes(flags=flags)


def _label_flags(frame: Frame) -> Iterator[Flag]:
    forces, n_atoms = frame.forces, frame.n_atoms
    if forces is None:
        yield Flag(
            "no-forces",
            "This frame has no DFT forces, so there is nothing to compare a model with.",
            "Read it from a file with forces (vasprun.xml, OUTCAR, extxyz), or label it first.",
            excludes=True,
        )
    elif forces.shape != (n_atoms, 3):
        yield Flag(
            "wrong-shape",
            f"The forces have the shape {'×'.join(map(str, forces.shape))} but there are {n_atoms} atoms.",
            "Write the file again: one force of three components for each atom.",
            excludes=True,
        )
    bad = [
        word
        for word, value in (("energy", frame.energy), ("forces", forces), ("stress", frame.stress))
        if value is not None and not np.isfinite(value).all()
    ]
    if bad:
        yield Flag(
            "nan",
            f"The {' and '.join(bad)} of this frame hold NaN or infinity.",
            "The DFT run probably failed here: repeat it, or leave this frame out.",
            excludes=True,
        )
        return
    if forces is not None and forces.shape == (n_atoms, 3) and n_atoms:
        yield from _force_flags(forces)
    if frame.energy is not None and n_atoms and abs(frame.energy) / n_atoms > LARGE_ENERGY:
        yield Flag(
            "large-energy",
            f"The energy is {frame.energy / n_atoms:.3g} eV per atom, far beyond a pseudopotential energy.",
            "It looks like an all-electron energy or another unit; forces can still be compared, energies only after alignment.",
            excludes=False,
        )
    if frame.info.get("converged") is False:
        yield Flag(
            "not-converged",
            "The electronic loop of this step ended at its step limit, so energy and forces are not converged.",
            "Repeat the step with more electronic steps, or leave this frame out.",
            excludes=False,
        )


def _force_flags(forces: np.ndarray) -> Iterator[Flag]:
    net = float(np.linalg.norm(forces.sum(axis=0))) / len(forces)
    if net > NET_FORCE:
        yield Flag(
            "net-force",
            f"The forces add up to {net:.2g} eV/Å per atom instead of zero.",
            "Check for a missing atom, an external field or a coarse grid; a slope with intercept shows its effect.",
            excludes=False,
        )
    largest = float(np.sqrt((forces**2).sum(axis=1).max()))
    if largest > LARGE_FORCE:
        yield Flag(
            "large-force",
            f"The largest force is {largest:.3g} eV/Å, which no ordinary configuration shows.",
            "Check the unit of the forces (eV/Å expected), or filter by the largest force.",
            excludes=False,
        )


def _geometry_flags(frame: Frame) -> Iterator[Flag]:
    numbers, positions, cell = frame.numbers, frame.positions, frame.cell
    unknown = sorted({int(z) for z in numbers if not 1 <= z <= LARGEST_ATOMIC_NUMBER})
    if unknown:
        yield Flag(
            "unknown-element",
            f"The atomic number {', '.join(map(str, unknown))} is no element.",
            "Correct the species in the file; dummy atoms and vacancy markers must be removed.",
            excludes=True,
        )
    if positions.shape != (len(numbers), 3):
        yield Flag(
            "wrong-shape",
            f"The positions have the shape {'×'.join(map(str, positions.shape))} but there are {len(numbers)} atoms.",
            "Write the file again: one position of three components for each atom.",
            excludes=True,
        )
        return
    if not (np.isfinite(positions).all() and np.isfinite(cell).all()):
        yield Flag(
            "nan",
            "The positions or the cell of this frame hold NaN or infinity.",
            "The run that made this frame probably exploded: leave it out.",
            excludes=True,
        )
        return
    cell_flag = _cell_flag(frame)
    if cell_flag is not None:
        yield cell_flag
        if cell_flag.excludes:
            return
    if len(numbers):
        yield from _distance_flags(frame)


def _cell_flag(frame: Frame) -> Flag | None:
    if not any(frame.pbc) and frame.volume < SMALLEST_VOLUME:
        return Flag(
            "no-cell",
            "This frame is a molecule without a cell, and the models here need a periodic one.",
            "Put the molecule into a box with at least 6 Å of vacuum on every side and read it again.",
            excludes=True,
        )
    if frame.volume < SMALLEST_VOLUME:
        return Flag(
            "no-volume",
            "The cell has no volume: its lattice vectors lie in one plane or are missing.",
            "Give three independent lattice vectors in the file.",
            excludes=True,
        )
    height = float(cell_heights(frame.cell).min())
    if height < THIN:
        return Flag(
            "thin-cell",
            f"The cell is only {height:.2g} Å high in one direction, so the neighbour search of a model would not end.",
            "Check the cell in the file; its unit may be nm or a scale factor may be missing.",
            excludes=True,
        )
    if not any(frame.pbc):
        return Flag(
            "not-periodic",
            "This frame is marked as not periodic, but the models treat its cell as periodic.",
            "Leave at least 6 Å of vacuum around the atoms, else the images act on each other.",
            excludes=False,
        )
    return None


def _distance_flags(frame: Frame) -> Iterator[Flag]:
    nearest = nearest_neighbour_distances(frame.positions, frame.cell, frame.pbc, exact_below=OVERLAP, exact_above=ISOLATED)
    shortest, loneliest = float(nearest.min()), float(nearest.max())
    if shortest < COINCIDENT:
        yield Flag(
            "coincident",
            f"Two atoms are {shortest:.2g} Å apart, so they are the same atom twice; models return NaN for them.",
            "Remove the duplicate; a common cause is a periodic image written out as an atom of its own.",
            excludes=True,
        )
    elif shortest < OVERLAP:
        yield Flag(
            "overlap",
            f"Two atoms are only {shortest:.2f} Å apart.",
            "Check the structure: no bond is that short, so the model is asked about a place it never saw.",
            excludes=False,
        )
    if loneliest > ISOLATED:
        yield Flag(
            "isolated",
            f"An atom has no neighbour within {ISOLATED:g} Å.",
            "Models that see 6 Å or less say nothing about such an atom, and CHGNet refuses it.",
            excludes=False,
        )
