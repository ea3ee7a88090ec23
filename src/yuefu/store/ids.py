"""Names for things: ULIDs, so that what was made later sorts later.

26 lower-case characters of Crockford's base 32: 48 bits of milliseconds, 80 of chance. Within a process, ids of the
same millisecond count up, so their order is the order in which they were asked for.
"""

from __future__ import annotations

import secrets
import threading
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
_RANDOM_BITS = 80
_LOCK = threading.Lock()
_last = (0, 0)


def new_id() -> str:
    """A new id.

    >>> one, other = new_id(), new_id()
    >>> len(one), one < other
    (26, True)
    """
    global _last
    with _LOCK:
        now = time.time_ns() // 1_000_000
        moment, chance = _last
        if now > moment:
            # The top bit stays free, so that counting up can't run over within the millisecond.
            moment, chance = now, secrets.randbits(_RANDOM_BITS - 1)
        else:  # the same millisecond, or a clock that was set back
            chance += 1
        _last = (moment, chance)
    return _base32((moment << _RANDOM_BITS) | chance)


def _base32(number: int) -> str:
    digits = []
    for _ in range(LENGTH):
        digits.append(ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(digits))


def is_id(text: str) -> bool:
    """Whether a text has the form of an id.

    >>> is_id(new_id()), is_id("../../etc/passwd"), is_id("")
    (True, False, False)
    """
    return len(text) == LENGTH and set(text) <= set(ALPHABET)
