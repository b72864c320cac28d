"""Labels by the program's choice or by the user's word."""

from __future__ import annotations

from collections.abc import Sequence

from guiapp.correction.label_choice import LabelRanking
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame

AUTO = "auto"
_SHORTEST_HASH = 8


def choose_labels(ranking: LabelRanking, wanted: Sequence[str], count: int = 1, *, spread: bool = False) -> tuple[Frame, ...]:
    """Return the frames to fit.

    Args:
        ranking: Of the candidates.
        wanted: ``auto`` for the program's proposal, else frames by name (``LiF/frame 2``, or ``frame 2`` where only one
            candidate has that name) or by the beginning of their content hash (8 letters or more).
        count: How many the program proposes.
        spread: Propose frames from weak to strong forces, to train weights on, instead of the strongest.

    Raises:
        UserFacingError: Where nothing can be proposed, or a frame is not found, not unique, or has no DFT forces.
    """
    if list(wanted) == [AUTO]:
        proposed = tuple(candidate.frame for candidate in (ranking.spread(count) if spread else ranking.propose(count)))
        if not proposed:
            raise UserFacingError(ranking.sentence(), advice="Give structures with larger forces, e.g. from a run at 1000 K.")
        return proposed
    return tuple(dict.fromkeys(_named(ranking, name) for name in wanted))


def _named(ranking: LabelRanking, name: str) -> Frame:
    frames = [candidate.frame for candidate in ranking.candidates]
    found = [f for f in frames if name in {f.name, f"{f.compound}/{f.name}"}]
    if not found and len(name) >= _SHORTEST_HASH:
        found = [f for f in frames if f.content_hash.startswith(name)]
    if len(found) != 1:
        problem = "is not among the candidates" if not found else f"is the name of {len(found)} candidates"
        shown = ", ".join(f"{f.compound}/{f.name}" for f in (found or frames)[:5])
        raise UserFacingError(f"The frame “{name}” {problem}.", advice=f"Candidates are e.g. {shown}.")
    if found[0].forces is None:
        raise UserFacingError(f"The frame “{name}” has no DFT forces.", advice="Label it first.")
    return found[0]
