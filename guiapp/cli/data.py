"""The command ``data``: list the reference sets, and bring public ones to this machine."""

from __future__ import annotations

import argparse
import textwrap

from guiapp.benchmarks.registry import families
from guiapp.cli.main import DONE
from guiapp.cli.named_sets import library
from guiapp.cli.progress_line import ProgressLine
from guiapp.frames.catalogue import CatalogueSet, catalogue, find_in_catalogue
from guiapp.frames.library import DataLibrary
from guiapp.frames.library_words import progress_words, state_words
from guiapp.frames.reference_set import Provenance
from guiapp.frames.shipped import shipped_sets

_WIDTH = 110


def run_data(options: argparse.Namespace) -> int:
    """Run one action of the command ``data``.

    Raises:
        UserFacingError: Where it is not possible.
    """
    if options.action is None:
        _list_sets(library())
        return DONE
    one, here = find_in_catalogue(options.name), library()
    if options.action == "download":
        _download(here, one)
    elif options.action == "add":
        here.add(one, options.file)
        print(f"{one.title}: {state_words(here.state(one))}")
    else:
        here.remove(one)
        print(f"{one.title}: {state_words(here.state(one))}")
    return DONE


def _list_sets(here: DataLibrary) -> None:
    print("Shipped with the program:\n")
    for shipped in shipped_sets():
        print(f"{shipped.name}: {shipped.title}, {shipped.n_frames:,} frames, family {shipped.family}")
        _print_provenance(shipped.provenance)
    for built_in in (one for family in families() for one in family.built_in_sets()):
        print(f"{built_in.name}: {built_in.title}, {len(built_in.frames):,} frames, family {built_in.family}")
        _print_provenance(built_in.provenance)
    print("\nPublic sets (fetch one with: data download NAME; use a file that you have with: data add NAME FILE):\n")
    for one in catalogue():
        print(f"{one.name}: {one.title}, {one.size}, family {one.family}")
        state = here.state(one)
        print(f"    {'state':<11}{state_words(state)}")
        if state.here and not state.given:
            print(f"    {'folder':<11}{here.folder / one.name}")
        _print_provenance(one.provenance)
        print(f"    {'page':<11}{one.page}")
    print("\nYour own data: name files, folders or patterns instead, e.g. bench run1/vasprun.xml 'md/*/OUTCAR.gz' set.extxyz")


def _print_provenance(provenance: Provenance) -> None:
    for title, value in (
        ("functional", provenance.functional),
        ("code", provenance.code),
        ("contains", provenance.recipe),
        ("licence", provenance.licence),
        ("cite", provenance.citation),
    ):
        print(textwrap.fill(value or "unknown", _WIDTH, initial_indent=f"    {title:<11}", subsequent_indent=" " * 15))


def _download(here: DataLibrary, one: CatalogueSet) -> None:
    line = ProgressLine(one.name)
    print(f"{one.title}, licence {one.provenance.licence}; cite {one.provenance.citation}")
    try:
        here.download(one, lambda progress: line.say(progress_words(progress)))
    finally:
        line.clear()
    print(f"{one.title}: {state_words(here.state(one))}")
    if one.labelled and one.reader == "frames":
        print(f"measure a model on it with: bench {one.name} --model NAME")
