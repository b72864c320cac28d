"""Which files of a folder or an archive are worth reading, and what a path of the user stands for."""

from __future__ import annotations

import glob
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from guiapp.errors import UserFacingError

_WILDCARDS = set("*?[")
# What a run leaves behind and what repeats other files; CHGCAR and its like begin as a POSCAR does.
_NEVER = (
    "aeccar", "bsefatband", "chg", "doscar", "dynmat", "eigenval", "elfcar", "hills", "ibzkpt", "icconst", "incar", "kpoints",
    "license", "locpot", "oszicar", "parchg", "pcdat", "penaltypot", "potcar", "procar", "proout", "readme", "report",
    "source.md", "stopcar", "tmpcar", "vaspout.h5", "waveder", "wavecar", "xdatcar",
)  # fmt: skip
_RUN_FILES = ("vasprun", "outcar", "contcar", "poscar")
"""Files of one VASP run, the richest first: of one folder only the richest kind is read."""
_PHONOPY, _FORCE_SETS, _DISPLACED_FOLDER = "phonopy", "force_sets", "disp"
"""Beginnings of lower-case names: phonopy's YAML, the forces beside it, and folders with the VASP run of one displacement."""


@dataclass(frozen=True)
class Named:
    """One path as the user gave it, and the files it stands for."""

    path: str
    files: tuple[tuple[Path, str], ...]
    """Each file with its label: its path inside what the user named."""
    is_one_file: bool
    """True where the user named exactly this file, so that it must be readable."""


def expand(path: str | Path) -> Named:
    """Find the files that a file name, a folder (searched recursively) or a pattern with wildcards stands for.

    Raises:
        UserFacingError: If there is no such file, or the folder holds none.
    """
    shown = str(path)
    place = Path(shown).expanduser()
    if place.is_file() and place.name.lower() == _FORCE_SETS:
        place = _yaml_beside(place)
    if place.is_file():
        return Named(shown, ((place, place.name),), is_one_file=True)
    if place.is_dir():
        inside = {file.relative_to(place).as_posix(): file for file in place.rglob("*") if file.is_file()}
        chosen = tuple((inside[name], name) for name in worth_reading(inside))
        if not chosen:
            raise UserFacingError(
                "This folder holds no file that could be read.", advice="Choose the folder with the DFT results.", path=shown
            )
        return Named(shown, chosen, is_one_file=False)
    if _WILDCARDS & set(shown):
        return _expand_pattern(shown)
    raise UserFacingError("There is no such file or folder.", advice="Check the spelling of the path.", path=shown)


def _yaml_beside(force_sets: Path) -> Path:
    """Return phonopy's YAML in the folder of a FORCE_SETS, which alone says nothing about the crystal; the file itself without one."""
    found = [file.name for file in force_sets.parent.iterdir() if _is_phonopy(file.name)]
    return force_sets.with_name(max(found, key=_phonopy_rank)) if found else force_sets


def _expand_pattern(pattern: str) -> Named:
    found = sorted(Path(name) for name in glob.glob(str(Path(pattern).expanduser()), recursive=True) if Path(name).is_file())  # noqa: PTH207 - Path.glob takes no absolute pattern
    if not found:
        raise UserFacingError("No file matches this pattern.", advice="Check the pattern, e.g. runs/*/vasprun.xml.", path=pattern)
    fixed = Path(*_before_wildcard(Path(pattern).expanduser().parts))
    labelled = {file.relative_to(fixed).as_posix(): file for file in found}
    return Named(pattern, tuple((labelled[label], label) for label in worth_reading(labelled)), is_one_file=False)


def _before_wildcard(parts: tuple[str, ...]) -> list[str]:
    fixed: list[str] = []
    for part in parts:
        if _WILDCARDS & set(part):
            break
        fixed.append(part)
    return fixed


def worth_reading(names: Collection[str]) -> list[str]:
    """Pick the files of a folder or archive that may hold frames, in natural order.

    Hidden files and files that never hold frames are left out. Where one directory holds several files of one VASP run only
    the richest is kept (vasprun.xml, else OUTCAR, else CONTCAR, else POSCAR), so that no frame comes twice and no starting
    structure comes without labels beside its own result. A directory with displaced supercells of phonopy is one crystal: only its
    YAML with the most in it is read, which finds the forces beside itself.

    Args:
        names: Paths inside the folder, with forward slashes.

    Returns:
        The chosen paths.
    """
    by_folder: dict[str, list[str]] = {}
    for name in names:
        path = PurePosixPath(name)
        if not any(part.startswith(".") for part in path.parts) and not path.name.lower().startswith(_NEVER):
            by_folder.setdefault(str(path.parent), []).append(name)
    crystals = {folder: yaml for folder, members in by_folder.items() if (yaml := _crystal(members))}
    chosen = [
        name
        for folder, members in by_folder.items()
        if folder not in crystals and not _belongs_to_crystal(PurePosixPath(folder), crystals)
        for name in _richest(members)
    ]
    return sorted([*chosen, *crystals.values()], key=natural_order)


def _crystal(members: list[str]) -> str:
    """Return phonopy's YAML of a directory with displaced supercells, or nothing.

    A bare ``phonopy.yaml`` may lie beside any calculation; with forces beside it, or under its two other names, it is one of displacements.
    """
    found = [name for name in members if _is_phonopy(PurePosixPath(name).name)]
    if not found:
        return ""
    best = max(found, key=_phonopy_rank)
    has_forces = any(PurePosixPath(name).name.lower() == _FORCE_SETS for name in members)
    return best if has_forces or any(_phonopy_rank(best)[:2]) else ""


def _is_phonopy(name: str) -> bool:
    lower = name.lower()
    return lower.startswith(_PHONOPY) and lower.endswith((".yaml", ".yaml.xz", ".yaml.gz"))


def _phonopy_rank(name: str) -> tuple[bool, bool, str]:
    """Order ``phonopy_params.yaml``, which holds forces, after ``phonopy_disp.yaml``, and both after ``phonopy.yaml``."""
    own = PurePosixPath(name).name.lower()
    return "params" in own, "disp" in own, own


def _belongs_to_crystal(folder: PurePosixPath, crystals: Collection[str]) -> bool:
    return folder.name.lower().startswith(_DISPLACED_FOLDER) and str(folder.parent) in crystals


def _richest(members: list[str]) -> list[str]:
    kinds = {name: _run_rank(PurePosixPath(name).name.lower()) for name in members}
    best = min((kind for kind in kinds.values() if kind is not None), default=None)
    return [name for name, kind in kinds.items() if kind is None or kind == best]


def _run_rank(name: str) -> int | None:
    return next((rank for rank, prefix in enumerate(_RUN_FILES) if name.startswith(prefix)), None)


def natural_order(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key that puts ``disp-2`` before ``disp-10``."""
    parts: list[tuple[int, int | str]] = []
    digits = ""
    for character in name + "\0":
        if character.isdecimal() and character.isascii():
            digits += character
            continue
        if digits:
            parts.append((0, int(digits)))
            digits = ""
        parts.append((1, character))
    return tuple(parts)
