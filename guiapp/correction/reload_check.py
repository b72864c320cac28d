"""Proof that an exported file works without this program: a fresh process opens it with the family's own library and predicts.

Two comparisons with what was promised. In float32, as everybody will use it, the promise is what this program's copy of the model says
on the library's own path, so that only the file is under test. In float64 the promise is the base model's numbers with c applied
outside the model (or the trained weights' own), so that the fold itself is under test.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from guiapp.correction.corrected import Correction
from guiapp.correction.plain_library import PLAIN_LIBRARIES, PlainLibrary
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

ENERGY_TOLERANCE = 1e-6
"""eV/atom, in float64; in float32 the spacing of the numbers themselves is added."""
FORCE_TOLERANCE = 1e-5
"""eV/Å."""
_TIMEOUT = 900  # seconds; importing torch and a model package takes a minute on a busy machine
_GUARDS = ("TORCH_FORCE_WEIGHTS_ONLY_LOAD", "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD")
"""Switches of torch that mace sets itself; with both of them set torch opens nothing."""


@dataclass(frozen=True)
class Agreement:
    """The largest differences between what a file gives and what was promised."""

    precision: str
    """``float32`` or ``float64``."""
    energy: float
    """eV/atom."""
    energy_limit: float
    """eV/atom."""
    forces: float
    """eV/Å."""
    forces_limit: float
    """eV/Å."""

    @property
    def passed(self) -> bool:
        """Whether both are within their limits; NaN is not."""
        return self.energy <= self.energy_limit and self.forces <= self.forces_limit


@dataclass(frozen=True)
class ReloadCheck:
    """What came of opening the file with the plain library."""

    passed: bool | None
    """None where it could not be tried."""
    library: str
    """E.g. ``chgnet 0.4.2``."""
    n_frames: int
    agreements: tuple[Agreement, ...]
    reason: str
    """In words."""


def check_reload(path: Path, correction: Correction, frames: Sequence[Frame]) -> ReloadCheck:
    """Open an exported model in a fresh process by the plain library and compare.

    Args:
        path: The exported file.
        correction: What was exported.
        frames: Frames to compare on; a handful is enough.

    Returns:
        The comparison.

    Raises:
        UserFacingError: Where the plain library cannot open the file: the export is no good.
    """
    if not correction.has_file:
        return _untried("this model has no file of its own; the wrapper applies c to it")
    library = PLAIN_LIBRARIES.get(correction.base.card.family)
    if library is None:
        return _untried(f"for {correction.base.card.family} there is no plain check in this version")
    unable = library.unable(correction.corrected)
    if unable:
        return _untried(unable)
    if getattr(sys, "frozen", False):
        return _untried("the packaged program has no Python of its own to start")
    if not frames:
        return _untried("there were no frames to compare on")
    answers = _ask(library, path, correction, frames)
    promised = {"float32": library.on_its_path(correction.corrected, frames), "float64": _promised_exactly(library, correction, frames)}
    agreements = tuple(_agreement(name, answers[name], promised[name], frames) for name in promised)
    passed = all(agreement.passed for agreement in agreements) and not answers["imported"]
    worst = max(agreement.forces for agreement in agreements)
    reason = (
        f"Re-opened by plain {answers['library']} in a fresh process: energies agree to "
        f"{max(agreement.energy for agreement in agreements):.1g} eV/atom, forces to {worst:.1g} eV/Å."
    )
    return ReloadCheck(passed, answers["library"], len(frames), agreements, reason)


def _untried(reason: str) -> ReloadCheck:
    return ReloadCheck(None, "", 0, (), f"Not re-opened: {reason}.")


def _ask(library: PlainLibrary, model: Path, correction: Correction, frames: Sequence[Frame]) -> Mapping[str, Any]:
    script = Path(__file__).with_name(library.script)
    with tempfile.TemporaryDirectory(prefix="temper-reload-") as folder:
        given, answers = Path(folder) / "frames.json", Path(folder) / "answers.json"
        plain = [
            {"numbers": f.numbers.tolist(), "positions": f.positions.tolist(), "cell": f.cell.tolist(), "pbc": list(f.pbc)} for f in frames
        ]
        order = {"frames": plain, "options": dict(library.options(correction.corrected))}
        given.write_text(json.dumps(order), encoding="utf-8")
        # -I: no PYTHONPATH, no current folder, no user packages, so that this program cannot be imported by accident.
        command = [sys.executable, "-I", str(script), str(model), str(given), str(answers)]
        environment = {name: value for name, value in os.environ.items() if name not in _GUARDS}
        environment |= {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and script
                command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=_TIMEOUT, env=environment, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UserFacingError(f"The exported model could not be tried in a fresh process: {error}.", path=model) from error
        if done.returncode or not answers.is_file():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise UserFacingError(
                f"The plain library cannot open the exported model: {last}.", advice="Please report this: the export is wrong.", path=model
            )
        found: Mapping[str, Any] = json.loads(answers.read_text(encoding="utf-8"))
        return found


def _agreement(precision: str, told: Sequence[Mapping[str, Any]], promised: Sequence[Prediction], frames: Sequence[Frame]) -> Agreement:
    energy = [abs(answer["energy"] - p.energy) / frame.n_atoms for answer, p, frame in zip(told, promised, frames, strict=True)]
    forces = [np.abs(np.array(answer["forces"]) - p.forces).max() for answer, p in zip(told, promised, strict=True)]
    limit = ENERGY_TOLERANCE
    if precision == "float32":
        # Two float32 numbers of this size cannot be told apart by less.
        limit += max(float(np.spacing(np.float32(abs(p.energy) / f.n_atoms))) for p, f in zip(promised, frames, strict=True))
    return Agreement(precision, float(max(energy)), limit, float(max(forces)), FORCE_TOLERANCE)


def _promised_exactly(library: PlainLibrary, correction: Correction, frames: Sequence[Frame]) -> list[Prediction]:
    """Return in float64 what the corrected model should say."""
    if correction.c is None:
        return library.in_float64(correction.corrected, frames)
    zero = library.in_float64(correction.base.interaction_scale(0.0), frames)
    base = library.in_float64(correction.base, frames)
    c = correction.c
    return [Prediction(z.energy + c * (p.energy - z.energy), c * p.forces, c * p.stress) for z, p in zip(zero, base, strict=True)]
