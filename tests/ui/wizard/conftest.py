"""The wizard, opened by its button after a benchmark."""

from __future__ import annotations

import pytest
from wizard_steps import opened_wizard


@pytest.fixture
def wizard(measured, qtbot):
    opened = opened_wizard(measured, qtbot)
    qtbot.waitUntil(lambda: opened.target.is_ready)
    return opened
