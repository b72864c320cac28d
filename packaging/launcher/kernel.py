"""The command ``build-kernel``: compile the optional CHGNet kernel into the program's environment, or take it out again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from launcher import system_packages
from launcher.environment import Environment
from launcher.locking import only_one
from launcher.messages import LauncherError, duration, say
from launcher.pip_run import run_pip

COMMAND = "build-kernel"
SOURCE = Path(__file__).resolve().parents[1] / "chgnet_kernel"
_DISTRIBUTION = "temper-chgnet-kernel"
_LOCK, _LOG = ".temper-lock", "temper-kernel.log"
_REMOVE = "--remove"
_COMPILERS = ("c++", "g++", "clang++")
_NO_COMPILER = ("Microsoft Visual C++", "Unable to find vcvarsall", "No such file or directory: 'c++", "No such file or directory: 'g++")
_ASK = "import temper_chgnet_kernel as kernel; print(*kernel.instruction_sets())"


def run(environment: Environment, arguments: Sequence[str]) -> int:
    """Build or remove the kernel and return the exit code.

    Args:
        environment: The program's own, which is ready.
        arguments: What follows ``build-kernel``.

    Raises:
        LauncherError: Where it cannot be built, with what is missing.
    """
    if list(arguments) not in ([], [_REMOVE]):
        raise LauncherError(f"“{COMMAND}” knows no “{' '.join(arguments)}”. Write {COMMAND}, or {COMMAND} {_REMOVE}.")
    with only_one(environment.folder / _LOCK, lambda: say("Another start of Temper is installing; waiting for it ...")) as lock:
        if arguments:
            _remove(environment)
        else:
            _build(environment, lock)
    return 0


def missing_compiler() -> str:
    """Say that there is no C++ compiler and how to get one; empty where there is one, or where only a build can tell (Windows)."""
    if os.name == "nt" or os.environ.get("CXX") or any(shutil.which(name) for name in _COMPILERS):
        return ""
    if sys.platform == "darwin":
        advice = "Install Apple's command-line tools with\n  xcode-select --install"
    else:
        advice = f"On Debian or Ubuntu install one with\n  {system_packages.install_command(['g++'])}"
    return f"The kernel was not built: there is no C++ compiler (c++, g++ or clang++). {advice}\nTemper works without it."


def _build(environment: Environment, lock: int) -> None:
    problem = missing_compiler()
    if problem:
        raise LauncherError(problem)
    begin = time.monotonic()
    log = environment.folder / _LOG
    log.write_text("", encoding="utf-8")
    say("Compiling the CHGNet kernel; this takes up to a minute ...")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # A copy, so that nothing is written into the program's folder.
        copy = Path(folder) / SOURCE.name
        shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
        result = run_pip(environment.python, ["--no-deps", "--force-reinstall", str(copy)], log, lock)
    if not result.ok and any(sign in result.output for sign in _NO_COMPILER):
        raise LauncherError(
            "The kernel was not built: there is no C++ compiler. On Windows install Microsoft's C++ Build Tools\n"
            "(visualstudio.microsoft.com/visual-cpp-build-tools, “Desktop development with C++”).\nTemper works without it."
            f" Details: {log}"
        )
    if not result.ok:
        raise LauncherError(f"The kernel was not built; Temper works without it. {result.explain(log)}")
    asked = subprocess.run([str(environment.python), "-I", "-c", _ASK], capture_output=True, text=True, check=False)
    if asked.returncode:
        last = (asked.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise LauncherError(f"The kernel was built and cannot be loaded, so it is not used; Temper works without it. {last}")
    say(
        f"Built in {duration(time.monotonic() - begin)}; this processor runs {asked.stdout.split()[0]}. CHGNet on the CPU uses it from the"
        f" next start on, after comparing it with PyTorch. To take it out: python3 main.py {COMMAND} {_REMOVE}"
    )


def _remove(environment: Environment) -> None:
    command = [str(environment.python), "-I", "-m", "pip", "uninstall", "--yes", "--disable-pip-version-check", _DISTRIBUTION]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LauncherError(f"The kernel could not be taken out: {(done.stdout + done.stderr).strip()}")
    say("The CHGNet kernel is not installed any more; PyTorch computes.")
