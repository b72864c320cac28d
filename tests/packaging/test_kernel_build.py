"""The command that compiles the CHGNet kernel: what it says without a compiler, and that pip builds the distribution where there is one."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from launcher import kernel, start
from launcher.environment import Environment
from launcher.messages import LauncherError
from launcher.pip_run import PipResult


@pytest.fixture
def environment(tmp_path) -> Environment:
    (tmp_path / "env").mkdir()
    return Environment(tmp_path, tmp_path / "env")


def test_without_a_compiler_it_says_how_to_get_one_and_that_nothing_is_lost(environment, monkeypatch):
    """Nothing is installed, and the words name the package and that the program works without."""
    monkeypatch.setattr(kernel.shutil, "which", lambda _: None)
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(kernel.os, "name", "posix")
    monkeypatch.setattr(kernel, "run_pip", lambda *_: pytest.fail("pip was started"))
    with pytest.raises(LauncherError, match=r"(?s)no C\+\+ compiler.*works without"):
        kernel.run(environment, [])


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("error: Microsoft Visual C++ 14.0 or greater is required.", "Build Tools"),
        ("Temporary failure in name resolution", "network"),
        ("angle_update.h:3: error: expected ';'", "expected ';'"),
    ],
)
def test_a_failed_build_is_told_in_words(output, words, environment, monkeypatch):
    monkeypatch.setattr(kernel, "missing_compiler", lambda: "")
    monkeypatch.setattr(kernel, "run_pip", lambda *_: PipResult(1, output))
    with pytest.raises(LauncherError, match=r"(?s)not built") as caught:
        kernel.run(environment, [])
    assert words in str(caught.value)


def test_unknown_arguments_are_refused(environment):
    with pytest.raises(LauncherError, match="--fast"):
        kernel.run(environment, ["--fast"])


def test_main_hands_the_command_to_it(monkeypatch):
    """``python3 main.py build-kernel --remove``: the environment is made ready, then the command runs."""
    calls: list[object] = []
    monkeypatch.setattr(Environment, "provide", lambda _self, *, tests: calls.append(tests))
    monkeypatch.setattr(kernel, "run", lambda _environment, arguments: calls.append(arguments) or 0)
    assert start.main(["build-kernel", "--remove"]) == 0
    assert calls == [False, ["--remove"]]


@pytest.mark.slow
def test_pip_builds_it_where_there_is_a_compiler(tmp_path):
    """Compiled into an empty folder, loaded from there by a fresh interpreter, and found right by the load check."""
    if kernel.missing_compiler() or (os.name == "nt" and not shutil.which("cl")):
        pytest.skip("there is no C++ compiler here")
    if importlib.util.find_spec("setuptools") is None:
        pytest.skip("setuptools is not installed, and a test downloads nothing")
    source, place = tmp_path / "source", tmp_path / "place"
    shutil.copytree(kernel.SOURCE, source, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--target",
        str(place),
        str(source),
    ]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    code = (
        f"import sys; sys.path.insert(0, {str(place)!r})\n"
        "import temper_chgnet_kernel as kernel\n"
        f"assert kernel.__file__.startswith({str(place)!r})\n"
        "from guiapp.potentials.registry import load_named\n"
        "potential = load_named('chgnet-0.3.0', 'cpu')\n"
        "print(*kernel.instruction_sets()); print(potential.computed_by)\n"
    )
    root = Path(__file__).parents[2]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join([str(place), str(root)])}
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=root, env=variables)
    assert loaded.returncode == 0, loaded.stderr
    sets, words = loaded.stdout.splitlines()
    assert "plain" in sets.split()
    assert words.startswith(f"compiled kernel ({sets.split()[0]})")
