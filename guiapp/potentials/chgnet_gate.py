"""CHGNet's gated MLPs as arrays: which weights belong to one, and what it computes in plain, differentiable operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

Tensors = Mapping[str, Tensor]


def count_layers(tensors: Tensors, layers: str) -> int:
    """Return how many layers of a kind there are, e.g. ``bond_conv_layers``."""
    return len({name.split(".")[1] for name in tensors if name.startswith(f"{layers}.")})


def linear_layers(tensors: Tensors, mlp: str) -> list[tuple[Tensor, Tensor | None]]:
    """Return the transposed weight and the bias of each linear layer of an MLP, in order."""
    names = [name for name in tensors if name.startswith(f"{mlp}.layers.") and name.endswith(".weight")]
    names.sort(key=lambda name: int(name.split(".")[-2]))
    return [(tensors[name].T.contiguous(), tensors.get(name.removesuffix("weight") + "bias")) for name in names]


def given(bias: Tensor | None) -> Tensor:
    """Return a bias that must be there.

    Raises:
        KeyError: Where it is missing.
    """
    if bias is None:
        raise KeyError("bias")
    return bias


def layer_norm(tensors: Tensors, name: str) -> tuple[Tensor, Tensor] | None:
    """Return weight and bias of a layer norm, None where the model has none of this name."""
    return (tensors[f"{name}.weight"], tensors[f"{name}.bias"]) if f"{name}.weight" in tensors else None


@dataclass(frozen=True, eq=False)
class Gate:
    """A gated MLP: SiLU(norm(core(x))) * sigmoid(norm(gate(x))), core and gate side by side in the first layer."""

    parts: tuple[Tensor, ...]
    """First layer's weights by input, (n_features, 2 n_hidden) each."""
    bias: Tensor
    """(2 n_hidden,)"""
    second: tuple[tuple[Tensor, Tensor], ...]
    """Weight and bias of core's and gate's second layer; empty where there is one layer only."""
    norms: tuple[tuple[Tensor, Tensor], ...]
    """Weight and bias of core's and gate's layer norm; empty where there is none."""
    of_basis: Tensor | None = None
    """(n_basis, 2 n_hidden) first layer's weights for the basis of an angle, where the angle is still linear in it."""

    @classmethod
    def of(cls, tensors: Tensors, name: str, n_inputs: int) -> Gate:
        """Find the weights of a gated MLP by its name in the package; ``n_inputs`` equally long vectors are its input."""
        branches = [linear_layers(tensors, f"{name}.mlp_core"), linear_layers(tensors, f"{name}.mlp_gate")]
        weight = torch.cat([branch[0][0] for branch in branches], dim=1)
        norms = [layer_norm(tensors, f"{name}.bn1"), layer_norm(tensors, f"{name}.bn2")]
        return cls(
            parts=tuple(part.contiguous() for part in weight.chunk(n_inputs, dim=0)),
            bias=torch.cat([given(branch[0][1]) for branch in branches]),
            second=tuple((branch[1][0], given(branch[1][1])) for branch in branches if len(branch) > 1),
            norms=tuple(norm for norm in norms if norm is not None),
        )

    @property
    def width(self) -> int:
        """Number of features that come out."""
        return self.second[0][0].shape[1] if self.second else len(self.bias) // 2

    def __call__(self, first: Tensor) -> Tensor:
        """Finish from the first layer's output, (n, 2 n_hidden), to (n, n_features)."""
        if self.second:
            first = functional.silu(first)
        branches = list(first.chunk(2, dim=1))
        if self.second:
            branches = [torch.addmm(bias, branch, weight) for branch, (weight, bias) in zip(branches, self.second, strict=True)]
        if self.norms:
            branches = [
                functional.layer_norm(branch, branch.shape[1:], weight, bias)
                for branch, (weight, bias) in zip(branches, self.norms, strict=True)
            ]
        return functional.silu(branches[0]) * torch.sigmoid(branches[1])


@dataclass(frozen=True, eq=False)
class Update:
    """A gated MLP and the linear layer that takes the summed messages to new features."""

    gate: Gate
    out: Tensor
    """(n_features, n_features)"""
    out_bias: Tensor | None
    """(n_features,); version 0.2.0 has one."""

    @classmethod
    def of(cls, tensors: Tensors, layer: str, gated: str, n_inputs: int) -> Update:
        """Find the weights of an update by its layer's name in the package."""
        return cls(Gate.of(tensors, f"{layer}.{gated}", n_inputs), *linear_layers(tensors, f"{layer}.mlp_out")[-1])
