"""What opening a pickled model file would import; the file is looked at and never run."""

from __future__ import annotations

import ast
import io
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from guiapp.errors import UserFacingError
from guiapp.potentials.pickle_imports import StreamContent, follow_stream

_LARGEST_FILE = 32 << 30
_LARGEST_PICKLE = 512 << 20
"""Bytes of instructions; the weights of a torch file lie beside its pickle and not in it."""
_LARGEST_RATIO = 50
"""Weights hardly compress; torch stores them as they are."""
_SMALL = 64 << 20
_MOST_MEMBERS = 200_000
_ZIP_START = b"PK\x03\x04"
_OLD_TORCH_STREAMS = 5
"""torch before 1.6: magic number, protocol, system, model, keys of the weights; the raw weights follow."""
_OLD_TORCH_MAGIC = bytes.fromhex("6cfc9c46f9206aa85019")


@dataclass(frozen=True)
class Allowed:
    """The names that the files of one family need."""

    names: frozenset[str] = frozenset()
    packages: tuple[str, ...] = ()
    """Everything below these modules, e.g. ``mace.modules``."""

    def __contains__(self, name: object) -> bool:
        """Tell whether a family's files need a name, ``module.attribute``."""
        text = str(name)
        return text in self.names or any(text.startswith(f"{package}.") for package in self.packages)


_TENSORS = frozenset(
    {
        "collections.OrderedDict",
        "_codecs.encode",
        "torch.Size",
        "torch.device",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_parameter",
        "torch.serialization._get_layout",
        "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray._reconstruct",
        "numpy.core.multiarray.scalar",
        "numpy._core.multiarray.scalar",
        "numpy.ndarray",
        "numpy.dtype",
    }
    | {f"torch.{kind}Storage" for kind in ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")}
    | {f"torch.{kind}" for kind in ("float32", "float64", "float16", "bfloat16", "int64", "int32", "bool")}
)
_PLAIN = frozenset({"builtins.set", "builtins.slice", "builtins.frozenset", "builtins.complex"})
_FUNCTIONS = frozenset(f"torch.nn.functional.{name}" for name in ("silu", "tanh", "relu", "softplus", "sigmoid", "gelu", "elu"))

ALLOWED: Mapping[str, Allowed] = MappingProxyType(
    {
        "weights": Allowed(_TENSORS),
        # Found by scanning models of every block that mace-torch 0.3.16 builds; e3nn 0.4.4 keeps traced functions as torch.fx modules.
        "MACE": Allowed(
            _TENSORS
            | _PLAIN
            | _FUNCTIONS
            | {"torch.fx._symbolic_trace.Tracer", "torch.fx.graph_module.reduce_graph_module", "torch._C._nn.silu", "torch.tanh"},
            ("mace.modules", "e3nn.o3", "e3nn.nn", "e3nn.math", "torch.nn.modules", "torch.nn.parameter"),
        ),
    }
)
"""By family; ``weights`` is for files that hold nothing but tensors."""

_RUNS_TEXT = frozenset(
    {"torch.fx.graph_module.reduce_graph_module", "torch.fx.graph_module.reduce_package_graph_module", "torch.jit._serialization.load"}
)
"""Functions that a genuine file needs although they run source code that the file holds."""
_TEXT_IMPORTS = frozenset({"torch", "math", "numpy", "e3nn", "mace", "typing", "operator", "opt_einsum_fx"})
_TEXT_FORBIDDEN = frozenset(
    {"exec", "eval", "compile", "open", "getattr", "setattr", "delattr", "globals", "locals", "vars", "input", "breakpoint"}
)


@dataclass(frozen=True)
class PickleScan:
    """What was found in a file."""

    imports: tuple[str, ...]
    """Everything that unpickling would import, ``module.name``, sorted."""
    suspicious: tuple[str, ...]
    """What no file of the family needs, or what could not be looked into; empty where nothing stands out."""
    runs_text: bool
    """True where the family's own format makes opening run source code that the file holds."""
    size: int
    """Bytes on disk."""
    uncompressed: int
    """Bytes after decompression."""

    @property
    def packages(self) -> tuple[str, ...]:
        """The top-level packages that would be imported."""
        return tuple(sorted({name.partition(".")[0] for name in self.imports}))


def scan_pickle(path: Path, family: str = "weights") -> PickleScan:
    """Look into a torch file (zip, tar or the oldest layout) or a plain pickle.

    Args:
        path: The file.
        family: Which allow-list of ``ALLOWED`` to compare with.

    Raises:
        UserFacingError: Where the file cannot be read or unpacks to an absurd size.
    """
    content = StreamContent()
    try:
        size = path.stat().st_size
        uncompressed = _scan(path, size, content)
    except OSError as error:
        raise UserFacingError(f"The file cannot be read: {error.strerror or error}.", path=path) from error
    allowed = ALLOWED[family]
    runs_text = bool(content.imports & _RUNS_TEXT)
    strange = sorted(name for name in content.imports if name not in allowed)
    source = [finding for text in content.texts for finding in _source_findings(text)] if runs_text else []
    return PickleScan(
        imports=tuple(sorted(content.imports)),
        suspicious=tuple(dict.fromkeys([*strange, *source, *content.problems])),
        runs_text=runs_text,
        size=size,
        uncompressed=uncompressed,
    )


def _scan(path: Path, size: int, content: StreamContent) -> int:
    """Look into every pickle of a file and return its uncompressed size; torch decides by the first four bytes, so does this."""
    if size > _LARGEST_FILE:
        raise _bomb(path, f"it is {size / 1e9:.0f} GB large")
    with path.open("rb") as file:
        start = file.read(4)
    if start == _ZIP_START:
        return _scan_zip(path, content)
    if tarfile.is_tarfile(path):
        return _scan_tar(path, content)
    with path.open("rb") as file:
        _follow_all(file.read(_LARGEST_PICKLE), content)
    return size


def _scan_zip(path: Path, content: StreamContent) -> int:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            packed = sum(member.compress_size for member in members)
            _refuse_bomb(path, len(members), total, packed)
            for member in members:
                if not member.filename.endswith(".pkl"):
                    continue
                with archive.open(member) as file:
                    data = file.read(_LARGEST_PICKLE + 1)
                if len(data) > _LARGEST_PICKLE:
                    raise _bomb(path, f"{member.filename} unpacks to more than {_LARGEST_PICKLE >> 20} MB")
                _follow_all(data, content)
            if any(member.filename.endswith("/constants.pkl") for member in members):
                content.imports.add("torch.jit._serialization.load")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        content.problems.append(f"the archive cannot be looked into: {error}")
        return path.stat().st_size
    return total


def _scan_tar(path: Path, content: StreamContent) -> int:
    total = 0
    try:
        with tarfile.open(path, "r:") as archive:  # uncompressed only, as torch does
            for count, member in enumerate(archive, start=1):
                total += max(0, member.size)
                _refuse_bomb(path, count, total, path.stat().st_size)
                file = archive.extractfile(member) if member.isfile() else None
                if file is not None and Path(member.name).name in {"sys_info", "pickle", "storages", "tensors"}:
                    _follow_all(file.read(_LARGEST_PICKLE), content)
    except (tarfile.TarError, EOFError) as error:
        content.problems.append(f"the archive cannot be looked into: {error}")
    return total


def _refuse_bomb(path: Path, members: int, total: int, packed: int) -> None:
    if members > _MOST_MEMBERS:
        raise _bomb(path, f"it holds {members:,} parts")
    if total > _LARGEST_FILE or (total > _SMALL and total > _LARGEST_RATIO * max(1, packed)):
        raise _bomb(path, f"it unpacks from {packed / 1e6:.1f} MB to {total / 1e6:,.0f} MB")


def _bomb(path: Path, why: str) -> UserFacingError:
    return UserFacingError(f"The file was not opened: {why}, which no model does.", advice="Fetch it again from its author.", path=path)


def _follow_all(data: bytes, content: StreamContent) -> None:
    """Follow the pickles that stand one behind another; the raw weights behind an old torch file's five are skipped."""
    most = _OLD_TORCH_STREAMS if _OLD_TORCH_MAGIC in data[:32] else len(data)
    stream = io.BytesIO(data)
    for _ in range(most):
        if stream.tell() >= len(data) or not follow_stream(stream, content):
            return


def _source_findings(text: str) -> list[str]:
    """Return what source code in a model file has no business doing."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # no source code: nothing can run it
    findings = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            findings += [f"source code that imports {name.name}" for name in node.names if _root(name.name) not in _TEXT_IMPORTS]
        elif isinstance(node, ast.ImportFrom) and _root(node.module or "") not in _TEXT_IMPORTS:
            findings.append(f"source code that imports {node.module}")
        elif isinstance(node, ast.Name) and (node.id in _TEXT_FORBIDDEN or node.id.startswith("__")):
            findings.append(f"source code that uses {node.id}")
        elif isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            findings.append(f"source code that uses {node.attr}")
    return findings


def _root(module: str) -> str:
    return module.partition(".")[0]
