"""Any ase calculator by import path and keyword arguments: ``ase:module:Class?key=value&key=value``.

A calculator is a program, and some start other programs, so a name is used only after the user has added it (``models add``): a
project file from elsewhere must not be able to name one. Values are read as JSON where they are JSON, else as text:
``ase:ase.calculators.lj:LennardJones?sigma=2.6&epsilon=0.4&rc=8``.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame
from guiapp.potentials.family import Family
from guiapp.potentials.potential import Potential, PotentialCard, Prediction
from guiapp.potentials.trust import file_sha256, is_trusted, revoke, trust, trusted
from guiapp.potentials.weights import weights_hash

PREFIX = "ase:"
_FAMILY = "ase calculator"
_FORM = "Write ase:module:Class?key=value&key=value, for example ase:ase.calculators.emt:EMT."
_NAME = re.compile(r"ase:([A-Za-z_][\w.]*):([A-Za-z_]\w*)(?:\?(.*))?", re.DOTALL)
_STRAIN = 1e-4  # for calculators without a stress; energies are float64 there


@dataclass(frozen=True)
class CalculatorName:
    """A calculator's name taken apart."""

    module: str
    class_name: str
    arguments: Mapping[str, Any]
    """What JSON can hold."""

    @property
    def text(self) -> str:
        """The name in one fixed spelling, arguments by their key."""
        arguments = "&".join(f"{key}={json.dumps(value, sort_keys=True)}" for key, value in sorted(self.arguments.items()))
        return f"{PREFIX}{self.module}:{self.class_name}" + (f"?{arguments}" if arguments else "")


def parse_calculator_name(name: str) -> CalculatorName:
    """Take a name apart; nothing is imported.

    Raises:
        UserFacingError: Where it is not of the form ``ase:module:Class?key=value``.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise UserFacingError(f"“{name}” does not name an ase calculator.", advice=_FORM)
    arguments: dict[str, Any] = {}
    for part in filter(None, (match[3] or "").split("&")):
        key, equals, value = part.partition("=")
        if not equals or not key.isidentifier():
            raise UserFacingError(f"“{part}” is no argument of a calculator.", advice=_FORM)
        arguments[key] = _value(unquote(value))
    return CalculatorName(match[1], match[2], MappingProxyType(arguments))


def consent_key(name: str) -> str:
    """Return what the user consents to by adding a calculator, in the form of a SHA-256."""
    return hashlib.sha256(f"use {parse_calculator_name(name).text}".encode()).hexdigest()


def add_calculator(name: str) -> None:
    """Remember that the user wants to use a calculator.

    Raises:
        UserFacingError: Where the name is malformed or its package is not installed.
    """
    parsed = parse_calculator_name(name)
    if not _is_installed(parsed.module):
        raise UserFacingError(f"The module {parsed.module} is not installed.", advice=_FORM)
    trust(consent_key(name), name)


def remove_calculator(name: str) -> bool:
    """Take the consent back; return whether there was one.

    Raises:
        UserFacingError: Where the name is malformed.
    """
    return revoke(consent_key(name))


def calculator_card(name: str) -> PotentialCard | None:
    """Return the card of a calculator's name; None for any other name.

    Raises:
        UserFacingError: Where the name is malformed.
    """
    if not name.startswith(PREFIX):
        return None
    parsed = parse_calculator_name(name)
    found = _is_installed(parsed.module)
    state = "ready"
    if not found:
        state = f"the module {parsed.module} is not installed"
    elif not is_trusted(consent_key(name)):
        state = f"a calculator runs a program of its author's, so it has to be added once: models add '{name}'"
    return PotentialCard(
        name=name,
        title=parsed.class_name,
        family=_FAMILY,
        functional="",
        training_data="",
        licence="",
        citation="",
        weights=None,
        state=state,
        can_be_fine_tuned=False,
        identity=_identity(parsed) if state == "ready" else "",
    )


class AseCalculatorPotential:
    """An ase calculator as the program asks for it: one frame after the other, one process."""

    def __init__(self, calculator: Any, card: PotentialCard, weights_hash: str) -> None:
        """Take over a calculator.

        Args:
            calculator: An ase calculator.
            card: What is known of it.
            weights_hash: Its identity.
        """
        self.card = card
        self.weights_hash = weights_hash
        self.device = "cpu"
        self._calculator = calculator
        self._has_stress = "stress" in getattr(calculator, "implemented_properties", ())

    def predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict one frame after the other.

        Args:
            frames: Any frames that the calculator takes.

        Raises:
            UserFacingError: Where the calculator lacks a parameter or cannot take a frame.
        """
        # One by one, because an ase calculator takes one structure; the batches of a job still share its workers.
        return [self._predict(frame) for frame in frames]

    def interaction_scale(self, c: float) -> AseCalculatorPotential:
        """Refuse: what a calculator's energy is measured from is not known.

        Raises:
            UserFacingError: Always.
        """
        raise UserFacingError(
            f"{self.card.title} cannot be scaled by {c:.4f}, because an ase calculator does not tell its reference energies.",
            advice="It can be measured and compared.",
        )

    def save(self, path: Path) -> None:
        """Refuse: a calculator has no file.

        Raises:
            UserFacingError: Always.
        """
        raise UserFacingError(f"{self.card.title} is not exported, because an ase calculator has no file of its own.", path=path)

    def _predict(self, frame: Frame) -> Prediction:
        from ase.calculators.calculator import CalculatorError, PropertyNotImplementedError

        atoms = frame.to_atoms()
        atoms.calc = self._calculator
        try:
            forces = np.array(atoms.get_forces(), dtype=np.float64)
            energy = float(atoms.get_potential_energy())
            stress = np.array(atoms.get_stress(voigt=False), dtype=np.float64) if self._has_stress and frame.volume else self._strain(frame)
        except (CalculatorError, PropertyNotImplementedError, NotImplementedError, KeyError) as error:
            raise UserFacingError(
                f"{self.card.title} cannot take this frame: {type(error).__name__}: {error}.", advice="It may not know an element."
            ) from error
        return Prediction(energy=energy, forces=forces, stress=stress)

    def _strain(self, frame: Frame) -> Floats:
        """Return dE/d(strain)/V by central differences, where the calculator has no stress; zeros where there is no volume."""
        stress = np.zeros((3, 3))
        if not frame.volume:
            return stress
        for i in range(3):
            for j in range(i, 3):
                energies = []
                for sign in (1, -1):
                    strain = np.eye(3)
                    strain[i, j] += sign * _STRAIN / 2
                    strain[j, i] += sign * _STRAIN / 2
                    atoms = frame.to_atoms()
                    atoms.set_cell(atoms.cell.array @ strain, scale_atoms=True)
                    atoms.calc = self._calculator
                    energies.append(float(atoms.get_potential_energy()))
                stress[i, j] = stress[j, i] = (energies[0] - energies[1]) / (2 * _STRAIN * frame.volume)
        return stress


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _is_installed(module: str) -> bool:
    """Find the module without running it; a package above it would be run by the search, so only the top one is looked for."""
    try:
        return importlib.util.find_spec(module.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False


def _identity(name: CalculatorName) -> str:
    """Return what determines the calculator's numbers as far as that can be known: class, arguments, version, files among the arguments."""
    package = name.module.partition(".")[0]
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        version = ""
    files = [Path(value) for value in name.arguments.values() if isinstance(value, str) and value and Path(value).is_file()]
    parts = [name.text, version, *map(file_sha256, files)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _load(card: PotentialCard, _device: str) -> Potential:
    from ase.calculators.abc import GetPropertiesMixin

    if not is_trusted(consent_key(card.name)):
        raise UserFacingError(f"{card.title} was not started: {card.state}.")
    name = parse_calculator_name(card.name)
    try:
        found = getattr(importlib.import_module(name.module), name.class_name)
    except (ImportError, AttributeError) as error:
        raise UserFacingError(f"The calculator {name.module}:{name.class_name} cannot be imported: {error}.", advice=_FORM) from error
    if not (isinstance(found, type) and issubclass(found, GetPropertiesMixin)):
        raise UserFacingError(f"{name.module}:{name.class_name} is not an ase calculator.", advice=_FORM)
    try:
        calculator = found(**name.arguments)
    except Exception as error:
        raise UserFacingError(
            f"The calculator {name.class_name} cannot be made: {type(error).__name__}: {error}.", advice="Check its arguments."
        ) from error
    return AseCalculatorPotential(calculator, card, weights_hash(card))


def _no_file(_path: Path) -> None:
    return None


def _cards() -> tuple[PotentialCard, ...]:
    added = [one.note for one in trusted() if one.note.startswith(PREFIX) and consent_key(one.note) == one.sha256]
    return tuple(card for card in map(calculator_card, added) if card is not None)


FAMILY = Family(
    name=_FAMILY,
    cards=_cards,
    card_of_file=_no_file,
    load=_load,
    settings=MappingProxyType({"path": "ase 1"}),
    card_of_name=calculator_card,
)
"""The calculators that the user added are listed, no others."""
