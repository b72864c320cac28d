"""What has been evaluated of a family so far, in the order of its plan: the same frames give the same rows, whoever finished first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from guiapp.benchmarks.family import Evaluated, Family, FamilyResult, role_of, system_of
from guiapp.frames.frame import Frame

_Identity = tuple[str, str, str]


class CollectedFrames:
    """Evaluated frames of one family, model and mode, maybe of several jobs; a frame that is evaluated again replaces its earlier self."""

    def __init__(self, family: Family, model: str, mode: str) -> None:
        """Start empty.

        Args:
            family: How they are reduced.
            model: Name in the registry.
            mode: ``static`` or ``relaxed``.
        """
        self.family, self.model, self.mode = family, model, mode
        self._place: dict[_Identity, int] = {}
        self._evaluated: dict[_Identity, Evaluated] = {}

    def plan(self, frames: Iterable[Frame]) -> None:
        """Note frames that are to come; they stand in this order, after those noted before."""
        for frame in frames:
            self._place.setdefault(_identity(frame), len(self._place))

    def add(self, evaluated: Iterable[Evaluated]) -> None:
        """Take in what a model said."""
        for one in evaluated:
            self._evaluated[_identity(one.frame)] = one

    @property
    def evaluated(self) -> tuple[Evaluated, ...]:
        """Everything so far, in order; frames of no plan come last."""
        last = len(self._place)
        keys = sorted(self._evaluated, key=lambda key: self._place.get(key, last))
        return tuple(self._evaluated[key] for key in keys)

    def reduce(self) -> FamilyResult:
        """Return rows and curves of every system that is complete."""
        return self.family.reduce(self.evaluated, model=self.model, mode=self.mode)

    def copy(self) -> CollectedFrames:
        """Return a copy that does not grow, to be reduced in another thread."""
        copy = CollectedFrames(self.family, self.model, self.mode)
        copy._place, copy._evaluated = dict(self._place), dict(self._evaluated)
        return copy


def place_in_order(evaluated: Sequence[Evaluated], frames: Iterable[Frame]) -> list[Evaluated]:
    """Return evaluated frames in the order of a plan; those of no plan come last."""
    place = {_identity(frame): number for number, frame in enumerate(frames)}
    return sorted(evaluated, key=lambda one: place.get(_identity(one.frame), len(place)))


def _identity(frame: Frame) -> _Identity:
    return frame.content_hash, frame.label_hash, "/".join((system_of(frame), role_of(frame), frame.name))
