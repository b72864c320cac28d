"""Taking a DFT result back: is it the same structure, converged, and of the functional that the model was trained on?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from guiapp.correction.same_structure import StructureMatch, in_frame_of, match_structures
from guiapp.errors import UserFacingError
from guiapp.frames.checks import check_frame
from guiapp.frames.frame import Frame
from guiapp.frames.frame_from_atoms import frame_from_atoms
from guiapp.frames.reading.read import read_frames
from guiapp.frames.reference_set import Provenance
from guiapp.potentials.potential import Prediction

LARGEST_NET_FORCE = 0.05
"""eV/Å; a converged calculation is at 0.001 to 0.01 in this sum, and more says that the forces are not."""
_TELLS_ESPRESSO = b"Program PWSCF"
_HEAD = 4096  # bytes that tell a file's kind
_DFT = re.compile(r"Exchange-correlation\s*=\s*(.+?)\s*(?:\(|$)", re.MULTILINE)
_KNOWN = frozenset({"pbe", "pbesol", "rpbe", "revpbe", "lda", "scan", "rscan", "r2scan", "hse06"})
_VERSION = re.compile(r"Program PWSCF v\.?\s*(\S+)")


@dataclass(frozen=True)
class Check:
    """One question that a label must answer."""

    passed: bool | None
    """None where the file does not tell."""
    what: str
    """The finding, e.g. ``Same structure as proposed``."""
    advice: str = ""
    """What to do where it failed."""


@dataclass(frozen=True, eq=False)
class LabelResult:
    """A DFT result against the structure it should label."""

    frame: Frame
    """The proposed frame with its labels, atoms in the proposed order; without labels where the structure is another."""
    provenance: Provenance
    checks: tuple[Check, ...]
    energy_offset: float | None
    """Model minus DFT energy, eV/atom: the zero that is taken off before energies are compared; None without energies."""

    @property
    def usable(self) -> bool:
        """Whether no check failed."""
        return not any(check.passed is False for check in self.checks)

    @property
    def problem(self) -> UserFacingError:
        """The first failed check as an error, for callers that cannot show a list."""
        failed = next(check for check in self.checks if check.passed is False)
        return UserFacingError(failed.what, advice=failed.advice)


def read_label(
    path: Path, proposed: Frame, *, prediction: Prediction | None = None, functional: str = "", others: Sequence[str] = ()
) -> LabelResult:
    """Read a DFT result and check it.

    Args:
        path: vasprun.xml, OUTCAR, the output of pw.x, extended xyz, or a folder that holds one.
        proposed: The structure that was to be labelled.
        prediction: The model's answer for it, to align the zero of energy.
        functional: Of the model's training data, as its card names it; empty where unknown.
        others: Functionals of the labels that will be fitted together with this one.

    Returns:
        The labelled frame and what was found; ``usable`` says whether it may be fitted.

    Raises:
        UserFacingError: Where nothing can be read.
    """
    frames, provenance = _read(path)
    matches = [match_structures(frame, proposed) for frame in frames]
    # A relaxation holds many geometries; the last of those that are the proposed one counts.
    same = [k for k, match in enumerate(matches) if match.same]
    if not same:
        nearest = min(matches, key=lambda match: match.distance)
        return LabelResult(proposed, provenance, (_other_structure(nearest, len(frames)),), None)
    place = same[-1]
    frame = _labelled(frames[place], proposed, matches[place])
    found = provenance.functional or _named_in_facts(frame)
    provenance = replace(provenance, functional=found)
    checks = [
        Check(True, "Same structure as proposed" + _how(matches[place])),
        *_numbers(frame),
        _convergence(frame),
        _functional(found, functional),
        *_mixed(found, others),
    ]
    offset = None
    if frame.energy is not None and prediction is not None and np.isfinite(frame.energy):
        offset = (prediction.energy - frame.energy) / frame.n_atoms
        checks.append(Check(True, f"Energy zero aligned: {offset:+.3f} eV/atom for {frame.formula}".replace("-", "−")))
    return LabelResult(frame, provenance, tuple(checks), offset)


def _read(path: Path) -> tuple[list[Frame], Provenance]:
    if path.is_file():
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
        if _TELLS_ESPRESSO in head:
            return _read_espresso(path)
    found = read_frames([path]).sets[0]
    return list(found.frames), found.provenance


def _read_espresso(path: Path) -> tuple[list[Frame], Provenance]:
    from ase.io import read

    text = path.read_text(encoding="utf-8", errors="replace")
    name, version = _DFT.search(text), _VERSION.search(text)
    provenance = Provenance(
        functional=name.group(1).strip() if name else "",
        code=f"Quantum ESPRESSO {version.group(1) if version else ''}".strip(),
        units_as_read="Ry and Bohr, converted by ase",
        source=str(path),
    )
    try:
        images = read(path, index=":", format="espresso-out")
    except Exception as error:  # ase raises whatever a cut-off output makes of its parser
        raise UserFacingError(
            f"The output of pw.x cannot be read ({type(error).__name__}).", advice="Was the run stopped? Run it to its end.", path=path
        ) from error
    if not images:
        raise UserFacingError("The output of pw.x holds no finished calculation.", advice="Run it to its end.", path=path)
    converged = "convergence has been achieved" in text and "convergence NOT achieved" not in text
    frames = [check_frame(frame_from_atoms(image, name=f"step {k + 1}", info={"converged": converged})) for k, image in enumerate(images)]
    return frames, provenance


def _labelled(result: Frame, proposed: Frame, match: StructureMatch) -> Frame:
    """Return the proposed frame with the labels of the result, atoms back in order and vectors turned back."""
    turned = in_frame_of(result, match)
    facts = {key: value for key, value in result.info.items() if key in {"dft", "converged"}}
    return check_frame(
        proposed.with_changes(
            energy=result.energy,
            forces=turned.forces,
            stress=turned.stress,
            magmoms=turned.magmoms,
            origin=result.origin,
            info={**proposed.info, **facts},
            flags=(),
        )
    )


def _other_structure(match: StructureMatch, count: int) -> Check:
    frames = "The result holds" if count == 1 else f"None of the {count} frames of the result holds"
    what = f"{frames} another structure than the proposed one: {match.reason}."
    if count > 1:
        what = f"{frames} the proposed structure: {match.reason}."
    return Check(False, what, "Give the result of exactly this geometry, without relaxation.")


def _how(match: StructureMatch) -> str:
    parts = [word for word, applies in (("atoms in another order", match.reordered), ("cell turned", match.turned)) if applies]
    return f" ({', '.join(parts)}; put right)" if parts else ""


def _numbers(frame: Frame) -> list[Check]:
    if frame.forces is None:
        return [Check(False, "The result has no forces.", "Ask the DFT program for forces (pw.x: tprnfor) and run it again.")]
    if not np.isfinite(frame.forces).all():
        return [Check(False, "A force is not a number.", "Run the calculation again.")]
    net = float(np.linalg.norm(frame.forces.sum(axis=0)))
    if net > LARGEST_NET_FORCE * max(1.0, frame.n_atoms / 8):
        advice = "Tighten the convergence: net forces vanish in a good calculation."
        return [Check(False, f"The forces do not add up to zero: {net:.3f} eV/Å in sum.", advice)]
    checks = [Check(True, f"Forces present, net force {net:.3f} eV/Å")]
    bad = next((flag for flag in frame.flags if flag.excludes), None)
    return [*checks, Check(False, bad.message, bad.advice)] if bad is not None else checks


def _convergence(frame: Frame) -> Check:
    converged = frame.info.get("converged")
    if converged is None:
        return Check(None, "The file does not say whether the electrons converged.")
    if not converged:
        return Check(False, "The electrons did not converge.", "Raise the number of electronic steps (VASP: NELM) and run it again.")
    return Check(True, "Converged")


def _functional(found: str, wanted: str) -> Check:
    if not found:
        return Check(None, "The file does not name its functional" + (f"; the model was trained on {wanted}." if wanted else "."))
    if not wanted:
        return Check(None, f"Functional {found}; that of the model's training data is unknown.")
    if _base(found) not in {_base(part) for part in wanted.split("/")}:
        return Check(
            False,
            f"The label is {found}, the model was trained on {wanted}: the correction would mix two functionals.",
            "Label with the functional of the training data, or choose a model of yours.",
        )
    return Check(True, f"Functional {found}, as the model's training data")


def _named_in_facts(frame: Frame) -> str:
    """Return the functional that the fact ``dft`` of an extended xyz file names, e.g. ``GPAW 22.8.0 PBE PW800``."""
    words = str(frame.info.get("dft", "")).split()
    return next((word for word in words if _base(word) in _KNOWN), "")


def _mixed(found: str, others: Sequence[str]) -> list[Check]:
    different = sorted({other for other in others if other and found and _base(other) != _base(found)})
    if not different:
        return []
    return [Check(False, f"The labels mix functionals: {found} and {', '.join(different)}.", "Use labels of one functional only.")]


def _base(functional: str) -> str:
    """Return the functional without its Hubbard U, in one spelling."""
    name = functional.strip().lower().split(",")[0].split("+u")[0].strip().replace("_", "").replace("-", "")
    return {"gga": "pbe", "gga pbe": "pbe", "sla pw pbx pbc": "pbe", "sla+pw+pbx+pbc": "pbe", "r2scan": "r2scan"}.get(name, name)
