"""Candidates for a label where there are none: made with the model itself, in a process of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass

from guiapp.correction.sampling import SamplingPlan, sample_candidates
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.potentials.registry import find_card, load_potential
from guiapp.ui.wizard.asking import ClusterAccess, asking
from guiapp.ui.wizard.process import Tell

_TELL_EVERY = 0.2  # seconds


@dataclass(frozen=True, eq=False)
class SamplingOrder:
    """What to sample."""

    model: str
    starts: tuple[Frame, ...]
    """One structure to make candidates of, or several that are candidates as they are."""
    plan: SamplingPlan
    device: str = "auto"
    cluster: ClusterAccess | None = None
    """The cluster that says what the model says about the candidates. The dynamics stays here: each of its steps waits for the one
    before, and takes less time than its way to a worker."""


@dataclass(frozen=True)
class SamplingProgress:
    """How far it is."""

    done: int
    total: int
    """Steps of dynamics."""
    seconds_left: float


@dataclass(frozen=True, eq=False)
class Sample:
    """Candidates with what the model says about them."""

    frames: tuple[Frame, ...]
    predictions: tuple[Prediction, ...]


def sample(order: SamplingOrder, tell: Tell) -> Sample:
    """Run the dynamics, rattle and strain; called in a process of its own.

    Raises:
        UserFacingError: Where the model cannot take the structure, or its dynamics explodes.
    """
    frames, base = order.starts, None
    if len(frames) == 1:
        tell("loading the model")
        base = load_potential(find_card(order.model), order.device)
        start, told = time.monotonic(), 0.0

        def passed(done: int, total: int) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told >= _TELL_EVERY or done == total:
                told = now
                tell(SamplingProgress(done, total, (now - start) / done * (total - done)))

        frames = sample_candidates(frames[0], base, order.plan, tell=passed)
    tell("asking the model about the candidates")
    with asking(order.model, order.device, order.cluster, tell, base) as ask:
        answers = ask.uncorrected(frames)
    known = tuple(frame for frame in frames if answers.has(frame))
    if not known:
        answers.of(frames)  # says why there is nothing
    return Sample(known, tuple(answers.of(known)))
