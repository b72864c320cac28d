"""Batches in long-lived worker processes: a crash of a model costs one frame and never the program."""

from __future__ import annotations

import contextlib
import logging
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from guiapp.engine.executor import BatchOutcome, BatchTask, Note
from guiapp.engine.frame_predictor import FrameResult, failure
from guiapp.engine.loaded_potentials import DEFAULT_MODELS_KEPT
from guiapp.engine.worker_process import WorkerDied, WorkerProcess
from guiapp.errors import UserFacingError

_LOG = logging.getLogger(__name__)
_TRIES = 2
_MOST_DEATHS = 12
"""Deaths of one worker in a row after which something other than a frame must be wrong."""


@dataclass(eq=False)
class _Order:
    """A submitted batch, from the queue to its outcome."""

    task: BatchTask
    note: Note
    future: Future[BatchOutcome] = field(default_factory=Future)
    given_up: bool = False


class WorkerProcesses:
    """Runs batches in processes of their own, each with its loaded models; they start at the first batch."""

    def __init__(
        self,
        workers: int = 1,
        *,
        log: Callable[[str], None] | None = None,
        models_kept: int = DEFAULT_MODELS_KEPT,
        patience: float = 2.0,
    ) -> None:
        """Prepare the workers; nothing is started yet.

        Args:
            workers: How many processes; each uses one CPU core, and on a GPU one is enough.
            log: Told each line that a worker prints; by default it goes to Python's logging. Called from the workers' threads.
            models_kept: How many loaded models each may hold at once.
            patience: Seconds that a running batch may still take after its job is cancelled before its process is killed; a worker
                that ends its batch in time stays warm for the next job.
        """
        self._log = log if log is not None else _LOG.info
        self._models_kept = models_kept
        self._patience = patience
        self._orders: deque[_Order] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._folder = tempfile.TemporaryDirectory(prefix="temper-workers-", ignore_cleanup_errors=True)
        self._lanes = [_Lane(self, Path(self._folder.name) / f"worker-{k}.log") for k in range(max(1, workers))]

    @property
    def slots(self) -> int:
        """One batch a worker."""
        return len(self._lanes)

    def submit(self, task: BatchTask, note: Note) -> Future[BatchOutcome]:
        """Queue a batch; see ``Executor.submit``."""
        order = _Order(task, note)
        with self._changed:
            if self._closed:
                raise CancelledError
            self._orders.append(order)
            self._changed.notify()
        for lane in self._lanes:
            lane.start()
        return order.future

    def cancel(self, job: str) -> None:
        """Drop a job's waiting batches; kill a worker that does not end its batch within the patience."""
        with self._changed:
            dropped = [order for order in self._orders if order.task.job == job]
            self._orders = deque(order for order in self._orders if order.task.job != job)
        for order in dropped:
            order.future.cancel()
        for lane in self._lanes:
            lane.give_up(job, self._patience)

    def close(self) -> None:
        """Drop everything that waits and end the processes."""
        with self._changed:
            self._closed = True
            dropped, self._orders = self._orders, deque()
            self._changed.notify_all()
        for order in dropped:
            order.future.cancel()
        for lane in self._lanes:
            lane.stop()
        self._folder.cleanup()

    def _next_order(self) -> _Order | None:
        """Wait for the next batch; None once the workers are closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._orders)
            return None if self._closed else self._orders.popleft()


class _Lane:
    """A thread and the process that it talks to; the process is replaced when it dies."""

    def __init__(self, owner: WorkerProcesses, log_file: Path) -> None:
        self._owner = owner
        self._log_file = log_file
        self._process: WorkerProcess | None = None
        self._order: _Order | None = None
        self._deaths = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._log_file.stem, daemon=True)
                self._thread.start()

    def give_up(self, job: str, patience: float) -> None:
        """Let the running batch of a job go: if it has not ended after the patience, its process is killed."""
        with self._lock:
            order = self._order
            if order is None or order.task.job != job or order.given_up:
                return
            order.given_up = True
        timer = threading.Timer(patience, self._kill_if_busy, [order])
        timer.daemon = True
        timer.start()

    def stop(self) -> None:
        with self._lock:
            if self._order is not None:
                self._order.given_up = True
            process, thread = self._process, self._thread
        if process is not None and self._order is not None:
            process.kill()
        if thread is not None:
            thread.join(timeout=5.0)

    def _kill_if_busy(self, order: _Order) -> None:
        with self._lock:
            if self._order is order and self._process is not None:
                self._process.kill()

    def _run(self) -> None:
        while (order := self._owner._next_order()) is not None:  # noqa: SLF001 - the lane is part of its owner
            if order.future.set_running_or_notify_cancel():
                self._work_off(order)
        self._end_process()

    def _work_off(self, order: _Order) -> None:
        with self._lock:
            self._order = order
        try:
            outcome = self._outlive(order)
        except BaseException as error:  # noqa: BLE001 - whoever waits for the batch must learn of it
            self._forget_order()
            order.future.set_exception(error)
        else:
            self._forget_order()
            order.future.set_result(outcome)

    def _forget_order(self) -> None:
        with self._lock:
            self._order = None

    def _outlive(self, order: _Order) -> BatchOutcome:
        """Predict a batch although the process may die of it: try again, then frame by frame to find the culprit."""
        how = ""
        for _ in range(_TRIES):
            try:
                return self._ask(order, order.task)
            except WorkerDied as death:
                how = death.how
        frames = order.task.frames
        if len(frames) == 1:
            return BatchOutcome((_fatal(order, 0, how),), 0.0, "")
        results: list[FrameResult] = []
        last = BatchOutcome((), 0.0, "")
        seconds = 0.0
        for index, frame in enumerate(frames):
            try:
                single = self._ask(order, BatchTask(order.task.job, order.task.source, (frame,)))
            except WorkerDied as death:
                results.append(_fatal(order, index, death.how))
            else:
                results += single.results
                last, seconds = single, seconds + single.seconds
        return replace(last, results=tuple(results), seconds=seconds)

    def _ask(self, order: _Order, task: BatchTask) -> BatchOutcome:
        """Have a batch predicted; a death while loading says nothing about the frames, so the load is tried again."""
        for _ in range(_TRIES):
            process = self._running_process(order)
            try:
                outcome = process.predict(task.source, task.frames, order.note)
            except WorkerDied as death:
                self._end_process()
                if order.given_up:
                    raise CancelledError from death
                _LOG.warning("a worker process died: %s", death.how)
                last = death
                if not death.loading:
                    self._count_death(task, death)
                    raise
            else:
                self._deaths = 0
                return outcome
        raise _beyond_repair(f"loading {task.source.title}", last) from last

    def _count_death(self, task: BatchTask, death: WorkerDied) -> None:
        self._deaths += 1
        if self._deaths >= _MOST_DEATHS:
            self._deaths = 0
            raise _beyond_repair(f"computing with {task.source.title}", death) from death

    def _running_process(self, order: _Order) -> WorkerProcess:
        if self._process is None and not order.given_up:
            process = WorkerProcess(self._log_file, self._owner._models_kept, self._owner._log)  # noqa: SLF001
            with self._lock:
                self._process = process
        if self._process is None or order.given_up:
            raise CancelledError
        return self._process

    def _end_process(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.close()
            with contextlib.suppress(OSError):
                self._log_file.unlink(missing_ok=True)


def _beyond_repair(doing: str, death: WorkerDied) -> UserFacingError:
    return UserFacingError(
        f"The worker process ended again and again while {doing}: {death.how}.",
        advice="Check that there is enough free memory; the log shows what the worker printed last.",
    )


def _fatal(order: _Order, index: int, how: str) -> FrameResult:
    return failure(
        order.task.frames[index],
        f"{order.task.source.title} brought its process down on this frame: {how}.",
        "Check the frame for overlapping atoms; a very large frame may need a machine with more memory.",
    )
