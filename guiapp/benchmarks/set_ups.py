"""Systems of a family made from crystals alone: slabs, defects, orderings, hops and scans, by the protocol or as chosen.

What is made has no labels. A model says its values at once; written out and labelled by DFT, the same frames are a reference set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from guiapp.benchmarks.defect_cells import point_defects
from guiapp.benchmarks.hops import interstitial_hop, vacancy_hop
from guiapp.benchmarks.mode_scan import phonon_mode_scans
from guiapp.benchmarks.orderings import orderings
from guiapp.benchmarks.scan_frames import POINTS, REACH_DISPLACEMENT, REACH_STRAIN, displacement_scan, strain_scan
from guiapp.benchmarks.surface_slabs import THICKNESS, VACUUM, Plane, slabs_by_thickness, surface_slabs
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame

Repeats = tuple[int, int, int]
AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
_SYMPREC = 1e-3  # Å


class SetUp(Protocol):
    """One way to make systems of one family."""

    @property
    def family(self) -> str:
        """Name of the family."""
        ...

    def make(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Return planned frames of the family.

        Args:
            frames: Crystals; of several with one formula the one of lowest energy counts.

        Raises:
            UserFacingError: Where nothing can be made.
        """
        ...


@dataclass(frozen=True)
class SlabSetUp:
    """Slabs of every plane up to a Miller index, or of some planes; several thicknesses show the convergence."""

    max_miller: int = 2
    planes: tuple[Plane, ...] = ()
    thicknesses: tuple[float, ...] = (THICKNESS,)
    """Least thicknesses, Å."""
    vacuum: float = VACUUM
    """Å."""
    family: str = "surfaces"

    def make(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Cut the slabs; see ``SetUp.make``."""
        made: list[Frame] = []
        for crystal in crystals(frames):
            cut = surface_slabs(crystal, self.max_miller, thickness=self.thicknesses[0], vacuum=self.vacuum, planes=self.planes)
            if len(self.thicknesses) == 1:
                made += cut
                continue
            made.append(cut[0])
            for plane in dict.fromkeys(str(slab.info["miller"]) for slab in cut[1:]):
                miller = tuple(int(index) for index in plane.split())
                made += slabs_by_thickness(crystal, miller, self.thicknesses, vacuum=self.vacuum)[1:]
        return tuple(made)


@dataclass(frozen=True)
class DefectSetUp:
    """Native point defects of every crystal that is not just an elemental phase of another."""

    repeats: Repeats | None = None
    """Repeats of the cell; None for 8 Å between a defect and its images."""
    antisites: bool = True
    interstitials: bool = False
    family: str = "defects"

    def make(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Make the supercells; see ``SetUp.make``."""
        found = crystals(frames)
        compounds = [crystal for crystal in found if len(crystal.elements) > 1]
        phases = [crystal for crystal in found if len(crystal.elements) == 1]
        return tuple(
            frame
            for host in compounds or phases
            for frame in point_defects(
                host,
                phases if compounds else (),
                repeats=self.repeats,
                antisites=self.antisites,
                interstitials=self.interstitials,
            )
        )


@dataclass(frozen=True)
class SolutionSetUp:
    """Every ordering of a guest on the sites of a host, in cells up to a size."""

    host: str
    guest: str
    largest: int = 4
    """Primitive cells in the largest ordering."""
    family: str = "solid-solution"

    def make(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Enumerate the orderings; the pure guest, where it is among the crystals, sets the volumes. See ``SetUp.make``."""
        found = crystals(frames)
        parents = [crystal for crystal in found if self.host in crystal.elements and self.guest not in crystal.elements]
        if not parents:
            raise UserFacingError(
                f"No crystal with {self.host} and without {self.guest} was given.", advice=f"Give the pure {self.host} end member."
            )
        parent = parents[0]
        substituted = sorted(self.guest if symbol == self.host else symbol for symbol in _primitive(parent).symbols)
        guest = next((one for one in found if sorted(_primitive(one).symbols) == substituted), None)
        return orderings(_primitive(parent), self.host, self.guest, self.largest, guest_parent=None if guest is None else _primitive(guest))


@dataclass(frozen=True)
class HopSetUp:
    """One hop in every crystal."""

    ion: str
    interstitial: bool = False
    """Whether an extra ion hops between holes, instead of one of the crystal's into a vacancy."""
    repeats: Repeats | None = None
    n_images: int = 5
    shell: int = 1
    """Which neighbouring site: 1 the nearest."""
    family: str = "migration"

    def make(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Make the images; see ``SetUp.make``."""
        hop = interstitial_hop if self.interstitial else vacancy_hop
        return tuple(
            image
            for crystal in crystals(frames)
            for image in hop(crystal, self.ion, repeats=self.repeats, n_images=self.n_images, shell=self.shell)
        )


@dataclass(frozen=True)
class ScanSetUp:
    """Straight paths of every crystal: atoms along directions, strains, phonon modes."""

    atoms: tuple[int, ...] = ()
    """Indices from 0; empty for one atom of each element where directions are given."""
    directions: tuple[tuple[float, float, float], ...] = ()
    """Cartesian; empty for the three axes where atoms are given."""
    strains: tuple[str, ...] = ()
    """Names in ``STRAINS``."""
    modes: tuple[int, ...] = ()
    """Phonon modes from 1, the lowest; -1 is the highest. They need displaced supercells with forces."""
    reach: float | None = None
    """Å, or strain, to both sides; None for the usual ones."""
    points: int = POINTS
    family: str = "curvature"

    def make(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Make the scans; see ``SetUp.make``."""
        far, strained = self.reach or REACH_DISPLACEMENT, self.reach or REACH_STRAIN
        made: list[Frame] = []
        if self.modes:
            made += phonon_mode_scans(frames, self.modes, reach=far, points=self.points)
        if not self.modes or self.atoms or self.directions or self.strains:
            for crystal in crystals(frames):
                made += self._displacements(crystal, far)
                for strain in self.strains:
                    made += strain_scan(crystal, strain, reach=strained, points=self.points)
        return tuple(made)

    def _displacements(self, crystal: Frame, reach: float) -> list[Frame]:
        if not (self.atoms or self.directions) and self.strains:
            return []
        atoms = self.atoms or tuple(crystal.symbols.index(symbol) for symbol in dict.fromkeys(crystal.symbols))
        directions = self.directions or tuple(AXES.values())
        return [
            frame
            for atom in atoms
            for direction in directions
            for frame in displacement_scan(crystal, atom, direction, reach=reach, points=self.points)
        ]


def crystals(frames: Sequence[Frame]) -> list[Frame]:
    """Return one periodic frame of each formula, the one of lowest energy, else the first.

    Raises:
        UserFacingError: Where there is none.
    """
    found: dict[str, Frame] = {}
    for frame in frames:
        if not frame.volume > 0:
            continue
        known = found.get(frame.formula)
        if known is None or _per_atom(frame) < _per_atom(known):
            found[frame.formula] = frame
    if not found:
        raise UserFacingError("No crystal was found in the data.", advice="Give a CIF, POSCAR or DFT result of a periodic structure.")
    return list(found.values())


def _per_atom(frame: Frame) -> float:
    return float("inf") if frame.energy is None else frame.energy / frame.n_atoms


def _primitive(crystal: Frame) -> Frame:
    """Return the primitive cell, atoms where they are; orderings are counted in primitive cells."""
    import spglib  # noqa: PLC0415 - a quarter of a second

    scaled = np.linalg.solve(crystal.cell.T, crystal.positions.T).T
    found = spglib.standardize_cell((crystal.cell, scaled, crystal.numbers), to_primitive=True, no_idealize=True, symprec=_SYMPREC)
    if found is None or len(found[2]) == crystal.n_atoms:
        return crystal
    cell, places, numbers = found
    return Frame(numbers=numbers, positions=places @ cell, cell=cell, compound=crystal.compound)
