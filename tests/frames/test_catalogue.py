"""What the catalogue promises is complete and safe, and what is fetched or given is really that data."""

from __future__ import annotations

import gzip
import hashlib
import zipfile
from dataclasses import replace

import pytest
from awkward_server import Served
from small_sets import wbm_bytes

from guiapp.errors import UserFacingError
from guiapp.frames.catalogue import CatalogueFile, catalogue, find_in_catalogue
from guiapp.frames.download import DownloadProgress, Home, Patience, StoppedError, StopSwitch
from guiapp.frames.library import DataLibrary
from guiapp.frames.library_words import progress_words, size_words
from guiapp.frames.mixing import level_of_theory, mismatches
from guiapp.frames.reading.read import read_frames
from guiapp.frames.reference_set import Provenance, ReferenceSet

FAMILIES = {"high-energy", "eos", "phonons", "surfaces", "defects", "solid-solution", "migration"}
QUICK = Patience(stall=0.4, retries=2, pause=0.01)


@pytest.fixture
def library(tmp_path):
    return DataLibrary(tmp_path / "library", QUICK)


def wbm(*homes):
    return replace(find_in_catalogue("wbm-high-energy"), files=(CatalogueFile("wbm.json", homes),))


@pytest.mark.parametrize("one", catalogue(), ids=lambda one: one.name)
def test_every_entry_says_what_a_user_must_know(one):
    """Contents, size, functional, U, licence, citation, family and homes over https; checksums are well formed."""
    origin = one.provenance
    for words in (
        one.title,
        one.contains,
        one.size,
        one.hubbard,
        origin.functional,
        origin.code,
        origin.licence,
        origin.citation,
        one.page,
    ):
        assert words.strip()
    assert one.family in FAMILIES
    assert level_of_theory(origin.functional).functional
    assert ("none" not in one.hubbard) == level_of_theory(origin.functional).hubbard
    for home in (home for file in one.files for home in file.homes):
        assert home.url.startswith("https://")
        algorithm, _, digits = home.checksum.partition(":")
        assert not home.checksum or len(digits) == hashlib.new(algorithm).digest_size * 2


def test_the_catalogue_holds_what_the_field_uses():
    """The sets that were asked for, with the published second home of the paper's set."""
    names = {one.name for one in catalogue()}
    assert names >= {"wbm-high-energy", "mlearn", "mptrj", "matpes-pbe", "mp-pbe-elasticity", "alexandria-binary-phonon", "phonondb"}
    hosts = [home.host for home in find_in_catalogue("wbm-high-energy").files[0].homes]
    assert hosts == ["figshare.com", "huggingface.co"]
    assert len(find_in_catalogue("mlearn").files) == 12
    assert find_in_catalogue("mptrj").n_bytes == 12_188_168_685
    with pytest.raises(UserFacingError, match="no data set"):
        find_in_catalogue("nothing")


def test_the_recorded_checksum_is_of_the_real_file(shared_data):
    """The SHA-256 in the catalogue is that of the published file."""
    file = find_in_catalogue("alexandria-binary-phonon").files[0]
    content = (shared_data / "matcalc-bench" / file.name).read_bytes()
    assert file.homes[1].checksum == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert file.homes[1].size == len(content)


def test_a_set_is_fetched_from_its_second_home_and_opened(server, library):
    """The first home answers with a page, the second has the same data packed; the frames carry the catalogue's provenance."""
    server.files["/page"] = Served(b"<html>moved</html>", kind="text/html")
    server.files["/data"] = Served(gzip.compress(wbm_bytes()))
    one = wbm(Home(server.url("/page")), Home(server.url("/data")))
    assert not library.state(one).here
    with pytest.raises(UserFacingError, match="not on this machine"):
        library.open(one)
    told = []
    state = library.download(one, told.append)
    assert state.here
    assert not state.verified
    assert library.state(one) == state
    assert told
    opened = library.open(one)
    assert (opened.name, opened.family, len(opened.frames), len(opened.compounds)) == ("wbm-high-energy", "high-energy", 6, 3)
    assert opened.provenance.functional == "PBE+U"
    assert server.url("/data") in opened.provenance.source
    assert "kBar" in opened.provenance.units_as_read
    assert len(library.open(one, stride=2).frames) == 3
    asked = len(server.asked)
    library.download(one)
    assert len(server.asked) == asked, "nothing is fetched twice"
    library.remove(one)
    assert not library.state(one).here
    assert not any(library.folder.rglob("*.json"))


def test_data_of_another_kind_is_refused(server, library):
    """A file that can be read but has no forces, and one that is no data at all, never count as the set."""
    server.files["/unlabelled"] = Served(wbm_bytes(forces=False))
    server.files["/text"] = Served(b"{not json")
    with pytest.raises(UserFacingError, match="no forces") as told:
        library.download(wbm(Home(server.url("/unlabelled")), Home(server.url("/text"))))
    assert told.value.what.count("not what it should be") == 2
    assert library.state(wbm()).n_bytes == 0


def test_a_set_of_many_files_goes_on_where_it_was_stopped(server, library, tmp_path):
    """Stopped in the second file: the first stays, the part counts, and the next call fetches only the rest."""
    body = wbm_bytes(1, 60)
    server.files["/a"], server.files["/b"] = Served(body), Served(body, slowly=0.05)
    one = replace(wbm(), files=(CatalogueFile("x/a.json", (Home(server.url("/a")),)), CatalogueFile("x/b.json", (Home(server.url("/b")),))))
    switch = StopSwitch()

    def stop_in_second(progress):
        if progress.done > len(body) and progress.words.startswith("file 2 of 2"):
            switch.stop()

    with pytest.raises(StoppedError):
        library.download(one, stop_in_second, switch)
    state = library.state(one)
    assert state.part_of
    assert len(body) < state.n_bytes < 2 * len(body)
    server.files["/b"] = Served(body)
    server.asked.clear()
    assert library.download(one).here
    assert [path for path, _ in server.asked] == ["/b"]
    assert server.asked[0][1].startswith("bytes=")
    assert len(library.open(one).frames) == 120


def test_a_file_of_the_user_is_checked_recorded_and_never_deleted(library, tmp_path):
    """It stays where it is; removing the set only forgets it; a vanished file is no longer here."""
    mine = tmp_path / "mine.json.gz"
    mine.write_bytes(gzip.compress(wbm_bytes()))
    one = wbm(Home("https://example.org/x"))
    state = library.add(one, mine)
    assert (state.here, state.given, state.paths) == (True, True, (mine,))
    assert str(mine) in library.open(one).provenance.source
    library.remove(one)
    assert mine.is_file()
    assert not library.state(one).here
    library.add(one, mine)
    mine.unlink()
    assert not library.state(one).here
    with pytest.raises(UserFacingError, match="no such file"):
        library.add(one, mine)
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("hello", encoding="utf-8")
    with pytest.raises(UserFacingError):
        library.add(one, wrong)


def test_a_set_without_a_file_says_where_to_look(library, shared_data, tmp_path):
    """PhononDB is fetched by hand; a real phonopy file is taken and opened as displaced supercells, anything else is not."""
    one = find_in_catalogue("phonondb")
    with pytest.raises(UserFacingError, match="no single file"):
        library.download(one)
    real = next((shared_data / "phonopy-examples").rglob("phonopy_disp.yaml"))
    assert library.add(one, real).given
    opened = library.open(one)
    assert (opened.family, {frame.info["role"] for frame in opened.frames}) == ("phonons", {"perfect", "displaced"})
    (tmp_path / "a.yaml").write_text("a: 1", encoding="utf-8")
    with pytest.raises(UserFacingError, match="no phonopy file"):
        library.add(one, tmp_path / "a.yaml")


def test_real_mlearn_data_pass_the_check(library, shared_data):
    """The published files of one element, as a folder of the user."""
    one = find_in_catalogue("mlearn")
    assert library.add(one, shared_data / "mlearn" / "Ge").given
    opened = library.open(one, stride=10)
    assert len(opened.frames) == 26
    assert opened.provenance.functional == "PBE"


def test_a_zip_archive_is_read_member_by_member(tmp_path):
    """Two data files in a zip become one set; a bomb and a damaged archive are refused with words."""
    with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("set/a.json", wbm_bytes(1))
        archive.writestr("set/b.json", wbm_bytes(2))
        archive.writestr("set/index.csv", "a,b")
    assert len(read_frames([tmp_path / "set.zip"]).sets[0].frames) == 6
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("a.json", b" " * (80 << 20))
    with pytest.raises(UserFacingError, match="unpacks to more"):
        read_frames([tmp_path / "bomb.zip"])
    content = (tmp_path / "set.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(content[: len(content) // 2])
    with pytest.raises(UserFacingError, match="damaged"):
        read_frames([tmp_path / "cut.zip"])


def one_set(name, functional):
    return ReferenceSet(name, name, (), Provenance(functional=functional))


@pytest.mark.parametrize(
    ("written", "functional", "hubbard"),
    [
        ("PBE", "PBE", False), ("GGA-PBE", "PBE", False), ("PBE+U", "PBE", True), ("PBE + U", "PBE", True), ("r2SCAN", "r2SCAN", False),
        ("R2SCAN+U", "r2SCAN", True), ("PBEsol", "PBEsol", False), ("RPBE", "RPBE", False), ("LDA", "LDA", False), ("SCAN", "SCAN", False),
        ("PBE hybrid", "PBE", False), ("", "", False), ("B97M", "B97M", False), ("revPBE with dispersion", "revPBE", False),
    ],
)  # fmt: skip
def test_functionals_are_understood_as_people_write_them(written, functional, hubbard):
    """Name and U, in every spelling of files and catalogues."""
    level = level_of_theory(written)
    assert (level.functional, level.hubbard) == (functional, hubbard)


def test_mixing_is_noticed_before_it_happens():
    """Another functional or another U is told once for each coming set; unknown ones match everything."""
    pbe, pbe_u, r2scan, unknown = one_set("a", "PBE"), one_set("b", "PBE+U"), one_set("c", "r2SCAN"), one_set("d", "")
    assert mismatches([pbe], [one_set("e", "GGA-PBE"), unknown]) == ()
    found = mismatches([pbe], [r2scan, pbe_u])
    assert [(one.kind, one.second.name) for one in found] == [("functional", "c"), ("functional", "b")]
    assert "two functionals" in str(found[0])
    (hubbard,) = mismatches([pbe], [pbe_u])
    assert hubbard.kind == "+U"
    assert str(hubbard).startswith("“b” was computed with a Hubbard U and “a” without")
    assert mismatches([], [pbe, r2scan])[0].first is pbe


def test_sizes_and_progress_are_words():
    """Three figures with the right unit; what is unknown is left out."""
    assert [size_words(n) for n in (12, 753_605, 65e6, 12_188_168_685)] == ["12 bytes", "754 kB", "65 MB", "12.2 GB"]
    assert progress_words(DownloadProgress(3_000_000, 12_000_000, 1e6, "from x.org")) == "3 MB of 12 MB · 1 MB/s · 9 s left · from x.org"
    assert progress_words(DownloadProgress(500, None, 0, "checking")) == "500 bytes · checking"
