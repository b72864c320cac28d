"""The recipe for PyInstaller takes the optional kernel along where it is installed, and does without it where it is not."""

from __future__ import annotations

import importlib.util
import runpy
import shutil
import subprocess
import sys
import types
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from pathlib import Path

import pytest

RECIPE = Path(__file__).parents[2] / "packaging" / "temper.spec"


def packed(monkeypatch) -> types.SimpleNamespace:
    """Run the recipe with PyInstaller's names in place, and return what it hands to the analysis."""
    hooks = types.ModuleType("PyInstaller.utils.hooks")
    hooks.collect_all = lambda package: ([], [], [package])
    hooks.collect_data_files = lambda *_a, **_k: []
    hooks.copy_metadata = lambda package: [(f"metadata of {package}", ".")]
    for name in ("PyInstaller", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, hooks.__name__, hooks)
    asked: dict[str, object] = {}

    def analysis(scripts, **options):
        asked.update(options, scripts=scripts)
        return types.SimpleNamespace(pure=[], scripts=[], binaries=[], datas=[])

    nothing = lambda *_a, **_k: None
    runpy.run_path(str(RECIPE), {"SPECPATH": str(RECIPE.parent), "Analysis": analysis, "PYZ": nothing, "EXE": nothing, "COLLECT": nothing})
    return types.SimpleNamespace(**asked)


def test_an_installed_kernel_is_taken_along_with_its_library(monkeypatch, tmp_path):
    """The library lands beside the module that looks for it there."""
    library = tmp_path / f"_native{EXTENSION_SUFFIXES[0]}"
    library.write_bytes(b"code")
    found = ModuleSpec("temper_chgnet_kernel", None, is_package=True)
    found.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: found)
    given = packed(monkeypatch)
    assert (str(library), "temper_chgnet_kernel") in given.binaries
    assert {"temper_chgnet_kernel.binding", "temper_chgnet_kernel.weights"} <= set(given.hiddenimports)
    assert ("metadata of temper_chgnet_kernel", ".") in given.datas


def test_without_the_kernel_everything_else_is_packed(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    given = packed(monkeypatch)
    assert not [name for name in given.hiddenimports if "kernel" in name]
    assert not given.binaries
    assert "chgnet" in given.hiddenimports
    assert Path(given.scripts[0]).is_file()


@pytest.mark.slow
def test_a_packed_program_loads_the_kernel(tmp_path):
    """PyInstaller for real, on a program that only asks the kernel what it can run: the recipe's own lines bring the library along."""
    pytest.importorskip("PyInstaller", reason="PyInstaller is not installed")
    kernel = pytest.importorskip("temper_chgnet_kernel", reason="the optional kernel is not installed (python3 main.py build-kernel)")
    program = tmp_path / "ask.py"
    program.write_text("import temper_chgnet_kernel as kernel\nprint(*kernel.instruction_sets())\n", encoding="utf-8")
    text = RECIPE.read_text(encoding="utf-8")
    part = text[text.index("kernel = find_spec") : text.index("analysis = ")]
    recipe = tmp_path / "ask.spec"
    recipe.write_text(
        "from importlib.util import find_spec\nfrom pathlib import Path\nfrom PyInstaller.utils.hooks import copy_metadata\n"
        f"datas, binaries, hiddenimports = [], [], []\n{part}"
        f"a = Analysis([{str(program)!r}], datas=datas, binaries=binaries, hiddenimports=hiddenimports)\n"
        "program = EXE(PYZ(a.pure), a.scripts, exclude_binaries=True, name='ask')\nCOLLECT(program, a.binaries, a.datas, name='ask')\n",
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--distpath",
        str(tmp_path / "dist"),
        "--workpath",
        str(tmp_path / "work"),
    ]
    built = subprocess.run([*command, str(recipe)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    asked = subprocess.run([shutil.which("ask", path=str(tmp_path / "dist" / "ask"))], capture_output=True, text=True, check=False)
    assert asked.stdout.split() == list(kernel.instruction_sets()), asked.stderr
