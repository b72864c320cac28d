"""Any ase calculator by name: its own numbers, refused until the user adds it, and nothing run by a name alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones
from crystal_frames import frame_of

from guiapp.errors import UserFacingError
from guiapp.potentials import ase_calculator
from guiapp.potentials.ase_calculator import (
    AseCalculatorPotential,
    add_calculator,
    calculator_card,
    parse_calculator_name,
    remove_calculator,
)
from guiapp.potentials.registry import find_card, load_potential, potential_cards, weights_hash

EMT_NAME = "ase:ase.calculators.emt:EMT"
LJ_NAME = "ase:ase.calculators.lj:LennardJones?sigma=2.6&epsilon=0.4&rc=6&smooth=true"


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path / "settings"))
    return tmp_path / "settings"


def copper(seed: int, repeat: int = 1):
    atoms = bulk("Cu", cubic=True).repeat((repeat, 1, 1))
    atoms.rattle(0.1, seed=seed)
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.02 * np.diag([1, -1, 0.5])), scale_atoms=True)
    return atoms


@pytest.mark.parametrize(("name", "calculator"), [(EMT_NAME, EMT()), (LJ_NAME, LennardJones(sigma=2.6, epsilon=0.4, rc=6, smooth=True))])
def test_numbers_are_the_calculators_own(name, calculator):
    add_calculator(name)
    potential = load_potential(find_card(name), "cpu")
    assert not potential.card.can_be_fine_tuned
    structures = [copper(1), copper(2, repeat=2), copper(3)]
    for atoms, prediction in zip(structures, potential.predict([frame_of(atoms) for atoms in structures]), strict=True):
        atoms.calc = calculator
        assert prediction.energy == pytest.approx(atoms.get_potential_energy(), abs=1e-12)
        np.testing.assert_allclose(prediction.forces, atoms.get_forces(), atol=1e-12)
        np.testing.assert_allclose(prediction.stress, atoms.get_stress(voigt=False), atol=1e-12)


def test_a_calculator_without_stress_gets_one_from_strains():
    class NoStress(EMT):
        implemented_properties = ("energy", "forces", "free_energy")

    potential = AseCalculatorPotential(NoStress(), calculator_card(EMT_NAME), "hash")
    atoms = copper(4)
    numerical = potential.predict([frame_of(atoms)])[0].stress
    atoms.calc = EMT()
    np.testing.assert_allclose(numerical, atoms.get_stress(voigt=False), atol=1e-6)


def test_a_name_runs_nothing_before_the_user_adds_it(monkeypatch, tmp_path):
    """A module that leaves a trace when imported: neither card, list, nor refused loading touches it."""
    (tmp_path / "planted_calculator.py").write_text(
        "from pathlib import Path\nfrom ase.calculators.emt import EMT\n(Path(__file__).parent / 'trace').mkdir()\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    name = "ase:planted_calculator:EMT"
    card = find_card(name)
    assert "models add" in card.state
    assert card.identity == ""
    potential_cards()
    with pytest.raises(UserFacingError, match="models add"):
        load_potential(card, "cpu")
    with pytest.raises(UserFacingError, match="models add"):
        weights_hash(card)
    with pytest.raises(UserFacingError, match="models add"):
        ase_calculator.FAMILY.load(card, "cpu")
    assert not (tmp_path / "trace").exists()
    add_calculator(name)
    load_potential(find_card(name), "cpu")
    assert (tmp_path / "trace").exists()


def test_consent_is_for_the_arguments_too_and_can_be_taken_back():
    add_calculator(LJ_NAME)
    assert find_card(LJ_NAME).state == "ready"
    assert (
        find_card("ase:ase.calculators.lj:LennardJones?epsilon=0.4&rc=6&sigma=2.6&smooth=true").state == "ready"
    )  # only the order differs
    assert "models add" in find_card(LJ_NAME.replace("0.4", "0.5")).state
    assert LJ_NAME in [card.name for card in potential_cards()]
    assert remove_calculator(LJ_NAME)
    assert not remove_calculator(LJ_NAME)
    assert LJ_NAME not in [card.name for card in potential_cards()]


def test_identity_follows_arguments_and_files(tmp_path):
    table = tmp_path / "table.dat"
    table.write_text("1", encoding="utf-8")
    first, second = f"ase:ase.calculators.eam:EAM?potential={table}", LJ_NAME
    for name in (first, second, EMT_NAME):
        add_calculator(name)
    identities = {weights_hash(find_card(name)) for name in (first, second, EMT_NAME)}
    table.write_text("2", encoding="utf-8")
    assert len(identities | {weights_hash(find_card(first))}) == 4


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ase:os:system", "not an ase calculator"),
        ("ase:subprocess:Popen?args=true", "not an ase calculator"),
        ("ase:ase.calculators.emt:Missing", "cannot be imported"),
        ("ase:ase.calculators.missing:EMT", "cannot be imported"),
        ("ase:ase.calculators.eam:EAM?potential=/nowhere", "cannot be made"),
    ],
)
def test_what_is_no_calculator_is_refused_in_plain_words(name, words):
    add_calculator(name)
    with pytest.raises(UserFacingError, match=words):
        load_potential(find_card(name), "cpu")


@pytest.mark.parametrize("name", ["ase:", "ase:emt", "ase:a:b:c", "ase:a:B?c", "ase:a:B?__x y=1", "ase:../x:Y", "ase:a:b()"])
def test_malformed_names_say_how_to_write_one(name):
    with pytest.raises(UserFacingError, match="ase:module:Class"):
        find_card(name)


def test_values_are_numbers_lists_or_text():
    parsed = parse_calculator_name("ase:a.b:C?x=1.5&y=[1, 2]&z=text&w=true&path=/a%20b%26c")
    assert parsed.arguments == {"x": 1.5, "y": [1, 2], "z": "text", "w": True, "path": "/a b&c"}
    assert parse_calculator_name(parsed.text.replace("/a b&c", "/a%20b%26c")).arguments == parsed.arguments


def test_a_missing_module_is_a_state_and_an_unknown_element_a_reason():
    assert "is not installed" in find_card("ase:no_such_package_here:Calculator").state
    with pytest.raises(UserFacingError, match="not installed"):
        add_calculator("ase:no_such_package_here:Calculator")
    add_calculator(EMT_NAME)
    potential = load_potential(find_card(EMT_NAME), "cpu")
    with pytest.raises(UserFacingError, match="cannot take this frame"):
        potential.predict([frame_of(bulk("W", cubic=True))])
    with pytest.raises(UserFacingError, match="cannot be scaled"):
        potential.interaction_scale(1.1)
    with pytest.raises(UserFacingError, match="no file"):
        potential.save(Path("x"))
