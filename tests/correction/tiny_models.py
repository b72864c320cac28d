"""Tiny real MACE and matgl models behind the program's own loader; the networks are those of the potentials' tests."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import torch

from guiapp.potentials import trust
from guiapp.potentials.potential import Potential
from guiapp.potentials.registry import load_named

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "potentials"))
small_models = import_module("small_models")

TWO_HEADS = ("mp_pbe", "omat_pbe")
MACES = {
    "heads": {"repulsion": True, "heads": TWO_HEADS},
    "unshifted": {"scale_shift": False},
    "unshifted heads": {"scale_shift": False, "heads": TWO_HEADS},
}
mixed_frames = small_models.mixed_frames


def heads_of(kind: str) -> tuple[str, ...]:
    return MACES[kind].get("heads", ("Default",))


def mace(folder: Path, kind: str, options: str = "") -> Potential:
    path = folder / "small.model"
    torch.save(small_models.mace_network(**MACES[kind]), path)
    trust.trust(trust.file_sha256(path), path.name)
    return load_named(f"{path}{options}", "cpu")


def matgl(folder: Path, architecture: str, precision: str = "float32", *, spread: float = 50.0) -> Potential:
    path = folder / f"{architecture}-small-PES"
    potential = small_models.matgl_potential(architecture)
    # Untrained networks say little, so theirs is multiplied by up to 1000, and rounding with it; less is enough here.
    potential.data_std.clamp_(max=spread)
    potential.save(path)
    return load_named(f"{path}#precision={precision}", "cpu")
