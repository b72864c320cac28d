"""What a self-test says: checks with their numbers and a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
class SelfTestReport:
    """All checks of one model."""

    checks: tuple[Check, ...]
    seconds: float

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
        return {"checks": checks, "seconds": self.seconds}

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
        return cls(tuple(checks), float(content["seconds"]))


FORCES_CHECK = "forces follow DFT"
GRADIENT_CHECKS = ("forces are the gradient", "stress is the derivative", "net force")
