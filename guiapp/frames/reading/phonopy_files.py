"""Reading phonopy's files: supercells and displacements from its YAML, forces from there or from the files beside it.

phonopy's own ``load`` constructs whatever a YAML file names and so runs code from it. Here the file is read by the safe loader, and
only numbers and element symbols are taken from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from ase.data import atomic_numbers

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame, Info, Origin
from guiapp.frames.reading import vasprun
from guiapp.frames.reading.data_file import DataFile, data_files
from guiapp.frames.reading.notes import Notes
from guiapp.frames.reference_set import Provenance

TITLE = "phonopy YAML"
FAMILY = "phonons"
_FORCES = "FORCE_SETS"
_SAME_PLACE = 1e-3  # Å; well below a displacement, well above the digits that VASP prints
_LARGEST = 400 << 20  # bytes; far above any phonopy file, far below what would fill the memory
_ADVICE = "Give phonopy_params.yaml, or phonopy_disp.yaml with FORCE_SETS or the vasprun.xml files in the same folder."


def recognises(file: DataFile) -> bool:
    """Tell whether the content is phonopy's YAML, which begins with its own version."""
    return file.head.lstrip().startswith(b"phonopy:") and b"\n  version" in file.head[:2000]


def read(file: DataFile, notes: Notes) -> Iterator[Frame]:
    """Yield the perfect supercell and one frame a displacement, labelled with forces.

    Raises:
        UserFacingError: Where the file is no phonopy file, or has no forces and there are none beside it.
    """
    data = _load(file)
    try:
        numbers, scaled, cell = _cell(data["supercell"])
        displacements, forces = _displacements(data.get("displacements"), len(numbers))
        primitive = _primitive_matrix(data)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise UserFacingError(f"This is no phonopy file with a supercell ({error}).", advice=_ADVICE, path=file.shown) from error
    positions = scaled @ cell
    folder = Path(file.shown).parent if Path(file.shown).is_file() else None  # a member of an archive has no neighbours
    if forces is None and folder is not None and (folder / _FORCES).is_file():
        displacements, forces = _read_force_sets(folder / _FORCES, len(numbers))
    elif forces is None and folder is not None:
        forces = _read_calculations(folder, positions + displacements, cell)
    if forces is None or not len(displacements):
        raise UserFacingError("The phonopy file holds no forces, and there are none beside it.", advice=_ADVICE, path=file.shown)
    notes.use_keys("forces")
    notes.provenance = Provenance(
        settings="as the owner of the files made them; no non-analytical correction is applied",
        recipe="Displaced supercells of phonopy.",
        units_as_read="Å, eV/Å",
    )
    yield from _frames(file.shown, Frame(numbers, positions, cell, origin=Origin(file.shown)), primitive, displacements, forces)


def _frames(shown: str, perfect: Frame, primitive: Floats | None, displacements: Floats, forces: Floats) -> Iterator[Frame]:
    system = _system(shown, perfect.formula)
    shared: dict[str, Info] = {"system": system, "compound": system}
    if primitive is not None:
        shared["primitive_matrix"] = " ".join(f"{value:.12f}" for value in primitive.ravel())
    yield perfect.with_changes(name="perfect", compound=system, info={**shared, "role": "perfect"})
    for index, (displacement, force) in enumerate(zip(displacements, forces, strict=True)):
        yield perfect.with_changes(
            positions=perfect.positions + displacement,
            forces=force,
            name=f"displaced-{index}",
            compound=system,
            origin=Origin(shown, index, ("forces",)),
            info={**shared, "role": "displaced", "displacement": index},
        )


def _load(file: DataFile) -> Mapping[str, Any]:
    import yaml  # noqa: PLC0415 - reading other files needs no yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with file.open() as stream:
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise UserFacingError("The file is far larger than any phonopy file.", advice=_ADVICE, path=file.shown)
        data = yaml.load(content, Loader=loader)  # noqa: S506 - both are safe loaders
    except (OSError, yaml.YAMLError, RecursionError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserFacingError(f"The file cannot be read as plain YAML ({reason}).", advice=_ADVICE, path=file.shown) from error
    if not isinstance(data, Mapping):
        raise UserFacingError("This is no phonopy file.", advice=_ADVICE, path=file.shown)
    return data


def _cell(data: Mapping[str, Any]) -> tuple[np.ndarray, Floats, Floats]:
    points = data.get("points") or data["atoms"]
    numbers = np.array([atomic_numbers[str(point["symbol"])] for point in points])
    scaled = np.array([point.get("coordinates", point.get("position")) for point in points], dtype=np.float64)
    cell = np.array(data["lattice"], dtype=np.float64)
    if cell.shape != (3, 3) or scaled.shape != (len(numbers), 3):
        raise ValueError("the supercell is incomplete")
    return numbers, scaled, cell


def _displacements(entries: Any, n_atoms: int) -> tuple[Floats, Floats | None]:
    """Return displacements (n, n_atoms, 3) and, where the file has them, forces of the same shape."""
    if not entries:
        return np.empty((0, n_atoms, 3)), None
    displacements = np.zeros((len(entries), n_atoms, 3))
    forces = np.full((len(entries), n_atoms, 3), np.nan)
    for index, entry in enumerate(entries):
        if isinstance(entry, Mapping) and "atom" in entry:
            displacements[index, int(entry["atom"]) - 1] = entry["displacement"]
            if "forces" in entry:
                forces[index] = entry["forces"]
        else:
            atoms = entry["displacements"] if isinstance(entry, Mapping) else entry
            displacements[index] = [atom["displacement"] for atom in atoms]
            if all("force" in atom for atom in atoms):
                forces[index] = [atom["force"] for atom in atoms]
    return displacements, forces if np.isfinite(forces).all() else None


def _read_force_sets(path: Path, n_atoms: int) -> tuple[Floats, Floats]:
    """Read FORCE_SETS: one displaced atom a supercell, or all atoms displaced (six numbers a line)."""
    try:
        lines = [line.split() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
        numbers = [[float(word) for word in words] for words in lines if words and not words[0].startswith("#")]
        if len(numbers[0]) == 6:
            table = np.array(numbers).reshape(-1, n_atoms, 6)
            return table[:, :, :3], table[:, :, 3:]
        count, n_displacements = int(numbers[0][0]), int(numbers[1][0])
        displacements, forces = np.zeros((n_displacements, n_atoms, 3)), np.zeros((n_displacements, n_atoms, 3))
        for index in range(n_displacements):
            block = numbers[2 + index * (count + 2) :][: count + 2]
            displacements[index, int(block[0][0]) - 1] = block[1]
            # Does not fit where the file has another number of atoms.
            forces[index] = np.array(block[2:]).reshape(n_atoms, 3)
    except (OSError, ValueError, IndexError) as error:
        raise UserFacingError(
            f"FORCE_SETS does not belong to this supercell or is damaged ({error}).", advice="Make it again with phonopy -f.", path=path
        ) from error
    return displacements, forces


def _read_calculations(folder: Path, positions: Floats, cell: Floats) -> Floats | None:
    """Return forces from VASP results in the folder or in those right below it, matched to the displaced supercells by position.

    Returns:
        (n_displacements, n_atoms, 3); None where one has no result.
    """
    results = [file for file in sorted([*folder.glob("*"), *folder.glob("*/*")]) if file.is_file()]
    calculated = [
        frame
        for path in results
        if path.name.lower().startswith("vasprun") and ".tar" not in path.name.lower()
        for frame in vasprun.read(next(data_files(path, path.name, list)), Notes(str(path)))
        if frame.forces is not None
    ]
    forces = []
    for wanted in positions:
        found = next((frame for frame in calculated if frame.n_atoms == len(wanted) and _same_places(frame, wanted, cell)), None)
        if found is None or found.forces is None:
            return None
        forces.append(found.forces)
    return np.array(forces) if forces else None


def _same_places(frame: Frame, positions: Floats, cell: Floats) -> bool:
    if np.abs(frame.cell - cell).max() > _SAME_PLACE:
        return False
    apart = np.linalg.solve(cell.T, (frame.positions - positions).T).T
    return bool(np.abs((apart - np.rint(apart)) @ cell).max() < _SAME_PLACE)


def _primitive_matrix(data: Mapping[str, Any]) -> Floats | None:
    """Return the primitive vectors as columns in units of the supercell's, where the file names both matrices."""
    if data.get("primitive_matrix") is None or data.get("supercell_matrix") is None:
        return None
    primitive, supercell = np.array(data["primitive_matrix"], dtype=np.float64), np.array(data["supercell_matrix"], dtype=np.float64)
    if primitive.shape != (3, 3) or supercell.shape != (3, 3):
        return None
    return np.asarray(np.linalg.inv(supercell) @ primitive)


def _system(shown: str, formula: str) -> str:
    folder = (PurePath(shown) if not Path(shown).is_file() else Path(shown).resolve()).parent.name
    return formula if folder in {"", formula} else f"{formula} ({folder})"
