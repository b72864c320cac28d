"""How long a benchmark will take, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from guiapp.frames.frame import Frame
from guiapp.number_words import counted, duration
from guiapp.ui.benchmark.request import BenchmarkRequest


class Estimates(Protocol):
    """What knows how fast models are here: the queue of jobs."""

    def estimate(self, model: str, frames: Sequence[Frame], device: str, mode: str = "static") -> float:
        """Return about how many seconds a model needs."""
        ...


def estimate_words(request: BenchmarkRequest, speeds: Estimates) -> str:
    """Say how many frames a request means and how long they take where nothing is known yet."""
    parts = [(request.frames, "static"), *((plan.frames, plan.mode) for plan in request.plans)]
    seconds = sum(speeds.estimate(model, frames, request.device, mode) for model in request.models for frames, mode in parts)
    count = f"{counted(sum(len(frames) for frames, _ in parts), 'frame')}{'' if len(request.models) < 2 else ' a model'}"
    searches = {"a path" if mode == "neb" else "a relaxation" for _, mode in parts if mode != "static"}
    if searches:
        steps = f"some 20 steps {' or '.join(sorted(searches, reverse=True))}"
        return f"{count}; about {duration(seconds)} at {steps}, which may be half of that or several times as much"
    return f"{count}; about {duration(seconds)} if none of them is known yet"
