"""Which structure is worth one DFT calculation: ranked with the model alone, before any DFT is spent.

What a frame says about the scalar c is the sum of its squared model forces: c = sum(xy)/sum(y^2) has the variance sigma^2/sum(y^2).
The cost of a calculation grows at least with the number of atoms, so frames are compared by what they say an atom: by the
mean squared model force. Beyond one and a half times the usual force that counts no more, because such a frame tells of another part
of the energy surface; then the shares of the target's elements and surroundings that the frame holds decide.

Measured with CHGNet 0.3.0 on 104 chemistries (``tests/trials/one_label.py``), one label each, MAE on unseen frames: the largest model
force alone makes 12 worse by more than 5 %, with saturation and surroundings 9, surroundings alone 18; for germanium, whose set holds
everything from 300 K to strained cells, the ratio of MAE falls from 1.03 to 0.81.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase.data import atomic_numbers

from guiapp.correction.environments import Environments, coverage, describe_environments
from guiapp.frames.frame import Frame
from guiapp.physics.signal_gate import MIN_COMPONENTS, MIN_RMS_FORCE
from guiapp.potentials.potential import Prediction

LARGEST_FORCE = 30.0
"""eV/Å; beyond this DFT labels themselves disagree, because the PAW spheres of neighbours overlap."""
SATURATION = 1.5
"""Multiple of the candidates' median rms force from which larger forces count no more."""
_TARGET_ATOMS = 3000  # surroundings looked at; more say nothing new and cost time


@dataclass(frozen=True, eq=False)
class Candidate:
    """One frame that could be labelled, and what it would be worth."""

    frame: Frame
    prediction: Prediction
    rms_force: float
    """Root-mean-square model force component, eV/Å."""
    information: float
    """Sum of squared model forces, eV^2/Å^2: the inverse variance of c in units of the random error."""
    largest_force: float
    """Longest model force vector, eV/Å."""
    coverage: float
    """Share of the target's surroundings that the frame holds, 0 to 1."""
    missing: tuple[str, ...]
    """Elements of the target that the frame lacks."""
    near_equilibrium: bool
    """Whether its forces are too small to say anything about a slope."""
    excluded: str
    """Why it must not be labelled, in words; empty where it may be."""
    score: float
    """What it is worth; only the order means something. 0 where it must not be labelled."""
    reasons: tuple[str, ...]
    """In words, the strongest first."""


@dataclass(frozen=True, eq=False)
class LabelRanking:
    """Candidates from best to worst."""

    candidates: tuple[Candidate, ...]
    _surroundings: tuple[Environments, ...]
    _target: tuple[Environments, ...]

    def propose(self, n: int = 1) -> tuple[Candidate, ...]:
        """Return the frames to label, best first.

        The first is the best of the ranking; each next one has the largest product of its score and of what it adds to the share of
        the target's elements and surroundings that the chosen frames hold.

        Args:
            n: How many are wanted; fewer come back where fewer can be labelled.
        """
        allowed = [k for k, candidate in enumerate(self.candidates) if not candidate.excluded]
        chosen = allowed[:1]
        while len(chosen) < min(n, len(allowed)):
            rest = [k for k in allowed if k not in chosen]
            held = [self._surroundings[k] for k in chosen]
            best = max(rest, key=lambda k: self.candidates[k].score * (0.05 + coverage([*held, self._surroundings[k]], self._target)))
            chosen.append(best)
        return tuple(self.candidates[k] for k in chosen)

    def spread(self, n: int) -> tuple[Candidate, ...]:
        """Return frames to train many weights on, from weak to strong forces: one of each n-th part, that which covers most surroundings.

        The strongest frames alone, which ``propose`` gives, say most about one number; a network would see frames of one kind only.
        Measured once, with CHGNet 0.3.0 and ten labels of germanium, all weights: from such labels to spread ones the scale on the test
        frames went from 0.91 to 1.03 and the MAE ratio from 0.54 to 0.47 (validation: 0.86 to 0.95, 0.51 to 0.38). The number of epochs
        and the start of the training differed too, so that how much of it is due to the labels is not known.

        Args:
            n: How many are wanted; fewer come back where fewer can be labelled.
        """
        allowed = sorted((c for c in self.candidates if not c.excluded), key=lambda c: (c.rms_force, c.frame.content_hash))
        parts = np.array_split(np.arange(len(allowed)), min(n, len(allowed))) if allowed else []
        return tuple(max((allowed[k] for k in part), key=lambda c: (c.coverage, c.frame.content_hash)) for part in parts)

    def sentence(self, n: int = 1) -> str:
        """Return the proposal in words, e.g. ``Proposed: LiF frame 2. It has the largest model forces (rms 1.52 eV/Å) ...``."""
        proposed = self.propose(n)
        if not proposed:
            why = self.candidates[0].excluded if self.candidates else "there are no candidates"
            return f"No frame can be proposed: {why}."
        names = ", ".join(f"{c.frame.compound} {c.frame.name}".strip() for c in proposed)
        because = "; ".join(proposed[0].reasons)
        return f"Proposed: {names}. {because[0].upper()}{because[1:]}."


def rank_label_candidates(
    frames: Sequence[Frame], predictions: Sequence[Prediction], target: Sequence[Frame] | None = None
) -> LabelRanking:
    """Rank frames by what their DFT label would say about the correction; DFT labels that they carry are not read.

    Args:
        frames: Candidates, labelled or not.
        predictions: What the uncorrected model says about them, in the same order.
        target: Frames of the kind that shall become accurate, labels not needed; the candidates themselves where not given.

    Returns:
        The ranking, with reasons in words.
    """
    wanted = tuple(frames if target is None else target)
    elements = sorted({symbol for frame in wanted for symbol in frame.elements} - {"X"})
    numbers = [atomic_numbers[symbol] for symbol in elements]
    surroundings = [describe_environments(frame, numbers) for frame in frames]
    around_target = surroundings if target is None else [describe_environments(frame, numbers) for frame in wanted]
    around_target = _thinned(around_target)
    usual = float(np.median([_rms(prediction) for prediction in predictions])) if predictions else 0.0
    drafts = [
        _draft(frame, prediction, elements, coverage([own], around_target), usual)
        for frame, prediction, own in zip(frames, predictions, surroundings, strict=True)
    ]
    # Equal scores are settled by content, so that the order of a file decides nothing.
    order = sorted(range(len(drafts)), key=lambda k: (bool(drafts[k].excluded), -drafts[k].score, drafts[k].frame.content_hash))
    ranked = tuple(_explained(drafts[k], place, len(drafts), usual, elements) for place, k in enumerate(order))
    return LabelRanking(ranked, tuple(surroundings[k] for k in order), tuple(around_target))


def _thinned(environments: Sequence[Environments]) -> list[Environments]:
    """Take every so-manieth atom where there are very many."""
    total = sum(len(one.numbers) for one in environments)
    step = max(1, -(-total // _TARGET_ATOMS))
    return [Environments(one.numbers[::step], one.vectors[::step]) for one in environments] if step > 1 else list(environments)


def _rms(prediction: Prediction) -> float:
    """Return the root-mean-square force component, eV/Å."""
    return float(np.sqrt((prediction.forces**2).mean())) if prediction.forces.size else 0.0


def _draft(frame: Frame, prediction: Prediction, elements: Sequence[str], covered: float, usual: float) -> Candidate:
    squared, rms = float((prediction.forces**2).sum()), _rms(prediction)
    largest = float(np.linalg.norm(prediction.forces, axis=1).max(initial=0.0))
    missing = tuple(symbol for symbol in elements if symbol not in frame.elements)
    excluded = _exclusion(frame, largest, rms)
    cover = 1 - len(missing) / len(elements) if elements else 1.0
    # The last factor only settles ties between frames that are both saturated.
    score = 0.0 if excluded else (min(rms / usual, SATURATION) * cover * covered) ** 2 * (1 + 1e-6 * rms)
    near = rms < MIN_RMS_FORCE
    return Candidate(frame, prediction, rms, squared, largest, covered, missing, near, excluded, score, ())


def _exclusion(frame: Frame, largest: float, rms: float) -> str:
    if frame.obstacle is not None:
        return frame.obstacle.message.rstrip(".")
    if 3 * frame.n_atoms < MIN_COMPONENTS:
        return f"{frame.n_atoms} atom{'s' if frame.n_atoms != 1 else ''} say too little: at least {MIN_COMPONENTS // 3} are needed"
    if not np.isfinite(rms):
        return "the model's forces are not numbers"
    if largest > LARGEST_FORCE:
        return f"a model force of {largest:.0f} eV/Å is beyond {LARGEST_FORCE:g} eV/Å, where DFT itself becomes unsure"
    if rms < MIN_RMS_FORCE:
        return f"it is too close to equilibrium: rms model force {rms:.3f} eV/Å, at least {MIN_RMS_FORCE:g} is needed"
    return ""


def _explained(draft: Candidate, place: int, count: int, usual: float, elements: Sequence[str]) -> Candidate:
    reasons = []
    if draft.excluded:
        reasons.append(draft.excluded)
    else:
        size = f"rms {draft.rms_force:.2f} eV/Å"
        if count == 1:
            reasons.append(f"it is the only candidate ({size})")
        elif place == 0:
            reasons.append(f"it says most about c for its size: model forces of {size}, median {usual:.2f}")
        else:
            reasons.append(f"model forces of {size}, median {usual:.2f}")
        if draft.missing:
            reasons.append(f"it lacks {', '.join(draft.missing)}")
        elif len(elements) > 1:
            reasons.append("it holds every element" if len(elements) > 2 else "it holds both elements")
        reasons.append(f"it covers {100 * draft.coverage:.0f} % of the surroundings in the target")
    return Candidate(**{name: getattr(draft, name) for name in draft.__dataclass_fields__ if name != "reasons"}, reasons=tuple(reasons))
