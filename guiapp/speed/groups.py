"""The groups of measurements by name; each runs in a process of its own, so that none disturbs another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from guiapp.speed import families, jobs, native, relaxing, softening, training, window
from guiapp.speed.measurement import Extent, Measurement

Measure = Callable[[Extent], list[Measurement]]

GROUPS: Mapping[str, Measure] = MappingProxyType(
    {
        "softening": softening.measure,
        "relaxation": relaxing.measure,
        "kernel": native.measure,
        "fine-tuning": training.measure,
        "mace": families.measure_mace,
        "matgl": families.measure_matgl,
        "kept": jobs.measure_keeping,
        "frames": jobs.measure_frames,
        "atoms": jobs.measure_atoms,
        "workers": jobs.measure_workers,
        "window": window.measure,
    }
)
"""In the order of the report."""
