"""From ``python3 main.py`` to the window, a command, or the tests."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher import kernel, qt_libraries
from launcher.environment import Environment
from launcher.messages import LauncherError, say
from launcher.screen import why_no_screen

ROOT = Path(__file__).resolve().parents[2]
_INTERRUPTED = 130
_FAILED = 3
_MOST_TEST_PROCESSES = 4  # each may load torch and a model, about a gigabyte
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def main(arguments: Sequence[str]) -> int:
    """Start what was asked for and return its exit code.

    Args:
        arguments: What follows ``main.py``: nothing for the window, ``test``, ``build-kernel``, or a command of the program.
    """
    environment = Environment(ROOT, ROOT / ".venv")
    try:
        return _start(environment, list(arguments))
    except LauncherError as error:
        say(str(error))
        return _FAILED
    except KeyboardInterrupt:
        say("\nInterrupted; the next start goes on from here.")
        return _INTERRUPTED


def _start(environment: Environment, arguments: list[str]) -> int:
    is_test = arguments[:1] == ["test"]
    environment.provide(tests=is_test)
    if arguments[:1] == [kernel.COMMAND]:
        return kernel.run(environment, arguments[1:])
    _refuse_bad_qt(environment)
    if is_test:
        qt_libraries.provide(window=False)
        os.chdir(ROOT)
        return _run(environment.python, ["-m", "pytest", *pytest_arguments(arguments[1:])], one_thread(os.environ))
    if arguments:
        return _run(environment.python, ["-m", "guiapp.cli.main", *arguments], os.environ)
    reason = why_no_screen(os.environ)
    if not reason and not qt_libraries.provide(window=True):
        reason = "Qt lacks the libraries named above"
    if reason:
        say(f"No window can be shown ({reason}), so the demo runs without one.")
        return _run(environment.python, ["-m", "guiapp.cli.main", "demo"], os.environ)
    return _run(environment.python, ["-m", "guiapp"], os.environ)


def pytest_arguments(given: Sequence[str], processors: int | None = None) -> list[str]:
    """Return pytest's arguments: tests spread over a few processes unless the caller says otherwise.

    The way of spreading must be one that ends when a process dies: ``loadfile`` waits for ever (pytest-xdist issue 1378).

    Args:
        given: What the caller wrote after ``test``.
        processors: Number of processor cores; None for those of this machine.
    """
    chosen = any(re.match(r"-n|--numprocesses|--dist|--pdb|-p", argument) for argument in given)
    count = min(processors or os.cpu_count() or 1, _MOST_TEST_PROCESSES)
    spread = [] if chosen or count < 2 else ["-n", str(count), "--dist", "worksteal"]
    return [*spread, *given]


def one_thread(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables with one thread a process: threads that compete are ten times slower."""
    return dict.fromkeys(_THREAD_VARIABLES, "1") | dict(variables)


def _refuse_bad_qt(environment: Environment) -> None:
    """The pinned pair is good; this catches an environment that was changed by hand."""
    python = tuple(int(part) for part in re.findall(r"\d+", environment.python_version)[:3])
    for folder in environment.site_packages.glob("[Pp]y[Ss]ide6_[Ee]ssentials-*.dist-info"):
        problem = qt_libraries.bad_pair(python, folder.name.removesuffix(".dist-info").rpartition("-")[2])
        if problem:
            raise LauncherError(f"{problem}. Delete {environment.folder} and start again.")


def _run(python: Path, arguments: Sequence[str], variables: Mapping[str, str]) -> int:
    """Hand over to the environment's interpreter: in place where the system can, else as a child.

    ``-P`` keeps the current folder off the module path: a user's ``torch.py`` there must not be taken for torch.
    """
    command = [str(python), "-P", *arguments]
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(command[0], command, dict(variables))  # noqa: S606 - no shell is wanted
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the child's; it decides how to end
    return subprocess.run(command, env=dict(variables), check=False).returncode
