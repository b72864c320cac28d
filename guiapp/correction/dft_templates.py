"""The texts of DFT input files, scripts and READMEs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ase.data import atomic_masses, atomic_numbers

from guiapp.frames.frame import Frame


@dataclass(frozen=True)
class LabelInput:
    """What the README says of a folder."""

    code: str
    """The DFT program."""
    functional: str
    """``PBE`` or ``r2SCAN``."""
    files: tuple[str, ...]
    """What is in the folder."""
    missing: tuple[str, ...]
    """What must be added."""
    remarks: tuple[str, ...]
    """What to know."""
    result: str
    """The file to bring back."""
    command: str
    """What runs it."""


def espresso(frame: Frame, mesh: tuple[int, int, int], moments: Mapping[str, float]) -> str:
    """Return the input of pw.x: one self-consistent calculation with forces and stress.

    Args:
        frame: The structure.
        mesh: Gamma-centred k-mesh.
        moments: Starting moment by element, Bohr magnetons; without any the calculation is not spin polarised.
    """
    elements = sorted(frame.elements)
    spin = ["  nspin = 2"]
    # pw.x wants the moment as a fraction of the valence electrons; 0.5 starts any of these elements in a high spin state.
    spin += [f"  starting_magnetization({index + 1}) = 0.5" for index, element in enumerate(elements) if element in moments]
    lines = [
        "&CONTROL",
        "  calculation = 'scf'",
        "  prefix = 'label'",
        "  outdir = './scratch'",
        "  pseudo_dir = './pseudo'",
        "  tprnfor = .true.",
        "  tstress = .true.",
        "  verbosity = 'high'",
        "/",
        "&SYSTEM",
        "  ibrav = 0",
        f"  nat = {frame.n_atoms}",
        f"  ntyp = {len(elements)}",
        "  ecutwfc = 90",
        "  ecutrho = 1080",
        "  input_dft = 'PBE'",
        "  occupations = 'smearing'",
        "  smearing = 'fermi-dirac'",
        "  degauss = 0.00367",
        "  nosym = .true.",
        *(spin if moments else []),
        "/",
        "&ELECTRONS",
        "  conv_thr = 1.0d-9",
        "  electron_maxstep = 200",
        "  mixing_beta = 0.4",
        "/",
        "ATOMIC_SPECIES",
        *(f"{element} {atomic_masses[atomic_numbers[element]]:.4f} {element}.UPF" for element in elements),
        "K_POINTS automatic",
        f"{mesh[0]} {mesh[1]} {mesh[2]} 0 0 0",
        "CELL_PARAMETERS angstrom",
        *(" ".join(f"{x:.12f}" for x in row) for row in frame.cell.tolist()),
        "ATOMIC_POSITIONS angstrom",
        *(
            f"{symbol} " + " ".join(f"{x:.12f}" for x in position)
            for symbol, position in zip(frame.symbols, frame.positions.tolist(), strict=True)
        ),
    ]
    return "\n".join(lines)


_PYTHON_START = '''"""One DFT calculation of exactly the structure in {structure}; the result goes to {result}."""

import os

import numpy as np
from ase import Atoms
from ase.io import read, write

start = read("{structure}", format="extxyz")
atoms = Atoms(numbers=start.numbers, positions=start.positions, cell=start.cell, pbc=True)
moments = {moments!r}
if moments:
    atoms.set_initial_magnetic_moments([moments.get(symbol, 0.0) for symbol in atoms.symbols])
'''
_PYTHON_END = """
forces = atoms.get_forces()
frame = Atoms(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=True)
frame.info["REF_energy"] = float(atoms.get_potential_energy(force_consistent=True))
frame.info["REF_stress"] = np.asarray(atoms.get_stress())
frame.info["dft"] = dft
frame.info["converged"] = True  # {why}
frame.arrays["REF_forces"] = np.asarray(forces)
write("{result}.part", frame, format="extxyz")
os.replace("{result}.part", "{result}")  # complete, or not there
"""


def gpaw(structure: str, result: str, mesh: tuple[int, int, int], moments: Mapping[str, float], cutoff: int) -> str:
    """Return a GPAW script.

    Args:
        structure: Path of the structure, as the script sees it.
        result: File that it writes.
        mesh: Gamma-centred k-mesh.
        moments: Starting moment by element, Bohr magnetons.
        cutoff: Plane-wave cut-off, eV.
    """
    calculator = f"""
import gpaw
from gpaw import GPAW, PW, FermiDirac

dft = f"GPAW {{gpaw.__version__}} PBE PW{cutoff} kpts {"x".join(map(str, mesh))} FD0.05"
settings = dict(
    mode=PW({cutoff}),
    xc="PBE",
    kpts={{"size": {mesh!r}, "gamma": True}},
    occupations=FermiDirac(0.05),
    symmetry={{"point_group": False}},
    convergence={{"density": 1e-5, "eigenstates": 1e-8, "energy": 1e-6}},
    maxiter=250,
    txt="gpaw.txt",
)
calculator = GPAW("state.gpw", txt="gpaw.txt") if os.path.exists("state.gpw") else GPAW(**settings)


def keep_state():
    calculator.write("state.part.gpw")
    if calculator.world.rank == 0:
        os.replace("state.part.gpw", "state.gpw")  # a run that was stopped goes on from here


atoms.calc = calculator
calculator.attach(keep_state, 5)
"""
    end = _PYTHON_END.format(result=result, why="GPAW raises where it is not")
    return _PYTHON_START.format(structure=structure, result=result, moments=dict(moments)) + calculator + end


def cp2k(structure: str, result: str, mesh: tuple[int, int, int], moments: Mapping[str, float], elements: Sequence[str]) -> str:
    """Return a script that drives CP2K through ase.

    Args:
        structure: Path of the structure, as the script sees it.
        result: File that it writes.
        mesh: Gamma-centred k-mesh.
        moments: Starting moment by element, Bohr magnetons.
        elements: Elements in the structure.
    """
    kinds = "\n".join(
        f"    &KIND {element}\n      BASIS_SET DZVP-MOLOPT-SR-GTH\n      POTENTIAL GTH-PBE\n"
        + (f"      MAGNETIZATION {moments[element]:g}\n" if element in moments else "")
        + "    &END KIND"
        for element in elements
    )
    calculator = f'''
from ase.calculators.cp2k import CP2K

dft = "CP2K PBE GTH DZVP-MOLOPT-SR 600 Ry kpts {"x".join(map(str, mesh))}"
more = """
&FORCE_EVAL
  &DFT
    &MGRID
      REL_CUTOFF 60
    &END MGRID
    &KPOINTS
      SCHEME MONKHORST-PACK {mesh[0]} {mesh[1]} {mesh[2]}
    &END KPOINTS
    &SCF
      EPS_SCF 1.0E-7
      MAX_SCF 100
      ADDED_MOS 20
      &SMEAR ON
        METHOD FERMI_DIRAC
        ELECTRONIC_TEMPERATURE [K] 580
      &END SMEAR
      &MIXING
        METHOD BROYDEN_MIXING
        ALPHA 0.2
      &END MIXING
    &END SCF
  &END DFT
  &SUBSYS
{kinds}
  &END SUBSYS
&END FORCE_EVAL
"""
atoms.calc = CP2K(
    xc="PBE",
    basis_set=None,
    basis_set_file="BASIS_MOLOPT",
    pseudo_potential=None,
    potential_file="GTH_POTENTIALS",
    cutoff=600 * 13.605693,
    max_scf=None,
    stress_tensor=True,
    uks={bool(moments)!r},
    inp=more,
    label="label",
)
'''
    end = _PYTHON_END.format(result=result, why="CP2K stops where it is not, unless told to ignore it")
    return _PYTHON_START.format(structure=structure, result=result, moments=dict(moments)) + calculator + end


def job_script(command: str) -> str:
    """Return a batch script for Slurm that also runs as a plain shell script."""
    return f"""#!/bin/sh
#SBATCH --job-name=label
#SBATCH --nodes=1
#SBATCH --ntasks=16
#SBATCH --time=04:00:00
# Load your DFT program here, e.g.: module load vasp
export OMP_NUM_THREADS=1
cd "${{SLURM_SUBMIT_DIR:-$(dirname "$0")}}" || exit 1
{command}
"""


def readme(title: str, frame: Frame, label: LabelInput) -> str:
    """Return what a person needs to run the calculation and bring it back.

    Args:
        title: What the structure is.
        frame: The structure.
        label: What was written.
    """
    lines = [
        f"# DFT label of {title} with {label.code}",
        "",
        f"One static {label.functional} calculation of {frame.n_atoms} atoms ({frame.formula}): energy, forces and stress of exactly this",
        "geometry. Do not relax it: the forces are what is wanted.",
        "",
        f"1. {'Add ' + '; '.join(label.missing) + '.' if label.missing else 'Everything is here.'}",
        f"2. Adapt `job.sh` to your machine and submit it, or run `{label.command}`.",
        f"3. Give `{label.result}` back to Temper (drop it on the wizard). Structure, convergence and functional are checked there.",
        "",
        *(f"Note: {remark}" for remark in label.remarks),
        "",
        f"Files: {', '.join(label.files)}. Structure SHA-256: {frame.content_hash}",
    ]
    return "\n".join(lines)
