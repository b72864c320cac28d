"""Choices that a model's name carries along: ``models/mine.model#head=omat_pbe#precision=float64``.

A worker process is told a model by its name alone, so what determines a prediction besides the weights has to be in the name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from guiapp.errors import UserFacingError

PRECISIONS = ("float32", "float64")
KERNELS = ("e3nn", "cuequivariance")
_CHOICES = {"precision": PRECISIONS, "kernels": KERNELS}
_MARK = "#"
_OPTION = re.compile(r"(?P<key>[a-z_]+)=(?P<value>[\w.+-]+)")


def split_options(name: str) -> tuple[str, dict[str, str]]:
    """Return a model's name or path without its options, and the options.

    Args:
        name: E.g. ``mine.model#head=omat_pbe``; a ``#`` that no ``key=value`` follows belongs to the name.
    """
    options: dict[str, str] = {}
    while _MARK in name:
        rest, _, last = name.rpartition(_MARK)
        match = _OPTION.fullmatch(last)
        if match is None:
            break
        options.setdefault(match["key"], match["value"])
        name = rest
    return name, options


def join_options(name: str, options: Mapping[str, str]) -> str:
    """Return the name of a model with its options, in one order for every spelling."""
    return _MARK.join([name, *(f"{key}={options[key]}" for key in sorted(options))])


def check_options(options: Mapping[str, str], known: Sequence[str], title: str) -> None:
    """Raise where a model has no such option or the option no such value.

    Args:
        options: As ``split_options`` returns them.
        known: The options that the model's family has.
        title: The model, for the message.

    Raises:
        UserFacingError: What can be chosen instead.
    """
    for key, value in options.items():
        if key not in known:
            has = f"It has {' and '.join(known)}." if known else "It has no options."
            raise UserFacingError(f"{title} has no option “{key}”.", advice=has)
        if value not in _CHOICES.get(key, (value,)):
            raise UserFacingError(f"“{value}” is no choice of {key}.", advice=f"Choose {' or '.join(_CHOICES[key])}.")
