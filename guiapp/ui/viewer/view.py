"""What is to be painted, and on what."""

from __future__ import annotations

from dataclasses import dataclass

from guiapp.ui.viewer.arrows import ForceArrows
from guiapp.ui.viewer.camera import Camera
from guiapp.ui.viewer.measuring import Measurement
from guiapp.ui.viewer.scene import Scene
from guiapp.ui.viewer.spheres import SpriteCache


@dataclass(frozen=True, eq=False)
class View:
    """A scene, a point of view and what is shown with it."""

    scene: Scene
    camera: Camera
    arrows: tuple[ForceArrows, ...] = ()
    arrow_length: float = 0.5
    """Å drawn per eV/Å."""
    show_bonds: bool = True
    show_differences: bool = False
    picked: int | None = None
    """Index of the frame's picked atom."""
    is_moving: bool = False
    """True while the user turns it: speed goes before finish."""
    chosen: tuple[int, ...] = ()
    """Drawn atoms chosen for a measurement."""
    measurement: Measurement | None = None


@dataclass(frozen=True)
class Target:
    """What is painted on."""

    width: float
    height: float
    unit: float = 1.0
    """Target pixels per logical pixel: line widths and text grow with it."""
    sprites: SpriteCache | None = None
    """For the screen; without it spheres are gradients, as vector files want."""
