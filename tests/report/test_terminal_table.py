"""Plain tables for the terminal: aligned, complete, with words in place of missing numbers."""

from guiapp.report.terminal_table import failures_table, parts_table, softest_table, summary_table


def test_summary_table(soft, silent):
    """One line a model; the scale with its interval, or the words; every row as wide as the head allows."""
    head, rule, first, second, *notes = summary_table([soft, silent]).splitlines()
    assert head.split()[0] == "model"
    assert set(rule) == {"-", " "}
    assert soft.title in first
    assert " to " in first
    assert first.endswith("soft")
    assert second.endswith("not enough signal")
    assert head.index("verdict") == first.index("soft") == second.rindex("not enough signal")
    assert any("filter: |F| ≤ 30 eV/Å" in note for note in notes)


def test_softest_first(soft):
    """Compounds in the order of their scales, no more than asked for."""
    lines = softest_table(soft, limit=3).splitlines()
    assert lines[0] == f"{soft.title}: softest compounds"
    names = [line.split()[0] for line in lines[3:]]
    assert names == [compound.name for compound in soft.summary.softest_first[:3]]


def test_parts_of_the_cloud(soft):
    """Ranges of forces, classes of strain and elements, each with its slope and count."""
    text = parts_table(soft)
    for group in (*soft.summary.by_force, *soft.summary.by_strain, *soft.summary.by_element):
        line = next(line for line in text.splitlines() if group.label in line)
        assert f"{group.statistics.scale:.2f}" in line
        assert f"{group.statistics.n:,}" in line
    assert {"compressed", "unstrained", "stretched"} <= set(text.split())


def test_no_signal_is_words(silent):
    """No empty table."""
    assert softest_table(silent).endswith("not enough signal")


def test_failures(soft, silent):
    """Each failure with its reason and what to do; nothing where there are none."""
    assert "two atoms are at one place. Check the file." in failures_table(soft)
    assert failures_table(silent) == ""
