"""One worker process seen from the program: start it, ask it, notice its death."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from guiapp.engine.executor import BatchOutcome, Note
from guiapp.engine.messages import BUG, LOADED, NOTE, OUTCOME, REFUSED, predict_message, read_outcome, read_refusal
from guiapp.engine.model_source import ModelSource
from guiapp.engine.worker_main import worker_main
from guiapp.engine.worker_variables import worker_variables
from guiapp.frames.frame import Frame
from guiapp.wire import LARGEST_MESSAGE, WireError, decode, encode

_LARGEST_LOG = 1 << 20
_environment_lock = threading.Lock()


class WorkerDied(Exception):  # noqa: N818 - what happened, not whose error
    """The process ended before it answered."""

    def __init__(self, how: str, *, loading: bool) -> None:
        """Say how it ended and whether it was still loading the model."""
        super().__init__(how)
        self.how = how
        self.loading = loading


class WorkerCodeError(RuntimeError):
    """An error in the worker that is neither the user's nor the frame's fault; the message holds its traceback."""


class WorkerProcess:
    """A process that holds loaded models; used by one thread, except for ``kill``."""

    def __init__(self, log_file: Path, models_kept: int, log: Callable[[str], None]) -> None:
        """Start the process.

        Args:
            log_file: Takes what the process prints.
            models_kept: How many loaded models it may hold at once.
            log: Told each line that it prints.
        """
        context = multiprocessing.get_context("spawn")
        self._connection, far_end = context.Pipe()
        self._log_file, self._log, self._log_read = log_file, log, 0
        log_file.touch()
        self._process: SpawnProcess = context.Process(
            target=worker_main, args=(far_end, str(log_file), models_kept), name="potential worker", daemon=True
        )
        with worker_environment():
            self._process.start()
        # Else this end would stay open after the child's death and nobody would notice it.
        far_end.close()

    @property
    def pid(self) -> int | None:
        """The process id."""
        return self._process.pid

    def predict(self, source: ModelSource, frames: tuple[Frame, ...], note: Note) -> BatchOutcome:
        """Have a batch predicted and wait for it.

        Raises:
            WorkerDied: Where the process ended first.
            UserFacingError: Where the model cannot be loaded.
            WorkerCodeError: Where the worker's own code failed.
        """
        loading = True
        try:
            self._connection.send_bytes(encode(predict_message(source, frames)))
            while True:
                message = decode(_receive(self._connection))
                if message.kind == NOTE:
                    note(str(message.values["text"]))
                elif message.kind == LOADED:
                    loading = False
                    note("")
                else:
                    break
        except (EOFError, OSError, WireError) as error:
            self.kill()
            raise WorkerDied(self._end(error), loading=loading) from error
        finally:
            self._read_log()
        if message.kind == OUTCOME:
            return read_outcome(message, frames)
        if message.kind == REFUSED:
            raise read_refusal(message)
        if message.kind == BUG:
            raise WorkerCodeError(f"{message.values['error']}\n{message.values['traceback']}")
        raise WorkerCodeError(f"the worker answered “{message.kind}”")

    def kill(self) -> None:
        """End the process at once; may be called from any thread, and again."""
        with contextlib.suppress(ValueError):  # a process that was closed meanwhile
            self._process.kill()

    def close(self, patience: float = 1.0) -> None:
        """End the process, at once after ``patience`` seconds, and free its resources."""
        self._connection.close()
        self._process.join(patience)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._read_log()
        self._process.close()

    def _end(self, error: Exception) -> str:
        self._process.join()
        code = self._process.exitcode or 0
        if isinstance(error, WireError):
            return f"it sent something unreadable: {error}"
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            meanings = {"SIGSEGV": "a crash in the model's own code", "SIGKILL": "killed, often because memory ran out"}
            return f"{meanings.get(name, 'ended by the system')} ({name})"
        return f"it ended with code {code}"

    def _read_log(self) -> None:
        with self._log_file.open("rb") as file:
            file.seek(self._log_read)
            text = file.read(_LARGEST_LOG)
        self._log_read += len(text)
        for line in text.decode("utf-8", errors="replace").splitlines():
            self._log(line)
        if self._log_read >= _LARGEST_LOG:
            os.truncate(self._log_file, 0)
            self._log_read = 0


def _receive(connection: Connection) -> bytes:
    return connection.recv_bytes(LARGEST_MESSAGE)


@contextlib.contextmanager
def worker_environment() -> Iterator[None]:
    """Change this process's environment while a child starts: it must be set before the child's first instruction."""
    wanted = worker_variables()
    with _environment_lock:
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
