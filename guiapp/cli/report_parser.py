"""What may follow the word ``report`` on the command line; imports nothing heavy, so that --help is quick."""

from __future__ import annotations

import argparse
from pathlib import Path

from guiapp.benchmarks.frame_filter import DEFAULT_LARGEST_FORCE


def add_report_arguments(report: argparse.ArgumentParser) -> None:
    """Add what may follow ``report``."""
    report.add_argument("place", type=Path, metavar="PROJECT_OR_RESULTS", help="project file, or the folder of bench, demo or correct")
    report.add_argument("--out", type=Path, metavar="DIR", help="folder of the report (default: a folder “report” beside the project)")
    report.add_argument(
        "--max-force", type=float, default=DEFAULT_LARGEST_FORCE, metavar="EV_PER_A", help="leave out frames with a larger DFT force"
    )
