"""Ready-to-run input for one structure: VASP, Quantum ESPRESSO, CP2K or GPAW, each with a README and a job script.

The functional is that of the model's training data, and the settings are tight enough for forces: an error of the label becomes an error
of the correction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from guiapp.correction import dft_templates
from guiapp.correction.dft_templates import LabelInput
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.writing import write_extxyz

STRUCTURE = "structure.extxyz"
RESULT = "result.extxyz"
_K_INSULATOR, _K_SMALL_GAP, _K_METAL = 2.0, 4.0, 6.0
"""k-points per Å^-1 of reciprocal length for forces to 0.01 eV/Å (convergence table of the shipped set)."""
_IONIC = 1.7
"""Difference of Pauling electronegativities from which a compound of main-group elements counts as an insulator."""
_HARD = frozenset({"H", "B", "C", "N", "O", "F", "Cr", "Mn", "Fe", "Co", "Ti", "V", "Ni", "Cu", "Zn"})
"""Elements whose valence states need a cut-off of 800 eV in GPAW (same table)."""
_MAGNETIC = {"V": 3.0, "Cr": 4.0, "Mn": 5.0, "Fe": 5.0, "Co": 3.0, "Ni": 2.0}
"""Elements that start with a moment, Bohr magnetons, as in the Materials Project's sets (high spin)."""


class Code(StrEnum):
    """A DFT program."""

    VASP = "vasp"
    ESPRESSO = "quantum-espresso"
    CP2K = "cp2k"
    GPAW = "gpaw"


@dataclass(frozen=True)
class DftInput:
    """Input for one program, as it was written."""

    code: Code
    folder: Path
    files: tuple[str, ...]
    missing: tuple[str, ...]
    """What the user must add, e.g. pseudopotentials that may not be distributed."""
    remarks: tuple[str, ...]
    """What to know, e.g. that the training data use a Hubbard U here."""
    result: str
    """The file to bring back."""


def write_dft_input(frame: Frame, folder: Path, *, codes: Sequence[Code] = tuple(Code), functional: str = "PBE") -> tuple[DftInput, ...]:
    """Write input for one structure, a folder a program.

    Args:
        frame: The structure to label; forces and energy of it are not needed.
        folder: Where to; made where it is missing.
        codes: Which programs.
        functional: As the model's card names it, e.g. ``PBE / PBE+U``; decides between PBE and r2SCAN.

    Returns:
        What was written and what is missing, in the order of ``codes``.

    Raises:
        UserFacingError: Where the frame has no cell, the functional is neither, or the folder cannot be written.
    """
    if not frame.n_atoms or frame.volume == 0 or not all(frame.pbc):
        raise UserFacingError("Only crystals can be written as DFT input here.", advice="Give the structure a periodic cell.")
    if not frame.elements or "X" in frame.elements:
        raise UserFacingError("The structure holds something that is no element.", advice="Correct the structure first.")
    name = _functional(functional)
    writers: dict[Code, Callable[[Frame, Path, str], DftInput]] = {
        Code.VASP: _write_vasp,
        Code.ESPRESSO: _write_espresso,
        Code.CP2K: _write_cp2k,
        Code.GPAW: _write_gpaw,
    }
    if name != "PBE" and set(codes) - {Code.VASP}:
        raise UserFacingError(f"Input for {name} is written for VASP only.", advice="Choose VASP, or label with another program yourself.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_extxyz([frame.with_changes(energy=None, forces=None, stress=None, magmoms=None)], folder / STRUCTURE)
        written = []
        for code in codes:
            (folder / code.value).mkdir(exist_ok=True)
            written.append(writers[code](frame, folder / code.value, name))
    except OSError as error:
        raise UserFacingError(
            f"The input cannot be written: {error.strerror}.", advice="Choose a folder that you may write to.", path=folder
        ) from error
    return tuple(written)


def k_density(frame: Frame) -> float:
    """Return the k-points per Å^-1 that forces need: few in an ionic insulator, many in a metal; where in doubt as for a small gap.

    Args:
        frame: A frame of known elements.
    """
    from pymatgen.core import Element

    elements = [Element(symbol) for symbol in sorted(frame.elements)]
    if all(element.is_metal for element in elements):
        return _K_METAL
    values = [element.X for element in elements]
    ionic = max(values) - min(values) >= _IONIC
    return _K_INSULATOR if ionic and not any(element.is_transition_metal for element in elements) else _K_SMALL_GAP


def k_mesh(frame: Frame, density: float | None = None) -> tuple[int, int, int]:
    """Return the Gamma-centred mesh of a cell.

    Args:
        frame: A frame with a cell.
        density: k-points per Å^-1 of reciprocal length, 2 pi included; what the elements need where not given.
    """
    density = k_density(frame) if density is None else density
    lengths = 2 * np.pi * np.linalg.norm(np.linalg.inv(frame.cell), axis=0)
    a, b, c = (max(1, int(np.ceil(density * length - 1e-9))) for length in lengths)
    return a, b, c


def _functional(text: str) -> str:
    lowered = text.lower()
    if "r2scan" in lowered:
        return "r2SCAN"
    if "pbesol" not in lowered and ("pbe" in lowered or not lowered):
        return "PBE"
    raise UserFacingError(
        f"The model was trained on {text}, for which no input can be written here.", advice="Label the structure with your own input."
    )


def _write_vasp(frame: Frame, folder: Path, functional: str) -> DftInput:
    from pymatgen.core import Lattice, Structure
    from pymatgen.io.vasp.sets import MPScanStaticSet, MPStaticSet

    structure = Structure(Lattice(frame.cell), list(frame.symbols), frame.positions, coords_are_cartesian=True)
    # Tetrahedra give wrong forces in metals, and forces are what is wanted: Gaussian smearing, tighter electronic convergence.
    changes = {"ISMEAR": 0, "SIGMA": 0.05, "EDIFF": 1e-6, "LCHARG": False, "LWAVE": False, "NELM": 200}
    vasp_set = (MPStaticSet if functional == "PBE" else MPScanStaticSet)(structure, user_incar_settings=changes)
    incar, symbols = vasp_set.incar, list(vasp_set.potcar_symbols)
    _text(folder / "INCAR", str(incar))
    _text(folder / "POSCAR", vasp_set.poscar.get_str(significant_figures=16))
    files = ["INCAR", "POSCAR"]
    if vasp_set.kpoints is not None:
        _text(folder / "KPOINTS", str(vasp_set.kpoints))
        files.append("KPOINTS")
    missing: tuple[str, ...] = ()
    try:
        _text(folder / "POTCAR", str(vasp_set.potcar))
        files.append("POTCAR")
    except (ValueError, OSError, KeyError):
        # pymatgen says so in these ways where its POTCAR folder is not set up or lacks one; VASP's licence forbids to bring them along.
        _text(folder / "POTCAR.spec", "\n".join(symbols))
        files.append("POTCAR.spec")
        missing = (f"POTCAR: join those of {', '.join(symbols)} ({vasp_set.user_potcar_functional}) in this order",)
    hubbard = _hubbard(incar)
    remarks = (f"Hubbard U as in the Materials Project: {hubbard}",) if hubbard else ()
    label = LabelInput("VASP", functional, (*files, "job.sh"), missing, remarks, "vasprun.xml (or OUTCAR)", "mpirun vasp_std")
    return _finish(Code.VASP, frame, folder, label)


def _write_espresso(frame: Frame, folder: Path, functional: str) -> DftInput:
    elements = sorted(frame.elements)
    _text(folder / "pw.in", dft_templates.espresso(frame, k_mesh(frame), {e: _MAGNETIC[e] for e in elements if e in _MAGNETIC}))
    missing = (f"pseudopotentials {', '.join(f'{e}.UPF' for e in elements)} in ./pseudo (e.g. SSSP 1.3 PBE efficiency, renamed)",)
    command = "mpirun pw.x -in pw.in > pw.out"
    label = LabelInput("Quantum ESPRESSO", functional, ("pw.in", "job.sh"), missing, _without_u(frame), "pw.out", command)
    return _finish(Code.ESPRESSO, frame, folder, label)


def _write_cp2k(frame: Frame, folder: Path, functional: str) -> DftInput:
    moments = {e: _MAGNETIC[e] for e in sorted(frame.elements) if e in _MAGNETIC}
    _text(folder / "run_cp2k.py", dft_templates.cp2k(f"../{STRUCTURE}", RESULT, k_mesh(frame), moments, sorted(frame.elements)))
    missing = ("ase and a cp2k_shell in the path; CP2K's own data folder (BASIS_MOLOPT, GTH_POTENTIALS)",)
    label = LabelInput("CP2K", functional, ("run_cp2k.py", "job.sh"), missing, _without_u(frame), RESULT, "python run_cp2k.py")
    return _finish(Code.CP2K, frame, folder, label)


def _write_gpaw(frame: Frame, folder: Path, functional: str) -> DftInput:
    cutoff = 800 if frame.elements & _HARD else 600
    moments = {e: _MAGNETIC[e] for e in sorted(frame.elements) if e in _MAGNETIC}
    _text(folder / "run_gpaw.py", dft_templates.gpaw(f"../{STRUCTURE}", RESULT, k_mesh(frame), moments, cutoff))
    missing = ("GPAW with its PAW setups (gpaw install-data, or the package gpaw-data)",)
    command = "mpirun gpaw python run_gpaw.py"
    label = LabelInput("GPAW", functional, ("run_gpaw.py", "job.sh"), missing, _without_u(frame), RESULT, command)
    return _finish(Code.GPAW, frame, folder, label)


def _without_u(frame: Frame) -> tuple[str, ...]:
    """Warn where the Materials Project would use a Hubbard U that this input lacks."""
    from pymatgen.core import Lattice, Structure
    from pymatgen.io.vasp.sets import MPStaticSet

    structure = Structure(Lattice(frame.cell), list(frame.symbols), frame.positions, coords_are_cartesian=True)
    hubbard = _hubbard(MPStaticSet(structure).incar)
    if not hubbard:
        return ()
    return (
        f"The model's training data use PBE+U here ({hubbard}); this input is plain PBE, so its forces would teach another functional.",
    )


def _hubbard(incar: object) -> str:
    """Return e.g. ``Fe 5.3 eV``, empty without a U; pymatgen keeps the element's name in the POSCAR only."""
    tags: dict[str, object] = dict(incar)  # type: ignore[call-overload]
    values = tags.get("LDAUU")
    if not tags.get("LDAU") or not isinstance(values, (list, tuple)) or not any(values):
        return ""
    return "U = " + ", ".join(f"{float(value):g}" for value in values) + " eV in the order of the POSCAR"


def _finish(code: Code, frame: Frame, folder: Path, label: LabelInput) -> DftInput:
    _text(folder / "job.sh", dft_templates.job_script(label.command))
    title = f"{frame.compound or frame.formula} {frame.name}".strip()
    _text(folder / "README.md", dft_templates.readme(title, frame, label))
    return DftInput(code, folder, (*label.files, "README.md"), label.missing, label.remarks, label.result)


def _text(path: Path, text: str) -> None:
    path.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8", newline="\n")
