"""What a benchmark family is: which frames a model predicts, and how the predictions become comparable numbers and curves.

A family is one module with one small class. It never runs a model: the engine predicts the frames that ``plan`` returns (on their own
geometries, or after the model relaxed them by ``relaxation``), and ``reduce`` turns what came back into rows and curves. So the window,
the command line and a notebook share one reduction, and an interrupted job is reduced like a finished one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.row import Row
from guiapp.frames.frame import Floats, Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.potentials.potential import Prediction

STATIC, RELAXED = "static", "relaxed"
NEB = "neb"
"""Mode of the migration family in which the model finds the whole path by itself."""
DFT, MODEL = "DFT", "model"
"""Labels of the two series of a curve; a view replaces the second by the model's title."""


@dataclass(frozen=True, eq=False)
class Evaluated:
    """One frame and what a model says about it."""

    frame: Frame
    """As ``plan`` returned it, with its DFT labels where it has any."""
    prediction: Prediction
    """At ``geometry``."""
    relaxed: Frame | None = None
    """The geometry that the model relaxed, without labels; None where the frame was predicted as it is."""
    converged: bool = True
    """False where a relaxation stopped before its forces were small enough."""
    steps: int = 0
    """Steps of the relaxation."""
    given_energy: float | None = None
    """The model's energy at ``frame``, eV, where ``prediction`` belongs to a geometry that it relaxed; None where that is not known."""
    trace: tuple[float, ...] = ()
    """Largest force after each step of the relaxation, eV/Å."""

    @property
    def geometry(self) -> Frame:
        """The frame that the prediction belongs to: relaxed by the model, else as given."""
        return self.frame if self.relaxed is None else self.relaxed


@dataclass(frozen=True, eq=False)
class Series:
    """One line or one set of points of a curve; k lines (phonon bands) share one x."""

    label: str
    """``DFT``, ``model``, or another reference in words."""
    x: Floats
    """(n,) in the curve's x unit."""
    y: Floats
    """(n,) or (k, n) in the curve's y unit; NaN breaks a line."""
    points: bool = False
    """True for computed points, False for a line (a fit, a band)."""
    frames: tuple[str, ...] = ()
    """Content hashes of the frames behind the points, (n,); empty where no single frame stands behind a point."""


@dataclass(frozen=True, eq=False)
class Curve:
    """What a plot of one system shows, DFT and model on the same axes; models are overlaid by equal ``kind`` and ``system``."""

    kind: str
    """``eos``, ``bands``, ``dos``, ``path``, ``scan`` ..."""
    system: str
    title: str
    x_label: str
    """With unit, e.g. ``volume (Å³/atom)``."""
    y_label: str
    """With unit."""
    series: tuple[Series, ...]
    ticks: tuple[tuple[float, str], ...] = ()
    """Named places on the x axis, e.g. the special points of a band path; empty for a plain axis."""


@dataclass(frozen=True)
class SystemFailure:
    """A system that could not be reduced: what, why, and what to do."""

    system: str
    reason: str
    advice: str = ""


@dataclass(frozen=True, eq=False)
class FamilyResult:
    """What one model says about the systems of one family."""

    family: str
    model: str
    mode: str
    """``static`` or ``relaxed``."""
    rows: tuple[Row, ...]
    curves: tuple[Curve, ...] = ()
    failures: tuple[SystemFailure, ...] = ()
    """Systems that lack a frame or cannot be fitted; while a job runs they mean no more than "not yet"."""
    crystals: tuple[Frame, ...] = ()
    """Bulk crystals behind the systems, for what is drawn of them, e.g. the shapes of surfaces."""
    notes: tuple[str, ...] = ()
    """What the numbers mean, in sentences: which part of an error is which, a temperature and its shift, whether a slab is thick enough."""


class Family(Protocol):
    """One benchmark family; its card is the YAML file of the same name beside its module."""

    @property
    def name(self) -> str:
        """``eos``, ``phonons`` ..., as in ``ReferenceSet.family`` and ``--family``."""
        ...

    @property
    def modes(self) -> tuple[str, ...]:
        """``("static",)``, or ``("static", "relaxed")`` where relaxing adds something."""
        ...

    def plan(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Return the frames that a model must predict.

        Args:
            frames: All frames of the chosen sets.

        Returns:
            Those of them that belong to complete systems of this family, and frames that it adds (supercells, volumes).
        """
        ...

    def relaxation(self, frame: Frame) -> RelaxationSettings | None:
        """Return how the model relaxes a planned frame in relaxed mode, or None where it is predicted as it is."""
        ...

    def reduce(self, evaluated: Sequence[Evaluated], *, model: str, mode: str) -> FamilyResult:
        """Turn predictions into rows and curves.

        Args:
            evaluated: Planned frames with their predictions, in any order, maybe not all of them.
            model: Name in the registry, for the rows.
            mode: ``static`` or ``relaxed``.

        Returns:
            Rows of every system that is complete; one failure for each that is not.
        """
        ...

    def built_in_sets(self) -> tuple[ReferenceSet, ...]:
        """Return reference sets that this family brings along besides the shipped folders, e.g. all-electron equations of state."""
        ...


@runtime_checkable
class TwoStageFamily(Family, Protocol):
    """A family that, in relaxed mode, needs more predictions on the geometries that the model relaxed."""

    def second_stage(self, evaluated: Sequence[Evaluated]) -> tuple[Frame, ...]:
        """Return frames built on relaxed geometries, to be predicted as they are.

        Args:
            evaluated: What relaxing the planned frames gave.

        Returns:
            Frames of the same systems; ``reduce`` is given them together with ``evaluated``.
        """
        ...


def by_system(evaluated: Iterable[Evaluated]) -> dict[str, list[Evaluated]]:
    """Group evaluated frames by their ``system``, in order of first appearance; a frame without one belongs to its compound."""
    groups: dict[str, list[Evaluated]] = {}
    for one in evaluated:
        groups.setdefault(system_of(one.frame), []).append(one)
    return groups


def system_of(frame: Frame) -> str:
    """Return the system of a frame: ``info["system"]``, else its compound."""
    return str(frame.info.get("system", "") or frame.compound)


def role_of(frame: Frame) -> str:
    """Return the part that a frame plays in its system, e.g. ``slab``, ``bulk``, ``perfect``; empty where it has none."""
    return str(frame.info.get("role", ""))
