"""The program's own Python environment: made once, checked in milliseconds, mended where it is broken."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher import requirements, system_packages
from launcher.locking import only_one
from launcher.messages import LauncherError, duration, say
from launcher.pip_run import run_pip

_LOCK = ".temper-lock"
_STAMP = ".temper-stamp.json"
_LOG = "temper-install.log"
_SMALL, _LARGE = (0.8, 2.5), (3.0, 6.0)  # GB to download and on the disk, without and with the CUDA that Linux' torch brings


@dataclass(frozen=True)
class Environment:
    """The environment in one folder."""

    root: Path
    """Folder of the program: where ``guiapp`` lies."""
    folder: Path
    """Folder of the environment, usually ``.venv`` below ``root``."""

    @property
    def python(self) -> Path:
        """Interpreter of the environment."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def site_packages(self) -> Path:
        """Folder of its packages; one that does not exist where there is no environment."""
        if os.name == "nt":
            return self.folder / "Lib" / "site-packages"
        return next(iter(sorted(self.folder.glob("lib/python3.*/site-packages"))), self.folder / "none")

    @property
    def python_version(self) -> str:
        """Version that the environment was made with; empty where there is none."""
        try:
            text = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8")
        except OSError:
            return ""
        values = dict(line.partition("=")[::2] for line in text.splitlines())
        return next((value.strip() for key, value in values.items() if key.strip() == "version"), "")

    def is_ready(self, *, tests: bool) -> bool:
        """Say whether everything pinned is installed; reads a few names and starts nothing."""
        files = _files(tests=tests)
        try:
            stamp = json.loads((self.folder / _STAMP).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        wanted = requirements.fingerprint([*files, requirements.CONSTRAINTS], self.python_version)
        return (
            isinstance(stamp, dict)
            and stamp.get(_key(tests=tests)) == wanted
            and self.python.exists()
            and not requirements.lacking(requirements.pins(*files), self.site_packages)
        )

    def provide(self, *, tests: bool) -> None:
        """Make the environment ready; a second start meanwhile waits for the first.

        Raises:
            LauncherError: Where it cannot be made, with what to do.
        """
        if not self.is_ready(tests=tests):
            try:
                with only_one(self.folder / _LOCK, lambda: say("Another start of Temper is installing; waiting for it ...")) as lock:
                    if not self.is_ready(tests=tests):
                        self._make()
                        self._install(lock, tests=tests)
            except OSError as error:
                raise LauncherError(f"{error.filename or self.folder}: {error.strerror}. Check the disk and the rights there.") from error
        self._point_to_program()

    def _make(self) -> None:
        """Make the empty environment, again where what is there does not work."""
        if self._works():
            return
        if any(entry.name != _LOCK for entry in self.folder.iterdir()):
            say(f"{self.folder} is broken or unfinished; making it again.")
            self._empty()
        _provide_venv_module()
        say(f"Making the environment {self.folder} with Python {sys.version.split()[0]} ...")
        run = subprocess.run([sys.executable, "-m", "venv", str(self.folder)], capture_output=True, text=True, check=False)
        if run.returncode or not self._works():
            raise LauncherError(f"No environment could be made in {self.folder}:\n{(run.stdout + run.stderr).strip()}")

    def _works(self) -> bool:
        """Say whether interpreter and pip start and are new enough."""
        if not self.python.exists():
            return False
        code = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
        try:
            run = subprocess.run([str(self.python), "-I", "-c", code], capture_output=True, check=False, timeout=120)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return run.returncode == 0

    def _empty(self) -> None:
        """Delete everything but the lock, which this process holds."""
        for entry in self.folder.iterdir():
            if entry.name == _LOCK:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def _install(self, lock: int, *, tests: bool) -> None:
        begin = time.monotonic()
        files = _files(tests=tests)
        log = self.folder / _LOG
        log.write_text("", encoding="utf-8")
        lacking = requirements.lacking(requirements.pins(*files), self.site_packages)
        if "torch" in lacking:
            download, room = _LARGE if sys.platform.startswith("linux") else _SMALL
            say(f"This happens once: up to {download:g} GB are downloaded and {room:g} GB used on the disk, in 2 to 15 minutes.")
            if shutil.disk_usage(self.folder).free < 1.3 * room * 1e9:
                say(f"  The disk has only {shutil.disk_usage(self.folder).free / 1e9:.1f} GB left; this may not be enough.")
        wanted = [argument for file in files for argument in ("-r", str(file))]
        # torch first: the others then take the version that is there instead of choosing one.
        torch = f"torch=={requirements.pins(requirements.RUNTIME)['torch']}"
        for step, packages in (("torch", [torch]), ("the other packages", wanted)):
            say(f"Installing {step} ...")
            self._pip(packages, log, lock)
        self._write_stamp(tests=tests)
        say(f"Installed in {duration(time.monotonic() - begin)}; later starts need no installation.")

    def _pip(self, arguments: Sequence[str], log: Path, lock: int) -> None:
        result = run_pip(self.python, [*arguments, "-c", str(requirements.CONSTRAINTS)], log, lock)
        if not result.ok and result.lacks_version and not result.lacks_network:
            say("  Not every tested version exists for this system; using the nearest ones of indirect packages.")
            result = run_pip(self.python, arguments, log, lock)
        if not result.ok:
            raise LauncherError(result.explain(log))

    def _write_stamp(self, *, tests: bool) -> None:
        path = self.folder / _STAMP
        kinds = (False, True) if tests else (False,)  # the test set contains the other
        stamp = {
            _key(tests=kind): requirements.fingerprint([*_files(tests=kind), requirements.CONSTRAINTS], self.python_version)
            for kind in kinds
        }
        unfinished = path.with_suffix(".partial")
        unfinished.write_text(json.dumps(stamp), encoding="utf-8")
        unfinished.replace(path)

    def _point_to_program(self) -> None:
        """Let the environment find ``guiapp`` from any folder, also after the checkout was moved."""
        path = self.site_packages / "temper.pth"
        content = f"{self.root}\n"
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")


def _files(*, tests: bool) -> list[Path]:
    return [requirements.RUNTIME, requirements.TEST] if tests else [requirements.RUNTIME]


def _key(*, tests: bool) -> str:
    return "test" if tests else "runtime"


def _provide_venv_module() -> None:
    """Debian and Ubuntu split Python: without one more package it cannot make environments."""
    if importlib.util.find_spec("ensurepip") is not None and importlib.util.find_spec("venv") is not None:
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if system_packages.may_install() and (system_packages.install([package]) or system_packages.install(["python3-venv"])):
        importlib.invalidate_caches()
        return
    raise LauncherError(
        "This Python cannot make environments: the modules venv and ensurepip are missing. On Debian or Ubuntu run\n"
        f"  {system_packages.install_command([package])}\nand start again."
    )
