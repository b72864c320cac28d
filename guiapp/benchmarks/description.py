"""What a benchmark family says of itself: title, formula, unit, thresholds and the words behind every term."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from guiapp.plain_yaml import read_yaml


@dataclass(frozen=True)
class Term:
    """The answer to "What is this?"."""

    title: str
    formula: str
    unit: str
    """Empty for a dimensionless number."""
    text: str


@dataclass(frozen=True)
class Quantity:
    """One kind of number that a family's rows hold, and what decides whether it is soft."""

    name: str
    """As in ``Row.quantity``."""
    unit: str
    """Empty for a dimensionless number."""
    softness: bool
    """Whether a value below DFT's means a soft model; a volume says nothing about softness."""
    power: float | None
    """The value follows c to this power when energies are scaled by c: 1 for energies and moduli, 0.5 for frequencies, 0 for volumes;
    None where there is no such rule."""
    headline: str
    """What sums it up: ``ratio`` (mean of predicted / reference), ``slope`` (of predicted on reference), or ``none`` where the
    reference may be close to zero, so that only the mean absolute error means anything."""
    good_within: float
    """Largest deviation from 1 that is good, as a fraction."""
    least_reference: float
    """Reference values smaller than this carry no signal, in the quantity's unit."""


@dataclass(frozen=True)
class BenchmarkDescription:
    """One family, as its YAML file beside the module describes it."""

    family: str
    title: str
    noun: str
    """What one of its systems is called: ``compound``, ``slab``."""
    phrase: str
    """How a sentence names the family: ``on high-energy states``."""
    quantity: str
    formula: str
    unit: str
    """Empty for a dimensionless number."""
    reference: float
    """The value of a perfect model."""
    tooltip: str
    protocol: str
    good_within: float
    """Largest deviation from the reference that is good, as a fraction."""
    threshold_source: str
    source: str
    link: str
    terms: Mapping[str, Term]
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    """By name; the first is the one that judges the family. Empty for high-energy states, which have a summary of their own."""


@lru_cache(maxsize=16)
def describe_family(family: str) -> BenchmarkDescription:
    """Return the description of a family.

    Args:
        family: Name such as ``high-energy``; its file is ``high_energy.yaml`` beside this module.

    Returns:
        The description.
    """
    text = files("guiapp.benchmarks").joinpath(f"{family.replace('-', '_')}.yaml").read_text(encoding="utf-8")
    data = read_yaml(text)
    return BenchmarkDescription(
        **{
            name: data[name]
            for name in ("family", "title", "phrase", "quantity", "formula", "unit", "tooltip", "protocol", "source", "link")
        },
        noun=data.get("noun", "system"),
        reference=float(data["reference"]),
        good_within=float(data["thresholds"]["good_within"]),
        threshold_source=data["thresholds"]["source"],
        terms=MappingProxyType({name: Term(**term) for name, term in data["terms"].items()}),
        quantities=MappingProxyType(_quantities(data)),
    )


def _quantities(data: Mapping[str, Any]) -> dict[str, Quantity]:
    return {
        name: Quantity(
            name=name,
            unit=facts["unit"],
            softness=facts.get("softness", True),
            power=facts.get("power"),
            headline=facts.get("headline", "slope"),
            good_within=float(facts.get("good_within", data["thresholds"]["good_within"])),
            least_reference=float(facts.get("least_reference", 0)),
        )
        for name, facts in data.get("quantities", {}).items()
    }
