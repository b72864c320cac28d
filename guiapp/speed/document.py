"""The measurements as Markdown, for ``resources/docs/performance.md``."""

from __future__ import annotations

from collections.abc import Sequence

from guiapp.speed.measurement import Measurement

_ONE_BY_ONE = """## What still goes one by one, and why

Predictions, relaxations, bands, phonons, slabs, equations of state and scans of all systems of a job share batches. What does not:

- **A run of dynamics** that samples candidates for a label: one structure, and each step needs the forces of the step before.
- **ase calculators, and models in environments of their own** that are asked through one: a calculator takes one structure at a time.
  Batches of a job still spread over the workers.
- **The self-test's comparison** of a batch with its frames alone, and **the check of an exported file** with its own library on a few
  frames: the single calls are what is tested.
- **Training**: each step starts from the weights of the one before; inside a step the frames of its batch go together."""


def performance_document(
    measurements: Sequence[Measurement], facts: Sequence[tuple[str, str]], *, command: str, date: str, failures: Sequence[str] = ()
) -> str:
    """Return the whole document.

    Args:
        measurements: In order.
        facts: What ``machine_facts`` returned.
        command: The command that repeats it.
        date: When it was measured.
        failures: Groups that could not be measured, with the reason.
    """
    how = (
        f"Measured on {date} by `{command}`; the same command writes this file anew. Each comparison ran in one process, one thread, the "
        "ways in turns and each round in another order; given are medians with the smallest and largest round. Before anything was "
        "timed, the ways had to give the same numbers: where they do not, there is no ratio. Both sides had the environment of Temper's "
        "worker processes (one thread, memory kept by the allocator), which helps the others as well."
    )
    parts = [
        "# How fast Temper is",
        how,
        "\n".join(f"- {name}: {value}" for name, value in facts),
        *(markdown_table(one) for one in measurements),
    ]
    if failures:
        parts.append("## Not measured\n\n" + "\n".join(f"- {words}" for words in failures))
    parts.append(_ONE_BY_ONE)
    return "\n\n".join(parts) + "\n"


def markdown_table(measurement: Measurement) -> str:
    """Return one table with its title and sentences."""
    parts = [f"## {measurement.title}"]
    if measurement.rows:
        lines = [measurement.head, tuple("---" if k == 0 else "---:" for k in range(len(measurement.head))), *measurement.rows]
        parts.append("\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines))
    if measurement.notes:
        parts.append(" ".join(measurement.notes))
    return "\n\n".join(parts)
