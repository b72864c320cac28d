"""What one group of measurements tells: tables of text with the sentences that belong to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from guiapp.speed.agreement import Agreement
from guiapp.speed.timing import Spread, Timing, processor_ratio, short, wall_ratio


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    quick: bool
    """A few minutes instead of half an hour."""
    mace: str = ""
    """The user's own MACE model, a name or a file; empty for none."""
    matgl: tuple[str, ...] = ()
    """The user's own matgl models, names or folders."""

    @property
    def rounds(self) -> int:
        """How often each comparison is repeated."""
        return 3 if self.quick else 5


@dataclass(frozen=True)
class Measurement:
    """One table."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


COMPARISON_HEAD = ("way", "seconds, median (range)", "times as long as the first, by the clock", "in processor time")


def comparison(
    title: str, timings: Sequence[Timing], agreements: Sequence[Agreement], *, count: int, unit: str, notes: Sequence[str] = ()
) -> Measurement:
    """Return the table of one comparison.

    Args:
        title: What was compared.
        timings: The fast way, ours, first; empty where the numbers did not agree, and then there is no ratio.
        agreements: Of each other way with ours.
        count: How many frames, steps or structures each run worked off.
        unit: What ``count`` counts, in the plural.
        notes: Further sentences.
    """
    rows = []
    for timing in timings:
        alone = timing is timings[0]
        clock = "1" if alone else wall_ratio(timing, timings[0]).text
        processor = "1" if alone else processor_ratio(timing, timings[0]).text
        rows.append((timing.title, Spread.of(timing.wall).text, clock, processor))
    rates = []
    if timings:
        first = timings[0].title
        rates.append(f"{first[0].upper()}{first[1:]}: {short(count / Spread.of(timings[0].wall).median)} {unit} a second.")
    words = tuple(f"{one.words[0].upper()}{one.words[1:]}." for one in agreements)
    return Measurement(title, COMPARISON_HEAD, tuple(rows), (*words, *rates, *notes))


def to_json(measurements: Sequence[Measurement]) -> str:
    """Return what a child process hands over."""
    return json.dumps([asdict(one) for one in measurements], ensure_ascii=False)


def from_json(text: str) -> tuple[Measurement, ...]:
    """Read what a child process handed over.

    Raises:
        ValueError: Where it is not that.
    """
    try:
        return tuple(
            Measurement(str(one["title"]), tuple(one["head"]), tuple(tuple(row) for row in one["rows"]), tuple(one["notes"]))
            for one in json.loads(text)
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not the output of a measurement") from error
