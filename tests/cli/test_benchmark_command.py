"""The command that measures the program: groups, document, exit code; the measurements themselves are stood in for."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from guiapp.cli import benchmark
from guiapp.cli.benchmark_parser import GROUP_NAMES
from guiapp.cli.main import main
from guiapp.errors import UserFacingError
from guiapp.speed.measurement import Measurement


def test_the_parser_names_every_group():
    """The parser must not import what the groups need, so it repeats their names."""
    from guiapp.speed.groups import GROUPS

    assert tuple(GROUPS) == GROUP_NAMES


@pytest.fixture
def measured(monkeypatch):
    """Let each group give one table; those named in the list that is returned fail."""
    failing: list[str] = []

    def measure(group, _options):
        if group in failing:
            raise UserFacingError("no screen")
        return (Measurement(f"About {group}", ("a", "b"), (("1", "2"),), ()),)

    monkeypatch.setattr(benchmark, "_measure", measure)
    return failing


def test_the_document_holds_what_was_measured(measured, tmp_path, capsys):
    """Two groups, printed and written; the folder is made."""
    place = tmp_path / "docs" / "performance.md"
    assert main(["benchmark", "--quick", "--only", "atoms,kept", "--out", str(place)]) == 0
    text = place.read_text(encoding="utf-8")
    assert "## About atoms" in text
    assert "`python3 main.py benchmark --quick --only atoms,kept`" in text
    assert "About kept" in capsys.readouterr().out


def test_matgl_is_measured_where_a_folder_is_given(measured, tmp_path):
    """Without one there are no weights to measure; the user's own path is not written down."""
    place = tmp_path / "p.md"
    assert main(["benchmark", "--out", str(place)]) == 0
    assert "About matgl" not in place.read_text(encoding="utf-8")
    assert main(["benchmark", "--matgl", str(tmp_path / "M3GNet"), "--out", str(place)]) == 0
    text = place.read_text(encoding="utf-8")
    assert "About matgl" in text
    assert "--matgl M3GNet" in text
    assert str(tmp_path) not in text


@pytest.mark.parametrize("installed", [True, False])
def test_the_kernel_is_measured_where_it_is_installed(installed, measured, tmp_path, monkeypatch):
    """Its group is left out without a word where it is not, and only named there on request."""
    monkeypatch.setattr(benchmark, "kernel_is_installed", lambda: installed)
    place = tmp_path / "p.md"
    assert main(["benchmark", "--out", str(place)]) == 0
    assert ("About kernel" in place.read_text(encoding="utf-8")) is installed
    assert main(["benchmark", "--only", "kernel", "--out", str(place)]) == 0
    assert "About kernel" in place.read_text(encoding="utf-8")


@pytest.mark.parametrize(("group", "turned_off"), [("kernel", False), ("softening", True)])
def test_only_its_own_group_uses_the_kernel(group, turned_off, tmp_path, monkeypatch):
    """What the other tables say holds on every machine."""
    seen: dict[str, str] = {}

    class Done:
        returncode, stderr = 1, "stopped"

    def child(_command, *, env, **_options):
        seen.update(env)
        return Done

    monkeypatch.delenv("TEMPER_CHGNET_KERNEL", raising=False)
    monkeypatch.setattr(benchmark.subprocess, "run", child)
    main(["benchmark", "--only", group, "--out", str(tmp_path / "p.md")])
    assert (seen.get("TEMPER_CHGNET_KERNEL") == "off") is turned_off


def test_a_group_that_fails_is_told_and_the_others_are_measured(measured, tmp_path):
    measured.append("window")
    place = tmp_path / "p.md"
    assert main(["benchmark", "--only", "window,kept", "--out", str(place)]) == 1
    text = place.read_text(encoding="utf-8")
    assert "- window: no screen" in text
    assert "About kept" in text


def test_an_unknown_group_is_refused(measured, tmp_path, capsys):
    assert main(["benchmark", "--only", "speed", "--out", str(tmp_path / "p.md")]) == 2
    assert "no group" in capsys.readouterr().err


def test_a_group_runs_in_a_process_of_its_own(tmp_path, monkeypatch):
    """The child gets the workers' variables and hands its tables over in a file; its last words are the reason of a failure."""
    seen = {}

    class Done:
        returncode, stderr = 0, "warning\nbroken"

    def child(command, *, env, **_options):
        seen["command"], seen["env"] = command, env
        if Done.returncode == 0:
            with Path(command[5]).open("w", encoding="utf-8") as file:
                json.dump([{"title": "t", "head": ["a"], "rows": [["1"]], "notes": []}], file)
        return Done

    monkeypatch.setattr(benchmark.subprocess, "run", child)
    place = tmp_path / "p.md"
    assert main(["benchmark", "--quick", "--only", "atoms", "--out", str(place)]) == 0
    assert seen["command"][:5] == [sys.executable, "-P", "-m", "guiapp.speed", "atoms"]
    assert "--quick" in seen["command"]
    assert seen["env"]["OMP_NUM_THREADS"] == "1"
    Done.returncode = 1
    assert main(["benchmark", "--only", "atoms", "--out", str(place)]) == 1
    assert "atoms: broken" in place.read_text(encoding="utf-8")
