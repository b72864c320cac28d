"""Harmonic phonons of one crystal from forces on displaced supercells, by phonopy.

Only phonopy's classes are used, never its file readers: those of YAML run code that a file names.

Source:
    Togo and Tanaka, Scr. Mater. 108, 1 (2015); path through the Brillouin zone: Hinuma et al., Comput. Mater. Sci. 128, 140 (2017).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from guiapp.frames.frame import Floats, Frame

MESH_LENGTH = 60.0
"""Å; phonopy makes a mesh whose spacing is that of a cell of this length: 26 x 26 x 26 points for MgO."""
IMAGINARY = -0.1
"""THz; frequencies below are imaginary modes, those between it and zero are rounding of the acoustic modes at the zone centre."""
_POINTS_A_SEGMENT = 41
_DOS_POINTS = 201
SYMMETRY = 1e-5
"""Å, phonopy's default."""
RELAXED_SYMMETRY = 1e-3
"""Å; forces in single precision leave about 1e-5 Å."""
_SAME_PLACE = 1e-5  # Å; a smaller displacement is rounding of the file


@dataclass(frozen=True, eq=False)
class Phonons:
    """Frequencies of one crystal with one set of forces; imaginary ones are negative. No non-analytical correction."""

    mesh: Floats
    """(n_q, 3 n_atoms) THz, at the irreducible points of a mesh through the zone centre."""
    weights: Floats
    """(n_q,) points of the full mesh that each stands for."""
    bands: Floats
    """(3 n_atoms, n_path) THz along the path, sorted at each point."""
    dos_frequencies: Floats
    """(n,) THz."""
    dos: Floats
    """(n,) states per THz and primitive cell."""

    @property
    def largest(self) -> float:
        """Largest frequency on the mesh, THz."""
        return float(self.mesh.max())

    @property
    def smallest(self) -> float:
        """Smallest frequency on the mesh, THz; negative where a mode is imaginary."""
        return float(self.mesh.min())

    @property
    def mean(self) -> float:
        """Mean over all modes of the full mesh, THz."""
        return float(self.weights @ self.mesh.mean(axis=1) / self.weights.sum())

    @property
    def imaginary_share(self) -> float:
        """Part of the modes that are imaginary, between 0 and 1."""
        return float(self.weights @ (self.mesh < IMAGINARY).mean(axis=1) / self.weights.sum())


@dataclass(frozen=True, eq=False)
class BandPath:
    """The path along which bands are drawn."""

    segments: tuple[Floats, ...]
    """(n, 3) fractional wave vectors each."""
    distances: Floats
    """(n_path,) 1/Å, the segments one after the other."""
    ticks: tuple[tuple[float, str], ...]


class CrystalPhonons:
    """One crystal with its displaced supercells; DFT and every model give forces for the same displacements."""

    def __init__(
        self, perfect: Frame, displaced: Sequence[Frame], primitive_matrix: Floats | None = None, *, symmetry: float = SYMMETRY
    ) -> None:
        """Find the symmetry of the crystal.

        The supercell takes the place of phonopy's unit cell, so that the order of its atoms is that of the frames, whoever made them.

        Args:
            perfect: The supercell without displacement.
            displaced: Supercells with atoms moved, in any order.
            primitive_matrix: (3, 3) primitive cell vectors as columns in units of the supercell's; found from symmetry where not given.
            symmetry: Å to which atoms count as symmetric; a geometry that a model relaxed is symmetric only to its own noise.
        """
        from phonopy import Phonopy  # noqa: PLC0415 - half a second that other families need not wait for
        from phonopy.structure.atoms import PhonopyAtoms  # noqa: PLC0415

        cell = PhonopyAtoms(numbers=perfect.numbers, positions=perfect.positions, cell=perfect.cell)
        with _quiet():
            self._phonopy: Any = Phonopy(
                cell,
                supercell_matrix=np.eye(3, dtype=int),
                primitive_matrix="auto" if primitive_matrix is None else primitive_matrix,
                symprec=symmetry,
            )
        self._displacements = [displacement(perfect, frame) for frame in displaced]

    @property
    def n_displaced(self) -> int:
        """Number of displaced supercells."""
        return len(self._displacements)

    @property
    def displacement(self) -> float:
        """Mean length of the displacements, Å: forces of some models depend on it long before anharmonicity does."""
        lengths = [np.linalg.norm(one, axis=1) for one in self._displacements]
        return float(np.mean([length[length > _SAME_PLACE].mean() for length in lengths if (length > _SAME_PLACE).any()] or [0.0]))

    @cached_property
    def path(self) -> BandPath:
        """The recommended path, in terms of this crystal's own primitive cell."""
        import seekpath  # noqa: PLC0415 - as phonopy

        primitive = self._phonopy.primitive
        with _quiet():
            cell = (primitive.cell, primitive.scaled_positions, primitive.numbers)
            found = seekpath.get_path_orig_cell(cell, symprec=self._phonopy.symmetry.tolerance)
        reciprocal = np.linalg.inv(primitive.cell)  # columns are reciprocal vectors, without 2 pi
        segments, distances = [], []
        ticks: list[tuple[float, str]] = []
        at, last = 0.0, ""
        for start, end in found["path"]:
            a, b = np.array(found["point_coords"][start]), np.array(found["point_coords"][end])
            segment = np.linspace(a, b, _POINTS_A_SEGMENT)
            length = float(np.linalg.norm(reciprocal @ (b - a)))
            segments.append(segment)
            distances.append(at + np.linspace(0, length, _POINTS_A_SEGMENT))
            if last and last != start:
                ticks[-1] = (at, f"{ticks[-1][1]}|{_label(start)}")
            elif not last:
                ticks.append((0.0, _label(start)))
            at, last = at + length, end
            ticks.append((at, _label(end)))
        return BandPath(tuple(segments), np.concatenate(distances), tuple(ticks))

    def phonons(self, forces: Sequence[Floats], at_rest: Floats | None = None, path: BandPath | None = None) -> Phonons:
        """Return the phonons that forces give.

        Args:
            forces: (n_atoms, 3) eV/Å for each displaced supercell, in the order given at the start.
            at_rest: Forces on the supercell without displacement, to be subtracted; a model's are not zero on DFT's geometry.
            path: Where bands are wanted, in fractional wave vectors; this crystal's own path where not given.
        """
        changes = [np.asarray(one) if at_rest is None else np.asarray(one) - at_rest for one in forces]
        phonopy = self._phonopy
        with _quiet():
            self._make_force_constants(changes)
            phonopy.run_mesh(MESH_LENGTH, is_gamma_center=True)
            mesh, weights = np.array(phonopy.mesh.frequencies), np.array(phonopy.mesh.weights, dtype=np.float64)
            bands = []
            for segment in (self.path if path is None else path).segments:
                phonopy.run_qpoints(segment)
                bands.append(np.array(phonopy.qpoints.frequencies).T)
            low, high = float(mesh.min()), float(mesh.max())
            margin = 0.05 * (high - low)
            phonopy.run_total_dos(
                freq_min=low - margin,
                freq_max=high + margin,
                freq_pitch=(high - low + 2 * margin) / (_DOS_POINTS - 1),
                use_tetrahedron_method=True,
            )
            dos_frequencies, dos = np.array(phonopy.total_dos.frequency_points), np.array(phonopy.total_dos.dos)
        return Phonons(mesh, weights, np.concatenate(bands, axis=1), dos_frequencies, dos)

    def frequencies(self, wave_vectors: Floats) -> Floats:
        """Return (n, 3 n_atoms) frequencies, THz, of the forces given last at fractional wave vectors (n, 3) of the primitive cell."""
        with _quiet():
            self._phonopy.run_qpoints(wave_vectors)
            return np.array(self._phonopy.qpoints.frequencies)

    def modes(self, forces: Sequence[Floats], at_rest: Floats | None = None) -> tuple[Floats, Floats]:
        """Return the modes of the whole supercell, those of every wave vector that fits into it.

        Args:
            forces: (n_atoms, 3) eV/Å for each displaced supercell.
            at_rest: Forces on the supercell without displacement, to be subtracted.

        Returns:
            Frequencies (3 n_atoms,) THz from low to high, imaginary ones negative, and displacements (3 n_atoms, n_atoms, 3) in which the
            atom that moves most moves by 1 Å.

        Raises:
            ValueError: Where this crystal was made with a primitive cell smaller than the supercell.
        """
        phonopy = self._phonopy
        masses = np.array(phonopy.primitive.masses)
        if len(masses) != len(self._displacements[0]):
            raise ValueError("modes of a supercell need the supercell itself as primitive cell")
        with _quiet():
            self._make_force_constants([np.asarray(one) if at_rest is None else np.asarray(one) - at_rest for one in forces])
            phonopy.run_qpoints([[0.0, 0.0, 0.0]], with_eigenvectors=True)
            frequencies, columns = np.array(phonopy.qpoints.frequencies[0]), np.array(phonopy.qpoints.eigenvectors[0])
        moves = columns.real.T.reshape(len(frequencies), -1, 3) / np.sqrt(masses)[None, :, None]
        longest = np.linalg.norm(moves, axis=2).max(axis=1)
        return frequencies, np.asarray(moves / longest[:, None, None])

    def _make_force_constants(self, forces: Sequence[Floats]) -> None:
        phonopy = self._phonopy
        moved = [np.flatnonzero(np.linalg.norm(one, axis=1) > _SAME_PLACE) for one in self._displacements]
        if all(len(atoms) == 1 for atoms in moved):
            self._check_complete([int(atoms[0]) for atoms in moved])
            phonopy.dataset = {
                "natom": len(self._displacements[0]),
                "first_atoms": [
                    {"number": int(atoms[0]), "displacement": one[atoms[0]], "forces": change}
                    for atoms, one, change in zip(moved, self._displacements, forces, strict=True)
                ],
            }
            phonopy.produce_force_constants()
        else:
            phonopy.dataset = {"displacements": np.array(self._displacements), "forces": np.array(forces)}
            phonopy.produce_force_constants(fc_calculator="symfc")
        phonopy.symmetrize_force_constants()

    def _check_complete(self, atoms: Sequence[int]) -> None:
        """Raise ValueError where symmetry does not turn the displacements into three directions for every kind of atom.

        phonopy would fill what is missing with zeros, and the frequencies would be wrong without a word.
        """
        symmetry, cell = self._phonopy.symmetry, np.array(self._phonopy.supercell.cell).T
        kinds = np.array(symmetry.get_map_atoms())
        directions: dict[int, list[Floats]] = {int(kind): [] for kind in set(kinds.tolist())}
        for atom, displacement in zip(atoms, self._displacements, strict=True):
            for rotation in symmetry.get_site_symmetry(atom):
                directions[int(kinds[atom])].append(cell @ rotation @ np.linalg.solve(cell, displacement[atom]))
        for kind, vectors in directions.items():
            if not vectors or np.linalg.matrix_rank(np.array(vectors), tol=_SAME_PLACE) < 3:
                symbol = self._phonopy.supercell.symbols[kind]
                raise ValueError(f"displacements of {symbol} are missing")


def displacement(perfect: Frame, frame: Frame) -> Floats:
    """Return (n_atoms, 3) Å, by the shortest way through the periodic boundary."""
    apart = np.linalg.solve(perfect.cell.T, (frame.positions - perfect.positions).T).T
    return np.asarray((apart - np.rint(apart)) @ perfect.cell)


def _label(name: str) -> str:
    """Return the name of a special point as it is printed."""
    return name.replace("GAMMA", "Γ").replace("SIGMA", "Σ").replace("DELTA", "Δ").replace("LAMBDA", "Λ").replace("_", "")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep notes of phonopy, spglib and seekpath on their own defaults from the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
