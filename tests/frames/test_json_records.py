"""JSON packagings, generated small: the same structure and labels come out of each, in the right units, whatever they are called."""

import bz2
import gzip
import json
import lzma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from guiapp.errors import UserFacingError
from guiapp.frames.reading.json_stream import entries
from guiapp.frames.reading.read import read_frames

KBAR = 1602.1766208
FORCES = [[0.1, 0.2, -0.3], [-0.1, -0.2, 0.3]]
KBAR_STRESS = [[10.0, 1.0, 2.0], [1.0, 20.0, 3.0], [2.0, 3.0, 30.0]]


def structure(shift=0.0):
    return Structure(Lattice.from_parameters(4, 4.2, 4.4, 80, 85, 95), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5 + shift]])


def wbm(frame=0):
    return {"structure": structure(frame / 100).as_dict(), "vasp_e": -10.0 - frame, "vasp_f": FORCES, "vasp_s": KBAR_STRESS}


def dump(path, data):
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def frames_of(path):
    result = read_frames([path])
    assert not result.problems
    return result.sets[0].frames


def check_labels(frame, energy=-10.0):
    np.testing.assert_allclose(frame.forces, FORCES)
    np.testing.assert_allclose(frame.stress, np.array(KBAR_STRESS) / -KBAR)
    assert frame.energy == energy
    np.testing.assert_allclose(frame.positions, structure().cart_coords, atol=1e-12)
    np.testing.assert_allclose(frame.cell, structure().lattice.matrix)
    assert frame.formula == "MgO"


def strip(structure_dict):
    """Return a structure dictionary without class names, as figshare's packaging may have it."""
    return {key: value for key, value in structure_dict.items() if not key.startswith("@")}


@pytest.mark.parametrize("suffix", ["json", "json.gz", "json.xz", "json.bz2"])
@pytest.mark.parametrize("packaging", ["figshare", "matcalc", "list of frames"])
def test_wbm_high_energy_states(tmp_path, packaging, suffix):
    """Both packagings, packed in every way: compounds are the material ids, frames keep their ids."""
    records = {"0": wbm(0), "7": wbm(1)}
    if packaging == "figshare":
        records = {key: value | {"structure": strip(value["structure"])} for key, value in records.items()}
    content = {"wbm-1-1": list(records.values()) if packaging == "list of frames" else records, "wbm-2-2": {"0": wbm(0)}}
    path = tmp_path / f"states.{suffix}"
    pack = {"json": bytes, "json.gz": gzip.compress, "json.xz": lzma.compress, "json.bz2": bz2.compress}[suffix]
    path.write_bytes(pack(json.dumps(content).encode()))
    frames = frames_of(path)
    assert [frame.compound for frame in frames] == ["wbm-1-1", "wbm-1-1", "wbm-2-2"]
    if packaging != "list of frames":
        assert [frame.name for frame in frames] == ["frame 0", "frame 7", "frame 0"]
    check_labels(frames[0])
    assert frames[1].energy == -11.0
    assert frames[0].origin.keys == ("vasp_e", "vasp_f", "vasp_s")


def test_matcalc_sees_the_same_frames(tmp_path):
    """matcalc's SofteningBenchmark opens its file with monty's loader; both see the same positions and forces."""
    from monty.serialization import loadfn

    path = tmp_path / "states.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"wbm-1-1": {"0": wbm(0), "1": wbm(1)}}).encode()))
    theirs = loadfn(path)
    ours = frames_of(path)
    for frame, record in zip(ours, theirs["wbm-1-1"].values(), strict=True):
        np.testing.assert_allclose(frame.positions, record["structure"].cart_coords, atol=1e-12)
        np.testing.assert_array_equal(frame.forces, record["vasp_f"])


def mptrj_record():
    return {
        "structure": structure().as_dict(),
        "uncorrected_total_energy": -9.5,
        "corrected_total_energy": -10.0,
        "energy_per_atom": -5.0,
        "ef_per_atom": -1.0,
        "e_per_atom_relaxed": -5.1,
        "force": FORCES,
        "stress": KBAR_STRESS,
        "magmom": [0.5, -0.5],
        "bandgap": 4.0,
        "mp_id": "mp-1",
    }


def test_mptrj(tmp_path):
    second = mptrj_record()
    del second["corrected_total_energy"]
    second["magmom"] = None
    frames = frames_of(dump(tmp_path / "mptrj.json", {"mp-1": {"mp-1-0-0": mptrj_record(), "mp-1-0-1": second}}))
    check_labels(frames[0])
    check_labels(frames[1])
    assert frames[1].origin.keys[0] == "energy_per_atom"
    np.testing.assert_array_equal(frames[0].magmoms, [0.5, -0.5])
    assert frames[1].magmoms is None
    assert [frame.name for frame in frames] == ["mp-1-0-0", "mp-1-0-1"]
    assert {frame.compound for frame in frames} == {"mp-1"}


@pytest.mark.parametrize("lines", [False, True])
def test_matpes(tmp_path, lines):
    """A list or one record a line; six stress numbers are in Voigt order."""
    (xx, xy, xz), (_, yy, yz), (_, _, zz) = KBAR_STRESS
    record = {
        "matpes_id": "matpes-1_2", "functional": "r2SCAN", "provenance": {"original_mp_id": "mp-5", "md_step": 3}, "energy": -10.0,
        "forces": FORCES, "stress": [xx, yy, zz, yz, xz, xy], "structure": structure().as_dict(),
    }  # fmt: skip
    records = [record, record | {"matpes_id": "matpes-1_3"}]
    path = tmp_path / "matpes.jsonl"
    path.write_text("\n".join(map(json.dumps, records)) + "\n" if lines else json.dumps(records))
    result = read_frames([path])
    frames = result.sets[0].frames
    assert len(frames) == 2
    check_labels(frames[0])
    assert [frame.name for frame in frames] == ["matpes-1_2", "matpes-1_3"]
    assert {frame.compound for frame in frames} == {"mp-5"}
    assert result.sets[0].provenance.functional == "r2SCAN"


def test_snap_with_data(tmp_path):
    """The molybdenum files keep labels under ``data`` with an energy per atom and another stress order."""
    (xx, xy, xz), (_, yy, yz), (_, _, zz) = KBAR_STRESS
    record = {
        "structure": structure().as_dict(),
        "data": {"energy_per_atom": -5.0, "forces": FORCES, "virial_stress": [xx, yy, zz, yz, xz, xy]},
        "tags": ["GB"],
        "group": "Mo",
    }
    (frame,) = frames_of(dump(tmp_path / "mo.json", [record]))
    check_labels(frame)
    assert frame.info["kind"] == "GB"


def test_single_entry_and_bare_structure(tmp_path):
    """A file that is one record or one structure is read too."""
    entry = {
        "@module": "x",
        "energy": -10.0,
        "correction": -1.0,
        "parameters": {"potcar_symbols": ["PAW_PBE Mg"]},
        "structure": structure().as_dict(),
    }
    (frame,) = frames_of(dump(tmp_path / "entry.json", entry))
    assert frame.energy == -10.0
    assert frame.forces is None
    (bare,) = frames_of(dump(tmp_path / "structure.json", structure().as_dict()))
    assert bare.formula == "MgO"


def test_disordered_and_malformed_records_do_not_stop_the_others(tmp_path):
    disordered = Structure(Lattice.cubic(4), [{"Mg": 0.5, "Ca": 0.5}], [[0, 0, 0]]).as_dict()
    part_empty = Structure(Lattice.cubic(4), [{"Mg": 0.5}], [[0, 0, 0]]).as_dict()
    no_matrix = structure().as_dict()
    del no_matrix["lattice"]["matrix"]
    short = wbm() | {"vasp_f": FORCES[:1]}
    spoiled = [wbm(), {"structure": disordered}, {"structure": part_empty}, {"structure": no_matrix}, short, wbm(1)]
    records = {"m": {str(number): record for number, record in enumerate(spoiled)}}
    result = read_frames([dump(tmp_path / "a.json", records)])
    frames = result.sets[0].frames
    assert [frame.name for frame in frames] == ["frame 0", "frame 4", "frame 5"]
    assert frames[1].forces is None
    assert [flag.code for flag in frames[1].flags] == ["no-forces"]
    assert "m/1" in result.problems[0].what
    assert "shared or part empty" in result.problems[0].what
    assert len(result.problems) == 4


def test_oxidation_states_and_dummy_species(tmp_path):
    decorated = structure()
    decorated.add_oxidation_state_by_element({"Mg": 2, "O": -2})
    data = decorated.as_dict()
    (frame,) = frames_of(dump(tmp_path / "a.json", data))
    assert frame.symbols == ("Mg", "O")
    data["sites"][0]["species"][0]["element"] = "Xx"
    (frame,) = frames_of(dump(tmp_path / "b.json", data))
    assert "unknown-element" in [flag.code for flag in frame.flags]


plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda children: st.one_of(st.lists(children, max_size=3), st.dictionaries(st.text(max_size=3), children, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    data=st.one_of(st.lists(plain), st.dictionaries(st.text(max_size=4), plain)),
    chunk=st.integers(1, 20),
    indent=st.sampled_from([None, 2]),
)
def test_stream_gives_what_json_gives(data, chunk, indent):
    """Entry by entry, with any chunk size, the stream equals the whole."""
    import io

    from guiapp.frames.reading import json_stream

    original = json_stream._CHUNK
    json_stream._CHUNK = chunk
    try:
        found = list(entries(io.StringIO(json.dumps(data, indent=indent)), "x.json"))
    finally:
        json_stream._CHUNK = original
    expected = list(data.items()) if isinstance(data, dict) else [(None, item) for item in data]
    assert found == expected


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.99])
def test_truncated_json_keeps_the_records_before(tmp_path, cut):
    text = json.dumps({"m": {"0": wbm()}, "n": {"0": wbm(1)}, "o": {"0": wbm(2)}})
    path = tmp_path / "a.json"
    path.write_text(text[: int(len(text) * cut)])
    if cut < 1 / 3:
        with pytest.raises(UserFacingError, match="ends too early"):
            read_frames([path])
        return
    result = read_frames([path])
    assert len(result.sets[0].frames) == int(cut * 3)
    assert "ends too early" in result.problems[0].what


def test_garbage_in_a_large_file_is_found_without_reading_it_all(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": {"b": oops' + " 1," * 100_000 + "}}")
    with pytest.raises(UserFacingError, match="no valid JSON"):
        read_frames([path])
