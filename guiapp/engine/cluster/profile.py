"""Saved ways to a cluster: a scheduler's address, or how to ask a queueing system for workers; one YAML file each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from guiapp.engine.cluster.address import SchedulerAddress, TlsFiles
from guiapp.errors import UserFacingError
from guiapp.potentials.user_folders import config_folder

SYSTEMS = ("slurm", "pbs", "lsf", "sge", "oar", "moab")
"""Queueing systems that dask-jobqueue knows."""
_FOLDER = "clusters"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LARGEST = 1 << 20


@dataclass(frozen=True)
class ClusterProfile:
    """One way to a cluster: ``address`` for a scheduler that runs, else ``system`` and what one of its jobs asks for."""

    name: str
    address: str = ""
    """``tls://host:port`` or ``tcp://host:port``."""
    tls_authority: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    without_tls: bool = False
    system: str = ""
    """One of ``SYSTEMS``."""
    jobs: int = 1
    """How many jobs are asked for."""
    cores: int = 1
    """Cores of one job."""
    processes: int = 0
    """Worker processes in one job; 0 for one a core, which is right without a GPU. With GPUs: one a GPU."""
    memory: str = "4GB"
    """Of one job."""
    walltime: str = "01:00:00"
    queue: str = ""
    """Partition or queue."""
    account: str = ""
    """What the time is charged to."""
    interface: str = ""
    """Network interface that compute nodes reach this machine over, e.g. ``ib0``."""
    directives: tuple[str, ...] = ()
    """Further lines for the queueing system, e.g. ``--gres=gpu:1``."""
    prologue: tuple[str, ...] = ()
    """Shell commands before the worker starts, e.g. ``module load cuda``."""
    python: str = ""
    """Python of the workers; empty for this program's own, where the file system is shared."""
    shared_folder: str = ""
    """Where the workers find the certificates that are made for each cluster; empty for the home folder."""
    scratch_folder: str = ""
    """Fast disk of a compute node."""
    log_folder: str = ""
    """Where the queueing system writes what workers print."""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            UserFacingError: What is wrong.
        """
        if not _NAME.fullmatch(self.name):
            raise UserFacingError(f"“{self.name}” cannot be a profile's name.", advice="Use letters, digits, dots, hyphens.")
        if bool(self.address) == bool(self.system):
            raise UserFacingError(
                f"The profile {self.name} must have either the address of a scheduler or a queueing system.",
                advice=f"Give --address tls://host:port, or --system {'|'.join(SYSTEMS)}.",
            )
        if self.system and self.system not in SYSTEMS:
            raise UserFacingError(f"“{self.system}” is no queueing system.", advice=f"Choose one of {', '.join(SYSTEMS)}.")
        if min(self.jobs, self.cores) < 1 or self.processes < 0:
            raise UserFacingError(f"The profile {self.name} asks for nothing.", advice="Jobs and cores are at least 1.")
        lines = (self.queue, self.account, self.interface, self.walltime, self.memory, self.python, *self.directives)
        if any("\n" in line or "\r" in line for line in lines):
            raise UserFacingError(
                f"A value of the profile {self.name} has more than one line.", advice="Commands belong into the prologue."
            )
        if self.address:
            self.scheduler_address()

    @property
    def workers(self) -> int:
        """How many worker processes all jobs have together."""
        return self.jobs * (self.processes or self.cores)

    @property
    def words(self) -> str:
        """What the profile is, on one line."""
        if self.address:
            return f"{self.address}{', without TLS' if self.without_tls else ''}"
        place = f" in {self.queue}" if self.queue else ""
        return f"{self.system}{place}: {self.jobs} × ({self.cores} cores, {self.memory}, {self.walltime}), {self.workers} workers"

    def scheduler_address(self) -> SchedulerAddress:
        """Return the address with its certificates.

        Raises:
            UserFacingError: Where it is refused.
        """
        named = [self.tls_authority, self.tls_certificate, self.tls_key]
        return SchedulerAddress(self.address, tls_files(*named), self.without_tls).checked()


def tls_files(authority: str, certificate: str, key: str) -> TlsFiles | None:
    """Return the three files; None where none is named.

    Raises:
        UserFacingError: Where only some are.
    """
    if not any((authority, certificate, key)):
        return None
    if not all((authority, certificate, key)):
        raise UserFacingError("TLS needs three files: authority, certificate and key.", advice="Name all of them.")
    return TlsFiles(Path(authority), Path(certificate), Path(key))


def profiles() -> tuple[tuple[ClusterProfile, ...], tuple[UserFacingError, ...]]:
    """Return every saved profile by name, and what is wrong with the files that cannot be read."""
    found, problems = [], []
    for path in sorted(_folder().glob("*.yaml")):
        try:
            found.append(load_profile(path.stem))
        except UserFacingError as error:
            problems.append(error)
    return tuple(found), tuple(problems)


def load_profile(name: str) -> ClusterProfile:
    """Return a saved profile.

    Raises:
        UserFacingError: Where there is none, or its file is not as it should be.
    """
    path = _path(name)
    try:
        with path.open("rb") as file:
            content = yaml.safe_load(file.read(_LARGEST))
    except FileNotFoundError as error:
        known = ", ".join(sorted(other.stem for other in _folder().glob("*.yaml")))
        raise UserFacingError(
            f"There is no cluster profile called “{name}”.", advice=f"There are: {known}." if known else "Make one: cluster profile add."
        ) from error
    except OSError as error:
        raise UserFacingError(f"The profile cannot be read: {error.strerror}.", path=path) from error
    except yaml.YAMLError as error:
        raise UserFacingError("The profile is not YAML.", advice="Mend it with a text editor, or remove it.", path=path) from error
    if not isinstance(content, dict):
        raise UserFacingError("The profile is empty.", advice="Mend it with a text editor, or remove it.", path=path)
    try:
        return ClusterProfile(name=name, **_values(content))
    except UserFacingError as error:
        raise UserFacingError(error.what, advice=error.advice, path=path) from error


def save_profile(profile: ClusterProfile) -> Path:
    """Write a profile, in place of one of the same name, and return its file.

    Raises:
        UserFacingError: Where it cannot be written.
    """
    content = {
        one.name: list(value) if isinstance(value, tuple) else value
        for one in fields(profile)
        if one.name != "name" and (value := getattr(profile, one.name)) != one.default
    }
    path = _path(profile.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    except OSError as error:
        raise UserFacingError(f"The profile cannot be written: {error.strerror}.", path=path) from error
    return path


def remove_profile(name: str) -> bool:
    """Delete a profile; return whether there was one.

    Raises:
        UserFacingError: Where its file cannot be deleted.
    """
    try:
        _path(name).unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UserFacingError(f"The profile cannot be removed: {error.strerror}.", path=_path(name)) from error
    return True


def _values(content: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the values of a file by field, each of its field's type."""
    types = {one.name: type(one.default) for one in fields(ClusterProfile) if one.default is not MISSING}
    values: dict[str, Any] = {}
    for key, value in content.items():
        wanted = types.get(str(key))
        if wanted is None:
            raise UserFacingError(f"A profile has no “{key}”.", advice=f"It has: {', '.join(types)}.")
        given = tuple(str(line) for line in value) if wanted is tuple and isinstance(value, list) else value
        if wanted is str and isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        if type(given) is not wanted:
            raise UserFacingError(f"“{key}” of a profile is {value!r}, which is no {_TYPES[wanted]}.", advice="Mend it with a text editor.")
        values[str(key)] = given
    return values


_TYPES = {str: "text", int: "whole number", bool: "yes or no", tuple: "list of lines"}


def _folder() -> Path:
    return config_folder() / _FOLDER


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise UserFacingError(f"“{name}” cannot be a profile's name.", advice="Use letters, digits, dots, hyphens.")
    return _folder() / f"{name}.yaml"
