"""Calculations that go step by step: each asks for predictions, and what it asks next depends on the answers.

A relaxation, a nudged elastic band or a run of dynamics is written once, as a generator that knows nothing of models. Whoever answers may
serve many of them at once: in this process, in worker processes, or on a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

Result = TypeVar("Result")

Stepwise = Generator[tuple[Frame, ...], Sequence[Prediction], Result]
"""Yields geometries, is sent one prediction for each in their order, and returns its result at the end."""


class RefusedError(UserFacingError):
    """A geometry that the model cannot take; it is raised in the calculation that asked for it."""


def answered(calculation: Stepwise[Result], predict: Callable[[Sequence[Frame]], Sequence[Prediction]]) -> Result:
    """Bring one calculation to its end in this process.

    Args:
        calculation: Not yet begun.
        predict: ``Potential.predict``.

    Returns:
        Its result.
    """
    try:
        asked = next(calculation)
        while True:
            asked = calculation.send(predict(asked))
    except StopIteration as end:
        result: Result = end.value
        return result


def side_by_side(calculations: Sequence[Stepwise[Result]]) -> Stepwise[list[Result]]:
    """Make one calculation of several that do not depend on each other: each step asks for the geometries of all that still go on.

    Args:
        calculations: Not yet begun.

    Returns:
        Their results, in order.
    """
    results: dict[int, Result] = {}
    asked: dict[int, tuple[Frame, ...]] = {}
    answers: dict[int, Sequence[Prediction] | None] = dict.fromkeys(range(len(calculations)))
    while answers:
        for number, answer in answers.items():
            try:
                asked[number] = calculations[number].send(answer)  # type: ignore[arg-type] # None begins a generator
            except StopIteration as end:
                results[number] = end.value
                asked.pop(number, None)
        if not asked:
            break
        told = list((yield tuple(frame for frames in asked.values() for frame in frames)))
        answers = {}
        for number, frames in asked.items():
            answers[number], told = told[: len(frames)], told[len(frames) :]
    return [results[number] for number in range(len(calculations))]
