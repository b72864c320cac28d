"""The environment of one model: made on request, gone on with where it was interrupted, removed as a whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.environments.install_lock import hold
from guiapp.potentials.environments.pip_install import pip_install
from guiapp.potentials.environments.recipe import Recipe
from guiapp.potentials.environments.server_process import ModelServerDiedError, ModelServerError, ServerProcess
from guiapp.potentials.kept_json import read_json_object, write_json_object
from guiapp.potentials.user_folders import data_folder

Say = Callable[[str], None]
_STAMP = "temper-environment.json"
_LOG = "install.log"
_OLDEST_PYTHON = (3, 11)
_SPARE = 1.2


class Installer(Protocol):
    """Puts packages into an environment; ``pip_install`` is the one."""

    def __call__(self, python: Path, packages: tuple[str, ...], log: Path, say: Say) -> None:
        """Install packages, or raise UserFacingError."""
        ...


@dataclass(frozen=True)
class ModelEnvironment:
    """Where one recipe is or will be installed."""

    recipe: Recipe
    root: Path
    """Folder of all environments."""
    installer: Installer = pip_install

    @classmethod
    def of(cls, recipe: Recipe) -> ModelEnvironment:
        """Return the environment in the user's data folder."""
        return cls(recipe, data_folder() / "environments")

    @property
    def folder(self) -> Path:
        """Folder of this environment."""
        return self.root / self.recipe.name

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def site_packages(self) -> Path | None:
        """Folder of its packages, None where there is no environment."""
        if os.name == "nt":
            folder = self.folder / "Lib" / "site-packages"
            return folder if folder.is_dir() else None
        return next(iter(sorted(self.folder.glob("lib/python3.*/site-packages"))), None)

    @property
    def is_ready(self) -> bool:
        """True where everything of this version of the recipe was installed and tried."""
        return read_json_object(self.folder / _STAMP).get("recipe") == self.recipe.fingerprint and self.python.exists()

    @property
    def state(self) -> str:
        """``ready``, or in plain words what is missing."""
        if self.is_ready:
            return "ready"
        if (self.folder / _STAMP).is_file():
            return f"environment made from another version of the recipe (models install {self.recipe.name} renews it)"
        if self.folder.exists():
            return f"installation unfinished (models install {self.recipe.name} goes on with it)"
        return f"environment not installed (about {self.recipe.disk_gb:g} GB; models install {self.recipe.name})"

    @property
    def weights(self) -> Path | None:
        """The weights file; None where there is none or the environment is not ready."""
        folder = self.site_packages
        if not self.recipe.weights or folder is None or not self.is_ready:
            return None
        return next(iter(sorted(folder.glob(self.recipe.weights))), None)

    def create(self, say: Say) -> None:
        """Make the environment, or go on where an earlier attempt ended; it is ready only after the model answered for one crystal.

        Args:
            say: Told in words what is going on.

        Raises:
            UserFacingError: Where it cannot be made, with what to do; what was installed until then is kept for the next attempt.
        """
        if self.is_ready:
            say(f"{self.recipe.title} is installed already in {self.folder}")
            return
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with hold(self.root / f"{self.recipe.name}.lock", say):
                self._check_disk(say)
                (self.folder / _STAMP).unlink(missing_ok=True)
                self._make_venv(say)
                self._install(say)
                self._try_model(say)
                write_json_object(self.folder / _STAMP, {"recipe": self.recipe.fingerprint, "packages": list(self.recipe.packages)})
        except OSError as error:
            raise UserFacingError(
                f"The environment cannot be made: {error.strerror or error}.",
                advice="Check the disk and the rights there.",
                path=self.folder,
            ) from error
        say(f"{self.recipe.title} is ready; it takes {folder_size(self.folder) / 1e9:.1f} GB in {self.folder}")

    def remove(self, say: Say) -> bool:
        """Delete the environment; return whether there was one.

        Raises:
            UserFacingError: Where a file cannot be deleted, for example because the model is in use.
        """
        leftovers = [path for path in self.root.glob(f"{self.recipe.name}.removing-*") if path.is_dir()]
        try:
            if self.folder.exists():
                # Renamed first, so that a removal that is interrupted leaves nothing that looks like an environment.
                leaving = self.root / f"{self.recipe.name}.removing-{uuid.uuid4().hex[:8]}"
                self.folder.rename(leaving)
                leftovers.append(leaving)
            for path in leftovers:
                say(f"deleting {path}")
                shutil.rmtree(path)
            (self.root / f"{self.recipe.name}.lock").unlink(missing_ok=True)
        except OSError as error:
            raise UserFacingError(
                f"The environment cannot be deleted: {error.strerror or error}.",
                advice="End every program that uses the model and try again.",
                path=self.folder,
            ) from error
        return bool(leftovers)

    def _check_disk(self, say: Say) -> None:
        free = shutil.disk_usage(self.root).free / 1e9
        recipe = self.recipe
        say(f"{recipe.title}: up to {recipe.download_gb:g} GB to download, {recipe.disk_gb:g} GB on the disk; {free:.0f} GB are free")
        if free < _SPARE * self.recipe.disk_gb and not self.folder.exists():
            raise UserFacingError(
                f"The disk has only {free:.1f} GB left, and the environment needs {self.recipe.disk_gb:g} GB.",
                advice="Free some space, or put it elsewhere with the variable TEMPER_DATA_DIR.",
                path=self.root,
            )

    def _make_venv(self, say: Say) -> None:
        if self._starts():
            say("going on with the environment that is there")
            return
        if self.folder.exists():
            shutil.rmtree(self.folder)
        base = base_python()
        say(f"making an environment with {base}")
        # Without pip, which the installer brings along where it needs it: most of the time of making one goes there.
        command = [base, "-I", "-m", "venv", "--without-pip", str(self.folder)]
        run = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", errors="replace")  # noqa: S603 - our own
        if run.returncode or not self._starts():
            last = next((line for line in reversed((run.stdout + run.stderr).splitlines()) if line.strip()), "")
            raise UserFacingError(
                f"The environment could not be made: {last}",
                advice="On Debian or Ubuntu the package python3-venv is needed.",
                path=self.folder,
            )

    def _starts(self) -> bool:
        if not self.python.exists():
            return False
        code = "import sys; sys.exit(sys.version_info < (3, 11))"
        try:
            run = subprocess.run([str(self.python), "-I", "-c", code], capture_output=True, check=False, timeout=120)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            return False
        return run.returncode == 0

    def _install(self, say: Say) -> None:
        packages = self.recipe.packages
        torch = tuple(package for package in packages if package.startswith("torch=="))
        # torch first: it is the largest part, and the others then take the version that is there instead of choosing one.
        for step in (torch, packages):
            if step:
                self.installer(self.python, step, self.folder / _LOG, say)

    def _try_model(self, say: Say) -> None:
        say("loading the model and predicting one crystal")
        server = ServerProcess(self.python, self.recipe, "cpu")
        try:
            prediction = server.predict([_silicon()])[0]
        except (ModelServerError, ModelServerDiedError) as error:
            raise UserFacingError(f"{self.recipe.title} is installed but does not work: {error}.", path=self.folder / _LOG) from error
        finally:
            server.close()
        if not np.isfinite(prediction.energy):
            raise UserFacingError(f"{self.recipe.title} is installed but gives no number for silicon.", path=self.folder / _LOG)


def _silicon() -> Frame:
    half = 5.43 / 2
    cell = np.array([[0.0, half, half], [half, 0.0, half], [half, half, 0.0]])
    return Frame(np.array([14, 14]), np.array([[0.0, 0.0, 0.0], [half / 2, half / 2, half / 2]]), cell, name="silicon")


def base_python() -> str:
    """Return an interpreter that can make environments.

    Raises:
        UserFacingError: Where the program is a bundle without one and the system has none either.
    """
    if not getattr(sys, "frozen", False):
        return sys.executable
    for minor in range(_OLDEST_PYTHON[1] + 3, _OLDEST_PYTHON[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    raise UserFacingError(
        "A model in its own environment needs Python 3.11 or newer on this machine.", advice="Install it from python.org."
    )


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
