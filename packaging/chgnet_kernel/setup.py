"""How the compiled library is built; everything else is in pyproject.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

_NATIVE = Path("native")
# No -march: each code_*.cpp names its own instructions, and which of them runs is decided on the user's processor. No -ffast-math: the
# rounding in vector.h relies on the order of operations; a product and a sum may become one instruction.
_GNU = ["-O3", "-std=c++17", "-fvisibility=hidden", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]
_MICROSOFT = ["/O2", "/std:c++17", "/fp:precise"]


class BuildLibrary(build_ext):
    """Builds a library that ctypes opens, not a module that Python imports."""

    def build_extension(self, ext: Extension) -> None:
        """Build with the options of the compiler at hand."""
        ext.extra_compile_args = _MICROSOFT if self.compiler.compiler_type == "msvc" else _GNU
        super().build_extension(ext)

    def get_export_symbols(self, ext: Extension) -> list[Any]:
        """Return nothing: the functions are exported where they are written, and there is no PyInit function."""
        del ext
        return []


setup(
    ext_modules=[
        Extension(
            "temper_chgnet_kernel._native",
            sources=[path.as_posix() for path in sorted(_NATIVE.glob("*.cpp"))],
            depends=[path.as_posix() for path in sorted(_NATIVE.glob("*.h"))],
            language="c++",
        )
    ],
    cmdclass={"build_ext": BuildLibrary},
)
