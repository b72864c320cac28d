"""The written-out way back gives the slopes that autograd gives, whatever the size of a block and the kind of gated MLP."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from guiapp.potentials import chgnet_messages
from guiapp.potentials.chgnet_gate import Gate
from guiapp.potentials.chgnet_messages import Inputs, Rows, blocked_messages, plain_messages
from guiapp.potentials.tiny_numbers import tiny_as_zero

_HIDDEN, _OUT, _RECEIVERS, _SENDERS = 6, 4, 5, 7


def gate_of(random, *, two_layers, norms):
    def tensor(*shape):
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    width = _OUT if two_layers else _HIDDEN
    return Gate(
        parts=(),
        bias=tensor(2 * _HIDDEN),
        second=tuple((tensor(_HIDDEN, _OUT), tensor(_OUT)) for _ in range(2)) if two_layers else (),
        norms=tuple((tensor(width), tensor(width)) for _ in range(2)) if norms else (),
    )


def inputs_and_rows(random, gate, n_features, directions, weighting):
    def tensor(*shape):
        return torch.randn(*shape, generator=random, dtype=torch.float64).requires_grad_()

    n_rows = n_features * directions
    weights = {"none": None, "features": tensor(n_features, gate.width), "senders": tensor(_SENDERS, gate.width)}[weighting]
    layer = torch.randn(3, 2 * _HIDDEN, generator=random, dtype=torch.float64)
    inputs = Inputs(tensor(_RECEIVERS, 2 * _HIDDEN), tensor(_SENDERS, 2 * _HIDDEN), tensor(n_features, 3), layer, weights)
    receivers = torch.randint(_RECEIVERS, (n_rows,), generator=random)
    senders = torch.randint(_SENDERS, (n_rows,), generator=random)
    return inputs, Rows(receivers, senders, directions, weighted_by_sender=weighting == "senders")


@pytest.mark.parametrize("two_layers", [True, False])
@pytest.mark.parametrize("norms", [True, False])
@pytest.mark.parametrize(("directions", "weighting"), [(2, "features"), (2, "senders"), (1, "senders"), (2, "none"), (1, "none")])
@pytest.mark.parametrize("n_features", [0, 1, 11])
def test_blocks_give_the_messages_and_slopes_of_plain_operations(monkeypatch, two_layers, norms, directions, weighting, n_features):
    """Blocks of four rows, so that eleven features end in the middle of one."""
    monkeypatch.setattr(chgnet_messages, "_ROWS_AT_ONCE", 4)
    random = torch.Generator().manual_seed(n_features)
    gate = gate_of(random, two_layers=two_layers, norms=norms)
    inputs, rows = inputs_and_rows(random, gate, n_features, directions, weighting)
    leaves = [leaf for leaf in (inputs.receivers, inputs.senders, inputs.features, inputs.weights) if leaf is not None]
    told, slopes = [], []
    for messages in (plain_messages, blocked_messages):
        answer = messages(inputs, gate, rows)
        pull = torch.cos(torch.arange(answer.numel(), dtype=torch.float64)).view(answer.shape)
        told.append(answer)
        slopes.append(torch.autograd.grad((answer * pull).sum(), leaves))
    torch.testing.assert_close(told[1], told[0], rtol=0, atol=1e-12)
    for ours, autograd in zip(slopes[1], slopes[0], strict=True):
        torch.testing.assert_close(ours, autograd, rtol=0, atol=1e-12)


def test_the_slopes_of_plain_operations_are_those_of_differences():
    """The referee of the test above against finite differences, second derivatives included."""
    random = torch.Generator().manual_seed(0)
    gate = gate_of(random, two_layers=True, norms=True)
    inputs, rows = inputs_and_rows(random, gate, 3, 2, "features")

    def messages(features):
        return plain_messages(replace(inputs, features=features), gate, rows)

    assert torch.autograd.gradcheck(messages, (inputs.features,))
    assert torch.autograd.gradgradcheck(messages, (inputs.features,))


def test_blocks_cannot_be_differentiated_twice_by_mistake():
    random = torch.Generator().manual_seed(0)
    gate = gate_of(random, two_layers=True, norms=True)
    inputs, rows = inputs_and_rows(random, gate, 3, 2, "features")
    (slope,) = torch.autograd.grad(blocked_messages(inputs, gate, rows).square().sum(), inputs.features, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        slope.sum().backward()


def test_tiny_numbers_are_zero_inside_and_themselves_outside_even_after_an_error():
    tiny = torch.full((64,), 1e-39)
    sums = []

    def fails():
        with tiny_as_zero():
            sums.append((tiny * 1.0).sum().item())
            raise ValueError

    with pytest.raises(ValueError):
        fails()
    assert sums[0] == 0 or not torch.set_flush_denormal(False)  # a processor that cannot is let alone
    assert (tiny * 1.0).sum().item() > 0
