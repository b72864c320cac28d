"""Names of reference sets made from the paths they were read from."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

_SUFFIX = re.compile(r"\.(gz|bz2|xz|lzma|tar|tgz|txz|json|jsonl|xyz|extxyz|xml|db|traj|cif|vasp|txt)$", re.IGNORECASE)
_SAYS_NOTHING = re.compile(
    r"(train(ing)?|test|valid(ation)?|data|labels?|frames?|vasprun|outcar|poscar|contcar|vaspruns|dft|structures?|results?)([-_.]?\d+)?",
    re.IGNORECASE,
)


def set_title(path: str) -> str:
    """Return a title for what was read from a path: its name, with the folder where the name alone says nothing.

    ``mlearn/Ge/training.json.gz`` becomes ``Ge training``, ``Ag-Au_DFT.tar.xz`` becomes ``Ag-Au_DFT``.
    """
    place = Path(path).expanduser()
    parts = [part for part in place.parts if part not in {place.anchor, ".", ".."} and not set("*?[") & set(part)]
    if not parts:
        parts = [place.resolve().name or "frames"]
    stem = parts[-1]
    while _SUFFIX.search(stem):
        stem = _SUFFIX.sub("", stem)
    if _SAYS_NOTHING.fullmatch(stem) and len(parts) > 1:
        return f"{parts[-2]} {stem}"
    return stem or parts[-1]


def set_name(title: str, taken: Collection[str]) -> str:
    """Return a stable identifier made of a title, unlike those taken."""
    base = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "frames"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name
