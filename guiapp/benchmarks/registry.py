"""The benchmark families by name."""

from __future__ import annotations

from guiapp.benchmarks.curvature import CurvatureFamily
from guiapp.benchmarks.defects import DefectFamily
from guiapp.benchmarks.eos import EosFamily
from guiapp.benchmarks.family import Family
from guiapp.benchmarks.high_energy_family import HighEnergyFamily
from guiapp.benchmarks.migration import MigrationFamily
from guiapp.benchmarks.phonons import PhononFamily
from guiapp.benchmarks.solid_solution import SolidSolutionFamily
from guiapp.benchmarks.surfaces import SurfaceFamily
from guiapp.errors import UserFacingError

_FAMILIES: tuple[Family, ...] = (
    HighEnergyFamily(),
    EosFamily(),
    PhononFamily(),
    SurfaceFamily(),
    DefectFamily(),
    SolidSolutionFamily(),
    MigrationFamily(),
    CurvatureFamily(),
)


def families() -> tuple[Family, ...]:
    """Return every family, in the order of the paper's figures."""
    return _FAMILIES


def family(name: str) -> Family:
    """Return the family of that name.

    Raises:
        UserFacingError: Where there is none.
    """
    for one in _FAMILIES:
        if one.name == name:
            return one
    raise UserFacingError(f"There is no benchmark family “{name}”.", advice=f"The families are: {', '.join(f.name for f in _FAMILIES)}.")
