"""What the suites' tests measure."""

from __future__ import annotations

from tests.evaluation.conftest import small_corpus

__all__ = ["small_corpus"]
