"""The point-defect family: formation energies of neutral vacancies, antisites and interstitials.

Source:
    E = E_defect - E_bulk - sum_i mu_i dN_i with elemental references by the same method; Deng et al., npj Comput. Mater. 11, 9 (2025).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from guiapp.benchmarks.defect_recognition import DEFECT, ELEMENTAL, PERFECT, complete_hosts, defect_name
from guiapp.benchmarks.dft_state import is_as_made, relaxed_by_dft, with_variants
from guiapp.benchmarks.family import RELAXED, STATIC, Evaluated, FamilyResult, SystemFailure, by_system, role_of
from guiapp.benchmarks.family_rows import judged_row
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.row import Row
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet

FAMILY = "defects"
REFERENCE = "reference_formation_energy"
"""Info key of a defect without labels whose formation energy (relaxed, eV) is known from a table."""


class DefectFamily:
    """Formation energies; static on the DFT geometries, or with positions relaxed in the host's cell."""

    name = FAMILY
    modes: tuple[str, ...] = (STATIC, RELAXED)

    def plan(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Return perfect supercells, their defects and the elemental phases."""
        return tuple(with_variants(complete_hosts(frames)))

    def relaxation(self, frame: Frame) -> RelaxationSettings | None:
        """Relax positions in the host's cell, and the cells of elemental phases, whose energy is a chemical potential."""
        return None if is_as_made(frame) else RelaxationSettings(variable_cell=role_of(frame) == ELEMENTAL)

    def reduce(self, evaluated: Sequence[Evaluated], *, model: str, mode: str) -> FamilyResult:
        """Return the formation energy of every defect whose host and elemental phases have been predicted."""
        rows: list[Row] = []
        failures: list[SystemFailure] = []
        for host, group in by_system(evaluated).items():
            perfect = next((one for one in group if role_of(one.frame) == PERFECT), None)
            phases = _elemental_phases(group, perfect)
            for defect in (one for one in group if role_of(one.frame) == DEFECT):
                if mode == RELAXED and is_as_made(defect.frame):
                    continue
                row = _row(host, defect, perfect, phases, model=model, mode=mode)
                if isinstance(row, SystemFailure):
                    failures.append(row)
                else:
                    rows.append(row)
        return FamilyResult(self.name, model, mode, tuple(rows), (), tuple(failures))

    def built_in_sets(self) -> tuple[ReferenceSet, ...]:
        """Return none: the set is shipped as a folder."""
        return ()


def formation_energy(defect: float, perfect: float, potentials: Mapping[str, float], atoms_added: Mapping[str, int]) -> float:
    """Return the formation energy of a neutral defect.

    Args:
        defect: Energy of the cell with the defect, eV.
        perfect: Energy of the perfect cell, eV.
        potentials: Chemical potential of each element, eV/atom.
        atoms_added: Change of the number of atoms of each element, negative where atoms were taken out.

    Returns:
        Formation energy, eV.
    """
    return defect - perfect - sum(potentials[element] * count for element, count in atoms_added.items())


def atoms_added(defect: Frame, perfect: Frame) -> dict[str, int]:
    """Return the change of the number of atoms of each element, without those that do not change."""
    difference = Counter(defect.symbols)
    difference.subtract(Counter(perfect.symbols))
    return {element: count for element, count in sorted(difference.items()) if count}


def _elemental_phases(group: Sequence[Evaluated], perfect: Evaluated | None) -> dict[str, Evaluated]:
    """Return the phase of each element that DFT finds lowest; an elemental host is its own."""
    phases: dict[str, Evaluated] = {}
    for one in group:
        if role_of(one.frame) == ELEMENTAL or (one is perfect and len(one.frame.elements) == 1):
            element = one.frame.symbols[0]
            if element not in phases or _dft_per_atom(one.frame) < _dft_per_atom(phases[element].frame):
                phases[element] = one
    return phases


def _row(
    host: str, defect: Evaluated, perfect: Evaluated | None, phases: Mapping[str, Evaluated], *, model: str, mode: str
) -> Row | SystemFailure:
    if perfect is None:
        return SystemFailure(f"{host} {defect.frame.info.get('defect', '')}".strip(), "The perfect supercell has not been predicted.")
    change = atoms_added(defect.frame, perfect.frame)
    system = f"{host} {defect.frame.info.get('defect') or defect_name(change)}"
    missing = [element for element in change if element not in phases]
    if missing:
        return SystemFailure(system, f"There is no elemental phase of {', '.join(missing)}.", "Add the pure element to the set.")
    tabulated = defect.frame.info.get(REFERENCE)
    unlike = defect.frame.energy is not None and not relaxed_by_dft(defect.frame)
    if mode == RELAXED and unlike:
        return SystemFailure(
            system, "DFT has this defect only as made, so a relaxed model has nothing to be compared with.", "Use the static mode."
        )
    if mode == STATIC and tabulated is not None:
        return SystemFailure(system, "The tabulated value belongs to a relaxed defect.", "Use the relaxed mode.")
    needed = [defect, perfect, *(phases[element] for element in change)]
    if not all(one.converged for one in needed):
        return SystemFailure(system, "A relaxation did not converge.", "Look at its trace.")
    predicted = formation_energy(
        defect.prediction.energy,
        perfect.prediction.energy,
        {element: phases[element].prediction.energy / phases[element].frame.n_atoms for element in change},
        change,
    )
    reference = float(tabulated) if tabulated is not None else _dft(defect.frame, perfect.frame, phases, change)
    quantity = "unrelaxed formation energy" if is_as_made(defect.frame) else "formation energy"
    return judged_row(FAMILY, system, quantity, model=model, mode=mode, predicted=predicted, reference=reference, count=len(needed))


def _dft(defect: Frame, perfect: Frame, phases: Mapping[str, Evaluated], change: Mapping[str, int]) -> float:
    potentials = {element: _dft_per_atom(phases[element].frame) for element in change}
    if defect.energy is None or perfect.energy is None or not all(map(math.isfinite, potentials.values())):
        return math.nan
    return formation_energy(defect.energy, perfect.energy, potentials, change)


def _dft_per_atom(frame: Frame) -> float:
    return math.inf if frame.energy is None else frame.energy / frame.n_atoms
