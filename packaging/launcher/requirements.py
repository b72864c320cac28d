"""The pinned packages: what belongs into the environment, and whether it is there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]
RUNTIME = FOLDER / "requirements.txt"
TEST = FOLDER / "requirements-test.txt"
CLUSTER = FOLDER / "requirements-cluster.txt"
"""An extra that nobody is given unasked; see ``resources/docs/cluster.md``."""
CONSTRAINTS = FOLDER / "constraints.txt"


def pins(*files: Path) -> dict[str, str]:
    """Return the pinned version of each package of requirement files, by normalised name."""
    found: dict[str, str] = {}
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            requirement = line.split("#")[0].split(";")[0].strip()
            if requirement:
                name, version = requirement.split("==")
                found[normalised(name)] = version.strip()
    return found


def normalised(name: str) -> str:
    """Return a package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower().strip()


def fingerprint(files: Sequence[Path], python: str) -> str:
    """Return what changes whenever the environment has to: content of the files and version of Python."""
    digest = hashlib.sha256(python.encode())
    for file in files:
        digest.update(b"\0" + file.read_bytes().replace(b"\r\n", b"\n"))  # git may change line ends on Windows
    return digest.hexdigest()


def lacking(wanted: dict[str, str], site_packages: Path) -> list[str]:
    """Return the packages that are absent or of another version, by looking at the folder only.

    Args:
        wanted: Versions by normalised name.
        site_packages: Folder of the environment's packages.
    """
    present: dict[str, str] = {}
    if site_packages.is_dir():
        for folder in site_packages.glob("*.dist-info"):
            name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
            present[normalised(name)] = version.split("+")[0]  # 2.13.0+cpu is the build of 2.13.0 for the processor
    return sorted(name for name, version in wanted.items() if present.get(name) != version)
