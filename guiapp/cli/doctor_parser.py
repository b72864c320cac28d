"""What may follow the word ``doctor`` on the command line; imports nothing, so that --help is quick."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_doctor_arguments(doctor: argparse.ArgumentParser) -> None:
    """Add the options of the command ``doctor``."""
    doctor.add_argument("data", nargs="+", metavar="DATA", help="files, folders, patterns, or names of data sets (see: data)")
    doctor.add_argument("--model", required=True, metavar="NAME", help="a model by name (see: models) or weights file")
    doctor.add_argument("--stride", type=int, default=1, metavar="N", help="take every N-th frame of each file")
    doctor.add_argument("--limit", type=int, metavar="N", help="take at most N frames of each DATA")
    doctor.add_argument("--out", type=Path, default=Path("temper-results"), metavar="DIR", help="results folder (default: %(default)s)")
    doctor.add_argument("--project", type=Path, metavar="FILE", help="project file that keeps the predictions (default: one in DIR)")
    doctor.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
