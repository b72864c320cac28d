"""Rows and settings come back as they were stored."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guiapp.benchmarks.row import Row
from guiapp.engine.job import BenchmarkJob
from guiapp.store.project import open_project

NUMBER = st.floats(allow_nan=False)
TEXT = st.text(max_size=6)
ROWS = st.builds(
    Row,
    family=st.just("high-energy"),
    system=TEXT,
    model=st.sampled_from(["a", "b"]),
    mode=TEXT,
    quantity=TEXT,
    predicted=NUMBER,
    reference=NUMBER,
    unit=TEXT,
    count=st.integers(0, 10**6),
    low=st.none() | NUMBER,
    high=st.none() | NUMBER,
    verdict=TEXT,
)
ROW = Row("high-energy", "Li4", "chgnet", "static", "softening scale", 0.8, 1.0, "", 12, 0.7, 0.9, "soft")


@pytest.fixture
def job(project) -> str:
    project.jobs.create(BenchmarkJob("j", "high-energy", "chgnet", ()))
    return "j"


@given(rows=st.lists(ROWS, min_size=1, max_size=6))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_come_back_as_they_were(project, job, rows):
    """Plots, tables and export read rows and compute nothing, so a row must be exact; keeping again replaces."""
    project.rows.keep(job, [dataclasses.replace(row, model=name) for row in rows for name in ("a", "b")], reducer="0")
    project.rows.keep(job, rows, reducer="1")
    models = {row.model for row in rows}
    assert project.rows.find(job=job, reducer="1") == tuple(rows)
    assert {row.model for row in project.rows.find(job=job, reducer="0")} == {"a", "b"} - models


def test_a_row_without_a_value_stays_without(project, job):
    """SQLite has no NaN; a mean of nothing must not come back as None and crash a plot."""
    project.rows.keep(job, [dataclasses.replace(ROW, predicted=math.nan, reference=math.inf, low=None)], reducer="1")
    (row,) = project.rows.find()
    assert math.isnan(row.predicted)
    assert row.reference == math.inf
    assert row.low is None


def test_rows_are_found_by_job_family_and_model(project, job):
    """The leaderboard asks by model, the panel by job, the report by family."""
    project.jobs.create(BenchmarkJob("k", "eos", "mace", ()))
    mace = dataclasses.replace(ROW, model="mace")
    eos = dataclasses.replace(ROW, family="eos")
    project.rows.keep(job, [ROW, mace], reducer="1")
    project.rows.keep("k", [eos], reducer="2")
    assert project.rows.find() == (ROW, mace, eos)
    assert project.rows.find(model="mace") == (mace,)
    assert project.rows.find(family="eos") == (eos,)
    assert project.rows.find(job="k") == (eos,)
    assert project.rows.find(reducer="2", job=job) == ()
    project.jobs.remove(job)
    assert project.rows.find() == (eos,)


def test_rows_of_an_unknown_job_are_refused(project):
    """A row without its job could never be explained."""
    with pytest.raises(Exception, match="FOREIGN KEY"):
        project.rows.keep("nothing", [ROW], reducer="1")


def test_settings_hold_whatever_json_holds(project_path):
    """Active sets, filter, models and window state belong to the project."""
    values = {"sets": ["a", "ü"], "filter": {"max_force": 30.0, "elements": None}, "dark": True, "empty": None}
    with open_project(project_path) as project:
        for key, value in values.items():
            project.settings.set(key, value)
        project.settings.set("dark", False)
        with pytest.raises(TypeError):
            project.settings.set("bad", object())
    with open_project(project_path) as project:
        assert project.settings.all() == values | {"dark": False}
        assert project.settings.get("never", "default") == "default"
        project.settings.remove("dark")
        project.settings.remove("dark")
        assert project.settings.get("dark") is None
