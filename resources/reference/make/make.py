"""Make one family of the reference sets: structures with this Python, labels with the one that has GPAW.

Usage: ``python make.py FAMILY [--gpaw-python /usr/bin/python3] [--folder FOLDER] [options of labels.py]``.
Families: eos (first, the others start from its relaxed cells), phonons, surfaces, migration, solid-solution, defects. Stop it at any moment
and run it again: frames that are labelled are skipped. ``describe.py`` then writes the metadata.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import structures

HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    """Write the structures of a family and label them; return what the labelling returns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=sorted(structures.MODULES))
    parser.add_argument("--gpaw-python", default="/usr/bin/python3", help="a Python with GPAW 22.8 or later")
    parser.add_argument("--folder", type=Path, default=HERE.parent)
    chosen, rest = parser.parse_known_args(arguments)
    structures.main([chosen.family, "--folder", str(chosen.folder)])
    command = [chosen.gpaw_python, str(HERE / "labels.py"), chosen.family, "--folder", str(chosen.folder), *rest]
    # one thread: two OpenMP threads on a busy machine make every calculation slower
    return subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False).returncode  # noqa: S603 - the user's own command


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
