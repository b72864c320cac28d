"""Batches on a Dask cluster, behind the same interface as worker processes on this machine."""

from __future__ import annotations

import logging
import threading
import uuid
from collections import deque
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any

from guiapp.engine.cluster.dask_package import distributed
from guiapp.engine.cluster.far_call import far_call
from guiapp.engine.cluster.flight import Isolation, Order
from guiapp.engine.cluster.model_travel import ModelTravel
from guiapp.engine.cluster.orders import MODEL_ABSENT, consents_for, order_message
from guiapp.engine.executor import BatchOutcome, BatchTask, Note
from guiapp.engine.executor_lost import ExecutorLostError
from guiapp.engine.messages import OUTCOME, REFUSED, read_outcome, read_refusal
from guiapp.engine.model_source import REGISTRY_LOADER
from guiapp.errors import UserFacingError
from guiapp.wire import Message, WireError, decode, encode

_LOG = logging.getLogger(__name__)
_WORKER_SIDE = "guiapp.engine.cluster.worker_side"
_LOOK_AGAIN = 1.0
_MOST_ABSENCES = 4
_MOST_DEATHS = 12
"""Frames in a row that killed workers, after which something other than a frame must be wrong."""
_WAITING = "waiting for a worker of the cluster"


class ClusterCodeError(RuntimeError):
    """An error on a worker that is neither the user's nor the frame's fault; the message holds its traceback."""


class DaskExecutor:
    """Runs batches on the workers of a ``distributed.Client``, one batch a worker process at a time.

    Batches wait here and not at the scheduler: a cancel drops them at once, and where a worker dies only the batch that it computed
    can be the cause. Dask gives that batch to another worker; when it keeps killing workers, the frame to blame is looked for.
    """

    def __init__(self, client: Any, title: str) -> None:
        """Use a connected client, which stays the caller's to close.

        Args:
            client: A ``distributed.Client``.
            title: What the user calls the cluster, for messages.
        """
        self._client, self._title = client, title
        self.travel = ModelTravel(client)
        self._lock = threading.RLock()
        self._orders: deque[Order] = deque()
        self._suspects: deque[Order] = deque()
        self._isolation: Isolation | None = None
        self._flying: dict[Any, Order] = {}
        self._notes: dict[str, Note] = {}
        self._waiting_for_model: set[Order] = set()
        self._deaths = 0
        self._workers = 0
        self._lost: ExecutorLostError | None = None
        self._closed = threading.Event()
        self._topic = f"temper-{uuid.uuid4().hex}"
        self._sending = ThreadPoolExecutor(1, thread_name_prefix="send model")
        client.subscribe_topic(self._topic, self._hear)
        self._count_workers()
        threading.Thread(target=self._watch, name="watch cluster", daemon=True).start()

    @property
    def slots(self) -> int:
        """One batch a worker process; workers may come and go."""
        return max(1, self._workers)

    @property
    def waiting(self) -> int:
        """Batches that wait for a worker."""
        with self._lock:
            return len(self._orders) + len(self._suspects)

    def submit(self, task: BatchTask, note: Note) -> Any:
        """Queue a batch; see ``Executor.submit``.

        Raises:
            ExecutorLostError: Where the scheduler does not answer any more.
        """
        order = Order(task, note)
        with self._lock:
            if self._closed.is_set():
                raise CancelledError
            self.require_scheduler()
            self._orders.append(order)
            self._pump()
        return order.future

    def cancel(self, job: str) -> None:
        """Give up a job's batches; a worker ends the one that it computes, and nobody waits for it."""
        self._drop(lambda order: order.task.job == job)

    def close(self) -> None:
        """Give up everything, so that jobs are interrupted and can go on elsewhere; the client stays open."""
        self._closed.set()
        left = ExecutorLostError(f"{self._title} was left.", advice="What was finished is kept. Resume the job to compute the rest here.")
        self._drop(lambda _order: True, left)
        self._sending.shutdown(wait=False, cancel_futures=True)

    def require_scheduler(self) -> None:
        """Return only while the scheduler answers.

        Raises:
            ExecutorLostError: Where it does not.
        """
        if self._lost is not None:
            raise self._lost

    # ---- sending

    def _pump(self) -> None:
        """Send what may be sent now; called with the lock held."""
        if self._lost is not None or self._closed.is_set():
            return
        if self._isolation is None and self._suspects and not self._flying:
            self._isolation = Isolation(self._suspects.popleft())
        if self._isolation is not None:
            piece = self._isolation.piece
            if piece is not None and not self._flying and self._isolation.order not in self._waiting_for_model:
                self._send(self._isolation.order, piece)
            return
        while self._orders and not self._suspects and len(self._flying) < self.slots:
            order = self._orders.popleft()
            if order.future.running() or order.future.set_running_or_notify_cancel():
                self._send(order, order.task)

    def _send(self, order: Order, task: BatchTask) -> None:
        name = f"temper-{uuid.uuid4().hex}"
        try:
            registered = task.source.loader == REGISTRY_LOADER
            message = order_message(task, self._topic, name, consents_for(task.source.model) if registered else ())
            future = self._client.submit(far_call("answer", encode(message)), _WORKER_SIDE, key=name, pure=False)
        except (UserFacingError, WireError) as error:
            order.fail(error)
            return
        except Exception as error:  # noqa: BLE001 - Dask tells in many ways that its scheduler is gone
            order.fail(self.lose(error))
            return
        self._flying[future] = order
        self._notes[name] = order.note
        if not self._workers:
            order.note(_WAITING)
        future.add_done_callback(self._land)

    # ---- receiving; all of this runs in Dask's thread for callbacks

    def _land(self, future: Any) -> None:
        try:
            self._take(future)
        except Exception as error:  # noqa: BLE001 - nobody else would tell whoever waits for the batch
            with self._lock:
                order = self._flying.pop(future, None)
            if order is not None:
                order.fail(error)
        with self._lock:
            self._notes.pop(future.key, None)
            self._pump()
        future.release()

    def _take(self, future: Any) -> None:
        with self._lock:
            order = self._flying.get(future)
            isolation = self._isolation
        if order is None:  # given up
            return
        if future.status == "error":
            self._take_error(future, order, future.exception())
            return
        if future.status != "finished":
            self.lose(ConnectionError(f"a batch was {future.status}"))
            return
        try:
            message = decode(future.result())
        except WireError as error:
            raise ClusterCodeError(f"a worker answered with something unreadable: {error}") from error
        except Exception as error:  # noqa: BLE001 - the worker died with the result, which Dask tells in many ways
            self._send_again(future, order, error)
            return
        with self._lock:
            del self._flying[future]
            if message.kind == MODEL_ABSENT:
                self._bring_model(order)
                return
            isolated = isolation is not None and isolation.order is order
            piece = isolation.piece if isolation is not None and isolated else order.task
            assert piece is not None
            try:
                outcome = _outcome(message, piece)
            except (UserFacingError, ClusterCodeError) as error:
                self._end_isolation(order)
                order.fail(error)
                return
            if isolation is not None and isolated:
                isolation.answered(outcome)
                self._go_on(isolation)
            else:
                order.give(outcome)
            if outcome.results:
                self._deaths = 0

    def _take_error(self, future: Any, order: Order, error: BaseException) -> None:
        with self._lock:
            del self._flying[future]
            isolation = self._isolation
            if not isinstance(error, distributed().KilledWorker):
                self._end_isolation(order)
                order.fail(_words_for(error, order))
                return
            _LOG.warning("workers of %s died: %s", self._title, error)
            if isolation is None or isolation.order is not order:
                self._suspects.append(order)
                return
            self._deaths += 1
            try:
                isolation.killed(beyond_repair=self._deaths > _MOST_DEATHS)
            except UserFacingError as trouble:
                self._end_isolation(order)
                order.fail(trouble)
            else:
                self._go_on(isolation)

    def _go_on(self, isolation: Isolation) -> None:
        if isolation.piece is None:
            isolation.order.give(isolation.outcome)
            self._end_isolation(isolation.order)

    def _end_isolation(self, order: Order) -> None:
        if self._isolation is not None and self._isolation.order is order:
            self._isolation = None

    def _send_again(self, future: Any, order: Order, error: Exception) -> None:
        """Compute once more what was computed and lost on its way, unless it is the scheduler that is gone."""
        if self._client.status != "running":
            self.lose(error)
            return
        with self._lock:
            del self._flying[future]
            if self._isolation is None or self._isolation.order is not order:
                self._orders.appendleft(order)

    def _bring_model(self, order: Order) -> None:
        order.absences += 1
        if order.absences > _MOST_ABSENCES:
            self._end_isolation(order)
            order.fail(
                UserFacingError(
                    f"{order.task.source.title} was sent to the workers, and they do not keep it.",
                    advice="Check the free space on the workers, or let TEMPER_CACHE_DIR name another folder there.",
                )
            )
            return
        self._waiting_for_model.add(order)
        self._sending.submit(self._bring, order)

    def _bring(self, order: Order) -> None:
        """Send the model (in the thread for it) and put the order where it was."""
        trouble: Exception | None = None
        try:
            self.travel.bring(order.task.source, order.note)
        except UserFacingError as error:
            trouble = error
        except Exception as error:  # noqa: BLE001 - a worker went away meanwhile; the others are asked again
            _LOG.warning("a model could not be sent: %s", error)
        with self._lock:
            self._waiting_for_model.discard(order)
            if trouble is not None:
                self._end_isolation(order)
                order.fail(trouble)
            elif not order.future.done() and (self._isolation is None or self._isolation.order is not order):
                self._orders.appendleft(order)
            self._pump()

    # ---- watching

    def _hear(self, event: tuple[float, Any]) -> None:
        content = event[1]
        note = self._notes.get(content["order"])
        if note is not None:
            note(content["note"])

    def _watch(self) -> None:
        """Look again and again whether the scheduler answers and how many workers there are."""
        while not self._closed.wait(_LOOK_AGAIN):
            if self._lost is not None:
                return
            before = self._workers
            self._count_workers()
            with self._lock:
                if before and not self._workers:
                    for order in self._flying.values():
                        order.note(_WAITING)
                self._pump()

    def _count_workers(self) -> None:
        trouble: Exception | None = ConnectionError("the connection is closed")
        if self._client.status == "running":
            try:
                self._workers = len(self._client.scheduler_info(n_workers=-1)["workers"])
                trouble = None
            except Exception as error:  # noqa: BLE001 - Dask tells in many ways that its scheduler is gone
                trouble = error
        if trouble is not None and not self._closed.is_set():
            self.lose(trouble)

    def lose(self, error: Exception) -> ExecutorLostError:
        """End everything, because the scheduler is gone; return what there is to say about it."""
        with self._lock:
            if self._lost is None:
                _LOG.warning("%s is lost: %s", self._title, error)
                self._lost = ExecutorLostError(
                    f"The scheduler of {self._title} does not answer any more.",
                    advice="What was finished is kept. Start the scheduler again, connect, and resume the job.",
                )
        self._drop(lambda _order: True, self._lost)
        return self._lost

    def _drop(self, which: Any, error: Exception | None = None) -> None:
        with self._lock:
            flying = [future for future, order in self._flying.items() if which(order)]
            dropped = [self._flying.pop(future) for future in flying]
            for queue in (self._orders, self._suspects):
                dropped += [order for order in queue if which(order)]
                kept = [order for order in queue if not which(order)]
                queue.clear()
                queue.extend(kept)
            dropped += [order for order in self._waiting_for_model if which(order)]
            if self._isolation is not None and which(self._isolation.order):
                dropped.append(self._isolation.order)
                self._isolation = None
        if flying and self._lost is None:
            try:
                self._client.cancel(flying)
            except Exception:  # noqa: BLE001 - the scheduler that would have to be told may be gone in this moment
                _LOG.debug("batches could not be cancelled", exc_info=True)
        for order in dropped:
            if error is None:
                order.give_up()
            else:
                order.fail(error)
        with self._lock:
            self._pump()


def _outcome(message: Message, piece: BatchTask) -> BatchOutcome:
    if message.kind == OUTCOME:
        return read_outcome(message, piece.frames)
    if message.kind == REFUSED:
        raise read_refusal(message)
    raise ClusterCodeError(f"{message.values.get('error', message.kind)}\n{message.values.get('traceback', '')}")


def _words_for(error: BaseException, order: Order) -> BaseException:
    if isinstance(error, ModuleNotFoundError):
        return UserFacingError(
            f"A worker of the cluster lacks a Python package: {error}.",
            advice=f"Install the same version of Temper on every worker, with what {order.task.source.title} needs.",
        )
    return error
