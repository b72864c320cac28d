"""Every term that is shown, explained: one sentence, the formula, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from guiapp.benchmarks.description import describe_family
from guiapp.plain_yaml import read_yaml


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
    content = read_yaml(text)
    sources = content["sources"]
    terms = {}
    for key, entry in sorted(content["terms"].items()):
        source = sources[entry["source"]] if "source" in entry else {"title": "", "link": ""}
        terms[key] = Term(key, entry["title"], entry["sentence"], entry.get("formula", ""), source["link"], source["title"])
    return terms


def family_term(family: str, quantity: str = "") -> str:
    """Return the key of a benchmark family, or of one of the quantities on its card.

    Args:
        family: Name in the registry.
        quantity: As in ``Row.quantity``; empty for the family itself.
    """
    return f"{family}: {quantity}".strip().casefold()


@cache
def _card_terms(family: str) -> dict[str, Term]:
    """Return what the card of a family says of the family and of its quantities, so that nothing is explained twice."""
    card = describe_family(family)
    terms = {family_term(family): Term(family_term(family), card.title, card.tooltip, card.formula, card.link, card.source)}
    for name, entry in card.terms.items():
        key = family_term(family, name)
        terms[key] = Term(key, entry.title, entry.text, entry.formula, card.link, card.source)
    return terms


def explain(term: str) -> Term:
    """Return the explanation of a term.

    Args:
        term: Its key, in any case; that of a family's quantity as ``family_term`` gives it.

    Raises:
        KeyError: Where no such term is explained: a bug of the caller.
    """
    key = term.casefold()
    family, colon, _ = key.partition(":")
    return _card_terms(family)[key] if colon else all_terms()[key]
