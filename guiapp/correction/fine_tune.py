"""Training a model's readout or all of its weights on a few labels, by the paper's recipe.

Killed or cancelled, a training goes on from its checkpoint, and ends with the same weights as one that was never interrupted.

Energies are compared after their zero is aligned: DFT code, pseudopotentials and corrections per composition shift it, so the
offset of each composition is fitted (least squares, on the labels, against the model before training) and taken off the labels.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from guiapp.correction.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from guiapp.correction.training_loss import Target, training_loss
from guiapp.correction.training_record import EpochRecord, Recipe, TrainingRecord
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame
from guiapp.potentials.forward_parts import parts_by_atoms
from guiapp.potentials.potential import Potential, PotentialCard, Prediction
from guiapp.potentials.self_test.gate import refuse_failed
from guiapp.potentials.tiny_numbers import tiny_as_zero
from guiapp.potentials.trainable import FAMILIES, Trainable, trainable

if TYPE_CHECKING:
    from torch import Tensor

_ATOMS_AT_ONCE = 256  # of validation frames in one pass; more gain nothing and take more memory
_DIVERGED = 1e6  # a loss this many times the first one never comes back


@dataclass(frozen=True)
class TrainingProgress:
    """Told after every epoch."""

    record: EpochRecord
    epochs: int
    """In all."""
    best_epoch: int | None
    """Of the validation error; None without validation frames."""
    seconds_left: float
    peak_memory: int | None
    """Bytes on the GPU; None on the CPU."""
    parity: tuple[Floats, Floats] | None = None
    """DFT and model force components of the validation frames, (n,) eV/Å each; None without validation frames."""


@dataclass(frozen=True, eq=False)
class Replay:
    """General frames with the uncorrected model's own answers: a model that keeps them does not forget."""

    frames: Sequence[Frame]
    predictions: Sequence[Prediction]


class Cancelled(Exception):  # noqa: N818 - not an error: the user's wish
    """Training was cancelled; the checkpoint is there to go on from."""


def split_labels(labels: Sequence[Frame], recipe: Recipe) -> tuple[tuple[Frame, ...], tuple[Frame, ...]]:
    """Return training and validation frames, nine to one by default; a single label has no validation.

    The frames are dealt in the order of their content hashes, so that the same labels always give the same parts.
    """
    if len(labels) < 2 or recipe.validation_share <= 0:
        return tuple(labels), ()
    n_validation = max(1, round(recipe.validation_share * len(labels)))
    order = sorted(labels, key=lambda frame: frame.content_hash)
    validation = {frame.content_hash for frame in order[: min(n_validation, len(labels) - 1)]}
    train = tuple(frame for frame in labels if frame.content_hash not in validation)
    return train, tuple(frame for frame in labels if frame.content_hash in validation)


def fine_tune(
    base: Potential,
    labels: Sequence[Frame],
    *,
    readout_only: bool,
    recipe: Recipe | None = None,
    replay: Replay | None = None,
    name: str = "",
    checkpoint: Path | None = None,
    tell: Callable[[TrainingProgress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Potential, TrainingRecord]:
    """Train a copy of a model on labelled frames.

    Args:
        base: The model to start from; it stays as it is.
        labels: Frames with DFT forces; energies and stresses take part where they are known.
        readout_only: Train the energy head alone instead of all weights.
        recipe: The paper's by default.
        replay: General frames against forgetting, used where ``recipe.replay_share`` is above 0.
        name: What the new model is called.
        checkpoint: File that is replaced after every epoch and from which an interrupted training of the same labels and recipe goes
            on; nothing is written where not given.
        tell: Told after every epoch.
        cancelled: Asked before every step; true ends the training with ``Cancelled``.

    Returns:
        The trained potential and how it went.

    Raises:
        UserFacingError: Where the model failed its self-test, its family cannot be trained, a label has no forces, or the training
            diverges.
        Cancelled: As asked.
    """
    refuse_failed(base.card, base.weights_hash)
    chosen = Recipe() if recipe is None else recipe
    if not labels or any(frame.forces is None for frame in labels):
        raise UserFacingError("A label has no DFT forces.", advice="Compute forces with DFT for exactly this structure.")
    model = trainable(base, readout_only=readout_only)
    run = _Training(model, base, labels, chosen, replay=replay, checkpoint=checkpoint, readout_only=readout_only)
    state, record = run.finish(tell or (lambda _progress: None), cancelled or (lambda: False))
    return model.potential(state, name or f"{base.card.title} fine-tuned"), record


def can_be_trained(card: PotentialCard) -> bool:
    """Say whether the weights of a model can be trained here; a scalar works for every family."""
    return card.family in FAMILIES and card.can_be_fine_tuned


class _Training:
    """One training while it runs."""

    def __init__(
        self,
        model: Trainable,
        base: Potential,
        labels: Sequence[Frame],
        recipe: Recipe,
        *,
        replay: Replay | None,
        checkpoint: Path | None,
        readout_only: bool,
    ) -> None:
        import torch

        self._torch, self._model, self._recipe, self._path = torch, model, recipe, checkpoint
        train, validation = split_labels(labels, recipe)
        offsets = composition_offsets(labels, base.predict(labels))
        self._train = [_target(frame, offsets) for frame in train]
        self._validation = [_target(frame, offsets) for frame in validation]
        self._replay = _replayed(replay) if recipe.replay_share > 0 else []
        self._optimiser = torch.optim.Adam(model.parameters, lr=recipe.learning_rate)
        self._epochs: list[EpochRecord] = []
        self._parity: tuple[Floats, Floats] | None = None
        self._average: dict[str, Tensor] | None = model.state() if recipe.averaging is not None else None
        self._best: tuple[float, int, dict[str, Tensor]] | None = None
        self._key = _key(base, labels, recipe, readout_only=readout_only)

    def finish(self, tell: Callable[[TrainingProgress], None], cancelled: Callable[[], bool]) -> tuple[dict[str, Tensor], TrainingRecord]:
        self._resume()
        before = self._epochs[-1].seconds if self._epochs else 0.0
        start, recipe, stopped = time.monotonic(), self._recipe, self._is_stale()
        first = len(self._epochs)
        for epoch in range(first, recipe.epochs):
            if stopped:
                break
            rate = _cosine(epoch, recipe)
            loss, force_mae = self._epoch(epoch, rate, cancelled)
            error = self._validation_error()
            seconds = before + time.monotonic() - start
            self._epochs.append(EpochRecord(epoch + 1, loss, force_mae, error, rate, seconds))
            if error is not None and (self._best is None or error < self._best[0]):
                self._best = (error, epoch + 1, self._kept_state())
            self._check_divergence()
            self._save()
            pace = (time.monotonic() - start) / (epoch + 1 - first)
            tell(self._progress(pace * (recipe.epochs - epoch - 1)))
            stopped = self._is_stale()
        if self._best is not None:
            error, kept, state = self._best
            reason = f"epoch {kept} of {len(self._epochs)} has the smallest force error on the validation frames, {error:.4f} eV/Å"
        else:
            kept, state = len(self._epochs), self._kept_state()
            why = "one label leaves no validation frame" if len(self._train) == 1 else "no label was kept for validation"
            reason = f"the last one, because {why}"
        record = TrainingRecord(
            recipe=recipe,
            epochs=tuple(self._epochs),
            kept_epoch=kept,
            reason=reason,
            n_train=len(self._train),
            n_validation=len(self._validation),
            n_parameters=sum(parameter.numel() for parameter in self._model.parameters),
            seconds=self._epochs[-1].seconds if self._epochs else 0.0,
            stopped_early=stopped and len(self._epochs) < recipe.epochs,
        )
        return state, record

    def _epoch(self, epoch: int, rate: float, cancelled: Callable[[], bool]) -> tuple[float, float]:
        """Train once through all frames; return the mean loss and the mean force error."""
        recipe, random = self._recipe, np.random.default_rng((self._recipe.seed, epoch))
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        targets = list(self._train)
        if self._replay:
            count = min(len(self._replay), max(1, round(recipe.replay_share * len(self._train))))
            targets += [self._replay[k] for k in random.choice(len(self._replay), count, replace=False)]
        order = random.permutation(len(targets))
        losses, errors = [], []
        for start in range(0, len(order), recipe.batch_frames):
            if cancelled():
                raise Cancelled
            batch = [targets[k] for k in order[start : start + recipe.batch_frames]]
            loss, error = self._step(batch, random)
            losses.append(loss * len(batch))
            errors.append(error * len(batch))
        return sum(losses) / len(targets), sum(errors) / len(targets)

    def _step(self, batch: Sequence[Target], random: np.random.Generator) -> tuple[float, float]:
        self._optimiser.zero_grad(set_to_none=True)
        with tiny_as_zero():
            loss, error = training_loss(self._model, batch, self._recipe, random)
            loss.backward()
        self._optimiser.step()
        if self._average is not None and self._recipe.averaging is not None:
            decay = self._recipe.averaging
            for name, tensor in self._model.state().items():
                self._average[name].mul_(decay).add_(tensor, alpha=1 - decay)
        return float(loss.detach()), error

    def _validation_error(self) -> float | None:
        """Return the force MAE on the validation frames with the weights that would be kept."""
        if not self._validation:
            return None
        trained = self._model.state()
        if self._average is not None:
            self._model.load_state(self._average)
        parts = parts_by_atoms([target.frame for target in self._validation], _ATOMS_AT_ONCE)
        told = [self._model(part, keep_graph=False).forces.detach().cpu().numpy().ravel() for part in parts]
        self._model.load_state(trained)
        wanted = np.concatenate([target.forces.ravel() for target in self._validation])
        self._parity = wanted, np.concatenate(told).astype(np.float64)
        return float(np.abs(self._parity[1] - wanted).mean())

    def _kept_state(self) -> dict[str, Tensor]:
        if self._average is None:
            return self._model.state()
        return {name: tensor.clone() for name, tensor in self._average.items()}

    def _is_stale(self) -> bool:
        patience = self._recipe.early_stop
        return patience is not None and self._best is not None and len(self._epochs) - self._best[1] >= patience

    def _check_divergence(self) -> None:
        last, first = self._epochs[-1].loss, self._epochs[0].loss
        if not math.isfinite(last) or last > _DIVERGED * max(first, 1e-12):
            raise UserFacingError(
                f"The training diverged in epoch {self._epochs[-1].epoch}.",
                advice="Check the labels for wrong forces, or use a smaller learning rate.",
            )

    def _progress(self, seconds_left: float) -> TrainingProgress:
        on_gpu = self._model.device == "cuda"
        memory = int(self._torch.cuda.max_memory_allocated()) if on_gpu else None
        best = self._best[1] if self._best is not None else None
        return TrainingProgress(self._epochs[-1], self._recipe.epochs, best, seconds_left, memory, self._parity)

    def _save(self) -> None:
        if self._path is not None:
            checkpoint = Checkpoint(
                self._key, tuple(self._epochs), self._model.state(), self._optimiser.state_dict(), self._average, self._best
            )
            write_checkpoint(self._path, checkpoint)

    def _resume(self) -> None:
        """Go on from the checkpoint, where there is one of the same training."""
        found = read_checkpoint(self._path, self._key) if self._path is not None else None
        if found is not None:
            self._model.load_state(found.weights)
            self._optimiser.load_state_dict(found.optimiser)
            self._epochs, self._average, self._best = list(found.epochs), found.average, found.best


def composition_offsets(frames: Iterable[Frame], predictions: Iterable[Prediction]) -> dict[tuple[tuple[str, int], ...], float]:
    """Return the mean of model minus DFT energy of each composition, eV/atom: the least-squares offset of its zero."""
    differences: dict[tuple[tuple[str, int], ...], list[float]] = {}
    for frame, prediction in zip(frames, predictions, strict=True):
        if frame.energy is not None and np.isfinite(frame.energy):
            differences.setdefault(_composition(frame), []).append((prediction.energy - frame.energy) / frame.n_atoms)
    return {composition: float(np.mean(values)) for composition, values in differences.items()}


def _composition(frame: Frame) -> tuple[tuple[str, int], ...]:
    divisor = math.gcd(*(frame.symbols.count(symbol) for symbol in frame.elements))
    return tuple(sorted((symbol, frame.symbols.count(symbol) // divisor) for symbol in frame.elements))


def _target(frame: Frame, offsets: dict[tuple[tuple[str, int], ...], float]) -> Target:
    offset = offsets.get(_composition(frame))
    energy = frame.energy + offset * frame.n_atoms if frame.energy is not None and offset is not None else None
    return Target(frame, energy, np.asarray(frame.forces), frame.stress)


def _replayed(replay: Replay | None) -> list[Target]:
    if replay is None or not replay.frames:
        raise UserFacingError("Replay needs general frames, and none were given.", advice="Give general frames, or switch replay off.")
    return [Target(frame, p.energy, p.forces, p.stress) for frame, p in zip(replay.frames, replay.predictions, strict=True)]


def _cosine(epoch: int, recipe: Recipe) -> float:
    """Return the learning rate of an epoch, falling along half a cosine from the first to the last."""
    share = epoch / max(1, recipe.epochs - 1)
    return recipe.last_learning_rate + 0.5 * (recipe.learning_rate - recipe.last_learning_rate) * (1 + math.cos(math.pi * share))


def _key(base: Potential, labels: Sequence[Frame], recipe: Recipe, *, readout_only: bool) -> str:
    """Return what a checkpoint must share with a training to be gone on from."""
    hashes = sorted(f"{frame.content_hash}{frame.label_hash}" for frame in labels)
    return f"{base.weights_hash} {'readout' if readout_only else 'all'} {recipe} {' '.join(hashes)}"
