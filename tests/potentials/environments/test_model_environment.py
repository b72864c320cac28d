"""A model in its own environment: made, asked, crashed, orphaned and removed, with a tiny recipe that needs no download."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import ase
import numpy as np
import pytest

from guiapp.engine.frame_predictor import FramePredictor
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.environments.environment_potential import EnvironmentPotential
from guiapp.potentials.environments.families import environment_card, environment_families
from guiapp.potentials.environments.model_environment import ModelEnvironment
from guiapp.potentials.environments.recipe import read_recipe, recipes
from guiapp.potentials.environments.server_process import ModelServerDiedError, ModelServerError
from guiapp.potentials.periodic_frame import check_periodic
from guiapp.potentials.potential import Prediction

RECIPE = '''
"""A spring from every atom to the origin; some elements make trouble."""
import os, sys, time
RECIPE = {
    "name": "springs", "title": "Springs", "family": "Springs", "packages": ["numpy==2.0.0"], "weights": "", "download_gb": 0.0,
    "disk_gb": 0.001, "last_element": 94, "functional": "none", "training_data": "none", "licence": "none", "citation": "none",
}
def load(device):
    print("noise from a library")
    os.write(1, b"noise from C code\\n")
    return 2.0
def predict(stiffness, structures):
    print("more noise", flush=True)
    assert not sys.stdin.read(), "a library must not read the program's messages"
    for one in structures:
        if 92 in one.numbers:
            os._exit(3)
        if 91 in one.numbers:
            raise ValueError("protactinium is not liked")
        if 90 in one.numbers:
            time.sleep(120)
        one.positions[:] += 0.0  # arrays can be written to
    import numpy as np
    return [(stiffness / 2 * (s.positions ** 2).sum(), -stiffness * s.positions, np.eye(3) * len(s.numbers)) for s in structures]
'''


def borrow_packages(python: Path, packages: tuple[str, ...], log: Path, say) -> None:
    """Instead of pip: let the environment see the numpy that is installed here."""
    say(f"installing {', '.join(packages)}")
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    folder = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    (Path(folder) / "borrowed.pth").write_text(f"{Path(np.__file__).parents[1]}\n{Path(ase.__file__).parents[1]}\n", encoding="utf-8")


def write_recipe(folder: Path, text: str = RECIPE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "springs.py"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> ModelEnvironment:
    folder = tmp_path_factory.mktemp("springs")
    made = ModelEnvironment(read_recipe(write_recipe(folder)), folder / "environments", installer=borrow_packages)
    said: list[str] = []
    assert "not installed (about 0.001 GB" in made.state
    made.create(said.append)
    assert made.is_ready
    assert any("0.001 GB on the disk" in words for words in said)
    assert any("installing numpy" in words for words in said)
    return made


@pytest.fixture
def springs(environment, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    potential = EnvironmentPotential(environment, environment_card(environment.recipe), "hash", "cpu")
    yield potential
    potential.close()


def crystal(seed: int, n_atoms: int, element: int = 12) -> Frame:
    random = np.random.default_rng(seed)
    return Frame(np.full(n_atoms, element), random.normal(size=(n_atoms, 3)), np.eye(3) * 5, name=f"crystal {seed}")


def test_numbers_survive_the_way_through_a_noisy_process(springs):
    """Closed form, mixed sizes, several batches; what the model prints does not disturb the messages."""
    for batch in ([crystal(1, 3), crystal(2, 1), crystal(3, 7)], [crystal(4, 2)], []):
        for frame, prediction in zip(batch, springs.predict(batch), strict=True):
            assert prediction.energy == pytest.approx((frame.positions**2).sum(), rel=1e-14)
            np.testing.assert_array_equal(prediction.forces, -2 * frame.positions)
            np.testing.assert_array_equal(prediction.stress, np.eye(3) * frame.n_atoms)
            prediction.forces[0] = 0  # arrays are the caller's


def test_an_error_concerns_its_frames_only(springs):
    with pytest.raises(ModelServerError, match="protactinium is not liked"):
        springs.predict([crystal(1, 2, element=91)])
    assert springs.predict([crystal(1, 2)])[0].forces.shape == (2, 3)
    results = FramePredictor(springs).predict([crystal(1, 2), crystal(2, 2, element=91), crystal(3, 2)])
    assert [isinstance(result, Prediction) for result in results] == [True, False, True]
    with pytest.raises(UserFacingError, match="does not know the element Am"):
        springs.predict([crystal(1, 2, element=95)])


def test_a_crash_costs_the_frame_that_caused_it(springs):
    with pytest.raises(ModelServerDiedError, match="ended with code 3"):
        springs.predict([crystal(1, 2, element=92)])
    results = FramePredictor(springs).predict([crystal(1, 2), crystal(2, 2, element=92), crystal(3, 2)])
    assert [isinstance(result, Prediction) for result in results] == [True, False, True]


def test_a_killed_model_says_so_and_comes_back(springs):
    process = springs._server._process
    process.kill()
    process.wait()
    assert springs.predict([crystal(1, 2)])[0].energy > 0


@pytest.mark.skipif(os.name == "nt", reason="asks for a process by a POSIX signal")
def test_the_model_ends_with_the_program_even_in_the_middle_of_a_batch(environment, tmp_path):
    """The parent is killed while the model computes: nothing is left behind."""
    code = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_model_environment import *
from guiapp.potentials.environments.recipe import read_recipe
env = ModelEnvironment(read_recipe(Path({str(environment.recipe.path)!r})), Path({str(environment.root)!r}))
p = EnvironmentPotential(env, environment_card(env.recipe), "hash", "cpu")
print(p._server.pid, flush=True)
p.predict([crystal(1, 2, element=90)])
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    time.sleep(0.5)  # the batch is on its way
    assert _runs(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def test_it_can_be_measured_but_not_changed(springs, tmp_path):
    with pytest.raises(UserFacingError, match="environment of its own"):
        springs.interaction_scale(1.1)
    with pytest.raises(UserFacingError, match="not exported"):
        springs.save(tmp_path / "x")


def test_an_interrupted_installation_is_gone_on_with_and_a_removal_is_whole(tmp_path):
    """Interrupted at the download: unfinished, not ready; the second attempt keeps the environment; removal leaves nothing."""
    recipe = read_recipe(write_recipe(tmp_path))
    root = tmp_path / "environments"

    def interrupted(*_):
        raise KeyboardInterrupt

    broken = ModelEnvironment(recipe, root, installer=interrupted)
    with pytest.raises(KeyboardInterrupt):
        broken.create(lambda _: None)
    assert not broken.is_ready
    assert "unfinished" in broken.state
    made_at = (broken.folder / "pyvenv.cfg").stat().st_mtime_ns
    whole = ModelEnvironment(recipe, root, installer=borrow_packages)
    said: list[str] = []
    whole.create(said.append)
    assert (whole.folder / "pyvenv.cfg").stat().st_mtime_ns == made_at
    assert "going on with the environment that is there" in said
    whole.create(said.append)
    assert "installed already" in said[-1]
    write_recipe(tmp_path, RECIPE.replace('"citation": "none"', '"citation": "changed"'))
    newer = ModelEnvironment(read_recipe(recipe.path), root)
    assert not newer.is_ready
    assert "another version of the recipe" in newer.state
    assert whole.remove(said.append)
    assert list(root.iterdir()) == []
    assert not whole.remove(said.append)


def test_a_model_that_fails_its_trial_is_not_ready(tmp_path):
    text = RECIPE.replace("return 2.0", "raise OSError('no weights')")
    environment = ModelEnvironment(read_recipe(write_recipe(tmp_path, text)), tmp_path / "e", installer=borrow_packages)
    with pytest.raises(UserFacingError, match="OSError: no weights"):
        environment.create(lambda _: None)
    assert not environment.is_ready


def test_too_little_disk_is_told_before_anything_is_made(tmp_path):
    text = RECIPE.replace('"disk_gb": 0.001', '"disk_gb": 1e9')
    environment = ModelEnvironment(read_recipe(write_recipe(tmp_path, text)), tmp_path / "e", installer=borrow_packages)
    with pytest.raises(UserFacingError, match="needs 1e\\+09 GB"):
        environment.create(lambda _: None)
    assert not environment.folder.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os\nos.mkdir('trace')\n", "holds no recipe"),
        ("RECIPE = dict(name=__import__('os').mkdir('trace'))\n", "holds no recipe"),
        ("RECIPE = {'name': __import__('os').mkdir('trace')}\n", "holds no recipe"),
        ("RECIPE = {'name': 'x'}\n", "lacks the entry 'packages'"),
        (RECIPE.replace('"springs"', '"../../evil"'), "cannot be the name of a folder"),
        (RECIPE.replace("numpy==2.0.0", "numpy"), "no exact version"),
        (RECIPE.replace("numpy==2.0.0", "--index-url=http://evil"), "no exact version"),
        (RECIPE.replace("numpy==2.0.0", "evil @ http://evil/x.whl"), "no exact version"),
        (RECIPE.replace('"disk_gb": 0.001', '"disk_gb": []'), "wrong kind"),
        ("(" * 5000, "holds no recipe"),
        ("\0", "holds no recipe"),
    ],
)
def test_hostile_and_damaged_recipes_are_refused_unrun(text, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write_recipe(tmp_path, text)
    with pytest.raises(UserFacingError, match=words):
        read_recipe(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["springs.py"]


def test_reading_a_recipe_runs_none_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe = read_recipe(write_recipe(tmp_path, RECIPE + "\nos.mkdir('trace')\n"))
    assert recipe.name == "springs"
    assert not (tmp_path / "trace").exists()


def test_the_user_can_add_a_recipe_and_a_broken_one_takes_nothing_away(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("TEMPER_DATA_DIR", str(tmp_path / "data"))
    write_recipe(tmp_path / "recipes")
    (tmp_path / "recipes" / "broken.py").write_text("RECIPE = 3")
    names = [recipe.name for recipe in recipes()]
    assert names == ["diep-matpes-r2scan", "sevennet-0", "springs"]
    assert "broken.py" in caplog.text
    cards = [card for family in environment_families() for card in family.cards()]
    assert [card.name for card in cards] == names
    assert all(card.weights is None and "models install" in card.state and not card.can_be_fine_tuned for card in cards)


def test_the_trial_crystal_is_one(environment):
    from guiapp.potentials.environments.model_environment import _silicon

    check_periodic(_silicon(), "any", 94)
    assert _silicon().volume / 2 == pytest.approx(20.0, abs=0.1)
