"""A corpus small enough to measure in a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.evaluation.works import write_small_corpus


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built corpus folder: fifteen works (see ``works.py``) of pop909, jsb_chorales and pd_fiddle_abc."""
    return write_small_corpus(tmp_path_factory.mktemp("corpus"))
