"""Timing several ways to the same numbers side by side: in turns, so that a busy moment of the machine hits all of them alike."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One way to do the work."""

    title: str
    run: Callable[[], object]


@dataclass(frozen=True)
class Timing:
    """How long one case took, round by round."""

    title: str
    wall: tuple[float, ...]
    """Seconds by the clock."""
    processor: tuple[float, ...]
    """Seconds of processor time of this process; of worker processes nothing is in it."""


@dataclass(frozen=True)
class Spread:
    """A median with the smallest and the largest of the rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise one value a round."""
        return cls(statistics.median(values), min(values), max(values))

    @property
    def text(self) -> str:
        """The three numbers, e.g. ``4.1 (3.9 to 4.4)``."""
        return f"{short(self.median)} ({short(self.low)} to {short(self.high)})"


def short(value: float) -> str:
    """Return a number with three digits that count, large ones in full: ``0.0224``, ``4.69``, ``2,680``."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def interleave(cases: Sequence[Case], rounds: int) -> tuple[Timing, ...]:
    """Run all cases in every round, each round in another order.

    Args:
        cases: Ways to do the same work; each should have run once before, so that nothing is loaded or compiled in the first round.
        rounds: How often.

    Returns:
        One timing a case, in the order of ``cases``.
    """
    wall: list[list[float]] = [[] for _ in cases]
    processor: list[list[float]] = [[] for _ in cases]
    for turn in range(rounds):
        order = list(range(len(cases)))
        random.Random(turn).shuffle(order)  # noqa: S311 - an order, no secret
        for index in order:
            gc.collect()
            start, start_processor = time.perf_counter(), time.process_time()
            cases[index].run()
            processor[index].append(time.process_time() - start_processor)
            wall[index].append(time.perf_counter() - start)
    return tuple(Timing(case.title, tuple(wall[k]), tuple(processor[k])) for k, case in enumerate(cases))


def wall_ratio(slow: Timing, fast: Timing) -> Spread:
    """Return how many times longer ``slow`` took by the clock, from the ratios of the single rounds."""
    return Spread.of([a / b for a, b in zip(slow.wall, fast.wall, strict=True)])


def processor_ratio(slow: Timing, fast: Timing) -> Spread:
    """Return how many times more processor time ``slow`` took; on a busy machine this is the steadier number."""
    return Spread.of([a / b for a, b in zip(slow.processor, fast.processor, strict=True)])
