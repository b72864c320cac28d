"""Where the optional kernel is not installed, nothing is said or missed."""

from __future__ import annotations

from crystal_frames import loaded

from guiapp.potentials import chgnet_native
from guiapp.potentials.chgnet_native import choose_native


def test_without_the_kernel_pytorch_computes_and_nothing_is_logged(monkeypatch, caplog):
    """An optional part that is absent is no trouble."""
    weights = loaded("chgnet-0.3.0").weights
    caplog.clear()
    monkeypatch.setattr(chgnet_native, "kernel_is_installed", lambda: False)
    choice = choose_native(weights, "x")
    assert (choice.native, choice.words) == (None, "PyTorch")
    assert not caplog.records


def test_the_flat_path_can_always_be_asked(rocksalt):
    """The referee of the kernel is there with and without it."""
    potential = loaded("chgnet-0.3.0")
    assert abs(potential.predict([rocksalt])[0].energy - potential.predict_with_pytorch([rocksalt])[0].energy) < 1e-5 * rocksalt.n_atoms


def test_what_computed_is_told_through_a_message_and_kept_with_the_self_test():
    """From a worker to the card: the words survive the message, and a report that was kept before has none."""
    from guiapp.engine.executor import BatchOutcome
    from guiapp.engine.messages import outcome_message, read_outcome
    from guiapp.potentials.self_test.report import MeasuredFacts, SelfTestReport, facts_words
    from guiapp.wire import decode, encode

    told = BatchOutcome((), 0.1, "cpu", 5, "PyTorch; the compiled kernel is not used: its forces differ")
    assert read_outcome(decode(encode(outcome_message(told))), ()).computed_by == told.computed_by
    report = SelfTestReport((), 1.0, (), MeasuredFacts(5, 100.0, "cpu", "2026-11-25", told.computed_by))
    content = report.as_mapping()
    assert SelfTestReport.from_mapping(content) == report
    assert "its forces differ" in facts_words(report.facts)
    del content["facts"]["computed_by"]
    assert SelfTestReport.from_mapping(content).facts.computed_by == ""
