"""CHGNet's messages, one row for each direction of a bond and each angle: nearly all of the model's time goes into them.

There are two ways to the same numbers. ``plain_messages`` is recorded operation by operation and can be differentiated as often as one
likes, which training needs. ``blocked_messages`` is for predictions: its way back is written out by hand, and a block of rows goes
through all operations at once, so that the intermediate results are met in the processor's cache and not in the main memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from guiapp.potentials.chgnet_gate import Gate

_ROWS_AT_ONCE = 2048
"""On the processor; 128 numbers a row make one megabyte of one intermediate result (measured: 1024 is slower, 4096 no faster)."""
_NORM_EPSILON = 1e-5  # torch's default, with which the models were trained
_aten: Any = torch.ops.aten  # carries no types


@dataclass(frozen=True, eq=False)
class Rows:
    """Who sends a message to whom."""

    receivers: Tensor
    """(n_rows,) row of the receivers' table."""
    senders: Tensor
    """(n_rows,) row of the senders' table."""
    directions: int
    """2 where the second half of the rows has the features of the first half, because they differ in direction only; else 1."""
    weighted_by_sender: bool
    """Whether the weight of a message is that of its sender, or goes with the features."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a gated MLP is given, its first layer applied before anything is gathered to rows."""

    receivers: Tensor
    """(n_receivers, 2 n_hidden) first layer on what receives, with its bias."""
    senders: Tensor
    """(n_senders, 2 n_hidden) first layer on what sends."""
    features: Tensor
    """(n_rows / directions, n) of the rows themselves."""
    layer: Tensor
    """(n, 2 n_hidden) first layer's weights for the features."""
    weights: Tensor | None = None
    """(n_senders or n_rows / directions, n_features) of each message in the sum at its receiver; without them nothing is summed."""


def plain_messages(inputs: Inputs, gate: Gate, rows: Rows) -> Tensor:
    """Return weighted sums of messages at the receivers, (n_receivers, n_features), or without weights each one, (n_rows, n_features)."""
    gathered = inputs.receivers.index_select(0, rows.receivers) + inputs.senders.index_select(0, rows.senders)
    if rows.directions == 1:
        first = torch.addmm(gathered, inputs.features, inputs.layer)
    else:
        first = _in_directions(gathered, rows).add(inputs.features @ inputs.layer).view(gathered.shape)
    messages = gate(first)
    if inputs.weights is None:
        return messages
    weights = inputs.weights.index_select(0, rows.senders) if rows.weighted_by_sender else inputs.weights
    summed = messages.new_zeros(len(inputs.receivers), gate.width)
    return summed.index_add(0, rows.receivers, _weighted(messages, weights, rows))


def blocked_messages(inputs: Inputs, gate: Gate, rows: Rows) -> Tensor:
    """Return what ``plain_messages`` returns; it can be differentiated once, and not by weights of the model."""
    told: Tensor = _BlockedMessages.apply(inputs.receivers, inputs.senders, inputs.features, inputs.weights, inputs.layer, gate, rows)
    return told


class _BlockedMessages(torch.autograd.Function):  # type: ignore[misc]  # torch's autograd carries no types
    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Tensor:
        receivers, senders, features, weights, layer, gate, rows = arguments
        ctx.save_for_backward(weights)
        ctx.layer, ctx.gate, ctx.rows, ctx.kept = layer, gate, rows, []
        ctx.shapes = receivers.shape, senders.shape, features.shape
        told = features.new_zeros(len(rows.receivers if weights is None else receivers), gate.width)
        for block in _blocks(features, rows):
            to, by = _ends(rows, block)
            first = receivers.index_select(0, to).add_(senders.index_select(0, by))
            if rows.directions == 1:
                first.addmm_(features[block], layer)
            else:
                _in_directions(first, rows).add_(features[block] @ layer)
            kept = _through(gate, first)
            messages = kept.messages
            ctx.kept.append(kept)
            if weights is None:
                _in_directions(told, rows)[:, block] = _in_directions(messages, rows)
            else:
                told.index_add_(
                    0, to, _weighted(messages, weights.index_select(0, by) if rows.weighted_by_sender else weights[block], rows)
                )
        return told

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, slopes: Tensor) -> tuple[Tensor | None, ...]:
        rows, (weights,) = ctx.rows, ctx.saved_tensors
        receivers, senders, features = (slopes.new_zeros(shape) for shape in ctx.shapes)
        of_weights = slopes.new_zeros(0 if weights is None else weights.shape)
        for block, kept in zip(_blocks(features, rows), ctx.kept, strict=True):
            to, by = _ends(rows, block)
            if weights is None:
                of_messages = _in_directions(slopes, rows)[:, block].reshape(-1, slopes.shape[1])
            else:
                of_messages = slopes.index_select(0, to)
                of_weight = kept.messages * of_messages
                if rows.weighted_by_sender:
                    of_weights.index_add_(0, by, of_weight)
                    of_messages.mul_(weights.index_select(0, by))
                else:
                    of_weights[block] = _both_directions(of_weight, rows)
                    _in_directions(of_messages, rows).mul_(weights[block])
            first = _back(ctx.gate, of_messages, kept)
            receivers.index_add_(0, to, first)
            senders.index_add_(0, by, first)
            torch.mm(_both_directions(first, rows), ctx.layer.T, out=features[block])
        return receivers, senders, features, None if weights is None else of_weights, None, None, None


def _blocks(features: Tensor, rows: Rows) -> Iterator[slice]:
    """Cut the features into blocks; a GPU gets all at once, because it does not wait for its memory."""
    step = _ROWS_AT_ONCE // rows.directions if features.device.type == "cpu" else max(1, len(features))
    return (slice(start, min(start + step, len(features))) for start in range(0, len(features), step))


def _ends(rows: Rows, block: slice) -> tuple[Tensor, Tensor]:
    """Return the receivers and the senders of a block, all directions one after the other."""
    if rows.directions == 1:
        return rows.receivers[block], rows.senders[block]
    return rows.receivers.view(rows.directions, -1)[:, block].reshape(-1), rows.senders.view(rows.directions, -1)[:, block].reshape(-1)


def _in_directions(values: Tensor, rows: Rows) -> Tensor:
    """View (n_rows, n) as (directions, n_rows / directions, n)."""
    return values.view(rows.directions, len(values) // rows.directions, values.shape[1])


def _both_directions(values: Tensor, rows: Rows) -> Tensor:
    """Sum (n_rows, n) over directions, (n_rows / directions, n); the values are lost."""
    if rows.directions == 1:
        return values
    one, *others = _in_directions(values, rows)
    for other in others:
        one.add_(other)  # torch.sum is several times slower along so short an axis
    return one


def _weighted(messages: Tensor, weights: Tensor, rows: Rows) -> Tensor:
    return messages * weights if len(weights) == len(messages) else (_in_directions(messages, rows) * weights).view(messages.shape)


@dataclass(frozen=True, eq=False)
class _Kept:
    """What the way back through a gated MLP needs, of one block; core before gate."""

    first: Tensor
    """(n, 2 n_hidden)"""
    before_norms: list[Tensor]
    statistics: list[tuple[Tensor, Tensor]]
    """Mean and inverse width of each row; none where the MLP has no norms."""
    core: Tensor
    """(n, n_features) before its SiLU."""
    activated: Tensor
    """(n, n_features) SiLU of the core."""
    opening: Tensor
    """(n, n_features) sigmoid of the gate."""
    messages: Tensor
    """(n, n_features)"""


def _through(gate: Gate, first: Tensor) -> _Kept:
    """Return ``gate(first)`` and what its way back needs."""
    half = first.shape[1] // 2
    if gate.second:
        hidden = _aten.silu(first)
        parts = hidden[:, :half], hidden[:, half:]
        branches = [torch.addmm(bias, part, weight) for part, (weight, bias) in zip(parts, gate.second, strict=True)]
    else:
        branches = [first[:, :half].contiguous(), first[:, half:].contiguous()]
    core, opening = branches
    statistics = []
    if gate.norms:
        core, *of_core = _aten.native_layer_norm(core, [core.shape[1]], *gate.norms[0], _NORM_EPSILON)
        opening, *of_opening = _aten.native_layer_norm(opening, [opening.shape[1]], *gate.norms[1], _NORM_EPSILON)
        statistics = [tuple(of_core), tuple(of_opening)]
    activated, opening = _aten.silu(core), torch.sigmoid(opening)
    return _Kept(first, branches, statistics, core, activated, opening, activated * opening)


def _back(gate: Gate, slopes: Tensor, kept: _Kept) -> Tensor:
    """Return the slopes by the first layer's output, (n, 2 n_hidden), from those by the message, (n, n_features)."""
    branches = [
        _aten.silu_backward(slopes * kept.opening, kept.core),
        _aten.sigmoid_backward(slopes * kept.activated, kept.opening),
    ]
    if gate.norms:
        branches = [
            _aten.native_layer_norm_backward(branch, before, [branch.shape[1]], *statistics, *norm, [True, False, False])[0]
            for branch, before, statistics, norm in zip(branches, kept.before_norms, kept.statistics, gate.norms, strict=True)
        ]
    if not gate.second:
        return torch.cat(branches, dim=1)
    half = kept.first.shape[1] // 2
    first = torch.empty_like(kept.first)
    torch.mm(branches[0], gate.second[0][0].T, out=first[:, :half])
    torch.mm(branches[1], gate.second[1][0].T, out=first[:, half:])
    slopes_of_first: Tensor = _aten.silu_backward.grad_input(first, kept.first, grad_input=first)
    return slopes_of_first
