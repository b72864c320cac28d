"""Every term that is shown, explained: one sentence, the formula, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True)
class Term:
    """One explained term."""

    key: str
    """What code and menus call it, e.g. ``softening scale``."""
    title: str
    sentence: str
    """What it is, for somebody who has not read the paper."""
    formula: str
    """In plain text; empty where the sentence says it all."""
    link: str
    """Web address of the source; empty where there is none."""
    source: str
    """What the link opens, in words."""


@cache
def all_terms() -> dict[str, Term]:
    """Return every term by its key, in alphabetical order."""
    text = resources.files("guiapp.ui").joinpath("terms.yaml").read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    sources = content["sources"]
    terms = {}
    for key, entry in sorted(content["terms"].items()):
        source = sources[entry["source"]] if "source" in entry else {"title": "", "link": ""}
        terms[key] = Term(key, entry["title"], entry["sentence"], entry.get("formula", ""), source["link"], source["title"])
    return terms


def explain(term: str) -> Term:
    """Return the explanation of a term.

    Args:
        term: Its key, in any case.

    Raises:
        KeyError: Where no such term is explained: a bug of the caller.
    """
    return all_terms()[term.casefold()]
