"""What a version of a piece holds: the score, how it is played, and what it came from.

A document is a plain value that goes to bytes and back without loss. The piece that was composed sounds from its
document as it did; after an edit, notes that the edit didn't touch are played as before (see ``kept_playing``).
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePath
from typing import Any

from pydantic import ValidationError

from yuefu.errors import FormatError, LimitError, YuefuError
from yuefu.score.check import check_score
from yuefu.score.files import score_from_data
from yuefu.score.limits import MAX_FILE_BYTES
from yuefu.score.model import Score
from yuefu.score.performed import Performance, as_written
from yuefu.score.serial import score_from_dict, score_to_dict
from yuefu.text.brief import Brief
from yuefu.workflows.compose import LONGER, Composition
from yuefu.workflows.exporting import export
from yuefu.workflows.kept_playing import Kept, Manners, fingerprint, keep, play
from yuefu.workflows.tune_text import tune_text

__all__ = [
    "FORMAT", "Document", "document_of", "document_of_score", "export", "read_document", "summary", "tune_text",
]  # fmt: skip

FORMAT = "yuefu-document-1"
#: Most bytes of a document, packed and unpacked.
MAX_PACKED = MAX_FILE_BYTES
MAX_BYTES = 8 * MAX_FILE_BYTES


@dataclass(frozen=True, eq=False)
class Document:
    """A version of a piece.

    brief, plan, report: of a composed piece, None for others; seed, style, energy (0..1 a bar), longer: how it is
    performed, see ``perform``; kept: how its notes were played so far; played_as_written: the score holds a
    performance already, as a MIDI file does, and sounds exactly as it stands.
    """

    score: Score
    brief: Brief | None = None
    plan: dict[str, Any] | None = None
    report: dict[str, Any] | None = None
    seed: int | None = None
    style: str = ""
    energy: Sequence[float] | None = None
    longer: float | None = None
    kept: Kept | None = None
    played_as_written: bool = False

    @property
    def manners(self) -> Manners:
        """How the score is performed where nothing was kept."""
        energy = None if self.energy is None else tuple(self.energy)
        return Manners(self.style, self.seed or 0, energy, self.longer)

    @cached_property
    def _performance(self) -> Performance:
        return as_written(self.score) if self.played_as_written else play(self.score, self.kept, self.manners)

    def performance(self) -> Performance:
        """How the piece is played: as the composition was, where nothing was edited."""
        return self._performance

    def with_score(self, score: Score, *, same_notes: bool = False) -> Document:
        """Another score in this one's place: notes that it shares are played as they were, others anew.

        same_notes: an id stands for the same note wherever that is now; else one that is found at another place
        with another pitch, or in another part, is a new note that got an old id.
        """
        if self.played_as_written:
            return replace(self, score=score)
        kept = self.kept or keep(self.performance(), fingerprint(self.score, self.manners))
        left = {number for part in score.parts for number in part.notes["id"].tolist()}
        if not same_notes:
            old = _whereabouts(self.score)
            left = {n for n, (part, start, pitch) in _whereabouts(score).items()
                    if n in old and old[n][0] == part and (old[n][1] == start or old[n][2] == pitch)}  # fmt: skip
        gone = set(kept.notes["id"].tolist()) - left
        return replace(self, score=score, kept=kept.changed({}, gone) if gone else kept)

    def to_bytes(self) -> bytes:
        """Packed JSON, the same bytes for the same document."""
        data = {
            "format": FORMAT,
            "score": score_to_dict(self.score),
            "brief": None if self.brief is None else self.brief.model_dump(mode="json"),
            "plan": self.plan,
            "report": self.report,
            "seed": self.seed,
            "style": self.style,
            "energy": None if self.energy is None else list(self.energy),
            "longer": self.longer,
            "kept": None if self.kept is None else self.kept.to_dict(),
            "played_as_written": self.played_as_written,
        }
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return gzip.compress(text.encode("utf-8", "surrogatepass"), compresslevel=6, mtime=0)

    @classmethod
    def from_bytes(cls, data: bytes) -> Document:
        """What ``to_bytes`` wrote. Raises FormatError for anything else, LimitError for what is too large."""
        plain = _unpacked(data)
        if not isinstance(plain, dict) or plain.get("format") != FORMAT:
            raise FormatError(f"this isn't a document of Yuefu: its format isn't '{FORMAT}'.")
        try:
            score = check_score(score_from_dict(plain["score"]))
            brief = None if plain.get("brief") is None else Brief.model_validate(plain["brief"])
            energy = plain.get("energy")
            return cls(
                score=score,
                brief=brief,
                plan=_mapping(plain.get("plan")),
                report=_mapping(plain.get("report")),
                seed=None if plain.get("seed") is None else int(plain["seed"]),
                style=str(plain.get("style", "")),
                energy=None if energy is None else [float(value) for value in energy],
                longer=None if plain.get("longer") is None else float(plain["longer"]),
                kept=None if plain.get("kept") is None else Kept.from_dict(plain["kept"]),
                played_as_written=bool(plain.get("played_as_written", False)),
            )
        except YuefuError:
            raise
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError, ValidationError) as error:
            raise FormatError(f"this document can't be read: {type(error).__name__}: {error!s:.120}.") from error


def _whereabouts(score: Score) -> dict[int, tuple[str, int, int]]:
    """Note -> its part, start and pitch."""
    return {
        number: (part.id, start, pitch)
        for part in score.parts
        for number, start, pitch in zip(*(part.notes[name].tolist() for name in ("id", "start", "pitch")))
    }


def _mapping(value: Any) -> dict[str, Any] | None:
    if value is None or isinstance(value, dict):
        return value
    raise TypeError("a plan or report that is no object")


def _unpacked(data: bytes) -> Any:
    """The JSON inside, with a bound on what it unpacks to."""
    if len(data) > MAX_PACKED:
        raise LimitError(f"the document has {len(data):,} bytes, more than the {MAX_PACKED // 2**20} MB accepted.")
    stream = zlib.decompressobj(31)
    try:
        text = stream.decompress(data, MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise LimitError(f"the document unpacks to more than the {MAX_BYTES // 2**20} MB accepted.")
        if not stream.eof:
            raise FormatError("this document is cut short: give an undamaged copy.")
        return json.loads(text.decode("utf-8", "surrogatepass"))
    except YuefuError:
        raise
    except (zlib.error, ValueError, RecursionError) as error:
        raise FormatError(f"this document can't be unpacked: {error!s:.80}; give an undamaged copy.") from error


def document_of(piece: Composition) -> Document:
    """The document of a composed piece."""
    plan = piece.plan
    document = Document(
        score=piece.score,
        brief=piece.brief,
        plan=plan.model_dump(mode="json"),
        report=piece.report.to_dict(),
        seed=piece.seed,
        style=plan.style,
        energy=[section.energy for section in plan.sections for _ in range(section.bars)],
        longer=LONGER if piece.brief.duration.value is not None else None,
    )
    return replace(document, kept=keep(piece.performance, fingerprint(piece.score, document.manners)))


def document_of_score(
    score: Score, *, style: str | None = None, seed: int | None = 0, played_as_written: bool = False
) -> Document:
    """The document of any score. style: of the playing, None for the score's own; see ``Document``."""
    own = str(score.metadata.get("style", "")) if style is None else style
    document = Document(score=score, seed=seed, style=own, played_as_written=played_as_written)
    if played_as_written:
        return document
    return replace(document, kept=keep(document.performance(), fingerprint(score, document.manners)))


def read_document(data: bytes, name: str) -> Document:
    """The document of a file that someone gives: MIDI (played as it stands), MusicXML, ABC, jianpu, native JSON.

    name: the file's, whose extension helps to tell what it is. Raises FormatError or LimitError.
    """
    score, kind = score_from_data(data, PurePath(name.replace("\\", "/")).name)
    if not score.title:
        title = " ".join(PurePath(name.replace("\\", "/")).name.split(".")[0].replace("_", " ").split())[:120]
        score = replace(score, title=title)
    return document_of_score(score, played_as_written=kind == "midi")


def summary(document: Document) -> dict[str, Any]:
    """A few facts for a list of pieces."""
    score = document.score
    first = score.meters[0]
    return {
        "title": score.title,
        "style": document.style or str(score.metadata.get("style", "")),
        "key": score.keys[0].key.name,
        "tempo": round(score.tempos[0].bpm, 2),
        "meter": f"{first.numerator}/{first.denominator}",
        "bars": len(score.bars),
        "seconds": round(score.duration, 1),
        "parts": [part.name or part.instrument or part.id for part in score.parts],
        "instruments": [part.instrument for part in score.parts],
        "notes": score.note_count,
        "sung": any(part.syllables for part in score.parts),
    }
