"""Texts that SQLite takes."""

from __future__ import annotations


def storable(text: str) -> str:
    """Return a text without lone surrogates: names made of file names may hold bytes that are no valid Unicode."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
