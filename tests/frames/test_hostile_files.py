"""Files from strangers: nothing they name is imported or run, and nothing they unpack to fills the disk or the memory."""

import gzip
import io
import json
import lzma
import pickle
import sqlite3
import sys
import tarfile

import numpy as np
import pytest
from ase.build import bulk
from ase.db import connect
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from guiapp.errors import UserFacingError
from guiapp.frames.reading import data_file
from guiapp.frames.reading.json_stream import depth
from guiapp.frames.reading.read import read_frames


@pytest.fixture
def payload(tmp_path, monkeypatch, target):
    """A module that leaves a mark when imported, and the dictionary that makes monty's decoder import it."""
    (tmp_path / "planted_module.py").write_text(
        f"open({str(target)!r}, 'w').close()\nclass Planted:\n    @classmethod\n    def from_dict(cls, data):\n        return cls()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield {"@module": "planted_module", "@class": "Planted", "__ase_objtype__": "planted"}
    sys.modules.pop("planted_module", None)


class Touch:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return (open, (str(self.target), "w"))


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "touched"
    yield path
    assert not path.exists(), "the file ran code"


def structure():
    return Structure(Lattice.cubic(4.2), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]]).as_dict()


@pytest.mark.parametrize("place", ["record", "structure", "lattice", "site", "species", "site property", "label", "top"])
def test_class_names_anywhere_in_json_have_no_effect(tmp_path, payload, place):
    """Class names are planted in every place; the frame is read as if they were not there."""
    data = structure()
    record = {"structure": data, "vasp_e": -1.0, "vasp_f": [[0, 0, 0]] * 2}
    where = {
        "record": record,
        "structure": data,
        "lattice": data["lattice"],
        "site": data["sites"][0],
        "species": data["sites"][0]["species"][0],
        "site property": data["sites"][0].setdefault("properties", {}),
        "label": record.setdefault("extra", {}),
    }
    whole = {"m": {"0": record}}
    where.get(place, whole).update(payload)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(whole))
    frame = read_frames([path]).sets[0].frames[0]
    assert frame.formula == "MgO"
    if place != "top":
        assert frame.energy == -1.0


def test_planted_payload_works_elsewhere(tmp_path, payload, target):
    """The payload is a real one: monty's decoder runs it."""
    from monty.json import MontyDecoder

    MontyDecoder().decode(json.dumps(payload))
    assert target.exists()
    target.unlink()


def test_ase_json_database_builds_nothing(tmp_path, target, payload):
    path = tmp_path / "a.json"
    connect(str(path)).write(bulk("Cu"), note="fine")
    data = json.loads(path.read_text())
    data["1"]["key_value_pairs"]["evil"] = payload
    data["1"]["data"] = payload
    data["1"]["constraints"] = [{"name": "os.system", "kwargs": {"command": f"touch {target}"}}]
    data["1"]["calculator"] = "os"
    path.write_text(json.dumps(data))
    frame = read_frames([path]).sets[0].frames[0]
    assert frame.formula == "Cu"
    assert frame.info == {"note": "fine"}


def test_ase_sqlite_database_builds_nothing(tmp_path, target, payload):
    path = tmp_path / "a.db"
    connect(str(path)).write(bulk("Cu"))
    with sqlite3.connect(path) as database:
        database.execute("UPDATE systems SET data = ?, constraints = ?", (pickle.dumps(Touch(target)), json.dumps([payload])))
    database.close()
    assert read_frames([path]).sets[0].frames[0].formula == "Cu"


def test_reading_a_database_does_not_change_it(tmp_path):
    path = tmp_path / "a.db"
    connect(str(path)).write(bulk("Cu"))
    before = path.read_bytes()
    read_frames([path])
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.db"]


def test_old_pickled_trajectory_is_refused(tmp_path, target):
    path = tmp_path / "a.traj"
    path.write_bytes(b"PickleTrajectory" + pickle.dumps(Touch(target)))
    with pytest.raises(UserFacingError, match="pickled"):
        read_frames([path])


def test_pickle_under_any_name_is_not_opened(tmp_path, target):
    for name in ("a.traj", "a.db", "a.json", "a.xyz", "vasprun.xml", "OUTCAR", "POSCAR", "a.cif", "a.pkl"):
        path = tmp_path / name
        path.write_bytes(pickle.dumps(Touch(target)))
        with pytest.raises(UserFacingError):
            read_frames([path])


def test_xml_entities_are_refused(tmp_path):
    path = tmp_path / "vasprun.xml"
    path.write_text('<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><modeling>&b;</modeling>')
    with pytest.raises(UserFacingError, match="entities"):
        read_frames([path])


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_decompression_bomb_is_stopped(tmp_path, monkeypatch, pack):
    """Megabytes of one character in a few kB: reading stops early with a clear message (limits lowered to keep the test quick)."""
    monkeypatch.setattr(data_file, "LARGEST_RATIO", 100)
    monkeypatch.setattr(data_file, "RATIO_COUNTS_FROM", 2**18)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(pack(b'{"a": ' + b" " * 2**23))
    with pytest.raises(UserFacingError, match="100 times its size"):
        read_frames([path])


def test_archive_member_with_an_outside_path_is_harmless(tmp_path):
    """Members are read from memory, so a path that climbs out of the archive writes nothing."""
    path = tmp_path / "inner" / "a.tar"
    path.parent.mkdir()
    text = b'1\nLattice="4 0 0 0 4 0 0 0 4" energy=-1\nCu 0 0 0\n'
    with tarfile.open(path, "w") as archive:
        for name in ("../escaped.xyz", "good.xyz"):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
        link = tarfile.TarInfo("link.xyz")
        link.type = tarfile.SYMTYPE
        link.linkname = "/etc/passwd"
        archive.addfile(link)
    frames = read_frames([path]).sets[0].frames
    assert all(frame.energy == -1.0 for frame in frames)
    assert not (tmp_path / "escaped.xyz").exists()


@pytest.mark.parametrize("limit", [1000, 100_000])
@pytest.mark.parametrize("opening", ["[", '{"a":', '{"]]]]\\"]]":'])
def test_deeply_nested_json_is_an_error_not_a_crash(tmp_path, limit, opening):
    """Also where a library (symfc does) has raised Python's recursion limit so far that the decoder would overrun the stack."""
    path = tmp_path / "a.json"
    path.write_text(opening * 200_000)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    try:
        with pytest.raises(UserFacingError, match="nested too deeply"):
            read_frames([path])
    finally:
        sys.setrecursionlimit(before)


@given(
    st.recursive(
        st.none() | st.text(alphabet='ab[]{}"\\\n'), lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet='[]"\\'), inner)
    )
)
def test_depth_of_json_is_counted_outside_strings(value):
    """As walking through the decoded value gives it, whatever brackets and quotes the strings hold."""

    def walked(one) -> int:
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else None
        return 0 if inner is None else 1 + max(map(walked, inner), default=0)

    assert depth(json.dumps(value)) == walked(value)


def test_random_bytes_never_crash(tmp_path):
    """Damage anywhere in a good file ends in frames or one clear error, for every kind of file."""
    rng = np.random.default_rng(5)
    good = {"a.xyz": b'1\nLattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3 energy=-1\nCu 0 0 0\n',
            "POSCAR": b"Cu\n1.0\n4 0 0\n0 4 0\n0 0 4\nCu\n1\nDirect\n0 0 0\n",
            "a.json": json.dumps({"m": {"0": {"structure": structure(), "vasp_e": -1.0}}}).encode()}  # fmt: skip
    read = 0
    for name, content in good.items():
        errors = []
        for _ in range(40):
            damaged = bytearray(content)
            for position in rng.integers(0, len(damaged), 3):
                damaged[position] = rng.integers(0, 256)
            path = tmp_path / name
            path.write_bytes(bytes(damaged))
            try:
                found = read_frames([path])
            except UserFacingError as error:
                errors.append(error)
            else:
                frames = [frame for one in found.sets for frame in one.frames]
                read += bool(frames)
                usable = [frame for frame in frames if frame.usable]  # the others carry a flag that says why not
                assert all(frame.positions.shape == (frame.n_atoms, 3) and np.isfinite(frame.positions).all() for frame in usable)
        assert errors, name
        assert all(error.what and error.advice and error.path in {None, path} for error in errors)
    assert read  # damage to a digit is no reason to refuse
