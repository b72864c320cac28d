"""The surface family: energies to cut a crystal, from a slab and its bulk.

Source:
    gamma = (E_slab - n E_bulk) / (2 A); protocol of Deng et al., npj Comput. Mater. 11, 9 (2025), after Tran et al., Sci. Data 3, 160080
    (2016).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from guiapp.benchmarks.dft_state import is_as_made, relaxed_by_dft, with_variants
from guiapp.benchmarks.family import DFT, MODEL, RELAXED, STATIC, Curve, Evaluated, FamilyResult, Series, SystemFailure, role_of, system_of
from guiapp.benchmarks.family_rows import judged_row
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.row import Row
from guiapp.benchmarks.slab_recognition import BULK, BULK_SYSTEM, SLAB, paired_slabs
from guiapp.benchmarks.slab_shape import slab_shape
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet

FAMILY = "surfaces"
JOULE_PER_SQUARE_METRE = 16.02176634
"""1 eV/Å² in J/m²."""


class SurfaceFamily:
    """Surface energies; static on the DFT slabs, or with the slab's positions relaxed in the bulk's in-plane cell."""

    name = FAMILY
    modes: tuple[str, ...] = (STATIC, RELAXED)

    def plan(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Return slabs whose bulk is among the frames, and these bulks."""
        return tuple(with_variants(paired_slabs(frames)))

    def relaxation(self, frame: Frame) -> RelaxationSettings | None:
        """Relax the positions in the fixed cell; a slab as cut is only measured as it is."""
        return None if is_as_made(frame) else RelaxationSettings()

    def reduce(self, evaluated: Sequence[Evaluated], *, model: str, mode: str) -> FamilyResult:
        """Return the surface energy of every slab whose bulk has been predicted."""
        bulks = {system_of(one.frame): one for one in evaluated if role_of(one.frame) == BULK}
        rows: list[Row] = []
        failures: list[SystemFailure] = []
        for slab in (one for one in evaluated if role_of(one.frame) == SLAB):
            if mode == RELAXED and is_as_made(slab.frame):
                continue
            row = _row(slab, bulks.get(str(slab.frame.info.get(BULK_SYSTEM, "")) or system_of(slab.frame)), model=model, mode=mode)
            if isinstance(row, SystemFailure):
                failures.append(row)
            else:
                rows.append(row)
        curves = _thickness_curves(evaluated, bulks)
        notes = tuple(filter(None, map(_convergence, curves)))
        crystals = tuple(one.frame for one in bulks.values())
        return FamilyResult(self.name, model, mode, tuple(rows), curves, tuple(failures), notes=notes, crystals=crystals)

    def built_in_sets(self) -> tuple[ReferenceSet, ...]:
        """Return none: the set is shipped as a folder."""
        return ()


def surface_energy(slab_energy: float, bulk_energy_per_atom: float, n_atoms: int, area: float) -> float:
    """Return the energy of one face.

    Args:
        slab_energy: Of the whole slab, eV.
        bulk_energy_per_atom: Of the crystal, eV/atom.
        n_atoms: Atoms in the slab, which has the bulk's composition.
        area: Of one of its two faces, Å².

    Returns:
        Surface energy, eV/Å².
    """
    return (slab_energy - n_atoms * bulk_energy_per_atom) / (2 * area)


def _row(slab: Evaluated, bulk: Evaluated | None, *, model: str, mode: str) -> Row | SystemFailure:
    system = system_of(slab.frame)
    if bulk is None:
        return SystemFailure(system, "The bulk of this slab has not been predicted.")
    if slab.frame.formula != bulk.frame.formula:
        return SystemFailure(
            system,
            f"The slab ({slab.frame.formula}) and its bulk ({bulk.frame.formula}) differ in composition.",
            "Cut a stoichiometric slab.",
        )
    if mode == RELAXED and slab.frame.energy is not None and not relaxed_by_dft(slab.frame):
        return SystemFailure(
            system, "DFT has this slab only as cut, so a relaxed model has nothing to be compared with.", "Use the static mode."
        )
    if not (slab.converged and bulk.converged):
        return SystemFailure(system, f"The relaxation did not converge in {slab.steps} steps.", "Look at its trace.")
    return judged_row(
        FAMILY,
        system,
        "cleavage energy" if is_as_made(slab.frame) else "surface energy",
        model=model,
        mode=mode,
        predicted=_gamma(slab, bulk),
        reference=_dft_gamma(slab.frame, bulk.frame),
        count=2,
    )


def _gamma(slab: Evaluated, bulk: Evaluated) -> float:
    return surface_energy(
        slab.prediction.energy, bulk.prediction.energy / bulk.frame.n_atoms, slab.frame.n_atoms, slab_shape(slab.frame).area
    )


def _dft_gamma(slab: Frame, bulk: Frame) -> float:
    if slab.energy is None or bulk.energy is None:
        return math.nan
    return surface_energy(slab.energy, bulk.energy / bulk.n_atoms, slab.n_atoms, slab_shape(slab).area)


def _thickness_curves(evaluated: Sequence[Evaluated], bulks: dict[str, Evaluated]) -> tuple[Curve, ...]:
    """Return surface energy against thickness for facets of which slabs of several thicknesses are there."""
    groups: dict[str, list[tuple[Evaluated, Evaluated]]] = {}
    for slab in (one for one in evaluated if role_of(one.frame) == SLAB and not is_as_made(one.frame)):
        bulk = bulks.get(str(slab.frame.info.get(BULK_SYSTEM, "")) or system_of(slab.frame))
        if bulk is not None and slab.frame.formula == bulk.frame.formula:
            groups.setdefault(str(slab.frame.info.get("facet", "") or system_of(slab.frame)), []).append((slab, bulk))
    curves = []
    for facet, pairs in groups.items():
        if len({slab.frame.n_atoms for slab, _ in pairs}) < 2:
            continue
        ordered = sorted(pairs, key=lambda pair: pair[0].frame.n_atoms)
        thickness = np.array([slab_shape(slab.frame).thickness for slab, _ in ordered])
        values = {
            DFT: [JOULE_PER_SQUARE_METRE * _dft_gamma(slab.frame, bulk.frame) for slab, bulk in ordered],
            MODEL: [JOULE_PER_SQUARE_METRE * _gamma(slab, bulk) for slab, bulk in ordered],
        }
        hashes = tuple(slab.frame.content_hash for slab, _ in ordered)
        series = tuple(
            Series(label, thickness, np.array(y), points=True, frames=hashes) for label, y in values.items() if np.isfinite(y).any()
        )
        curves.append(Curve("thickness", facet, f"{facet}: convergence with thickness", "thickness (Å)", "surface energy (J/m²)", series))
    return tuple(curves)


def _convergence(curve: Curve) -> str:
    """Say how much the surface energy still changes with thickness, for each side that has been computed."""
    said = []
    for series in curve.series:
        y = series.y
        if len(y) > 1 and np.isfinite(y[-2:]).all() and y[-1]:
            whose = "the model's" if series.label == MODEL else f"{series.label}'s"
            said.append(f"{whose} changes by {100 * abs(y[-2] / y[-1] - 1):.1f} %")
    if not said:
        return ""
    x = curve.series[0].x
    return f"{curve.system}: from {x[-2]:.1f} to {x[-1]:.1f} Å of thickness the surface energy converges: {', '.join(said)}"
