"""What may follow the word ``models`` on the command line; imports nothing, so that --help is quick."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_parsers(models: argparse.ArgumentParser) -> None:
    """Add what may follow the word ``models``; nothing lists them."""
    actions = models.add_subparsers(dest="action", metavar="ACTION")
    test = actions.add_parser("test", help="test whether a model's numbers can be believed")
    test.add_argument("name", metavar="NAME", help="a model's name, or its weights file")
    test.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    install = actions.add_parser("install", help="download a model, or make the environment that it needs")
    install.add_argument("name", metavar="NAME")
    add = actions.add_parser("add", help="give a weights file or folder a name, or allow an ase calculator (ase:module:Class?key=value)")
    add.add_argument("place", metavar="FILE")
    add.add_argument("--name", metavar="NAME", help="by default the file's name without its ending")
    remove = actions.add_parser("remove", help="forget a name or calculator, or delete a model's environment or download")
    remove.add_argument("name", metavar="NAME")
    consent = actions.add_parser("trust", help="consent to open a file that runs code when it is opened")
    consent.add_argument("file", metavar="FILE", type=Path, nargs="?", help="without one, the consents so far are listed")
    consent.add_argument("--anyway", action="store_true", help="even where the file imports what no genuine model needs")
    kernel = actions.add_parser("kernel", help="tell whether CHGNet runs on its compiled kernel here, or turn that on or off")
    kernel.add_argument("switch", choices=["on", "off"], nargs="?", help="kept in the settings; TEMPER_CHGNET_KERNEL goes before it")
    withdraw = actions.add_parser("revoke", help="take such a consent back")
    withdraw.add_argument("file", metavar="FILE_OR_SHA256")
