"""What VASP's own tags say about how a label was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from guiapp.frames.reference_set import Provenance

UNITS = "energy eV (free energy TOTEN, consistent with the forces), forces eV/Å, stress kBar in VASP's sign"

_GGA = {
    "PE": "PBE", "PS": "PBEsol", "RP": "RPBE", "RE": "revPBE", "91": "PW91", "CA": "LDA", "AM": "AM05", "OR": "optPBE",
    "MK": "optB86b", "BO": "optB88", "ML": "rPW86", "BF": "BEEF",
}  # fmt: skip
_SHOWN = ("ENCUT", "ISPIN", "ISMEAR", "SIGMA", "EDIFF", "PREC", "ALGO", "IVDW", "LDAU")
INTERESTING = frozenset((*_SHOWN, "GGA", "METAGGA", "LHFCALC", "LDAUU", "NELM"))
"""Tags worth collecting from a file."""


def functional(tags: Mapping[str, str], potentials: Sequence[str]) -> str:
    """Name the functional.

    Args:
        tags: INCAR tags in capitals with their values as text.
        potentials: POTCAR titles, e.g. ``PAW_PBE Fe_pv 06Sep2000``; they decide where GGA is not set.

    Returns:
        E.g. ``PBE``, ``PBE+U``, ``r2SCAN``; empty where the file does not say.

    Source: VASP manual, tags GGA, METAGGA, LDAU, IVDW.
    """
    metagga = tags.get("METAGGA", "").strip().upper()
    gga = tags.get("GGA", "").strip().upper()
    if metagga not in {"", "F", "NONE", "--"}:
        name = {"R2SCAN": "r2SCAN", "RSCAN": "rSCAN"}.get(metagga, metagga)
    elif gga not in {"", "--"}:
        name = _GGA.get(gga, gga)
    else:
        name = _of_potentials(potentials)
    if not name:
        return ""
    if _true(tags.get("LHFCALC", "")):
        name += " hybrid"
    if _true(tags.get("LDAU", "")):
        name += "+U"
    if tags.get("IVDW", "0").strip() not in {"", "0"}:
        name += " with dispersion"
    return name


def _of_potentials(potentials: Sequence[str]) -> str:
    families = {title.split()[0].upper() for title in potentials if title.split()}
    if families == {"PAW_PBE"}:
        return "PBE"
    if families and families <= {"PAW", "PAW_LDA", "US"}:
        return "LDA"
    return "PW91" if families == {"PAW_GGA"} else ""


def _true(value: str) -> bool:
    return value.strip().upper().strip(".").startswith("T")


def _tidy(value: str) -> str:
    """Return a value without the zeros that VASP pads numbers with."""
    try:
        return f"{float(value):g}"
    except ValueError:
        return value.strip()


def provenance(tags: Mapping[str, str], potentials: Sequence[str], version: str) -> Provenance:
    """Put together what the file says about its labels."""
    settings = [f"{key} {_tidy(tags[key])}" for key in _SHOWN if tags.get(key, "").strip() and not (key == "LDAU" and not _true(tags[key]))]
    if _true(tags.get("LDAU", "")) and tags.get("LDAUU", "").strip():
        settings.append(f"LDAUU {' '.join(tags['LDAUU'].split())}")
    if potentials:
        settings.append("POTCAR " + ", ".join(" ".join(title.split()) for title in potentials))
    return Provenance(
        functional=functional(tags, potentials), code=f"VASP {version}".strip(), settings="; ".join(settings), units_as_read=UNITS
    )


def one_line(found: Provenance) -> str:
    """Return the code and functional of a frame, e.g. ``VASP 5.4.1 PBE``."""
    return f"{found.code} {found.functional}".strip()
