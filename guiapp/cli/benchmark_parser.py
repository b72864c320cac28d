"""The arguments of the command ``benchmark``, which measures the program itself."""

from __future__ import annotations

import argparse
from pathlib import Path

GROUP_NAMES = ("softening", "relaxation", "kernel", "fine-tuning", "mace", "matgl", "kept", "frames", "atoms", "workers", "window")


def add_benchmark_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what ``benchmark`` takes."""
    parser.add_argument("--quick", action="store_true", help="a few minutes instead of half an hour")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="Markdown file to write (default: resources/docs/performance.md of the program's folder)"
    )
    parser.add_argument("--mace", default="", metavar="MODEL", help="measure this MACE model too, by name or file")
    parser.add_argument(
        "--matgl", action="append", default=[], metavar="FOLDER", help="measure this M3GNet or TensorNet too; may be repeated"
    )
    parser.add_argument("--only", default="", metavar="GROUP[,GROUP...]", help=f"measure only some of: {', '.join(GROUP_NAMES)}")
