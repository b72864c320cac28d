"""Last step of the reference sets: copy the labels of one family to the folder that is shipped and write its metadata.

Usage: ``python describe.py FAMILY [--folder FOLDER] [--target resources/reference]``. States what is labelled and what is still missing,
so that a set may be shipped while its runs go on.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from ase import Atoms
from ase.io import read
from volumes import PERCENT

HERE = Path(__file__).resolve().parent


def frames_of(path: Path) -> list[Atoms]:
    """Return the frames of a file, none where it does not exist."""
    return list(read(str(path), ":", format="extxyz")) if path.exists() else []


def wanted(structures: list[Atoms]) -> list[tuple[str, str]]:
    """Return (system, frame) of every label that the family will have when it is complete."""
    names = []
    for atoms in structures:
        system, frame = str(atoms.info["system"]), str(atoms.info["frame"])
        names.append((system, frame))
        if atoms.info["role"] == "equilibrium":
            names += [(system, f"{system}/{percent}") for percent in PERCENT]
        if atoms.info.get("relax") == "positions":
            names.append((system, f"{frame}/relaxed"))
    return names


def what_is_missing(structures: list[Atoms], labels: list[Atoms]) -> str:
    """Return in one sentence what the family lacks."""
    done = {str(atoms.info["frame"]) for atoms in labels}
    missing: dict[str, list[str]] = {}
    begun = set()
    for system, frame in wanted(structures):
        if frame in done:
            begun.add(system)
        else:
            missing.setdefault(system, []).append(frame.removeprefix(f"{system}/"))
    if not missing:
        return "nothing that was planned"
    parts = [f"{system} ({', '.join(frames)})" if system in begun else f"all of {system}" for system, frames in missing.items()]
    return "not labelled yet: " + "; ".join(parts)


def metadata(family: str, structures: list[Atoms], labels: list[Atoms]) -> dict[str, Any]:
    """Return what the set says about itself.

    Args:
        family: Name of the family.
        structures: All structures that are planned.
        labels: Frames that are labelled.

    Returns:
        Contents of ``metadata.yaml``.
    """
    texts = yaml.safe_load((HERE / "families.yaml").read_text(encoding="utf-8"))
    systems = Counter(str(atoms.info["system"]) for atoms in labels)
    hours = sum(float(atoms.info.get("cpu_s", 0.0)) for atoms in labels) / 3600
    return {
        "title": texts[family]["title"],
        "family": family,
        **texts["shared"],
        "recipe": texts[family]["recipe"],
        "structure": texts[family]["structure"],
        "labelled": {"frames": len(labels), "systems": dict(systems), "cpu_hours": round(hours, 2)},
        "missing": what_is_missing(structures, labels),
    }


def main(arguments: list[str]) -> int:
    """Copy the labels of a family and write its metadata; return 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family")
    parser.add_argument("--folder", type=Path, default=HERE.parent)
    parser.add_argument("--target", type=Path, default=HERE.parent)
    chosen = parser.parse_args(arguments)
    source, target = chosen.folder / chosen.family, chosen.target / chosen.family
    labels = frames_of(source / "labels.extxyz")
    target.mkdir(parents=True, exist_ok=True)
    if source.resolve() != target.resolve():
        shutil.copyfile(source / "labels.extxyz", target / "labels.extxyz")
    systems = {str(atoms.info["system"]) for atoms in labels}
    for description in sorted(source.glob("*/phonopy_disp.yaml")):
        if description.parent.name in systems and source.resolve() != target.resolve():
            (target / description.parent.name).mkdir(exist_ok=True)
            shutil.copyfile(description, target / description.parent.name / description.name)
    content = metadata(chosen.family, frames_of(source / "structures.extxyz"), labels)
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=140)
    (target / "metadata.yaml").write_text(text, encoding="utf-8", newline="\n")
    print(chosen.family, len(labels), "frames;", content["missing"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
