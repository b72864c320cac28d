"""MACE and matgl: our batches beside the loop through each package's own ase calculator."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Potential, PotentialCard
from guiapp.potentials.registry import find_card, load_potential
from guiapp.speed.agreement import agreement
from guiapp.speed.measurement import Extent, Measurement, comparison
from guiapp.speed.peers import Calculator, calculator_loop
from guiapp.speed.sample import small_cells
from guiapp.speed.timing import Case, interleave


def measure_mace(extent: Extent) -> list[Measurement]:
    """Measure a small random MACE of the usual kind, and the user's own where one is named."""
    from guiapp.potentials.mace_potential import MacePotential  # noqa: PLC0415 - imports mace, seconds

    frames = small_cells(24 if extent.quick else 90)
    network = random_mace(sorted({int(z) for frame in frames for z in frame.numbers}))
    potentials: list[Potential] = [
        MacePotential(network, _card("random-mace", "a small MACE with random weights, float32"), "random", "cpu"),
    ]
    if extent.mace:
        potentials.append(load_potential(find_card(extent.mace), "cpu"))
    return [_beside_loop(one, _mace_calculator(one), frames, extent) for one in potentials]


def measure_matgl(extent: Extent) -> list[Measurement]:
    """Measure the user's own M3GNet and TensorNet models; the packages bring no weights along."""
    found = []
    for name in extent.matgl:
        potential = load_potential(find_card(name), "cpu")
        if potential.card.family != "matgl":
            raise UserFacingError(f"{name} is no matgl model.", advice="Give the folder of an M3GNet or a TensorNet after --matgl.")
        found.append(_beside_loop(potential, _matgl_calculator(potential), small_cells(24 if extent.quick else 90), extent))
    return found


def random_mace(numbers: Sequence[int]) -> Any:
    """Return a two-layer MACE with 32 scalars and 32 vectors, seeded, in double precision as mace saves them.

    Args:
        numbers: Atomic numbers that it shall know.
    """
    import torch  # noqa: PLC0415 - late

    from guiapp.potentials.mace_file import modules, torch_tools  # noqa: PLC0415 - imports mace, with care

    torch.manual_seed(1)
    with torch_tools.default_dtype(torch.float64):
        return modules.ScaleShiftMACE(
            r_max=5.0,
            num_bessel=8,
            num_polynomial_cutoff=5,
            max_ell=2,
            interaction_cls=modules.interaction_classes["RealAgnosticResidualInteractionBlock"],
            interaction_cls_first=modules.interaction_classes["RealAgnosticInteractionBlock"],
            num_interactions=2,
            num_elements=len(numbers),
            hidden_irreps=_irreps("32x0e + 32x1o"),
            MLP_irreps=_irreps("16x0e"),
            atomic_energies=np.zeros(len(numbers)),
            avg_num_neighbors=40.0,
            atomic_numbers=list(numbers),
            correlation=2,
            gate=torch.nn.functional.silu,
            pair_repulsion=False,
            heads=["Default"],
            atomic_inter_scale=1.0,
            atomic_inter_shift=0.0,
        )


def _irreps(text: str) -> Any:
    from e3nn import o3  # noqa: PLC0415 - only readable once mace_file is imported

    return o3.Irreps(text)


def _beside_loop(potential: Potential, calculator: Calculator, frames: Sequence[Frame], extent: Extent) -> Measurement:
    known = [frame for frame in frames if _can(potential, frame)]
    title = f"{potential.card.title}, {len(known)} small cells"
    if not known:
        return Measurement(title, (), (), ("NOT TIMED: the model knows none of the measured frames' elements.",))
    same = agreement(potential.predict(known), calculator_loop(known, calculator))
    cases = [
        Case("ours", lambda: potential.predict(known)),
        Case("loop of its own ase calculator", lambda: calculator_loop(known, calculator)),
    ]
    timings = interleave(cases, extent.rounds) if same.holds else ()
    return comparison(title, timings, [same], count=len(known), unit="frames")


def _can(potential: Potential, frame: Frame) -> bool:
    try:
        potential.predict([frame])
    except UserFacingError:
        return False
    return True


def _mace_calculator(potential: Any) -> Calculator:
    from guiapp.potentials.mace_file import torch_undisturbed  # noqa: PLC0415 - imports mace, with care

    with torch_undisturbed(), contextlib.redirect_stdout(io.StringIO()):
        from mace.calculators import MACECalculator  # noqa: PLC0415 - as above

        options = {"head": potential.head} if len(potential.heads) > 1 else {}
        return MACECalculator(models=[potential.network], device="cpu", default_dtype=potential.precision, **options)


def _matgl_calculator(potential: Any) -> Calculator:
    from matgl.ext.ase import PESCalculator  # noqa: PLC0415 - seconds to import

    from guiapp.potentials.matgl_weights import build_network  # noqa: PLC0415 - imports matgl

    network = build_network(potential.weights, potential.card.weights)
    return PESCalculator(network, stress_unit="eV/A3")


def _card(name: str, title: str) -> PotentialCard:
    return PotentialCard(name, title, "MACE", "", "", "", "", weights=Path(name), state="ready")
