"""What may follow the words ``correct`` and ``label`` on the command line; imports nothing heavy, so that --help is quick."""

from __future__ import annotations

import argparse
from pathlib import Path

from guiapp.benchmarks.frame_filter import DEFAULT_LARGEST_FORCE


def add_correct_arguments(correct: argparse.ArgumentParser) -> None:
    """Add what may follow ``correct``."""
    correct.add_argument("data", nargs="+", metavar="DATA", help="files with DFT forces, or the name of a shipped set (see: data)")
    correct.add_argument("--model", required=True, metavar="NAME", help="the model by name (see: models) or weights file")
    correct.add_argument(
        "--target", metavar="COMPOUND[,...]", default="", help="compounds that shall become accurate (default: where most can be gained)"
    )
    correct.add_argument(
        "--label", metavar="auto|FRAME[,...]", default="auto", help="frames to fit, e.g. LiF/'frame 2' (default: the program's choice)"
    )
    correct.add_argument("--labels", type=int, default=1, metavar="N", help="how many labels the program chooses (default: %(default)s)")
    correct.add_argument(
        "--method",
        choices=["scale", "readout", "full"],
        default="scale",
        help="one scalar (default), the readout from about 5 labels, or all weights from about 10",
    )
    correct.add_argument("--slope-matching", action="store_true", help="c = 1/a instead of least squares")
    correct.add_argument("--epochs", type=int, default=100, metavar="N", help="of readout and full (default: %(default)s)")
    correct.add_argument(
        "--learning-rate", type=float, default=1e-3, metavar="X", help="of readout and full, at first (default: %(default)g)"
    )
    correct.add_argument(
        "--ema", type=float, metavar="DECAY", help="keep a moving average of the weights, e.g. 0.99 (default: the weights)"
    )
    correct.add_argument(
        "--early-stop", type=int, metavar="N", help="end after N epochs without a better validation error (default: run all)"
    )
    correct.add_argument(
        "--replay",
        type=float,
        default=0.0,
        metavar="X",
        help="against forgetting: X general frames a label in every epoch, e.g. 1 (default: 0)",
    )
    correct.add_argument(
        "--taylor", type=float, default=0.0, metavar="W", help="weight of the Taylor loss, which needs no labels (default: 0)"
    )
    correct.add_argument(
        "--consistency", type=float, default=0.0, metavar="W", help="weight of the loss of two routes to one point (default: 0)"
    )
    correct.add_argument(
        "--displacement", type=float, default=0.02, metavar="Å", help="largest step of an atom for both (default: %(default)g)"
    )
    correct.add_argument("--skip-families", action="store_true", help="do not try equations of state, phonons and the other families")
    correct.add_argument(
        "--max-force", type=float, default=DEFAULT_LARGEST_FORCE, metavar="EV_PER_A", help="leave out frames with a larger DFT force"
    )
    correct.add_argument("--override", action="store_true", help="export even against the verdict; the model card tells")
    correct.add_argument("--out", type=Path, default=Path("temper-correction"), metavar="DIR", help="(default: %(default)s)")
    correct.add_argument("--project", type=Path, metavar="FILE", help="project file that keeps the predictions (default: one in DIR)")
    correct.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
