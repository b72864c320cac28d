"""Training in a process of its own, and what it costs: measured by two steps on the largest label before it starts."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, replace

from guiapp.correction.corrected import Method
from guiapp.correction.fine_tune import TrainingProgress, fine_tune, split_labels
from guiapp.correction.training_record import TrainingRecord
from guiapp.correction.verdict import CorrectionVerdict
from guiapp.potentials.registry import find_card, load_potential
from guiapp.ui.wizard.order import CorrectionOrder, make_and_judge
from guiapp.ui.wizard.peak_memory import peak_memory
from guiapp.ui.wizard.process import Tell

_PREDICTION_SHARE = 0.27
"""Cost of a prediction over that of a training step (see ``fine_tune``)."""


@dataclass(frozen=True)
class TrainingEstimate:
    """What a training will cost."""

    seconds_a_pass: float
    """One pass over the labels."""
    memory: int | None
    """Bytes of the whole process at its peak; None where this machine does not tell."""


@dataclass(frozen=True, eq=False)
class Trained:
    """What came of a training; the weights stay in its checkpoint."""

    record: TrainingRecord
    verdict: CorrectionVerdict


def estimate_training(order: CorrectionOrder, tell: Tell) -> TrainingEstimate:
    """Measure what one training step costs; called in a process of its own.

    Raises:
        UserFacingError: Where the model cannot be trained.
    """
    tell("loading the model")
    base = load_potential(find_card(order.model), order.device)
    largest = max(order.labels.frames, key=lambda frame: frame.n_atoms)
    tell("measuring one step")
    told: list[float] = []
    memory: list[int | None] = []

    def passed(progress: TrainingProgress) -> None:
        told.append(time.perf_counter())
        memory.append(progress.peak_memory)

    recipe = replace(order.recipe, epochs=3, replay_share=0.0, validation_share=0.0, early_stop=None)
    fine_tune(base, (largest,), readout_only=order.method is Method.READOUT, recipe=recipe, tell=passed)
    an_atom = min(later - earlier for earlier, later in itertools.pairwise(told)) / largest.n_atoms
    train, validation = split_labels(order.labels.frames, order.recipe)
    atoms = sum(frame.n_atoms for frame in train) * (1 + order.recipe.replay_share)
    atoms += _PREDICTION_SHARE * sum(frame.n_atoms for frame in validation)
    return TrainingEstimate(an_atom * atoms, memory[-1] or peak_memory())


def train(order: CorrectionOrder, tell: Tell) -> Trained:
    """Train, and judge with the trained model's own answers; called in a process of its own.

    Raises:
        UserFacingError: Where the training fails.
    """
    made = make_and_judge(order, tell)
    assert made.correction.training is not None
    return Trained(made.correction.training, made.verdict)
