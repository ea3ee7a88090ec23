"""Coroutines run by tests that share a process with a browser, whose own loop never ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T], seconds: float = 60.0) -> T:
    """What a coroutine returns, run in a loop of its own in a thread of its own."""

    async def limited() -> T:
        return await asyncio.wait_for(coroutine, seconds)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, limited()).result()
