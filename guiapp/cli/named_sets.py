"""Data sets that a command names instead of files: shipped ones, and those of the catalogue that are on this machine."""

from __future__ import annotations

import sys
from dataclasses import replace

from guiapp.frames.catalogue import catalogue, find_in_catalogue
from guiapp.frames.library import FOLDER, DataLibrary
from guiapp.frames.reading.read import Progress
from guiapp.frames.reference_set import ReferenceSet
from guiapp.frames.shipped import open_shipped, shipped_sets
from guiapp.potentials.user_folders import data_folder


def library() -> DataLibrary:
    """Return the user's library of downloaded data sets."""
    return DataLibrary(data_folder() / FOLDER)


def is_named_set(name: str) -> bool:
    """Tell whether a word is the name of a shipped set or of one in the catalogue."""
    return name in {one.name for one in shipped_sets()} | {one.name for one in catalogue()}


def open_named_set(name: str, *, stride: int = 1, limit: int | None = None, progress: Progress | None = None) -> ReferenceSet:
    """Read a shipped set, or one of the catalogue that is on this machine.

    Args:
        name: Its name.
        stride: Take every n-th frame; with 1, a large set of the catalogue is thinned as it suggests, and that is said.
        limit: Take at most this many frames.
        progress: As in ``read_frames``.

    Raises:
        UserFacingError: Where there is no such set, it is not on this machine, or it cannot be read.
    """
    if name in {one.name for one in shipped_sets()}:
        shipped = open_shipped(name, progress)
        return replace(shipped, frames=shipped.frames[::stride][:limit])
    one = find_in_catalogue(name)
    every = stride if stride > 1 else one.stride
    if every != stride:
        print(f"{name}: every {every}th frame is read (another number with --stride)", file=sys.stderr)
    return library().open(one, stride=every, limit=limit, progress=progress)
