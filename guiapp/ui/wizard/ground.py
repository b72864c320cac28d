"""What the pages of the wizard stand on: the target's frames, how soft the model is there, and which labels are worth most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from guiapp.correction.label_choice import LabelRanking
from guiapp.correction.target import TargetState, describe_target
from guiapp.frames.frame import Frame
from guiapp.ui.wizard.steps import KnownFrames, Proposal


@dataclass(frozen=True, eq=False)
class Ground:
    """What the pages stand on; computed in the background whenever something it depends on changes."""

    compounds: tuple[str, ...]
    known: KnownFrames
    proposal: Proposal | None
    """None where no labelled frame of the target is measured."""
    sampled: LabelRanking | None
    """Ranking of sampled candidates of the target."""
    states: Mapping[str, TargetState] = field(default_factory=dict)
    """How soft the model is on each compound and, under ``family NAME``, on each benchmark family."""

    @property
    def labelled(self) -> LabelRanking | None:
        """Ranking of labelled candidates."""
        return self.proposal.ranking if self.proposal is not None and self.proposal.ranking.candidates else None


def states_of(known: KnownFrames, families: Mapping[str, str]) -> dict[str, TargetState]:
    """Measure each compound, and each family.

    Args:
        known: Labelled frames with what the model says about them.
        families: Benchmark family of a frame, by its content hash.
    """
    groups: dict[str, list[Frame]] = {}
    for frame in known.frames:
        groups.setdefault(frame.compound, []).append(frame)
        if frame.content_hash in families:
            groups.setdefault(f"family {families[frame.content_hash]}", []).append(frame)
    return {name: describe_target(frames, known.said(frames)) for name, frames in groups.items()}
