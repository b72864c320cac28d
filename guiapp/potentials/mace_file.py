"""MACE's own ``.model`` files: a whole pickled network, opened with the user's consent only; reading, scaling and writing one.

The package mace is imported here, with care: its import switches torch's guard against programs in files off for the whole process and
may change torch's default precision. Both are put back.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import importlib.util
import io
import logging
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from guiapp.errors import UserFacingError

_LOG = logging.getLogger(__name__)
_GUARD_SWITCH = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"
_ANOTHER_VERSION = "It was probably written by another version of mace-torch; open it there and save it again."

Network = Any
"""A ``mace.modules.MACE`` or ``ScaleShiftMACE``; mace carries no types."""


@contextlib.contextmanager
def torch_undisturbed() -> Iterator[None]:
    """Put torch's guard against programs in files and its default precision back when done."""
    switch, precision = os.environ.get(_GUARD_SWITCH), torch.get_default_dtype()
    try:
        yield
    finally:
        torch.set_default_dtype(precision)
        if switch is None:
            os.environ.pop(_GUARD_SWITCH, None)
        else:
            os.environ[_GUARD_SWITCH] = switch


with torch_undisturbed(), contextlib.redirect_stdout(io.StringIO()):  # mace prints which accelerators are missing
    # e3nn 0.4.4 loads a table of its own in which slices occur, which torch 2.6 and newer refuse unless told so.
    torch.serialization.add_safe_globals([slice])
    from mace import data, modules
    from mace.tools import AtomicNumberTable, torch_geometric, torch_tools

__all__ = [
    "AtomicNumberTable",
    "data",
    "modules",
    "read_network",
    "scaled_network",
    "torch_geometric",
    "torch_tools",
    "with_kernels",
    "write_network",
]


def read_network(path: Path, sha256: str) -> Network:
    """Unpickle a model file whose content the user consented to.

    Args:
        path: The file.
        sha256: The hash under which it is known; the very bytes that are unpickled are compared with it.

    Raises:
        UserFacingError: Without consent, or where the file is no MACE potential of this installation.
    """
    from guiapp.potentials.trust import require_trust

    require_trust(path, sha256, "MACE")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserFacingError(f"The weights cannot be read: {error.strerror or error}.", path=path) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UserFacingError("The file changed while it was being opened.", advice="Start again.", path=path)
    if _is_compiled(content):
        raise UserFacingError(
            "The file is a compiled program for another code, not a model.", advice="Use the .model file that it was made of.", path=path
        )
    try:
        with torch_undisturbed():
            network = torch.load(io.BytesIO(content), map_location="cpu", weights_only=False)
    except Exception as error:
        # A pickle names whatever classes its author had, and rebuilding one may raise anything.
        what = f"The file cannot be opened with the installed mace-torch: {type(error).__name__}: {error}"
        raise UserFacingError(what, advice=_ANOTHER_VERSION, path=path) from error
    if type(network) not in {modules.MACE, modules.ScaleShiftMACE}:
        kind = type(network).__name__
        raise UserFacingError(
            f"The file holds a {kind} and no MACE potential.",
            advice="A training checkpoint has to be turned into a .model file first; models of dipoles or charges cannot be used here.",
            path=path,
        )
    return network


def _is_compiled(content: bytes) -> bool:
    """Tell whether a file is TorchScript: torch would run it as a program instead of unpickling a network."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError):
        return False


def scaled_network(network: Network, c: float) -> Network:
    """Return a copy with E = E_ref(composition) + c (E - E_ref), for every head.

    The energies of free atoms are E_ref. In a ``ScaleShiftMACE`` everything else, the short-range repulsion too, passes through one last
    block, scale times energy plus shift an atom, so both numbers times c are exact. A plain ``MACE`` has no such block: there the last
    linear layers of the readouts are scaled, which is exact where nothing is added to what they give.

    Raises:
        UserFacingError: Where the network adds a repulsion that cannot be scaled.
    """
    scaled = copy.deepcopy(network)
    if hasattr(scaled, "scale_shift"):
        scaled.scale_shift.scale.mul_(c)
        scaled.scale_shift.shift.mul_(c)
        return scaled
    if hasattr(scaled, "pair_repulsion_fn"):
        raise UserFacingError(
            "This model cannot be corrected by one number: it adds a short-range repulsion behind its last layer.",
            advice="Train it as a ScaleShiftMACE, which is mace-torch's own default.",
        )
    with torch.no_grad():
        for readout in scaled.readouts:
            last = readout.linear_2 if hasattr(readout, "linear_2") else readout.linear
            for parameter in last.parameters():
                parameter.mul_(c)
    return scaled


def with_kernels(network: Network, kernels: str, device: str, title: str) -> Network:
    """Return the network with the wanted kernels; where they cannot be had, the same network and a warning in the log.

    Args:
        network: On its device.
        kernels: ``e3nn`` or ``cuequivariance``.
        device: ``cpu`` or ``cuda``.
        title: The model, for the warning.
    """
    if kernels != "cuequivariance":
        return network
    missing = [name for name in ("cuequivariance", "cuequivariance_torch") if importlib.util.find_spec(name) is None]
    if device != "cuda" or missing:
        why = f"the package {missing[0]} is not installed" if missing else "they need an NVIDIA GPU"
        _LOG.warning("%s computes with e3nn instead of cuEquivariance's kernels: %s; the numbers are the same", title, why)
        return network
    with torch_undisturbed():
        from mace.cli.convert_e3nn_cueq import run

        return run(network, device=device)


def write_network(network: Network, path: Path) -> None:
    """Write a ``.model`` file that plain ``MACECalculator(model_paths=...)`` opens.

    An older file stays whole until the new one is complete.

    Raises:
        UserFacingError: Where the file cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                torch.save(network, file)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UserFacingError(f"The weights cannot be written: {error.strerror or error}.", path=path) from error
