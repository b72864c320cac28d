"""What a self-test says: checks with their numbers and a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What may be done with a model."""

    PASSED = "passed"
    LIMITED = "limited"
    """It may be used; something is missing or could not be judged, and the card says what."""
    FAILED = "failed"
    """Its numbers are wrong: it may be looked at, not exported or corrected."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    passed: bool | None
    """None where it could not be judged."""
    value: float
    """What was measured; NaN where nothing could be."""
    limit: float
    """What the value must not pass, in the direction that ``words`` tell."""
    unit: str
    words: str
    """The result in one plain sentence."""
    grave: bool = True
    """True where not passing means that the numbers are wrong; else it only limits what the model is good for."""


@dataclass(frozen=True)
class MeasuredFacts:
    """What a test in a worker process learns of a model besides whether it is right."""

    n_parameters: int | None = None
    """Number of weights; None where the model's package does not tell."""
    atoms_per_second: float | None = None
    """Speed on the self-test's small cells; None where it was not measured."""
    device: str = ""
    """Where that was, ``cpu`` or ``cuda``."""
    tested_on: str = ""
    """When, ISO 8601 in UTC."""
    computed_by: str = ""
    """Which of several ways to the same numbers computed, and why not another; empty where there is only one."""


@dataclass(frozen=True)
class SelfTestReport:
    """All checks of one model."""

    checks: tuple[Check, ...]
    seconds: float
    elements: tuple[str, ...] = ()
    """Symbols of the elements that the model knows, in the order of their numbers, up to plutonium."""
    facts: MeasuredFacts = field(default_factory=MeasuredFacts)

    @property
    def verdict(self) -> Verdict:
        """Failed with a grave check, limited with another one or where energies and forces could not be compared with DFT."""
        if any(check.passed is False and check.grave for check in self.checks):
            return Verdict.FAILED
        if any(check.passed is False for check in self.checks) or not any(
            check.name == FORCES_CHECK and check.passed for check in self.checks
        ):
            return Verdict.LIMITED
        return Verdict.PASSED

    @property
    def problems(self) -> tuple[str, ...]:
        """The sentences of the checks that were not passed, the grave ones first."""
        failed = [check for check in self.checks if check.passed is False]
        return tuple(check.words for check in sorted(failed, key=lambda check: not check.grave))

    @property
    def conservative(self) -> bool:
        """True unless forces or stress were found not to be derivatives of the energy."""
        return not any(check.name in GRADIENT_CHECKS and check.passed is False for check in self.checks)

    @property
    def sentence(self) -> str:
        """The verdict in one sentence, for a model's card."""
        if self.verdict is Verdict.PASSED:
            return f"Self-test passed: {sum(1 for check in self.checks if check.passed)} checks."
        if self.problems:
            return f"Self-test {self.verdict.value}: {self.problems[0]}"
        return "Self-test limited: too few crystals of known elements to compare with DFT."

    def as_mapping(self) -> dict[str, Any]:
        """Return what a settings file can hold."""
        checks = [asdict(check) for check in self.checks]
        for check in checks:
            for key in ("value", "limit"):
                check[key] = check[key] if math.isfinite(check[key]) else None
        return {"checks": checks, "seconds": self.seconds, "elements": list(self.elements), "facts": asdict(self.facts)}

    @classmethod
    def from_mapping(cls, content: Mapping[str, Any]) -> SelfTestReport:
        """Return the report that ``as_mapping`` was called on.

        Raises:
            KeyError: Where an entry is missing.
            TypeError: Where one is of another kind.
            ValueError: As before.
        """
        checks = []
        for one in content["checks"]:
            passed = None if one["passed"] is None else bool(one["passed"])
            value, limit = (math.nan if one[key] is None else float(one[key]) for key in ("value", "limit"))
            checks.append(Check(str(one["name"]), passed, value, limit, str(one["unit"]), str(one["words"]), bool(one["grave"])))
        return cls(tuple(checks), float(content["seconds"]), tuple(map(str, content["elements"])), _facts(content["facts"]))


def facts_words(facts: MeasuredFacts) -> str:
    """Return what was measured in one line, e.g. ``412,525 parameters; 1,900 atoms a second on cpu in small cells``."""
    words = [f"{facts.n_parameters:,} parameters"] if facts.n_parameters else []
    if facts.atoms_per_second:
        words.append(f"{facts.atoms_per_second:,.0f} atoms a second on {facts.device} in small cells")
    if facts.computed_by:
        words.append(f"computed by {facts.computed_by}")
    return "; ".join(words) or "neither the number of parameters nor the speed is known"


def _facts(content: Mapping[str, Any]) -> MeasuredFacts:
    parameters, speed = content["n_parameters"], content["atoms_per_second"]
    return MeasuredFacts(
        None if parameters is None else int(parameters),
        None if speed is None else float(speed),
        str(content["device"]),
        str(content["tested_on"]),
        str(content.get("computed_by", "")),  # reports that were kept before lack it
    )


FORCES_CHECK = "forces follow DFT"
GRADIENT_CHECKS = ("forces are the gradient", "stress is the derivative", "net force")
