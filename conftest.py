"""Which tests need the extra `train`, told by folder; and none of them sees the user's own styles.

`-m "not train"` leaves these folders out before they are imported, since they import torch; the
header of the run says so. `-m train` runs them alone.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
TRAIN = tuple(ROOT / folder for folder in ("tests/models", "tests/training", "src/yuefu/models", "src/yuefu/training"))


def _needs_train(path: Path) -> bool:
    return any(path == folder or folder in path.parents for folder in TRAIN)


def _left_out(config: pytest.Config) -> bool:
    return "not train" in config.getoption("markexpr")


def pytest_configure(config: pytest.Config) -> None:
    os.environ["YUEFU_HOME"] = str(ROOT / ".pytest_cache" / "home")  # isn't there; tests that want one make their own


def pytest_report_header(config: pytest.Config) -> str | None:
    if _left_out(config):
        return "left out, as asked: tests that need the extra `train`"
    return None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if _left_out(config) and _needs_train(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _needs_train(item.path):
            item.add_marker("train")
