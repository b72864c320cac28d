"""One group of measurements in this process: ``python -m guiapp.speed GROUP FILE [--quick]``; the tables go to the file as JSON."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.speed.groups import GROUPS
from guiapp.speed.measurement import Extent, to_json


def main() -> int:
    """Measure one group."""
    parser = argparse.ArgumentParser()
    parser.add_argument("group", choices=list(GROUPS))
    parser.add_argument("file", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--mace", default="")
    parser.add_argument("--matgl", action="append", default=[])
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # the model packages warn of each other's deprecated calls
    try:
        measured = GROUPS[options.group](Extent(options.quick, options.mace, tuple(options.matgl)))
    except UserFacingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    options.file.write_text(to_json(measured), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
