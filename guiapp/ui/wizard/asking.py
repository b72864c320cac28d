"""Who answers for the models of a correction: the process that corrects, or the cluster that the window is connected to."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from guiapp.correction.corrected import Correction
from guiapp.engine.asked_model import Answers, ask_here, ask_model
from guiapp.engine.cluster.connection import ClusterConnection, SchedulerLink, connect_to_link
from guiapp.engine.corrected_model import ask_corrected
from guiapp.engine.in_memory import InMemoryPredictions
from guiapp.engine.job import BenchmarkJob, Progress
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Potential
from guiapp.potentials.registry import find_card, load_potential
from guiapp.store.project import Project, open_project
from guiapp.ui.wizard.process import Tell


@dataclass(frozen=True, eq=False)
class ClusterAccess:
    """A cluster that answers for a process of the wizard."""

    link: SchedulerLink
    project: str
    """Path of the project file, which keeps the answers, so that what is begun again goes on."""


class Asking(Protocol):
    """Answers about frames."""

    def uncorrected(self, frames: Sequence[Frame]) -> Answers:
        """Ask the model that is corrected."""
        ...

    def corrected(self, correction: Correction, frames: Sequence[Frame], before: Answers) -> Answers:
        """Ask the corrected model about frames, of which ``before`` holds what the uncorrected one says."""
        ...


class AskingHere:
    """This process answers."""

    def __init__(self, model: str, device: str, base: Potential | None) -> None:
        """Load nothing yet."""
        self._model, self._device, self._given = model, device, base

    @cached_property
    def _base(self) -> Potential:
        return self._given or load_potential(find_card(self._model), self._device)

    def uncorrected(self, frames: Sequence[Frame]) -> Answers:
        """Ask the model that is corrected."""
        return ask_here(self._base, frames)

    def corrected(self, correction: Correction, frames: Sequence[Frame], before: Answers) -> Answers:
        """Ask the corrected model as it is in memory."""
        del before
        return ask_here(correction.corrected, frames)


class AskingCluster:
    """The workers of a cluster answer, as for any job."""

    def __init__(self, model: str, device: str, connection: ClusterConnection, project: Project, tell: Tell) -> None:
        """Use an open connection and an open project."""
        self._model, self._device, self._connection, self._tell = model, device, connection, tell
        self._kept = InMemoryPredictions() if project.read_only else project.predictions

    def uncorrected(self, frames: Sequence[Frame]) -> Answers:
        """Ask the model that is corrected."""
        return self._ask(self._model, frames)

    def corrected(self, correction: Correction, frames: Sequence[Frame], before: Answers) -> Answers:
        """Ask the corrected model, which travels to the workers."""
        return ask_corrected(correction, frames, before, self._ask, Path(tempfile.gettempdir()))

    def _ask(self, model: str, frames: Sequence[Frame]) -> Answers:
        def tell(progress: Progress) -> None:
            self._tell(progress.note or f"{progress.done} of {progress.total} structures on {self._connection.title}")

        job = BenchmarkJob(uuid.uuid4().hex, "high-energy", model, tuple(frames), self._device)
        return ask_model(job, self._kept, self._connection.executor, tell)


@contextmanager
def asking(model: str, device: str, cluster: ClusterAccess | None, tell: Tell, base: Potential | None = None) -> Iterator[Asking]:
    """Have a model asked where the user wants it.

    Args:
        model: Name of the model that is corrected.
        device: ``auto``, ``cpu`` or ``cuda``.
        cluster: The cluster; None for this process.
        tell: Told in words how far it is.
        base: The model, where this process has loaded it already.

    Raises:
        UserFacingError: Where the cluster does not answer any more, or the project cannot be opened.
    """
    if cluster is None:
        yield AskingHere(model, device, base)
        return
    tell(f"connecting to {cluster.link.title}")
    with open_project(Path(cluster.project)) as project, closing(connect_to_link(cluster.link)) as connection:
        yield AskingCluster(model, device, connection, project, tell)
