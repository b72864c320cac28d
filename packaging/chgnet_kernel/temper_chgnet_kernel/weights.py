"""CHGNet's weights in the order in which the compiled code reads them.

What can be multiplied beforehand is: the layer that embeds a bond or an angle with the first layer that reads it, and the subtraction of
the mean that a layer norm begins with. Both are linear, so the function stays the same; it is done in double precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]

FEATURES, HIDDEN, BASIS, MOST_LEVELS = 64, 128, 32, 8
"""As in ``native/interface.h``."""
_MOST_ANGLE_FREQUENCIES = BASIS // 2 - 1


def unsupported(arguments: Mapping[str, Any], tensors: Arrays) -> str:
    """Say why a model cannot be computed by the compiled code; empty where it can.

    Args:
        arguments: Of the constructor of ``chgnet.model.CHGNet``.
        tensors: Its state by name.
    """
    try:
        stream(arguments, tensors)
    except (KeyError, ValueError) as error:
        return str(error.args[0]) if error.args else type(error).__name__
    return ""


def sizes(arguments: Mapping[str, Any], tensors: Arrays) -> dict[str, float]:
    """Return the fields of ``Sizes`` in ``native/interface.h``."""
    return {
        "elements": len(tensors["atom_embedding.embedding.weight"]),
        "levels": _levels(tensors),
        "readout_layers": len(_layers(tensors, "mlp")) - 1,
        "gate_norm": int("atom_conv_layers.0.twoBody_atom.bn1.weight" in tensors),
        "readout_norm": int("readout_norm.weight" in tensors),
        "out_bias": int("bond_conv_layers.0.mlp_out.layers.1.bias" in tensors),
        "envelope_power": int(arguments["cutoff_coeff"]),
        "bond_cutoff": float(arguments["atom_graph_cutoff"]),
        "angle_cutoff": float(arguments["bond_graph_cutoff"]),
    }


def stream(arguments: Mapping[str, Any], tensors: Arrays) -> NDArray[np.float32]:
    """Return all weights one after the other, as ``native/network.h`` reads them.

    Raises:
        KeyError: Where a weight is missing.
        ValueError: Where a weight has a shape that the compiled code is not made for.
    """
    size = sizes(arguments, tensors)
    levels, biased = int(size["levels"]), bool(size["out_bias"])
    if not 0 < levels <= MOST_LEVELS or not 0 < size["readout_layers"] <= MOST_LEVELS:
        raise ValueError("another number of layers")
    embedding = {name: _radial(tensors, f"{name}.weight") for name in ("bond_embedding", "bond_weights_ag", "bond_weights_bg")}
    angles = _angular(tensors)
    parts: list[Floats] = [
        _shaped(tensors, "atom_embedding.embedding.weight", int(size["elements"]), FEATURES),
        _shaped(tensors, "composition_model.fc.weight", 1, int(size["elements"])),
        _padded(_vector(tensors, "bond_basis_expansion.rbf_expansion_ag.frequencies"), BASIS),
        _padded(_vector(tensors, "bond_basis_expansion.rbf_expansion_bg.frequencies"), BASIS),
        _padded(_vector(tensors, "angle_basis_expansion.fourier_expansion.frequencies"), BASIS // 2),
        *embedding.values(),
        angles,
    ]
    shift = np.zeros(FEATURES)  # what the biases of the bond updates so far have added to every bond
    for level in range(levels + 1):
        layer = f"atom_conv_layers.{level}"
        centre, bond, neighbour = _first(tensors, f"{layer}.twoBody_atom", 3)
        parts += [centre, neighbour, bond, embedding["bond_embedding"] @ bond, _first_bias(tensors, f"{layer}.twoBody_atom")]
        parts += [shift @ bond] if biased else []
        parts += [*_second(tensors, f"{layer}.twoBody_atom"), *_out(tensors, layer, biased=biased)]
        if biased and level < levels:
            shift = shift + _vector(tensors, f"bond_conv_layers.{level}.mlp_out.layers.1.bias")
    for level in range(levels):
        layer = f"bond_conv_layers.{level}"
        one, other, angle, corner = _first(tensors, f"{layer}.twoBody_bond", 4)
        parts += [one, other, corner, angles @ angle if level == 0 else angle, _first_bias(tensors, f"{layer}.twoBody_bond")]
        parts += [*_second(tensors, f"{layer}.twoBody_bond"), *_out(tensors, layer, biased=biased)]
    for level in range(levels - 1):
        gated = f"angle_layers.{level}.twoBody_bond"
        norm = _norms(tensors, gated)
        centred = _centred if norm else _unchanged
        one, other, angle, corner = (centred(part) for part in _first(tensors, gated, 4))
        parts += [one, other, corner, angles @ angle if level == 0 else angle, centred(_first_bias(tensors, gated)), *norm]
    return np.concatenate([part.ravel() for part in [*parts, *_heads(tensors)]]).astype(np.float32)


def _heads(tensors: Arrays) -> list[Floats]:
    """Return the moments' layer, the readout's norm and its layers."""
    parts = [_shaped(tensors, "site_wise.weight", 1, FEATURES), _vector(tensors, "site_wise.bias")]
    if "readout_norm.weight" in tensors:
        parts += [_features(tensors, "readout_norm.weight"), _features(tensors, "readout_norm.bias")]
    *hidden, last = _layers(tensors, "mlp")
    for name in hidden:
        parts += [_shaped(tensors, f"{name}.weight", FEATURES, FEATURES).T, _features(tensors, f"{name}.bias")]
    return [*parts, _shaped(tensors, f"{last}.weight", 1, FEATURES), _vector(tensors, f"{last}.bias")]


def _layers(tensors: Arrays, mlp: str) -> list[str]:
    """Return the names of an MLP's linear layers in order."""
    names = [name.removesuffix(".weight") for name in tensors if name.startswith(f"{mlp}.layers.") and name.endswith(".weight")]
    return sorted(names, key=lambda name: int(name.rpartition(".")[2]))


def _levels(tensors: Arrays) -> int:
    return len({name.split(".")[1] for name in tensors if name.startswith("bond_conv_layers.")})


def _vector(tensors: Arrays, name: str) -> Floats:
    return np.asarray(tensors[name], dtype=np.float64).ravel()


def _features(tensors: Arrays, name: str) -> Floats:
    return _shaped(tensors, name, FEATURES)


def _shaped(tensors: Arrays, name: str, *shape: int) -> Floats:
    array = np.asarray(tensors[name], dtype=np.float64)
    if array.shape != shape:
        raise ValueError(f"{name} has the shape {array.shape} and not {shape}")
    return array


def _padded(values: Floats, length: int) -> Floats:
    if len(values) > length:
        raise ValueError(f"{len(values)} basis functions and not {length} at most")
    return np.concatenate([values, np.zeros((length - len(values), *values.shape[1:]))])


def _radial(tensors: Arrays, name: str) -> Floats:
    """Return a layer that reads the radial basis, (BASIS, FEATURES)."""
    rows = np.asarray(tensors[name], dtype=np.float64).T
    if rows.shape[1] != FEATURES:
        raise ValueError(f"{name} has the shape {rows.T.shape}")
    return _padded(rows, BASIS)


def _angular(tensors: Arrays) -> Floats:
    """Return the layer that reads the angular basis, (BASIS, FEATURES): sines, then cosines, the constant as the last cosine, cos 0."""
    rows = np.asarray(tensors["angle_embedding.weight"], dtype=np.float64).T / np.sqrt(np.pi)
    order = len(_vector(tensors, "angle_basis_expansion.fourier_expansion.frequencies"))
    if order > _MOST_ANGLE_FREQUENCIES or rows.shape != (2 * order + 1, FEATURES):
        raise ValueError(f"angle_embedding.weight has the shape {rows.T.shape}")
    result = np.zeros((BASIS, FEATURES))
    result[:order] = rows[1 : order + 1]
    result[BASIS // 2 : BASIS // 2 + order] = rows[order + 1 :]
    result[-1] = rows[0] * np.sqrt(0.5)
    return result


def _first(tensors: Arrays, gated: str, n_inputs: int) -> list[Floats]:
    """Return the first layers of core and gate side by side, by input, (FEATURES, HIDDEN) each."""
    names = [f"{_layers(tensors, f'{gated}.{branch}')[0]}.weight" for branch in ("mlp_core", "mlp_gate")]
    weight = np.concatenate([_shaped(tensors, name, FEATURES, n_inputs * FEATURES) for name in names]).T
    return np.split(weight, n_inputs)


def _first_bias(tensors: Arrays, gated: str) -> Floats:
    return np.concatenate([_features(tensors, f"{_layers(tensors, f'{gated}.{branch}')[0]}.bias") for branch in ("mlp_core", "mlp_gate")])


def _second(tensors: Arrays, gated: str) -> list[Floats]:
    """Return the second layers of core and gate, their biases and norms."""
    names = [_layers(tensors, f"{gated}.{branch}") for branch in ("mlp_core", "mlp_gate")]
    if any(len(own) != 2 for own in names):
        raise ValueError(f"{gated} has another number of layers")
    norms = _norms(tensors, gated)
    centred = _centred if norms else _unchanged
    layers = [centred(np.tile(_shaped(tensors, f"{own[1]}.weight", FEATURES, FEATURES).T, 2))[:, :FEATURES] for own in names]
    bias = centred(np.concatenate([_features(tensors, f"{own[1]}.bias") for own in names]))
    return [*layers, bias, *norms]


def _norms(tensors: Arrays, gated: str) -> list[Floats]:
    """Return scale and shift of the norms of core and gate, (HIDDEN,) each; nothing where there are none."""
    if f"{gated}.bn1.weight" not in tensors:
        return []
    return [np.concatenate([_features(tensors, f"{gated}.bn{k}.{part}") for k in (1, 2)]) for part in ("weight", "bias")]


def _centred(columns: Floats) -> Floats:
    """Return what is left when core and gate each lose their mean over features; the last axis is HIDDEN."""
    halves = columns.reshape(*columns.shape[:-1], 2, FEATURES)
    return (halves - halves.mean(axis=-1, keepdims=True)).reshape(columns.shape)


def _unchanged(columns: Floats) -> Floats:
    return columns


def _out(tensors: Arrays, layer: str, *, biased: bool) -> list[Floats]:
    parts = [_shaped(tensors, f"{layer}.mlp_out.layers.1.weight", FEATURES, FEATURES).T]
    return [*parts, _features(tensors, f"{layer}.mlp_out.layers.1.bias")] if biased else parts
