"""Consent is by content, survives damage, can be taken back; a pickle's imports are told without any of it being run."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import pickletools
import tarfile
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from guiapp.errors import UserFacingError
from guiapp.potentials.pickle_imports import HIDDEN
from guiapp.potentials.pickle_scan import scan_pickle
from guiapp.potentials.trust import file_sha256, is_trusted, require_trust, revoke, scan_words, trust, trusted

HASH = "a1" * 32


class Payload:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def as_torch_zip(path: Path, content: object) -> None:
    torch.save(content, path)


def as_old_torch(path: Path, content: object) -> None:
    torch.save(content, path, _use_new_zipfile_serialization=False)


def as_pickle(path: Path, content: object) -> None:
    path.write_bytes(pickle.dumps(content))


def as_text_pickle(path: Path, content: object) -> None:
    path.write_bytes(pickle.dumps(content, protocol=0))


def as_tar(path: Path, content: object) -> None:
    with tarfile.open(path, "w") as archive:
        for name, data in (("sys_info", pickle.dumps({})), ("pickle", pickle.dumps(content)), ("storages", pickle.dumps(0))):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


LAYOUTS = [as_torch_zip, as_old_torch, as_pickle, as_text_pickle, as_tar]


@pytest.mark.parametrize("write", LAYOUTS)
@pytest.mark.parametrize("family", ["weights", "MACE"])
def test_a_planted_program_is_named_in_every_layout_and_not_run(write, family, tmp_path):
    trace, path = tmp_path / "trace", tmp_path / "model.pt"
    write(path, {"state_dict": OrderedDict(w=torch.ones(3) if write in LAYOUTS[:2] else 1), "x": Payload(trace)})
    scan = scan_pickle(path, family)
    assert any(name.endswith(".mkdir") for name in scan.imports)
    assert any(name.endswith(".mkdir") for name in scan.suspicious)
    assert "WARNING" in scan_words(scan)
    with pytest.raises(UserFacingError, match=r"mkdir.*models trust model\.pt"):
        require_trust(path, file_sha256(path), family, tmp_path / "settings")
    assert not trace.exists()
    write(path, Payload(trace))  # the payload would have worked
    if write in LAYOUTS[:2]:
        torch.load(path, weights_only=False)
    elif write in LAYOUTS[2:4]:
        pickle.loads(path.read_bytes())
    assert trace.exists() or write is as_tar


@pytest.mark.parametrize("write", [as_torch_zip, as_old_torch])
def test_weights_alone_raise_no_suspicion(write, tmp_path):
    layer = torch.nn.Linear(3, 2)
    write(tmp_path / "w.pt", {"model": layer.state_dict(), "half": torch.zeros(2, dtype=torch.float16), "epoch": 3})
    scan = scan_pickle(tmp_path / "w.pt")
    assert scan.suspicious == ()
    assert not scan.runs_text
    assert scan.size == (tmp_path / "w.pt").stat().st_size


def test_scan_names_what_pickle_really_imports(tmp_path):
    """Referee: pickle's own find_class, asked while really loading."""
    content = {"a": OrderedDict(b=torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.SiLU())), "c": {1, 2}, "d": slice(1, 2), "e": 1j}
    for protocol in range(2, 6):
        data = pickle.dumps(content, protocol=protocol)
        asked = set()

        class Asking(pickle.Unpickler):
            def find_class(self, module, name, asked=asked):
                asked.add(f"{module}.{name}".replace("__builtin__", "builtins"))
                return super().find_class(module, name)

        Asking(io.BytesIO(data)).load()
        (tmp_path / "p").write_bytes(data)
        assert set(scan_pickle(tmp_path / "p").imports) == {name.replace("__builtin__", "builtins") for name in asked}


@pytest.mark.parametrize(
    "stream",
    [
        # The module's name is the result of a call, so no reader of constants can know it.
        b"\x80\x04\x8c\x08builtins\x8c\x03str\x93\x8c\x02os\x85R\x8c\x06system\x93\x8c\x04true\x85R.",
        b"\x80\x04\x82\x01.",  # copyreg extension
        b"(lp0\nc",  # breaks off inside a name
        b"\x80\x04\x8c\x13mace.modules.blocks\x8c\x0ftorch.os.system\x93\x8c\x04true\x85R.",  # a path through an innocent module
    ],
)
def test_hidden_and_broken_streams_are_suspicious(stream, tmp_path):
    (tmp_path / "p").write_bytes(stream)
    assert scan_pickle(tmp_path / "p", "MACE").suspicious


def test_a_name_from_the_memo_is_found(tmp_path):
    stream = b"\x80\x04\x8c\x02os\x940\x8c\x06system\x940h\x00h\x01\x93."
    (tmp_path / "p").write_bytes(stream)
    assert scan_pickle(tmp_path / "p").imports == ("os.system",)
    assert HIDDEN not in scan_pickle(tmp_path / "p").imports


def test_source_code_in_a_model_is_read_where_the_format_runs_it(tmp_path):
    from torch.fx.graph_module import reduce_graph_module

    class Traced:
        def __init__(self, code):
            self.code = code

        def __reduce__(self):
            return reduce_graph_module, ({"_code": self.code}, "import torch\n")

    genuine = "def forward(self, x):\n    y = torch.tanh(x);  x = None\n    return y\n"
    hostile = "def forward(self, x):\n    return x\n__import__('os').system('true')\n"
    as_torch_zip(tmp_path / "good", Traced(genuine))
    as_torch_zip(tmp_path / "bad", Traced(hostile))
    good, bad = scan_pickle(tmp_path / "good", "MACE"), scan_pickle(tmp_path / "bad", "MACE")
    assert good.runs_text
    assert good.suspicious == ()
    assert any("__import__" in finding for finding in bad.suspicious)


def test_bombs_are_refused_without_being_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/data.pkl", b"\0" * (100 << 20))
    with pytest.raises(UserFacingError, match=r"unpacks from 0\.1 MB to 105 MB"):
        scan_pickle(tmp_path / "bomb.pt")


def test_lying_sizes_in_the_archive_do_not_help(tmp_path):
    """The directory says 10 bytes, the member holds more: the archive reader stops there or says that it is broken."""
    with zipfile.ZipFile(tmp_path / "m.pt", "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(Payload(tmp_path / "trace")))
    data = bytearray((tmp_path / "m.pt").read_bytes())
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    (tmp_path / "m.pt").write_bytes(data)
    assert scan_pickle(tmp_path / "m.pt").suspicious


@settings(max_examples=150, deadline=None)
@given(cut=st.integers(0, 400), flip=st.integers(0, 399), value=st.integers(0, 255))
def test_any_damage_is_reported_or_harmless(cut, flip, value, tmp_path_factory):
    """No exception, whatever the bytes are, and what the scan calls harmless makes nothing but what it names."""
    data = bytearray(pickle.dumps({"a": OrderedDict(b=1), "c": list(range(100)), "d": {"e": 1.5}}, protocol=4))
    data[flip % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "damaged"
    content = bytes(data[: cut or None])
    path.write_bytes(content)
    scan = scan_pickle(path)
    assert scan.size == len(content)
    made: list[str] = []

    class Watched(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> type:
            made.append(f"{module}.{name}")
            return OrderedDict

    with contextlib.suppress(Exception):  # a damaged pickle may end anyhow; what counts is what it asked for
        Watched(io.BytesIO(content)).load()
    if not scan.suspicious:
        assert set(made) <= set(scan.imports) <= {"collections.OrderedDict"}


def test_consent_is_for_one_content_and_can_be_taken_back(tmp_path):
    folder, path = tmp_path / "settings", tmp_path / "model.pt"
    as_pickle(path, OrderedDict(a=1))
    sha256 = file_sha256(path)
    with pytest.raises(UserFacingError, match="was not opened"):
        require_trust(path, sha256, folder=folder)
    trust(sha256, "model.pt", folder)
    assert is_trusted(sha256, folder)
    require_trust(path, sha256, folder=folder)
    assert [(file.sha256, file.note) for file in trusted(folder)] == [(sha256, "model.pt")]
    as_pickle(path, OrderedDict(a=2))
    with pytest.raises(UserFacingError, match="changed"):
        require_trust(path, sha256, folder=folder)
    assert revoke(sha256, folder)
    assert not revoke(sha256, folder)
    assert not is_trusted(sha256, folder)


@pytest.mark.parametrize("damage", [b"", b"{", b"[1, 2]", b"\xff\xfe", b'{"' + HASH.encode() + b'": 3}', b"[" * 100_000])
def test_damaged_settings_trust_nothing_and_can_be_used_again(damage, tmp_path):
    (tmp_path / "trusted-files.json").write_bytes(damage)
    assert trusted(tmp_path) == []
    assert not is_trusted(HASH, tmp_path)
    trust(HASH, "again", tmp_path)
    assert is_trusted(HASH, tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "trusted-files.json"]


def test_the_settings_folder_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path / "elsewhere"))
    trust(HASH, "x")
    assert (tmp_path / "elsewhere" / "trusted-files.json").is_file()
    with pytest.raises(UserFacingError, match="not a SHA-256"):
        trust("../../etc", "x")


def test_every_step_of_pickle_is_known():
    """A new Python may add steps; the scan goes by their declared effect on the stack, which must not be missing."""
    assert all(isinstance(opcode.stack_before, list) and isinstance(opcode.stack_after, list) for opcode in pickletools.opcodes)
