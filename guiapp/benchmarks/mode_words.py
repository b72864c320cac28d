"""How the modes of a family are named wherever people read them."""

from __future__ import annotations

from guiapp.benchmarks.family import NEB, RELAXED, STATIC

_WORDS = {STATIC: "on DFT's geometries", RELAXED: "relaxed by the model", NEB: "path found by the model"}


def mode_words(mode: str) -> str:
    """Return what a mode means, e.g. ``relaxed by the model``; a mode of a newer project is named as it is."""
    return _WORDS.get(mode, mode)


def mode_remark(mode: str) -> str:
    """Return the same where only what is unusual is said: nothing for DFT's own geometries."""
    return "" if mode == STATIC else mode_words(mode)
