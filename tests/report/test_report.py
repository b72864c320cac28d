"""A report says what a project keeps, needs nothing beside it, and gives every point."""

from __future__ import annotations

import csv
import json
import re
import uuid
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from guiapp.benchmarks.family import STATIC
from guiapp.benchmarks.registry import family
from guiapp.cli.main import DONE, UNUSABLE_INPUT, main
from guiapp.engine.job import BenchmarkJob
from guiapp.engine.keys import settings_hash
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.frames.shipped import open_shipped
from guiapp.potentials.potential import Prediction
from guiapp.potentials.registry import find_card, prediction_settings, weights_hash
from guiapp.report.bibliography import bibliography, citation_entry
from guiapp.report.report_content import read_report
from guiapp.report.report_document import Heading, Picture, Table, report_blocks
from guiapp.report.six_panels import PAPER_FAMILIES, panel_families, six_panel_figure
from guiapp.store.project import open_project

SOFT = 0.8
MODEL = "chgnet-0.3.0"
FORCES = ("LiF", "MgO", "CaO", "NaCl")


def keep(project, name: str, frames) -> None:
    """Keep what a model would say that is too soft by a fifth in everything; no model is asked."""
    card = find_card(MODEL)
    settings = settings_hash({**prediction_settings(card), "mode": STATIC})
    told = [Prediction(SOFT * f.energy, SOFT * f.forces, np.zeros((3, 3))) for f in frames]
    project.predictions.keep(weights_hash(card), settings, [f.content_hash for f in frames], told)
    project.jobs.create(BenchmarkJob(uuid.uuid4().hex, name, MODEL, tuple(frames), "cpu"))


@pytest.fixture(scope="module")
def soft_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """High-energy states, equations of state and surfaces of a model that is too soft by a fifth."""
    path = tmp_path_factory.mktemp("results") / "results.temper"
    with open_project(path) as project:
        shipped = open_shipped("high-energy")
        frames = tuple(f for f in shipped.frames if f.compound in FORCES)
        citation = "Alder et al., “Labels & more”, J. Data 1, 2 (2024), doi:10.1234/abc_d"
        project.reference_sets.save(ReferenceSet("few", "Few crystals", frames, Provenance("PBE", "GPAW", citation=citation)))
        keep(project, "high-energy", [f for f in frames if f.forces is not None])
        for name in ("eos", "surfaces"):
            one = open_shipped(name)
            project.reference_sets.save(one)
            keep(project, name, family(name).plan(one.frames))
    return path


@pytest.fixture(scope="module")
def written(soft_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    assert main(["report", str(soft_project.parent), "--out", str(folder)]) == DONE
    return folder


def test_numbers_are_those_of_the_kept_predictions(soft_project):
    content = read_report(soft_project)
    (evaluation,) = content.evaluations
    assert evaluation.summary.pooled.value == pytest.approx(SOFT)
    assert {one.result.family for one in content.families} == {"eos", "surfaces"}
    for one in content.families:
        assert one.summary.slope.value == pytest.approx(SOFT, abs=1e-3)
    headings = [block.text for block in report_blocks(content) if isinstance(block, Heading)]
    assert "Equations of state: CHGNet 0.3.0, static" in headings


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.sources += [value for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "img", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_page_needs_nothing_beside_it_and_is_well_formed(written):
    text = (written / "report.html").read_text(encoding="utf-8")
    links = Links()
    links.feed(text)
    assert links.open == []
    assert len(links.sources) >= 4
    assert all(source.startswith("data:image/png;base64,") for source in links.sources)
    assert "CHGNet 0.3.0 is 20 % too soft" in text
    assert "<script" not in text


def test_pdf_has_pages_and_its_text(written):
    content = (written / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", content)) >= 3


def test_every_point_is_in_the_tables(written, soft_project):
    lines = list(csv.DictReader((written / "points.csv").read_text(encoding="utf-8").splitlines()))
    content = read_report(soft_project)
    for name in ("surfaces", "eos"):
        mine = [line for line in lines if line["family"] == name]
        rows = next(one.result.rows for one in content.families if one.result.family == name)
        assert len(mine) == len(rows)
        assert float(mine[0]["predicted"]) == pytest.approx(rows[0].predicted, rel=1e-8)
    assert {line["system"] for line in lines if line["family"] == "high-energy"} >= set(FORCES)
    assert (written / "components.csv.gz").stat().st_size > 1000
    assert {p.suffix for p in written.glob("six-panels.*")} == {".svg", ".pdf", ".png"}


def test_bibliography_names_method_model_data_and_software(written):
    text = (written / "references.bib").read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")
    keys = re.findall(r"^@\w+\{([^,]+),", text, re.MULTILINE)
    assert len(keys) == len(set(keys))
    assert {"Deng2025softening", "Deng2023", "Alder2024", "ase", "temper"} <= set(keys)
    assert "10.1234/abc_d" in text
    assert r"Labels \& more" in text
    assert "phonopy" not in text  # no phonons were measured


def test_same_citation_stands_once_and_same_keys_get_letters():
    card = find_card(MODEL)
    entries = bibliography([card, card], [])
    assert entries.count("10.1038/s42256-023-00716-3") == bibliography([card], []).count("10.1038/s42256-023-00716-3")
    assert citation_entry("Anon, a talk", "Data: x").startswith("@misc{Anon,")
    cited = bibliography([], [], corrections={"soft-LiF": ["Chen, J. Model 2, 3 (2022)", "Temper 0.1 (this program)"]})
    assert "@misc{Chen2022," in cited
    assert cited.count("temper") == bibliography([], []).count("temper")


def test_correction_in_the_folder_is_told_with_its_warning(soft_project, tmp_path):
    side = {"scale": 0.8, "mae": 0.2, "cmae": None, "systematic": 0.1, "random": 0.05}
    card = {
        "name": "soft-LiF",
        "method_in_words": "one scalar",
        "base_model": {"title": "CHGNet 0.3.0"},
        "scalar": {"c": 1.25},
        "labels": {"frames": [{"compound": "LiF", "name": "frame 1"}]},
        "validity": {"in_words": "Tried for LiF."},
        "verdict": {
            "headline": "Rejected",
            "reasons": ["It got worse."],
            "exported_against_the_verdict": True,
            "unseen": {"title": "LiF, unseen", "before": side, "after": side},
            "other_chemistries": None,
        },
    }
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model-card.json").write_text(json.dumps(card), encoding="utf-8")
    blocks = report_blocks(read_report(tmp_path))
    text = " ".join(getattr(block, "text", "") for block in blocks)
    assert "Exported against the verdict" in text
    assert "c = 1.2500" in text
    assert any(isinstance(block, Table) and block.rows[0][0] == "LiF, unseen" for block in blocks)
    assert not any(isinstance(block, Picture) for block in blocks)


def test_nothing_measured_is_said(tmp_path, capsys):
    with open_project(tmp_path / "empty.temper"):
        pass
    assert main(["report", str(tmp_path / "empty.temper")]) == UNUSABLE_INPUT
    assert "nothing to report" in capsys.readouterr().err


def test_panels_are_the_papers_and_stand_ins_take_empty_places(soft_project):
    content = read_report(soft_project)
    names = panel_families(content.evaluations, content.families)
    assert names == ("surfaces", "eos", "solid-solution", "phonons", "migration", "high-energy")
    figure = six_panel_figure(content.evaluations, content.families)
    assert len(figure.axes) == len(PAPER_FAMILIES)
    assert [axes.get_title(loc="left")[0] for axes in figure.axes] == list("abcdef")
    assert any("not measured" in text.get_text() for axes in figure.axes for text in axes.texts)
    assert panel_families(content.evaluations, ()) == ("high-energy",)
