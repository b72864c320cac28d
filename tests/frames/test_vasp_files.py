"""VASP output cut off, broken or unusual: complete steps are kept and the reason is told."""

import gzip

import numpy as np
import pytest

from guiapp.errors import UserFacingError
from guiapp.frames.reading.read import read_frames
from guiapp.frames.reading.vasp_settings import functional

STEP = """ <calculation>
{scsteps}  <structure><crystal><varray name="basis"><v>4 0 0</v><v>0 4 0</v><v>0 0 4</v></varray></crystal>
   <varray name="positions"><v>0 0 0</v><v>0.5 0.5 {z}</v></varray></structure>
  <varray name="forces"><v>0 0 {f}</v><v>0 0 -0.25</v></varray>
  <varray name="stress"><v>10 1 2</v><v>1 20 3</v><v>2 3 30</v></varray>
  <energy><i name="e_fr_energy">{e}</i><i name="e_wo_entrp">-9</i><i name="e_0_energy">0.0</i></energy>
 </calculation>
"""
HEAD = """<?xml version="1.0" encoding="ISO-8859-1"?>
<modeling>
 <generator><i name="program" type="string">vasp</i><i name="version" type="string">6.4.2 </i></generator>
 <incar><i name="ENCUT">520.000</i><i type="string" name="GGA">{gga}</i><i type="logical" name="LDAU">{ldau}</i>
  <v name="LDAUU">0 3.9</v></incar>
 <parameters><i type="int" name="NELM">3</i></parameters>
 <atominfo><array name="atoms"><set><rc><c>Mg</c><c>1</c></rc><rc><c>O </c><c>2</c></rc></set></array>
 <array name="atomtypes"><set><rc><c>1</c><c>Mg</c><c>24</c><c>2</c><c>PAW_PBE Mg 13Apr2007</c></rc></set></array></atominfo>
"""


def vasprun(steps, *, gga="PE", ldau="F", end="</modeling>\n"):
    return HEAD.format(gga=gga, ldau=ldau) + "".join(steps) + end


def step(z=0.5, e=-10.0, f=0.25, electronic=2):
    return STEP.format(z=z, e=e, f=f, scsteps='  <scstep><energy><i name="e_fr_energy">7</i></energy></scstep>\n' * electronic)


def test_every_ionic_step_with_its_own_labels(tmp_path):
    path = tmp_path / "vasprun.xml"
    path.write_text(vasprun([step(), step(z=0.51, e=-11.5)], ldau="T"))
    found = read_frames([path]).sets[0]
    assert [frame.energy for frame in found.frames] == [-10.0, -11.5]
    assert [frame.name for frame in found.frames] == ["step 1", "step 2"]
    np.testing.assert_allclose(found.frames[1].positions, [[0, 0, 0], [2, 2, 2.04]])
    np.testing.assert_allclose(found.frames[0].stress, np.array([[10, 1, 2], [1, 20, 3], [2, 3, 30]]) / -1602.1766208)
    assert found.provenance.functional == "PBE+U"
    assert found.provenance.code == "VASP 6.4.2"
    assert "LDAUU 0 3.9" in found.provenance.settings
    assert "kBar" in found.provenance.units_as_read
    assert all(frame.usable for frame in found.frames)


def test_cut_off_file_keeps_complete_steps(tmp_path):
    path = tmp_path / "vasprun.xml"
    path.write_text(vasprun([step(), step(), step()[:400]], end=""))
    result = read_frames([path])
    assert len(result.sets[0].frames) == 2
    assert "2 complete steps were read" in result.problems[0].what


def test_cut_off_gzip_keeps_complete_steps(tmp_path):
    path = tmp_path / "vasprun.xml.gz"
    rng = np.random.default_rng(0)  # numbers that do not compress, so that the cut falls inside a step
    packed = gzip.compress(vasprun([step(z=z, e=-z, f=z) for z in rng.random(200)]).encode())
    path.write_bytes(packed[: len(packed) // 2])
    result = read_frames([path])
    assert 20 < len(result.sets[0].frames) < 180
    assert any("cut off" in problem.what for problem in result.problems)


def test_stars_and_nan_become_flags_not_failures(tmp_path):
    path = tmp_path / "vasprun.xml"
    path.write_text(vasprun([step(), step(f="********"), step(e="NaN")]))
    frames = read_frames([path]).sets[0].frames
    assert [[flag.code for flag in frame.flags] for frame in frames] == [[], ["nan"], ["nan"]]


def test_unconverged_electronic_loop_is_flagged(tmp_path):
    path = tmp_path / "vasprun.xml"
    path.write_text(vasprun([step(electronic=2), step(electronic=3)]))
    frames = read_frames([path]).sets[0].frames
    assert [[flag.code for flag in frame.flags] for frame in frames] == [[], ["not-converged"]]


def test_file_without_a_complete_step_is_explained(tmp_path):
    path = tmp_path / "vasprun.xml"
    path.write_text(vasprun([step()[:300]], end=""))
    with pytest.raises(UserFacingError, match="0 complete steps"):
        read_frames([path])


def test_stride_and_limit(tmp_path):
    path = tmp_path / "vasprun.xml"
    path.write_text(vasprun([step(e=-i) for i in range(10)]))
    assert [frame.energy for frame in read_frames([path], stride=3).sets[0].frames] == [0, -3, -6, -9]
    assert [frame.energy for frame in read_frames([path], stride=3, limit=2).sets[0].frames] == [0, -3]


def test_mixed_functionals_in_one_folder_are_a_warning(tmp_path):
    for name, gga in (("a", "PE"), ("b", "PS")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "vasprun.xml").write_text(vasprun([step()], gga=gga))
    result = read_frames([tmp_path])
    assert len(result.sets[0].frames) == 2
    assert [frame.name for frame in result.sets[0].frames] == ["step 1 of a/vasprun.xml", "step 1 of b/vasprun.xml"]
    assert "PBE, PBEsol" in result.problems[0].what


def test_cut_off_outcar_keeps_complete_steps(shared_data, tmp_path):
    """A real OUTCAR cut after two and a half steps."""
    text = gzip.decompress((shared_data / "neb-fe-vacancy" / "00" / "OUTCAR.gz").read_bytes()).decode()
    path = tmp_path / "OUTCAR"
    path.write_text(text[: int(len(text) * 0.5)])
    result = read_frames([path])
    assert len(result.sets[0].frames) == 2
    assert "2 complete steps were read" in result.problems[0].what
    path.write_text(text[:5000])
    with pytest.raises(UserFacingError, match="before the first ionic step"):
        read_frames([path])


@pytest.mark.parametrize(
    ("tags", "potentials", "expected"),
    [
        ({"GGA": "--"}, ["PAW_PBE Si 05Jan2001"], "PBE"),
        ({"GGA": "PS"}, ["PAW_PBE Si 05Jan2001"], "PBEsol"),
        ({"GGA": "PE", "LDAU": ".TRUE."}, [], "PBE+U"),
        ({"METAGGA": "R2SCAN", "GGA": "PE"}, [], "r2SCAN"),
        ({"METAGGA": "F"}, ["PAW_PBE Fe_pv 06Sep2000"], "PBE"),
        ({"GGA": "PE", "LHFCALC": "T"}, [], "PBE hybrid"),
        ({"GGA": "PE", "IVDW": "12"}, [], "PBE with dispersion"),
        ({}, ["PAW Si 02Apr1999"], "LDA"),
        ({}, [], ""),
    ],
)
def test_functional_from_tags(tags, potentials, expected):
    assert functional(tags, potentials) == expected
