"""What the readers accept: stated limits, so that no file can exhaust the machine.

Sizes are bytes, times are score ticks (24 a quarter). A file beyond a limit raises LimitError
with the limit in its sentence.
"""

from __future__ import annotations

from pathlib import Path

from yuefu.errors import InputError, LimitError

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_NOTES = 1_000_000
MAX_TRACKS = 1_000
#: 100,000 quarters: about 14 hours at 120 a minute.
MAX_TICKS = 24 * 100_000


def check_size(size: int, what: str) -> None:
    """Raise LimitError when ``size`` bytes are more than a score file may have."""
    if size > MAX_FILE_BYTES:
        raise LimitError(
            f"the {what} has {size:,} bytes, more than the {MAX_FILE_BYTES // 2**20} MB that are accepted: "
            "give a smaller one."
        )


def check_notes(count: int) -> None:
    """Raise LimitError when a score would have more notes than accepted."""
    if count > MAX_NOTES:
        raise LimitError(f"the score has more than the {MAX_NOTES:,} notes that are accepted: give a shorter one.")


def check_ticks(tick: float) -> None:
    """Raise LimitError when a score would be longer than accepted (``tick``: 24 a quarter)."""
    if tick > MAX_TICKS:
        raise LimitError(
            f"the score is longer than the {MAX_TICKS // 24:,} quarter notes that are accepted: give a shorter one."
        )


def read_limited(path: Path, what: str = "file") -> bytes:
    """The bytes of a file within the size limit.

    Raises InputError when it doesn't exist or can't be read, LimitError when it is too large.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
            size = path.stat().st_size if len(data) > MAX_FILE_BYTES else len(data)
    except FileNotFoundError:
        raise InputError(f"there is no {what} '{path}': check the name.") from None
    except IsADirectoryError:
        raise InputError(f"'{path}' is a folder: give the {what} inside it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"the {what} '{path}' can't be read: {reason}.") from error
    check_size(size, what)
    return data
