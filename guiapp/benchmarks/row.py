"""A row: one comparable number of a benchmark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One system's predicted and reference value; plots, tables and exports read rows and compute nothing."""

    family: str
    system: str
    model: str
    mode: str
    """``static`` (on the DFT geometry) or ``relaxed``."""
    quantity: str
    predicted: float
    reference: float
    unit: str
    count: int
    """How many independent values stand behind the number."""
    low: float | None = None
    """Lower end of the 95 % confidence interval of ``predicted``."""
    high: float | None = None
    verdict: str = ""
    """``soft``, ``good``, ``stiff`` or ``not enough signal``."""
