"""Everything that changes the models on this machine, on behalf of the window; no call waits."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.engine.executor import Executor
from guiapp.engine.job import BenchmarkJob
from guiapp.engine.model_source import registry_source
from guiapp.engine.self_test import self_test
from guiapp.engine.worker_processes import WorkerProcesses
from guiapp.errors import UserFacingError
from guiapp.frames.download import DownloadProgress, StoppedError, StopSwitch
from guiapp.frames.library_words import progress_words, size_words
from guiapp.potentials import model_library
from guiapp.potentials.environments.model_environment import ModelEnvironment, folder_size
from guiapp.potentials.environments.recipe import find_recipe
from guiapp.potentials.registry import find_card
from guiapp.potentials.trust import TrustedFile, revoke, trust, trusted
from guiapp.ui.models_page.entry import ModelEntry, find_entries
from guiapp.ui.models_page.inspection import Inspection, inspect_file
from guiapp.ui.workers.task_thread import TaskState, TaskThread

_STEPS = 1000
_UNKNOWN = -1
_SIZE_EVERY = 3.0  # seconds between two looks at how large an environment is: counting its files takes a moment

Work = Callable[[TaskState], object]


class ModelShelf(QObject):
    """The models, what is known of them, and what is going on with each.

    Signals:
        listed: ``entries`` and ``consents`` are new.
        started: A model's name; something goes on with it.
        progressed: A model's name, how far in thousandths (below 0 where nobody knows), and words.
        ended: A model's name; nothing goes on with it any more.
        refused: A model's name (empty where a file has none yet) and a ``UserFacingError``.
        brought: Name of a model that the user brought.
        inspected: An ``Inspection``.
        crashed: An exception that is a bug.
    """

    listed = Signal()
    started = Signal(str)
    progressed = Signal(str, int, str)
    ended = Signal(str)
    refused = Signal(str, object)
    brought = Signal(str)
    inspected = Signal(object)
    crashed = Signal(object)

    def __init__(self, parent: QObject | None = None, *, make_executor: Callable[[], Executor] | None = None) -> None:
        """Start without knowing any model; ``refresh`` looks.

        Args:
            parent: Qt's owner.
            make_executor: Makes what self-tests run in; a worker process of this machine where not given.
        """
        super().__init__(parent)
        self.entries: tuple[ModelEntry, ...] = ()
        self.consents: tuple[TrustedFile, ...] = ()
        self.project_models: tuple[str, ...] = ()
        self._make_executor = make_executor if make_executor is not None else lambda: WorkerProcesses(1)
        self._running: dict[str, TaskThread] = {}
        self._switches: dict[str, StopSwitch] = {}
        self._tests: deque[str] = deque()
        self._testing = ""
        self._discard: set[str] = set()
        self._looking: TaskThread | None = None
        self._look_again = False

    # ---- what is known

    def entry(self, name: str) -> ModelEntry | None:
        """Return what is known of a model."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def is_busy(self, name: str) -> bool:
        """Tell whether something goes on with a model, or its test waits for another one."""
        return name in self._running or name in self._tests

    def is_downloading(self, name: str) -> bool:
        """Tell whether a model is being downloaded, which can be paused."""
        return name in self._switches

    @property
    def looks_again(self) -> bool:
        """Whether ``entries`` are about to be replaced by newer ones."""
        return self._look_again

    @Slot()
    def refresh(self) -> None:
        """Look again which models there are; ``listed`` tells when it is done."""
        if self._looking is not None:
            self._look_again = True
            return
        more = self.project_models
        self._look_again = False
        self._looking = self._thread(lambda _state: (find_entries(more), tuple(trusted())))
        self._looking.succeeded.connect(self._take_entries)
        self._looking.finished.connect(self._looked)
        self._looking.start()

    # ---- what the user wants

    def download(self, name: str) -> None:
        """Fetch a released model, or go on with it."""
        switch = StopSwitch()

        def work(state: TaskState) -> None:
            def tell(progress: DownloadProgress) -> None:
                part = int(_STEPS * progress.done / progress.total) if progress.total else _UNKNOWN
                state.progress(part, progress_words(progress))

            try:
                model_library.download_model(name, tell, switch)
            except StoppedError:
                return

        if name not in self._running:
            self._switches[name] = switch
            self._run(name, work)

    def pause(self, name: str) -> None:
        """Stop a download; what has come is kept."""
        if name in self._switches:
            self._switches[name].stop()

    def discard(self, name: str) -> None:
        """Stop a download and throw away what has come."""
        if name in self._switches:
            self._discard.add(name)
            self.pause(name)
        else:
            self._run(name, lambda _state: model_library.forget_download(name))

    def take(self, name: str, place: Path) -> None:
        """Use a file or folder of the user as a published model, once its content was compared."""
        self._run(name, lambda _state: model_library.take_published(name, place))

    def bring(self, place: Path) -> None:
        """Give a file or folder of the user a name; it is not opened."""

        def work(_state: TaskState) -> str:
            return model_library.bring(place).name

        self._run(str(place), work, self._tell_brought)

    def remove(self, name: str) -> None:
        """Forget a model, or delete its download or environment."""
        self._run(name, lambda state: model_library.remove_model(name, lambda words: state.progress(_UNKNOWN, words)))

    def install(self, name: str) -> None:
        """Make the environment of a model, or go on with it."""
        self._run(name, lambda state: _install(name, state))

    def look_inside(self, name: str) -> None:
        """Find out what opening a model's file would import; ``inspected`` tells, and nothing is run."""
        self._run(name, lambda _state: inspect_file(find_card(name)), self._tell_inspected)

    def consent(self, name: str, sha256: str, note: str) -> None:
        """Remember that files of this content may be opened."""
        self._run(name, lambda _state: trust(sha256, note))

    def revoke(self, sha256: str) -> None:
        """Take a consent back."""
        self._run(sha256, lambda _state: revoke(sha256))

    def test(self, name: str) -> None:
        """Run the self-test of a model now, or when the one that runs is done."""
        if not self.is_busy(name):
            self._tests.append(name)
            self.started.emit(name)
            self.progressed.emit(name, _UNKNOWN, "waiting for another self-test" if self._testing else "starting")
            self._next_test()

    def cancel(self, name: str) -> None:
        """Stop what goes on with a model, within moments; a download is paused."""
        if name in self._tests:
            self._tests.remove(name)
            self.ended.emit(name)
        elif name in self._switches:
            self.pause(name)
        elif name in self._running:
            self._running[name].state.cancel()
            self.progressed.emit(name, _UNKNOWN, "stopping")

    def shut_down(self) -> None:
        """End everything within moments, as when the window closes."""
        self._tests.clear()
        for switch in self._switches.values():
            switch.stop()
        for task in (*self._running.values(), *([self._looking] if self._looking is not None else [])):
            task.state.cancel()
            task.wait()

    # ---- inside

    def _next_test(self) -> None:
        if self._testing or not self._tests:
            return
        name = self._testing = self._tests.popleft()
        make = self._make_executor

        def work(state: TaskState) -> None:
            card = find_card(name)
            source = registry_source(BenchmarkJob("self-test", "self-test", name, ()))
            with closing(make()) as executor:
                # A note may come from the executor's own threads, where nothing may be raised.
                self_test(
                    source,
                    card.functional,
                    executor,
                    lambda words: _tell_quietly(state, words),
                    again=True,
                    stop=state.stop_if_cancelled,
                )

        self._run(name, work)

    def _run(self, name: str, work: Work, done: Callable[..., object] | None = None) -> None:
        """Start work on a model unless something goes on with it."""
        if name in self._running:
            return
        task = self._thread(work)
        task.progressed.connect(self._tell_progress)
        task.refused.connect(self._tell_refused)
        if done is not None:
            task.succeeded.connect(done)
        task.finished.connect(self._finished)
        self._running[name] = task
        task.start()
        self.started.emit(name)

    def _thread(self, work: Work) -> TaskThread:
        task = TaskThread(work, self)
        task.crashed.connect(self.crashed)
        return task

    def _name_of(self, task: QObject | None) -> str:
        return next((name for name, one in self._running.items() if one is task), "")

    @Slot(int, str)
    def _tell_progress(self, part: int, words: str) -> None:
        self.progressed.emit(self._name_of(self.sender()), part, words)

    @Slot(object)
    def _tell_refused(self, error: UserFacingError) -> None:
        self.refused.emit(self._name_of(self.sender()), error)

    @Slot(object)
    def _tell_brought(self, name: str) -> None:
        self.refresh()
        self.brought.emit(name)

    @Slot(object)
    def _tell_inspected(self, found: Inspection) -> None:
        self.inspected.emit(found)

    @Slot()
    def _finished(self) -> None:
        task = self.sender()
        name = self._name_of(task)
        self._running.pop(name, None)
        self._switches.pop(name, None)
        if isinstance(task, TaskThread):
            task.deleteLater()
        if name == self._testing:
            self._testing = ""
        if name in self._discard:
            self._discard.discard(name)
            self.discard(name)
        self.ended.emit(name)
        self.refresh()
        self._next_test()

    @Slot(object)
    def _take_entries(self, found: tuple[tuple[ModelEntry, ...], tuple[TrustedFile, ...]]) -> None:
        self.entries, self.consents = found
        self.listed.emit()

    @Slot()
    def _looked(self) -> None:
        if self._looking is not None:
            self._looking.deleteLater()
            self._looking = None
        if self._look_again:
            self.refresh()


def _tell_quietly(state: TaskState, words: str) -> None:
    if words and not state.cancelled:
        state.progress(_UNKNOWN, words)


def _install(name: str, state: TaskState) -> None:
    """Make an environment, telling words and how much of the expected size is there."""
    environment = ModelEnvironment.of(find_recipe(name))
    expected = environment.recipe.disk_gb * 1e9
    newest, looked, size = "", 0.0, 0

    def say(words: str) -> None:
        nonlocal newest, looked, size
        state.stop_if_cancelled()
        if not words and time.monotonic() - looked < _SIZE_EVERY:
            return
        newest = words or newest
        size, looked = folder_size(environment.folder) if environment.folder.exists() else 0, time.monotonic()
        part = min(_STEPS - 1, int(_STEPS * size / expected)) if expected else _UNKNOWN
        state.progress(part, f"{newest} · {size_words(size)} of about {environment.recipe.disk_gb:g} GB")

    environment.create(say)
