"""What may follow the word ``data`` on the command line; imports nothing, so that --help is quick."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_data_arguments(data: argparse.ArgumentParser) -> None:
    """Add what may follow the word ``data``; nothing lists all sets."""
    actions = data.add_subparsers(dest="action", metavar="ACTION")
    download = actions.add_parser("download", help="fetch a public data set; what an earlier attempt left is continued")
    add = actions.add_parser("add", help="use a file of a public data set that you have already; it stays where it is")
    remove = actions.add_parser("remove", help="delete a downloaded data set, or forget a file that was added")
    for action in (download, add, remove):
        action.add_argument("name", metavar="NAME", help="as listed by the command data")
    add.add_argument("file", metavar="FILE", type=Path)
