"""Running GPAW for a label: its log is understood, its failures are explained, and a Python without it is refused."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path

import pytest

from guiapp.correction.gpaw_run import OUTPUT, RESULT, SCRIPT, GpawRun, ask_python, explain_failure, read_progress
from guiapp.errors import UserFacingError

# From a calculation of LiF with GPAW 22.8; a c marks what has converged.
LOG = """
 Maximum number of scf [iter]ations: 250
     iter     time        total  log10-change:
                         energy   eigst   dens
iter:   1 01:58:30    -9.512430  -0.03
iter:   2 01:58:32    -9.514607  -2.13  -2.44
iter:   7 01:58:47    -9.514063c -5.54  -3.78
iter:  10 01:58:55    -9.514062c -6.81  -4.35
iter:  11 01:58:58    -9.514062c -9.23c -5.53c
Converged after 11 iterations.
"""


def test_progress_grows_with_the_log_and_ends_with_forces():
    """Every line that is added brings it forward, and the forces are announced once the electrons have converged."""
    lines = LOG.splitlines()
    shares = [read_progress("\n".join(lines[:k])).share for k in range(len(lines) + 1)]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert 0.8 < shares[-1] < 1
    assert read_progress(LOG).iteration == 11
    assert "forces" in read_progress(LOG).words


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("gpaw.KohnShamConvergenceError: Did not converge!", "did not converge"),
        ('FileNotFoundError: Could not find required PAW dataset file "Xx.PBE".', "Xx.PBE"),
        ("ModuleNotFoundError: No module named 'gpaw'", "no working GPAW"),
        ("numpy.core._exceptions.MemoryError: Unable to allocate", "memory"),
        ("Traceback\nValueError: odd", "ValueError: odd"),
        ("", "ended from outside"),
    ],
)
def test_a_failure_is_told_in_words(output, words, tmp_path):
    """What GPAW printed becomes a sentence and an advice."""
    error = explain_failure(output, tmp_path)
    assert words in error.what
    assert error.advice


def test_a_python_without_gpaw_is_refused_with_advice(tmp_path):
    """Neither a Python without GPAW nor something that is no Python is taken."""
    if importlib.util.find_spec("gpaw") is None:
        with pytest.raises(UserFacingError, match="no GPAW"):
            ask_python(sys.executable)
    with pytest.raises(UserFacingError, match="no Python"):
        ask_python(str(tmp_path / "nothing"))


def ended(run: GpawRun) -> GpawRun:
    until = time.monotonic() + 60
    while run.is_running:
        assert time.monotonic() < until
        time.sleep(0.02)
    return run


def test_a_run_gives_its_result_or_says_why_not(tmp_path: Path):
    """The script's exit and its file decide; an old log does not count as progress of a new run."""
    script = tmp_path / SCRIPT
    (tmp_path / "gpaw.txt").write_text(LOG, encoding="utf-8")
    script.write_text(f"open({RESULT!r}, 'w').write('x')", encoding="utf-8")
    run = GpawRun(tmp_path, sys.executable)
    assert run.progress().iteration == 0
    assert ended(run).result() == tmp_path / RESULT
    script.write_text("raise SystemExit('Did not converge!')", encoding="utf-8")
    with pytest.raises(UserFacingError, match="did not converge"):
        ended(GpawRun(tmp_path, sys.executable)).result()
    assert (tmp_path / OUTPUT).is_file()


def test_a_run_can_be_killed(tmp_path: Path):
    """Cancel ends the other Python at once."""
    (tmp_path / SCRIPT).write_text("import time; time.sleep(600)", encoding="utf-8")
    run = GpawRun(tmp_path, sys.executable)
    assert run.is_running
    run.kill()
    assert not run.is_running
    with pytest.raises(UserFacingError, match="without a result"):
        run.result()
