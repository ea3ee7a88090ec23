"""Which pieces train, validate and test: by a hash of the work, so that all its versions stay together."""

from __future__ import annotations

import hashlib

#: Shares of works in per cent; the rest trains.
VALID_SHARE = 3
TEST_SHARE = 3


def split_of(set_name: str, work: str) -> str:
    """``"train"``, ``"valid"`` or ``"test"``, the same on every machine and for every version of a work.

    >>> {split_of("demo", str(i)) for i in range(200)} == {"train", "valid", "test"}
    True
    """
    digest = hashlib.sha256(f"{set_name}/{work}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") % 10_000
    if place < VALID_SHARE * 100:
        return "valid"
    if place < (VALID_SHARE + TEST_SHARE) * 100:
        return "test"
    return "train"
