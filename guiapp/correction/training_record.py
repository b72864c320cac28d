"""What a training was and how it went: recipe, loss curve, which epoch was kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """How weights are trained; the defaults are the paper's.

    Source:
        Deng et al., npj Comput. Mater. 11, 9 (2025), Methods: mean squared errors of energy, force and stress with weights
        0.1/100/0.1, Adam 1e-3 with cosine decay to 1e-5, 100 epochs, one part in ten for validation, the checkpoint of the best
        validation force MAE; with one structure the last epoch's.
    """

    epochs: int = 100
    learning_rate: float = 1e-3
    last_learning_rate: float = 1e-5
    energy_weight: float = 0.1
    """Of the squared error in eV/atom."""
    force_weight: float = 100.0
    """Of the squared error in eV/Å."""
    stress_weight: float = 0.1
    """Of the squared error in GPa, the unit that CHGNet's own trainer uses."""
    validation_share: float = 0.1
    batch_frames: int = 1
    """Frames a step."""
    early_stop: int | None = None
    """End after so many epochs without a better validation error; None runs all."""
    averaging: float | None = None
    """Decay of an exponential moving average of the weights, e.g. 0.99; None keeps the weights themselves."""
    replay_share: float = 0.0
    """General frames in every epoch, as a multiple of the number of labels; they keep the model's own answers (not DFT's)."""
    taylor_weight: float = 0.0
    """Of the squared contradiction, in eV/atom, between the energy a little away and its first-order expansion; 0 leaves it out."""
    consistency_weight: float = 0.0
    """Of the squared contradiction, in eV/atom, between two routes to one point; 0 leaves it out."""
    displacement: float = 0.02
    """Largest step of an atom for both, Å."""
    seed: int = 240507105

    @property
    def words(self) -> str:
        """The recipe in one sentence, options only where they are used."""
        parts = [
            f"Adam {self.learning_rate:g} to {self.last_learning_rate:g} by a cosine over {self.epochs} epochs",
            f"weights {self.energy_weight:g}/{self.force_weight:g}/{self.stress_weight:g} of energy, force and stress",
        ]
        if self.averaging is not None:
            parts.append(f"moving average of the weights ({self.averaging:g})")
        if self.early_stop is not None:
            parts.append(f"early stop after {self.early_stop} epochs")
        if self.replay_share:
            parts.append(f"{self.replay_share:g} general frames a label replayed")
        if self.taylor_weight or self.consistency_weight:
            weak = f"Taylor {self.taylor_weight:g} and consistency {self.consistency_weight:g} within {self.displacement:g} Å"
            parts.append(f"losses without labels: {weak}")
        return "; ".join(parts)


_OPTIONS = {
    "--epochs": "epochs",
    "--learning-rate": "learning_rate",
    "--ema": "averaging",
    "--early-stop": "early_stop",
    "--replay": "replay_share",
    "--taylor": "taylor_weight",
    "--consistency": "consistency_weight",
    "--displacement": "displacement",
}


def recipe_options(recipe: Recipe) -> list[str]:
    """Return what ``temper-cli correct`` needs to repeat a training; nothing for the paper's recipe."""
    usual = Recipe()
    changed = {option: getattr(recipe, name) for option, name in _OPTIONS.items() if getattr(recipe, name) != getattr(usual, name)}
    return [word for option, value in changed.items() for word in (option, f"{value:g}")]


@dataclass(frozen=True)
class EpochRecord:
    """One epoch."""

    epoch: int
    """From 1."""
    loss: float
    """Weighted training loss."""
    train_force_mae: float
    """eV/Å."""
    validation_force_mae: float | None
    """eV/Å; None without validation frames."""
    learning_rate: float
    seconds: float
    """Since the start of the training, pauses between resumptions not counted."""


@dataclass(frozen=True)
class TrainingRecord:
    """How a training went."""

    recipe: Recipe
    epochs: tuple[EpochRecord, ...]
    kept_epoch: int
    """The epoch whose weights were kept."""
    reason: str
    """Why that one, in words."""
    n_train: int
    n_validation: int
    n_parameters: int
    """Parameters that were trained."""
    seconds: float
    stopped_early: bool = False
