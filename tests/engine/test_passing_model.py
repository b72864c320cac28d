"""A corrected model and its consent go with the work that needs them, also where the program is killed; a live program's stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guiapp.engine.passing_model import clear_left_models, passing_model
from guiapp.errors import UserFacingError
from guiapp.potentials.trust import is_trusted, revoke, trust, trusted

ROOT = Path(__file__).parents[2]
FIRST, SECOND, OWN = "a" * 64, "b" * 64, "c" * 64
HOLD = """
import sys, time
from pathlib import Path
from guiapp.engine.passing_model import passing_model
with passing_model(Path(sys.argv[1])) as model:
    (model.place / "corrected.model").write_bytes(b"weights")
    for sha256 in sys.argv[2:]:
        model.consent(sha256, "MACE x 1.2")
    print(model.place, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    folder = tmp_path / "settings"
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(folder))
    return folder


@pytest.fixture
def hold():
    """Return a maker of other programs that hold a model, and of the folder that each made."""
    programs: list[subprocess.Popen] = []

    def start(folder: Path, *consents: str) -> tuple[subprocess.Popen, Path]:
        command = [sys.executable, "-c", HOLD, str(folder), *consents]
        programs.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}))
        return programs[-1], Path(programs[-1].stdout.readline().strip())

    yield start
    for program in programs:
        program.kill()
        program.wait()
        program.stdout.close()


def notes(settings) -> list[str]:
    return sorted(path.name for path in (settings / "passing-models").iterdir())


def test_at_the_end_nothing_is_left(tmp_path, settings):
    """Folder, consent and note are there meanwhile, and go also where the work fails."""
    with passing_model(tmp_path) as model:
        assert model.place.parent == tmp_path
        model.consent(FIRST, "MACE x 1.2")
        assert is_trusted(FIRST)
        assert clear_left_models() == 0  # it is this very program's
        assert model.place.is_dir()
        assert is_trusted(FIRST)
    with pytest.raises(UserFacingError, match="not a SHA-256"), passing_model(tmp_path) as model:
        model.consent("nonsense", "MACE x 1.2")
    assert not is_trusted(FIRST)
    assert not [path for path in tmp_path.iterdir() if path != settings]
    assert notes(settings) == []


def test_what_a_killed_program_left_is_cleared_and_a_live_ones_stays(tmp_path, settings, hold):
    """SIGKILL in the middle: the next start takes folder, consent and note away, and touches nothing that is in use."""
    killed, left = hold(tmp_path, FIRST)
    _, used = hold(tmp_path, SECOND)
    assert clear_left_models() == 0
    killed.kill()
    killed.wait()
    assert (left / "corrected.model").is_file()
    assert is_trusted(FIRST)
    assert clear_left_models() == 1
    assert not left.exists()
    assert not is_trusted(FIRST)
    assert (used / "corrected.model").is_file()
    assert is_trusted(SECOND)
    assert len({name.partition(".")[0] for name in notes(settings)}) == 1
    assert clear_left_models() == 0


def test_two_programs_with_the_same_model_do_not_take_each_others_consent(tmp_path, hold):
    """The consent goes with the last of them, however the first one ended."""
    killed, _ = hold(tmp_path, FIRST)
    other, _ = hold(tmp_path, FIRST)
    with passing_model(tmp_path) as model:
        model.consent(FIRST, "the same")
    assert is_trusted(FIRST)
    for program, still in ((killed, True), (other, False)):
        program.kill()
        program.wait()
        clear_left_models()
        assert is_trusted(FIRST) is still


def test_consents_of_the_user_and_folders_of_others_are_never_taken(tmp_path, settings, hold):
    """Not one given before, nor one given for the same file meanwhile; not what a forged note names; the oldest leftovers go."""
    trust(OWN, "mine.model")
    killed, _ = hold(tmp_path, FIRST, OWN)
    trust(FIRST, "exported.model")
    killed.kill()
    killed.wait()
    precious = tmp_path / "precious"
    precious.mkdir()
    forged = settings / "passing-models" / "forged.json"
    forged.write_text(f'{{"place": "{precious.as_posix()}", "consents": "{OWN}"}}', encoding="utf-8")
    forged.with_suffix(".lock").touch()
    trust(SECOND, "MACE x 1.3, made by this program")  # as earlier versions left it, without a note
    clear_left_models()
    assert {one.sha256 for one in trusted()} == {OWN, FIRST}
    assert precious.is_dir()
    for sha256 in (OWN, FIRST):
        revoke(sha256)


def test_where_nothing_can_be_written_the_user_is_told(tmp_path, settings):
    with pytest.raises(UserFacingError, match="cannot be written"), passing_model(tmp_path / "absent"):
        pass
    assert notes(settings) == []
    settings.rename(tmp_path / "old")
    settings.write_text("a file where the folder should be")
    with pytest.raises(UserFacingError, match="cannot be written"), passing_model(tmp_path):
        pass
