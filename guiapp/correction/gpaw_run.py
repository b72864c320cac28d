"""Labelling a structure with GPAW on this computer: finding a Python that has it, running the written input, following its log.

GPAW seldom lives in this program's own environment, so it runs in a process of another Python, which may be killed at any time: the
script keeps the state of the calculation every few steps and goes on from there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from guiapp.errors import UserFacingError

SCRIPT, LOG, RESULT, OUTPUT = "run_gpaw.py", "gpaw.txt", "result.extxyz", "output.txt"
_ASK = "import gpaw, ase; print('gpaw', gpaw.__version__)"
_PATIENCE = 60  # seconds that an import may take on a busy machine
_ITERATION = re.compile(r"^iter:\s+(\d+)\s+\S+\s+(-?\d+\.\d+)c?(?:\s+(-?\d+\.\d+)c?)?(?:\s+(-?\d+\.\d+)c?)?", re.MULTILINE)
_EIGENSTATES, _DENSITY = -8.0, -5.0
"""log10 of what the written script asks for."""
_DONE_SCF = 0.9
"""Share of the time until forces and stress begin, about."""


@dataclass(frozen=True)
class GpawPython:
    """A Python that has GPAW."""

    path: str
    version: str


@dataclass(frozen=True)
class GpawProgress:
    """How far one calculation is."""

    iteration: int
    """Electronic steps so far; 0 while it starts."""
    share: float
    """Between 0 and 1, guessed from how far the changes have fallen."""
    words: str


def likely_pythons(preferred: str = "") -> Iterator[str]:
    """Return Pythons that may have GPAW, the preferred one first, each once."""
    beside_gpaw = shutil.which("gpaw")
    named = [preferred, sys.executable, shutil.which("python3") or "", shutil.which("python") or ""]
    if beside_gpaw:
        named += [str(Path(beside_gpaw).with_name(name)) for name in ("python3", "python")]
    named += ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3", str(Path.home() / "miniconda3" / "bin" / "python")]
    for name in dict.fromkeys(filter(None, named)):
        if Path(name).is_file():
            yield name


def find_gpaw(preferred: str = "") -> GpawPython | None:
    """Return the first Python that has GPAW, None where there is none; takes seconds.

    Args:
        preferred: One that the user has chosen, asked first.
    """
    for python in likely_pythons(preferred):
        try:
            return ask_python(python)
        except UserFacingError:
            continue
    return None


def ask_python(python: str) -> GpawPython:
    """Ask a Python whether it has GPAW.

    Raises:
        UserFacingError: Where it has not, or is no Python.
    """
    try:
        told = subprocess.run(  # noqa: S603 - a Python that the user chose, or one of this system
            [python, "-c", _ASK], capture_output=True, text=True, timeout=_PATIENCE, env=_environment(), check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserFacingError("This is no Python that answers.", advice="Choose the Python that has GPAW.", path=python) from error
    found = re.search(r"gpaw (\S+)", told.stdout)
    if told.returncode or found is None:
        advice = "Install it there (pip install gpaw, or the system's package gpaw with gpaw-data), or choose another Python."
        raise UserFacingError("This Python has no GPAW.", advice=advice, path=python)
    return GpawPython(python, found.group(1))


class GpawRun:
    """One calculation in a process of its own."""

    def __init__(self, folder: Path, python: str) -> None:
        """Start it.

        Args:
            folder: Holds ``run_gpaw.py``, as ``write_dft_input`` wrote it.
            python: A Python that has GPAW.

        Raises:
            UserFacingError: Where it cannot be started.
        """
        self.folder = folder
        self._started = time.monotonic()
        (folder / LOG).unlink(missing_ok=True)  # else the log of a run that was stopped would count as progress of this one
        try:
            with (folder / OUTPUT).open("wb") as output:
                self._process = subprocess.Popen(  # noqa: S603 - as above
                    [python, SCRIPT], cwd=folder, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=_environment()
                )
        except OSError as error:
            raise UserFacingError(
                f"GPAW cannot be started: {error.strerror}.", advice="Choose another Python, or another folder.", path=python
            ) from error

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._started

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def progress(self) -> GpawProgress:
        """Read the log."""
        log = self.folder / LOG
        try:
            text = log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            text = ""
        return read_progress(text)

    def kill(self) -> None:
        """End it at once; it can be run again and goes on from the state that it kept."""
        self._process.kill()
        self._process.wait()

    def result(self) -> Path:
        """Return the file with the label, once the process has ended.

        Raises:
            UserFacingError: Where there is none, with what GPAW said.
        """
        path = self.folder / RESULT
        if self._process.poll() == 0 and path.is_file():
            return path
        text = (self.folder / OUTPUT).read_text(encoding="utf-8", errors="replace")
        raise explain_failure(text, self.folder)


def read_progress(log: str) -> GpawProgress:
    """Return how far a calculation is, from the text of its log."""
    steps = list(_ITERATION.finditer(log))
    if not steps:
        return GpawProgress(0, 0.0, "GPAW is starting")
    last = steps[-1]
    iteration, energy = int(last.group(1)), float(last.group(2))
    if "Converged after" in log[last.end() :]:
        return GpawProgress(iteration, _DONE_SCF, f"electrons converged after {iteration} steps; forces and stress")
    eigenstates, density = (float(last.group(k)) if last.group(k) else 0.0 for k in (3, 4))
    share = _DONE_SCF * min(1.0, max(0.0, (eigenstates / _EIGENSTATES + density / _DENSITY) / 2))
    return GpawProgress(iteration, share, f"electronic step {iteration}, energy {energy:.3f} eV".replace("-", "−"))


def explain_failure(output: str, folder: Path) -> UserFacingError:
    """Return what went wrong in words, from what GPAW printed.

    Args:
        output: Standard output and error.
        folder: Of the calculation.
    """
    log = folder / LOG
    if "KohnShamConvergenceError" in output or "Did not converge" in output:
        return UserFacingError(
            "GPAW did not converge within its electronic steps.",
            advice="The structure may be metallic or magnetic: change smearing or mixing in run_gpaw.py, or choose another structure.",
            path=log,
        )
    setup = re.search(r"Could not find required PAW dataset file \"?([^\"\s]+)", output)
    if setup:
        return UserFacingError(
            f"GPAW lacks the PAW dataset {setup.group(1)}.",
            advice="Install the datasets: the package gpaw-data, or “gpaw install-data”.",
            path=folder,
        )
    if "MemoryError" in output:
        return UserFacingError("GPAW needs more memory than there is.", advice="Choose a smaller structure.", path=folder)
    if "ModuleNotFoundError" in output or "ImportError" in output:
        return UserFacingError("This Python has no working GPAW.", advice="Choose another Python.", path=folder)
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "it was ended from outside")
    return UserFacingError(f"GPAW ended without a result: {last[:200]}", advice="Its output is beside its input.", path=folder / OUTPUT)


def _environment() -> dict[str, str]:
    """Return the environment of another Python: nothing of this program's own, and one thread."""
    mine = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in os.environ.items() if name not in mine}
    return {**kept, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
