"""The commands about models: what they print, what they keep, and that a hostile file leaves no trace on any way through them."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from guiapp.cli.main import DONE, UNUSABLE_INPUT, main
from guiapp.potentials import optional_kernel
from guiapp.potentials.registry import find_card, prediction_settings, weights_hash
from guiapp.potentials.self_test.kept import keep_report, report_key
from guiapp.potentials.self_test.report import Check, SelfTestReport
from guiapp.potentials.trust import file_sha256, is_trusted

EMT = "ase:ase.calculators.emt:EMT"


pytestmark = pytest.mark.usefixtures("bare_machine")


class Payload:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def test_the_list_says_what_is_ready_and_how_to_get_the_rest(capsys):
    assert main(["models"]) == DONE
    out = capsys.readouterr().out
    assert "chgnet-0.3.0" in out
    assert "SevenNet-0: environment not installed (about 1.8 GB; models install sevennet-0)" in out
    assert "models test NAME" in out


def test_the_compiled_kernel_is_named_and_switched(capsys, monkeypatch):
    """The list tells how things stand; off is kept, whether or not it is installed."""
    monkeypatch.delenv("TEMPER_CHGNET_KERNEL", raising=False)
    monkeypatch.setattr(optional_kernel, "kernel_is_installed", lambda: True)
    assert main(["models", "kernel", "off"]) == DONE
    assert "turned off in the settings" in capsys.readouterr().out
    assert main(["models"]) == DONE
    assert "turned off in the settings" in capsys.readouterr().out
    assert main(["models", "kernel", "on"]) == DONE
    assert "loaded next" in capsys.readouterr().out
    monkeypatch.setattr(optional_kernel, "kernel_is_installed", lambda: False)
    assert main(["models", "kernel"]) == DONE
    assert "build-kernel" in capsys.readouterr().out


def test_a_calculator_is_added_tested_in_a_worker_listed_and_removed(capsys):
    """EMT knows metals only: nothing to compare with DFT, so it is limited; its forces and stress are right."""
    assert main(["models", "test", EMT]) == UNUSABLE_INPUT
    assert "models add" in capsys.readouterr().err
    assert main(["models", "add", EMT]) == DONE
    assert main(["models", "test", EMT, "--device", "cpu"]) == DONE
    out = capsys.readouterr().out
    assert "ok       forces are the gradient" in out
    assert "ok       stress is the derivative" in out
    assert "Self-test limited" in out
    assert main(["models"]) == DONE
    listed = capsys.readouterr().out
    assert EMT in listed
    assert "Self-test limited" in listed
    assert main(["models", "remove", EMT]) == DONE
    capsys.readouterr()
    assert main(["models"]) == DONE
    assert EMT not in capsys.readouterr().out


@pytest.mark.parametrize("ending", [".model", ".pth.tar"])
def test_a_hostile_file_is_shown_refused_and_never_run(ending, tmp_path, capsys):
    trace, path = tmp_path / "trace", tmp_path / f"hostile{ending}"
    path.write_bytes(pickle.dumps(Payload(trace)))
    assert main(["models", "trust", str(path)]) == UNUSABLE_INPUT
    shown = capsys.readouterr()
    assert "! posix.mkdir" in shown.out or "! nt.mkdir" in shown.out
    assert "consent was not kept" in shown.err
    assert not is_trusted(file_sha256(path))
    assert main(["models", "add", str(path), "--name", "mine"]) == DONE
    assert main(["models"]) == DONE
    if ending == ".pth.tar":  # the MACE loader, whose package takes long to import, has this test beside its own
        assert main(["models", "test", "mine", "--device", "cpu"]) == UNUSABLE_INPUT
        assert "was not opened" in capsys.readouterr().err
    assert not trace.exists()


def test_consent_is_listed_and_taken_back(tmp_path, capsys):
    path = tmp_path / "m.model"
    path.write_bytes(pickle.dumps({"a": Payload(tmp_path / "trace")}))
    assert main(["models", "trust", str(path), "--anyway"]) == DONE
    assert is_trusted(file_sha256(path))
    assert main(["models", "trust"]) == DONE
    out = capsys.readouterr().out
    assert file_sha256(path)[:12] in out
    assert "m.model" in out
    assert main(["models", "revoke", file_sha256(path)[:12]]) == DONE
    assert not is_trusted(file_sha256(path))
    assert main(["models", "revoke", str(path)]) == UNUSABLE_INPUT
    assert main(["models", "trust"]) == DONE
    assert "No file was consented to" in capsys.readouterr().out
    assert not (tmp_path / "trace").exists()


def test_names_are_given_and_forgotten(tmp_path, capsys):
    import chgnet

    weights = next((Path(chgnet.__file__).parent / "pretrained" / "0.3.0").glob("*.pth.tar"))
    assert main(["models", "add", str(weights), "--name", "mine"]) == DONE
    assert main(["models", "add", str(weights), "--name", "chgnet-0.3.0"]) == UNUSABLE_INPUT
    assert "already" in capsys.readouterr().err
    assert main(["models"]) == DONE
    assert "mine " in capsys.readouterr().out
    assert main(["models", "remove", "mine"]) == DONE
    assert weights.is_file()
    assert main(["models", "remove", "mine"]) == UNUSABLE_INPUT


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["install", "nothing"], "no recipe"),
        (["remove", "nothing"], "no model called"),
        (["remove", "chgnet-0.3.0"], "cannot be removed"),
        (["test", "nothing"], "no potential called"),
        (["test", "sevennet-0"], "models install sevennet-0"),
        (["trust", "nothing.model"], "cannot be read"),
        (["revoke", "abcdef"], "No consent"),
        (["revoke", ""], "consent"),
        (["add", "nothing.model"], "no such weights"),
    ],
)
def test_mistakes_are_answered_in_plain_words(arguments, words, capsys):
    assert main(["models", *arguments]) == UNUSABLE_INPUT
    assert words in capsys.readouterr().err


def test_removing_what_is_not_installed_says_so(capsys):
    assert main(["models", "remove", "sevennet-0"]) == DONE
    assert main(["models", "remove", "mace-mp-0-small"]) == DONE
    assert capsys.readouterr().out.count("is not installed") == 2


def test_a_model_that_failed_its_self_test_is_not_corrected(tmp_path, capsys):
    """Nothing is read, loaded or written: the reason stands first, and what to do."""
    card = find_card("chgnet-0.3.0")
    wrong = Check("forces are the gradient", False, 2.0, 0.1, "", "The forces have the opposite sign of the energy's gradient.")
    keep_report(report_key(weights_hash(card), prediction_settings(card)), SelfTestReport((wrong,), 1.0))
    arguments = ["correct", "high-energy", "--model", "chgnet-0.3.0", "--out", str(tmp_path / "out"), "--device", "cpu"]
    assert main(arguments) == UNUSABLE_INPUT
    said = capsys.readouterr().err
    assert "WARNING: CHGNet 0.3.0: Self-test failed" in said
    assert "neither corrected nor exported" in said
    assert "measured and looked at" in said
    assert not (tmp_path / "out").exists()
