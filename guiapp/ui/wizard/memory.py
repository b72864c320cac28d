"""What the wizard keeps between starts: a readable folder beside the project, one for each model that is corrected."""

from __future__ import annotations

import json
import logging
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from guiapp.correction.sampling import SamplingPlan
from guiapp.correction.training_record import Recipe
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import Provenance
from guiapp.frames.writing import write_extxyz
from guiapp.potentials.potential import Prediction
from guiapp.ui.wizard.sampling_process import Sample

_LOG = logging.getLogger(__name__)
STATE, CANDIDATES, ANSWERS, LABELS, CHECKPOINT, INPUT = (
    "wizard.json",
    "candidates.extxyz",
    "candidates.npz",
    "labels.extxyz",
    "training-state.pt",
    "dft-input",
)


@dataclass(frozen=True)
class Choices:
    """Everything that the user chose, page by page."""

    step: int = 0
    reached: int = 0
    family: str = ""
    """Benchmark family whose compounds are listed; empty for all."""
    compounds: tuple[str, ...] = ()
    ticked: bool = False
    """Whether the user ticked the compounds, so that no proposal replaces them."""
    sampled: bool = False
    """Whether sampled candidates are shown instead of labelled ones."""
    plan: SamplingPlan = field(default_factory=SamplingPlan)
    n_fit: int = 1
    n_judge: int = 2
    """Further structures to label in order to judge, where none of the compound is labelled."""
    chosen: tuple[str, ...] = ()
    """Content hashes of the structures to fit."""
    route: str = "present"
    """How labels come: ``present``, ``input`` or ``gpaw``."""
    codes: tuple[str, ...] = ()
    """DFT programs to write input for; all where empty."""
    watched: str = ""
    """Another folder that results are taken from."""
    python: str = ""
    """A Python that has GPAW."""
    method: str = ""
    """As ``Method``; empty for what the number of labels suggests."""
    slope_matching: bool = False
    recipe: Recipe = field(default_factory=Recipe)
    begun: str = ""
    """Identity of the training that was begun last: its labels and numbers."""
    passes: int = 0
    """Passes over the labels that it has done."""
    trained: bool = False
    """Whether the training of these labels was finished."""
    exported: str = ""
    """Folder of the last export."""


@dataclass(frozen=True, eq=False)
class KeptLabel:
    """A DFT result that was taken in."""

    frame: Frame
    provenance: Provenance
    checks: tuple[str, ...]
    """What was found, in words."""


class WizardMemory:
    """Reads and writes the folder."""

    def __init__(self, folder: Path) -> None:
        """Use a folder; it is made with the first thing to keep."""
        self.folder = folder

    @property
    def checkpoint(self) -> Path:
        """File of a training's state."""
        return self.folder / CHECKPOINT

    @property
    def input_folder(self) -> Path:
        """Where DFT input is written unless the user chooses another place."""
        return self.folder / INPUT

    def load(self) -> tuple[Choices, Sample, tuple[KeptLabel, ...]]:
        """Return what is kept; what is missing or damaged is as on the first start."""
        return self._choices(), self._sample(), self._labels()

    def save_choices(self, choices: Choices) -> None:
        """Keep what was chosen.

        Raises:
            UserFacingError: Where the folder cannot be written.
        """
        state = {**self._read_state(), **asdict(choices)}
        self._write_state(state)

    def save_sample(self, sample: Sample) -> None:
        """Keep candidates and what the model says about them.

        Raises:
            UserFacingError: As above.
        """
        self._make()
        write_extxyz(sample.frames, self.folder / CANDIDATES)
        arrays: dict[str, Any] = {"energies": np.array([p.energy for p in sample.predictions])}
        for k, prediction in enumerate(sample.predictions):
            arrays |= {f"forces {k}": prediction.forces, f"stress {k}": prediction.stress}
        part = self.folder / f".{ANSWERS}.part.npz"
        try:
            np.savez_compressed(part, **arrays)
            part.replace(self.folder / ANSWERS)
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    def save_labels(self, labels: Sequence[KeptLabel]) -> None:
        """Keep the DFT results that were taken in.

        Raises:
            UserFacingError: As above.
        """
        self._make()
        write_extxyz([label.frame for label in labels], self.folder / LABELS)
        state = self._read_state()
        state["labels"] = [{"provenance": asdict(label.provenance), "checks": list(label.checks)} for label in labels]
        self._write_state(state)

    def _choices(self) -> Choices:
        state = self._read_state()
        try:
            return _choices_from(state)
        except (TypeError, ValueError, KeyError) as error:
            _LOG.warning("%s: the wizard starts anew (%s)", self.folder, error)
            return Choices()

    def _sample(self) -> Sample:
        frames = _frames(self.folder / CANDIDATES)
        try:
            with np.load(self.folder / ANSWERS, allow_pickle=False) as kept:
                answers = tuple(
                    Prediction(float(kept["energies"][k]), kept[f"forces {k}"], kept[f"stress {k}"]) for k in range(len(frames))
                )
        except (OSError, KeyError, ValueError, IndexError, EOFError, zipfile.BadZipFile) as error:
            if frames:
                _LOG.warning("%s: candidates are sampled anew (%s)", self.folder, error)
            return Sample((), ())
        return Sample(frames, answers)

    def _labels(self) -> tuple[KeptLabel, ...]:
        frames, told = _frames(self.folder / LABELS), self._read_state().get("labels", [])
        labels = []
        for frame, facts in zip(frames, told, strict=False):
            provenance = Provenance(**{key: str(value) for key, value in facts["provenance"].items()})
            labels.append(KeptLabel(frame, provenance, tuple(map(str, facts["checks"]))))
        return tuple(labels)

    def _read_state(self) -> dict[str, Any]:
        try:
            state = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            _LOG.warning("%s: the wizard's choices cannot be read (%s)", self.folder, error)
            return {}
        return state if isinstance(state, dict) else {}

    def _write_state(self, state: Mapping[str, Any]) -> None:
        self._make()
        part = self.folder / f".{STATE}.part"
        try:
            part.write_text(json.dumps(state, indent=1), encoding="utf-8", newline="\n")
            part.replace(self.folder / STATE)
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    def _make(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot_write(self.folder, error) from error


def memory_folder(project: Path, model: str) -> Path:
    """Return the folder beside a project in which the correction of a model is kept."""
    name = re.sub(r"[^A-Za-z0-9.+-]+", "-", Path(model).name).strip("-.") or "model"
    return project.with_name(f"{project.stem} corrections") / name


def _choices_from(state: Mapping[str, Any]) -> Choices:
    known = {one.name: state[one.name] for one in fields(Choices) if one.name in state}
    for name in ("compounds", "chosen", "codes"):
        known[name] = tuple(map(str, known.get(name, ())))
    known["plan"] = SamplingPlan(**known.get("plan", {}))
    known["recipe"] = Recipe(**known.get("recipe", {}))
    return replace(Choices(), **known)


def _frames(path: Path) -> tuple[Frame, ...]:
    from guiapp.frames.reading.read import read_frames  # noqa: PLC0415 - it imports every reader, a second of work

    if not path.is_file():
        return ()
    try:
        return read_frames([path]).sets[0].frames
    except UserFacingError as error:
        _LOG.warning("%s: %s", path, error)
        return ()


def _cannot_write(folder: Path, error: OSError) -> UserFacingError:
    return UserFacingError(
        f"The wizard's folder cannot be written: {error.strerror}.", advice="Check the rights and the free space there.", path=folder
    )
