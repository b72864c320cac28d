"""The main function of a worker process: it holds loaded models and answers one batch at a time."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import traceback
from multiprocessing.connection import Connection

from guiapp.engine.executor import predict_batch
from guiapp.engine.loaded_potentials import LoadedPotentials, use_one_thread
from guiapp.engine.messages import BUG, LOADED, NOTE, outcome_message, read_predict, refusal_message
from guiapp.engine.parent_watch import end_with_parent
from guiapp.errors import UserFacingError
from guiapp.wire import Message, decode, encode


def worker_main(connection: Connection, log: str, models_kept: int) -> None:
    """Answer batches until the other end is closed.

    Args:
        connection: Messages of ``guiapp.engine.messages``, as bytes.
        log: File that takes what libraries print and what a crash leaves behind.
        models_kept: How many loaded models may be held at once.
    """
    # Ctrl+C in a terminal reaches every process of the group; the program decides what becomes of its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _print_into(log)
    faulthandler.enable(sys.stderr)
    end_with_parent()
    potentials = LoadedPotentials(models_kept)
    while True:
        try:
            order = connection.recv_bytes()
        except (EOFError, OSError):
            return
        _answer(connection, order, potentials)


def _answer(connection: Connection, order: bytes, potentials: LoadedPotentials) -> None:
    def tell(text: str) -> None:
        connection.send_bytes(encode(Message(NOTE, {"text": text})))

    try:
        source, frames = read_predict(decode(order))
        device = potentials.get(source, tell).potential.device
        use_one_thread()
        connection.send_bytes(encode(Message(LOADED, {"device": device})))
        reply = outcome_message(predict_batch(source, frames, potentials, tell))
    except UserFacingError as error:
        reply = refusal_message(error)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong here is told to the program, which reports it as a bug
        reply = Message(BUG, {"error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()})
    connection.send_bytes(encode(reply))


def _print_into(log: str) -> None:
    """Send everything that is printed, also by C code, to a file; a pipe could fill up and block the process."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    os.close(descriptor)
    # A program without a console has no sys.stdout, and libraries that print would fail.
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115 - open as long as the process
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
