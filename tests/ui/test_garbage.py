"""Cycles that hold Qt objects are taken apart in the Qt thread only, however much another thread allocates."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref

import pytest
from PySide6.QtCore import QObject

from guiapp.ui.garbage import GarbageCollection, collect_due

PROGRAM = """
import gc, sys
from PySide6.QtWidgets import QApplication
QApplication.exec = lambda *_: 7 if gc.isenabled() else 3
from guiapp.app import main
sys.exit(main([]))
"""


class Witness(QObject):
    """Part of a cycle; its finalizer notes the thread that takes it apart."""

    def __init__(self, seen: list[threading.Thread]) -> None:
        super().__init__()
        self.me = self
        weakref.finalize(self, lambda: seen.append(threading.current_thread()))


@pytest.fixture
def collection(qapp):
    """The program's collection; afterwards the tests' own rule holds again."""
    owner = QObject()
    yield GarbageCollection(owner)
    gc.unfreeze()
    assert not gc.isenabled()


def allocate_much():
    """Make far more containers than Python's thresholds ask for."""
    kept = [[index] for index in range(20_000)]
    assert len(kept) == 20_000


def test_a_cycle_left_behind_is_collected_in_the_qt_thread(collection, qtbot):
    """The other thread allocates enough to trigger Python's own collection, yet only the timer's collects."""
    seen: list[threading.Thread] = []
    gc.collect()
    Witness(seen)
    thread = threading.Thread(target=allocate_much)
    thread.start()
    thread.join()
    assert not seen
    kept = [[index] for index in range(2_000)]
    qtbot.waitUntil(lambda: seen == [threading.main_thread()])
    assert len(kept) == 2_000


def test_without_it_the_other_thread_would_collect():
    """The danger is real: with Python's own collection on, the allocating thread takes the cycle apart."""

    class Plain:
        def __init__(self, seen):
            self.me = self
            weakref.finalize(self, lambda: seen.append(threading.current_thread()))

    seen: list[threading.Thread] = []
    gc.collect()
    Plain(seen)
    thread = threading.Thread(target=allocate_much)
    gc.enable()
    try:
        thread.start()
        thread.join()
    finally:
        gc.disable()
    assert seen == [thread]


def test_nothing_is_collected_before_it_is_due():
    """A quiet second costs nothing; a busy one collects the young generation."""
    gc.collect()
    assert collect_due() == -1
    kept = [[index] for index in range(2_000)]
    assert collect_due() == 0
    assert len(kept) == 2_000


def test_the_program_uses_it(tmp_path):
    """Once the window's process comes to its event loop, Python's own collection is off."""
    folders = {f"TEMPER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "CACHE", "DATA")}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=os.environ | folders, check=False, timeout=120)
    assert done.returncode == 3
