"""What a benchmark family says of itself: title, formula, unit, thresholds and the words behind every term."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

import yaml


@dataclass(frozen=True)
class Term:
    """The answer to "What is this?"."""

    title: str
    formula: str
    unit: str
    """Empty for a dimensionless number."""
    text: str


@dataclass(frozen=True)
class BenchmarkDescription:
    """One family, as its YAML file beside the module describes it."""

    family: str
    title: str
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


@lru_cache(maxsize=16)
def describe_family(family: str) -> BenchmarkDescription:
    """Return the description of a family.

    Args:
        family: Name such as ``high-energy``; its file is ``high_energy.yaml`` beside this module.

    Returns:
        The description.
    """
    text = files("guiapp.benchmarks").joinpath(f"{family.replace('-', '_')}.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    return BenchmarkDescription(
        **{
            name: data[name]
            for name in ("family", "title", "phrase", "quantity", "formula", "unit", "tooltip", "protocol", "source", "link")
        },
        reference=float(data["reference"]),
        good_within=float(data["thresholds"]["good_within"]),
        threshold_source=data["thresholds"]["source"],
        terms=MappingProxyType({name: Term(**term) for name, term in data["terms"].items()}),
    )
