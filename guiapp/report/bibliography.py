"""BibTeX of what a report rests on: the paper of the method, models, data, software."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from guiapp import __version__
from guiapp.frames.reference_set import ReferenceSet
from guiapp.potentials.potential import PotentialCard

_SOFTENING = """@article{Deng2025softening,
  author  = {Deng, Bowen and Choi, Yunyeong and Zhong, Peichen and Riebesell, Janosh and Anand, Shashwat and Li, Zhuohan and Jun, KyuJung and Persson, Kristin A. and Ceder, Gerbrand},
  title   = {Systematic softening in universal machine learning interatomic potentials},
  journal = {npj Computational Materials},
  volume  = {11},
  pages   = {9},
  year    = {2025},
  doi     = {10.1038/s41524-024-01500-6}
}"""  # noqa: E501 - an entry is not broken inside a name list
_SOFTWARE = {
    "ase": (
        "Larsen et al., “The atomic simulation environment—a Python library for working with atoms”, "
        "J. Phys.: Condens. Matter 29, 273002 (2017), doi:10.1088/1361-648X/aa680e"
    ),
    "pymatgen": (
        "Ong et al., “Python Materials Genomics (pymatgen)”, Comput. Mater. Sci. 68, 314 (2013), doi:10.1016/j.commatsci.2012.10.028"
    ),
    "phonopy": "Togo and Tanaka, “First principles phonon calculations in materials science”, Scr. Mater. 108, 1 (2015), "
    "doi:10.1016/j.scriptamat.2015.07.021",
    "torch": "Paszke et al., “PyTorch”, NeurIPS 32 (2019), arXiv:1912.01703",
    "numpy": "Harris et al., “Array programming with NumPy”, Nature 585, 357 (2020), doi:10.1038/s41586-020-2649-2",
    "scipy": "Virtanen et al., “SciPy 1.0”, Nature Methods 17, 261 (2020), doi:10.1038/s41592-019-0686-2",
}
_DOI = re.compile(r"\b(?:doi:|https?://doi\.org/)\s*(10\.\d{4,9}/[^\s,;]+)", re.IGNORECASE)
_ARXIV = re.compile(r"\barXiv:\s*(\d{4}\.\d{4,5})", re.IGNORECASE)
_YEAR = re.compile(r"\((19|20)(\d\d)\)")
_TITLE = re.compile(r"“([^”]+)”")
_SPECIAL = str.maketrans({"&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "$": r"\$", "{": "(", "}": ")", "\\": "/"})


def bibliography(
    cards: Iterable[PotentialCard],
    sets: Iterable[ReferenceSet],
    *,
    families: Sequence[str] = (),
    corrections: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Return a BibTeX file.

    Args:
        cards: Models that were measured.
        sets: Reference sets with their citations.
        families: Names of the families, since phonons need phonopy.
        corrections: What the card of each corrected model asks to cite, by its name.

    Returns:
        Entries, each once, in the order method, models, data, software.
    """
    entries = [_SOFTENING]
    seen: set[str] = set()
    for kind, texts in (
        ("model", [(card.title, one) for card in cards for one in card.citation.split("; ")]),
        ("data", [(one.title, text) for one in sets for text in one.provenance.citation.split("; ")]),
        ("correction", [(name, text) for name, lines in (corrections or {}).items() for text in lines if not _is_known(text)]),
    ):
        for used_for, text in texts:
            if text.strip() and text not in seen:
                seen.add(text)
                entries.append(citation_entry(text.strip(), f"{kind.capitalize()}: {used_for}"))
    packages = [name for name in _SOFTWARE if name != "phonopy" or "phonons" in families]
    entries += [citation_entry(_SOFTWARE[package], f"Software: {package} {_version(package)}", key=package) for package in packages]
    entries.append(f"@software{{temper,\n  title   = {{Temper}},\n  version = {{{__version__}}}\n}}")
    return "\n\n".join(_distinct(entries)) + "\n"


def _is_known(text: str) -> bool:
    """Whether a line of a model card names the paper of the method or this program, which stand here anyway."""
    return "Systematic softening" in text or text.startswith("Temper ")


def citation_entry(text: str, note: str, *, key: str = "") -> str:
    """Return one citation, as a card or a set gives it in words, as a BibTeX entry; every word of it is kept.

    Args:
        text: E.g. ``Chen and Ong, Nature Computational Science 2, 718 (2022), doi:10.1038/s43588-022-00349-3``.
        note: What it was used for.
        key: Of the entry; from the first author and the year where not given.
    """
    dated = _YEAR.search(text)
    year = f"{dated.group(1)}{dated.group(2)}" if dated else ""
    doi, arxiv, title = _DOI.search(text), _ARXIV.search(text), _TITLE.search(text)
    author = re.split(r",| and | et al", text)[0].strip()
    fields = {
        "author": _escaped(f"{author} and others" if " et al" in text or " and " in text.split(",", maxsplit=1)[0] else author),
        "title": _escaped(title.group(1) if title else text),
        "year": year,
        "doi": doi.group(1).rstrip(".") if doi else "",
        "eprint": arxiv.group(1) if arxiv else "",
        "archiveprefix": "arXiv" if arxiv else "",
        "howpublished": _escaped(text),
        "note": _escaped(note),
    }
    lines = ",\n".join(f"  {name:<13} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{key or _key(author, year)},\n{lines}\n}}"


def _key(author: str, year: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", f"{author.rsplit(maxsplit=1)[-1] if author.split() else 'source'}{year}") or "source"


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)


def _distinct(entries: Sequence[str]) -> list[str]:
    """Give equal keys a letter."""
    counts: dict[str, int] = {}
    named = []
    for entry in entries:
        head, _, rest = entry.partition(",")
        count = counts[head] = counts.get(head, 0) + 1
        named.append(f"{head}{'' if count == 1 else chr(ord('a') + count - 1)},{rest}")
    return named


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
