"""Results that came with the program: brought into the demo project, marked as such, and computed anew on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.engine.keys import settings_hash
from guiapp.frames.frame import Frame
from guiapp.potentials.registry import find_card, prediction_settings, weights_hash
from guiapp.potentials.stored_predictions import StoredModel, read_stored, stored_models
from guiapp.ui.background import Background

if TYPE_CHECKING:
    from guiapp.store.project import Project

_BROUGHT = "stored results"
_RECOMPUTED = "computed here"
_MODE = "static"


def bring_stored_results(project: Project, frames: Sequence[Frame]) -> tuple[str, ...]:
    """Put the shipped predictions for these frames into a project, and return the models that it compares because of that.

    A model whose weights or inference path are others by now brings nothing, because its numbers would not be those of the model that is
    listed; one that was computed anew stays as it is.

    Raises:
        UserFacingError: Where the project cannot be written.
    """
    brought = _brought(project)
    wanted = {frame.content_hash for frame in frames}
    for name, stored in stored_models().items():
        mark = f"{stored.stamp} for {len(wanted)}"
        if brought.get(name) in {mark, _RECOMPUTED} or not _is_current(stored):
            continue
        predictions = {frame: prediction for frame, prediction in read_stored(name).items() if frame in wanted}
        if predictions:
            project.predictions.keep(stored.weights_sha256, _key(stored), list(predictions), list(predictions.values()))
            brought[name] = mark
    project.settings.set(_BROUGHT, brought)
    return tuple(brought)


def stored_in(project: Project) -> dict[str, StoredModel]:
    """Return the models of a project whose results came with the program."""
    known = stored_models()
    return {name: known[name] for name, mark in _brought(project).items() if mark != _RECOMPUTED and name in known}


class StoredResults(QObject):
    """Which of the open project's results were not computed here.

    Signals:
        forgotten: Name of a model whose stored results are gone from the project, so that it can be computed anew.
    """

    forgotten = Signal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        """Know of none."""
        super().__init__(parent)
        self._background = background
        self._models: dict[str, StoredModel] = {}

    def use(self, models: Mapping[str, StoredModel]) -> None:
        """Speak of another project."""
        self._models = dict(models)

    def words(self, model: str) -> str:
        """Return where a model's stored results come from; empty where they were computed here."""
        stored = self._models.get(model)
        return stored.words if stored is not None else ""

    def forget(self, project: Project, model: str) -> None:
        """Delete a model's stored results from a project; ``forgotten`` tells when it is done."""
        stored = self._models.get(model)
        if stored is None:
            return

        def work() -> str:
            project.predictions.forget(stored.weights_sha256, _key(stored))
            project.settings.set(_BROUGHT, {**_brought(project), model: _RECOMPUTED})
            return model

        self._background.write(work, self._tell_forgotten)

    @Slot(object)
    def _tell_forgotten(self, model: str) -> None:
        self._models.pop(model, None)
        self.forgotten.emit(model)


def _brought(project: Project) -> dict[str, str]:
    marks = project.settings.get(_BROUGHT, {})
    return {str(name): str(mark) for name, mark in marks.items()} if isinstance(marks, dict) else {}


def _is_current(stored: StoredModel) -> bool:
    card = find_card(stored.name)
    same_settings = dict(prediction_settings(card)) == dict(stored.settings)
    return same_settings and bool(card.weights or card.identity) and weights_hash(card) == stored.weights_sha256


def _key(stored: StoredModel) -> str:
    return settings_hash({**stored.settings, "mode": _MODE})
