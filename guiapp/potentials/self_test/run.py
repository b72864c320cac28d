"""The whole self-test of one model, in a few seconds and a few batches."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ase.data import chemical_symbols

from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.potentials.self_test.answers import Answer, Ask, finite
from guiapp.potentials.self_test.comparison import crystal_energies_check, dft_checks
from guiapp.potentials.self_test.crystals import distorted, element_crystals, simple_crystals
from guiapp.potentials.self_test.derivatives import derivative_checks
from guiapp.potentials.self_test.invariances import batch_check, invariance_checks
from guiapp.potentials.self_test.report import Check, SelfTestReport
from guiapp.potentials.self_test.smoothness import smoothness_check

_PROBES = 2
_NAMED = 12
_IN_A_BATCH = 6


def run_self_test(ask: Ask, functional: str) -> SelfTestReport:
    """Test a model.

    Args:
        ask: How to ask it: ``ask_potential`` for one in this process, ``engine.self_test`` for one in a worker.
        functional: From the model's card.
    """
    start = time.perf_counter()
    crystals = simple_crystals()
    frames = [crystal.frame for crystal in crystals]
    answers = ask(frames)
    elements = element_crystals()
    known_elements, unknown_elements = _sorted_out(elements, ask(elements))
    checks = [_elements(known_elements, unknown_elements), _numbers(frames, answers)]
    checks.append(crystal_energies_check(crystals, answers, functional))
    checks += dft_checks(ask)
    known = [frame for frame, answer in zip(frames, answers, strict=True) if finite(answer, frame)][:_PROBES]
    probes = [distorted(frame, k) for k, frame in enumerate(known)]
    at_rest = ask(probes) if probes else []
    predictions = [answer for answer in at_rest if isinstance(answer, Prediction)]
    if probes and all(finite(answer, probe) for answer, probe in zip(at_rest, probes, strict=True)):
        checks += derivative_checks(ask, probes, predictions)
        checks += invariance_checks(ask, probes, predictions)
        checks.append(smoothness_check(ask, known))
        batch = [*probes, *frames[:_IN_A_BATCH]]
        checks.append(batch_check(ask, batch, ask(batch)))
    elif probes:
        reason = next((answer for answer in at_rest if isinstance(answer, str)), "the answer is not a number")
        checks.append(Check("distorted crystals", False, float("nan"), 0.0, "", f"Distorted crystals cannot be predicted: {reason}"))
    symbols = tuple(chemical_symbols[number] for number in known_elements)
    return SelfTestReport(tuple(checks), time.perf_counter() - start, symbols)


def _sorted_out(frames: Sequence[Frame], answers: Sequence[Answer]) -> tuple[list[int], list[int]]:
    """Return the atomic numbers that a model knows, and those that it does not."""
    known = [int(frame.numbers[0]) for frame, answer in zip(frames, answers, strict=True) if finite(answer, frame)]
    return known, [int(frame.numbers[0]) for frame in frames if int(frame.numbers[0]) not in known]


def _elements(known: Sequence[int], unknown: Sequence[int]) -> Check:
    words = f"It knows {len(known)} of the elements up to plutonium"
    if 0 < len(unknown) <= _NAMED:
        words += f", not {_symbols(unknown)}"
    elif unknown and len(known) <= _NAMED:
        words += f": {_symbols(known)}" if known else ""
    return Check("elements", bool(known), float(len(known)), 1.0, "elements", f"{words}.")


def _numbers(frames: Sequence[Frame], answers: Sequence[Answer]) -> Check:
    broken = [
        frame.name for frame, answer in zip(frames, answers, strict=True) if not isinstance(answer, str) and not finite(answer, frame)
    ]
    words = f"The answer is not a number for {', '.join(broken)}." if broken else "Every answer is a number."
    return Check("numbers", not broken, float(len(broken)), 0.0, "crystals", words)


def _symbols(numbers: Sequence[int]) -> str:
    return ", ".join(chemical_symbols[number] for number in numbers)
