"""What a piece is like, in numbers that a recommender compares: known within a second of its being saved.

Every column is of about unit spread by fixed scales, so that one more piece changes nothing about the others. The
groups: style, mood, tempo, key (a place on the circle of fifths), texture, words (of the prompt and the title), sound
(where a rendering is at hand), tag, parent. ``fact:`` columns are plain values for playlists; no recommender sees them.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from yuefu.errors import YuefuError
from yuefu.recommend.cold import PAD_SPREAD
from yuefu.recommend.content import Catalogue

if TYPE_CHECKING:
    from yuefu.score.model import Score
    from yuefu.store.items import Item
    from yuefu.store.store import Store
    from yuefu.workflows.documents import Document

log = logging.getLogger(__name__)

#: Scales: a value's usual middle and spread. Tempo in octaves around the middle.
MIDDLE_TEMPO, TEMPO_SPREAD = 104.0, 0.45
_SCALES = {
    "density": (1.6, 0.7), "polyphony": (4.5, 1.8), "parts": (2.2, 0.6), "syncopation": (0.08, 0.1),
    "range": (13.0, 5.0), "length": (4.6, 0.8), "register": (60.0, 7.0), "dynamics": (80.0, 12.0),
    "chromaticism": (0.03, 0.05),
}  # fmt: skip
#: Columns of words, and the key's weight beside the rest: who likes a piece likes it in other keys too.
WORDS, KEY_WEIGHT = 16, 0.35
#: Styles that are told of one piece, and the least share.
STYLES, LEAST_SHARE = 4, 0.08
#: Seconds of a rendering that are listened to.
SOUND_SECONDS = 40.0
#: No piece may take longer when others wait for a list.
PATIENCE = 1.0


def features_of(
    document: Document, words: str = "", tags: Iterable[str] = (), parents: Iterable[str] = ()
) -> dict[str, float]:
    """The content of a document as named numbers. What can't be measured is left out; nothing here fails a save."""
    found: dict[str, float] = {}
    score = document.score
    title = score.title
    given = document.style or str(score.metadata.get("style", ""))
    for name, part in (
        ("style", lambda: _style(score, given)), ("music", lambda: _music(score)),
        ("words", lambda: _words(" ".join(filter(None, (title, words))))),
    ):  # fmt: skip
        try:
            found |= part()
        except (YuefuError, ValueError, ArithmeticError, LookupError) as error:
            log.warning("the %s of a piece can't be told: %s", name, error)
    found |= {f"tag:{tag.strip().casefold()[:50]}": 1.0 for tag in tags if tag.strip()}
    found |= {f"parent:{parent}": 1.0 for parent in parents if parent}
    return {name: round(value, 4) for name, value in found.items() if math.isfinite(value)}


def item_of_document(
    document: Document,
    *,
    piece_id: str,
    account_id: str,
    title: str,
    words: str = "",
    tags: Sequence[str] = (),
    parents: Sequence[str] = (),
    sound: Mapping[str, float] | None = None,
) -> Item:
    """A piece as the store keeps it for recommending. sound: as ``sound_features`` gives it."""
    from yuefu.store.items import Item

    features = features_of(document, words, tags, parents) | dict(sound or {})
    return Item(
        f"piece:{piece_id}", "piece", title or document.score.title, account_id, piece_id, tuple(tags), features
    )


def _style(score: Score, given: str) -> dict[str, float]:
    """Shares as roots, so that a second likely style counts; the style it was written in is its style."""
    found: dict[str, float] = {}
    if score.note_count:
        from yuefu.recognition.recognizer import style_recognizer

        verdict = style_recognizer()(score)
        trust = 1.0 if verdict.sure else 0.6
        found = {
            f"style:{key}": trust * math.sqrt(share) for key, share in verdict.shares[:STYLES] if share >= LEAST_SHARE
        }
    if given:
        found[f"style:{given.casefold()[:40]}"] = 1.0
    return found


def _music(score: Score) -> dict[str, float]:
    from yuefu.analysis.measures import measure_named
    from yuefu.tokens.facts import mood

    seconds = max(float(score.duration), 1e-3)
    tempo = _tempo(score)
    first = score.keys[0].key
    minor = first.mode == "minor"
    angle = 2 * math.pi * first.fifths / 12
    pitched = [part.notes for part in score.parts if not part.is_drums and len(part.notes)]
    drums = any(part.is_drums and len(part.notes) for part in score.parts)
    found = {
        "tempo:bpm": math.log2(tempo / MIDDLE_TEMPO) / TEMPO_SPREAD,
        "key:sin": KEY_WEIGHT * math.sin(angle), "key:cos": KEY_WEIGHT * math.cos(angle),
        "key:minor": 0.7 if minor else -0.7, "texture:drums": 0.8 if drums else -0.4,
        "texture:length": _scaled("length", math.log(seconds)),
        "fact:seconds": seconds, "fact:tempo": tempo, "fact:fifths": float(first.fifths), "fact:minor": float(minor),
    }  # fmt: skip
    if not pitched:
        return found
    pitches = np.concatenate([notes["pitch"] for notes in pitched]).astype(float)
    loud = np.concatenate([notes["velocity"] for notes in pitched]).astype(float)
    onsets = len(np.unique(np.concatenate([notes["start"] for notes in pitched])))
    density = onsets / seconds
    register = float(pitches.mean())
    named = measure_named(score, ("polyphony", "syncopation", "melody_range", "scale_ratio"))
    valence, arousal = mood(first.mode, tempo, density, register)
    energy = _energy(arousal, density, drums, float(loud.mean()))
    found |= {
        "mood:valence": valence / PAD_SPREAD, "mood:arousal": arousal / PAD_SPREAD,
        "texture:density": _scaled("density", math.log2(1 + density)),
        "texture:parts": _scaled("parts", math.log2(1 + sum(1 for part in score.parts if len(part.notes)))),
        "texture:register": _scaled("register", register), "texture:dynamics": _scaled("dynamics", float(loud.mean())),
        "texture:polyphony": _scaled("polyphony", named["polyphony"]),
        "texture:syncopation": _scaled("syncopation", named["syncopation"]),
        "texture:range": _scaled("range", named["melody_range"]),
        "texture:chromaticism": _scaled("chromaticism", 1.0 - named["scale_ratio"]),
        "fact:valence": valence, "fact:arousal": arousal, "fact:energy": energy,
    }  # fmt: skip
    return found


def _tempo(score: Score) -> float:
    """The tempo that lasts longest."""
    ends = [change.tick for change in score.tempos[1:]] + [max(score.end_tick, 1)]
    longest = max(zip(score.tempos, ends), key=lambda pair: (pair[1] - pair[0].tick) / max(pair[0].bpm, 1.0))
    return float(min(max(longest[0].bpm, 20.0), 300.0))


def _energy(arousal: float, density: float, drums: bool, loudness: float) -> float:
    """How much is going on, 0..1: arousal first, then attacks a second, drums and touch."""
    busy = 1 - math.exp(-density / 4)
    touch = min(max((loudness - 40) / 70, 0.0), 1.0)
    return min(max(0.45 * (arousal + 1) / 2 + 0.3 * busy + 0.1 * drums + 0.15 * touch, 0.0), 1.0)


def _scaled(name: str, value: float) -> float:
    middle, spread = _SCALES[name]
    return min(max((value - middle) / spread, -2.0), 2.0)


# Words

#: What most titles and prompts are about; the axes of words are those along which these differ most.
_ABOUT = (
    "rain night quiet", "summer dance party", "lullaby for a child", "march of soldiers", "jazz bar at midnight",
    "love song", "sad farewell", "morning run", "study and focus", "space and stars", "old folk tune", "festival",
    "snow and winter", "spring flowers", "battle and war", "sea and waves", "church hymn", "city at night",
    "river and moon", "childhood memory", "waltz", "blues", "rock and roll", "piano solo", "strings and harp",
    "雨夜 安静", "夏天 舞会", "摇篮曲", "进行曲 军队", "午夜 爵士酒吧", "情歌", "离别 悲伤", "晨跑 有力", "学习 专注",
    "星空 宇宙", "老 民谣", "节日 热闹", "冬天 雪", "春天 花开", "战斗 激烈", "大海 波浪", "教堂 圣咏", "城市 夜色",
    "江河 月亮", "童年 回忆", "圆舞曲", "布鲁斯", "摇滚", "钢琴独奏", "弦乐 竖琴", "古筝 山水",
    "回家 思念", "武侠 江湖",
)  # fmt: skip
_axes: tuple[np.ndarray, np.ndarray, float] | None = None
_axes_lock = threading.Lock()


def word_numbers(text: str) -> np.ndarray | None:
    """The meaning of a text as ``WORDS`` numbers of about unit spread, None for one without words."""
    from yuefu.text.encoder.reading import understand

    reading = understand(text[:600], explain=False) if text.strip() else None
    if reading is None:
        return None
    mean, axes, spread = _word_axes()
    return np.asarray((axes @ (_unit(reading.vector) - mean)) / spread)


def _word_axes() -> tuple[np.ndarray, np.ndarray, float]:
    global _axes
    with _axes_lock:
        if _axes is None:
            from yuefu.text.encoder.reading import understand

            readings = [understand(text, explain=False) for text in _ABOUT]
            rows = np.array([_unit(reading.vector) for reading in readings if reading is not None])
            mean = rows.mean(axis=0)
            _, sizes, axes = np.linalg.svd(rows - mean, full_matrices=False)
            axes = axes[:WORDS] * np.sign(axes[np.arange(WORDS), np.abs(axes[:WORDS]).argmax(axis=1)])[:, None]
            # One spread for all axes: their proportions are the meaning.
            _axes = mean, axes, float(np.sqrt((sizes[:WORDS] ** 2).mean() / len(rows))) * 2.0
        return _axes


def _unit(vector: Any) -> np.ndarray:
    row = np.asarray(vector, dtype=np.float64)
    return row / max(float(np.linalg.norm(row)), 1e-9)


def _words(text: str) -> dict[str, float]:
    numbers = word_numbers(text)
    return {} if numbers is None else {f"words:{at}": float(value) for at, value in enumerate(numbers)}


# Sound


def sound_features(path: Any) -> dict[str, float]:
    """What a rendering adds: how bright and how loud it is."""
    from yuefu.audio.features.read import read_mono

    rate = 22050
    signal = np.asarray(read_mono(path, rate), dtype=np.float64)[: int(SOUND_SECONDS * rate)]
    size = 2048
    frames = signal[: len(signal) // size * size].reshape(-1, size)
    if not len(frames) or not np.abs(frames).max() > 1e-6:
        return {}
    power = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2
    hertz = np.fft.rfftfreq(size, 1 / rate)
    centroid = float((power.sum(axis=0) * hertz).sum() / max(power.sum(), 1e-12))
    decibel = 10 * math.log10(max(float((frames**2).mean()), 1e-12))
    bright, loud = (math.log2(max(centroid, 50.0) / 900.0) / 0.8, (decibel + 22.0) / 6.0)
    return {
        "sound:brightness": round(float(np.clip(bright, -3, 3)), 4),
        "sound:loudness": round(float(np.clip(loud, -3, 3)), 4),
    }


# Catalogues


def catalogue_of(items: Sequence[Item]) -> Catalogue:
    """What is known of some items, in their order, for recommenders: all but the plain facts.

    Tags and parents that only one item has compare nothing and are left out.
    """
    counts: dict[str, int] = {}
    rows = [_columns(item) for item in items]
    for row in rows:
        for name in row:
            counts[name] = counts.get(name, 0) + 1
    lonely = ("tag:", "parent:")
    names = tuple(sorted(name for name, count in counts.items() if count > 1 or not name.startswith(lonely)))
    column = {name: at for at, name in enumerate(names)}
    table = np.zeros((len(rows), len(names)), dtype=np.float32)
    for at, row in enumerate(rows):
        for name, value in row.items():
            if name in column:
                table[at, column[name]] = value
    created = np.array([item.created.timestamp() / 86_400 if item.created else np.nan for item in items])
    return Catalogue(
        tuple(item.id for item in items),
        table,
        names,
        tuple(item.creator for item in items),
        created.astype(np.float64),
    )


def _columns(item: Item) -> dict[str, float]:
    found = {name: float(value) for name, value in item.features.items() if not name.startswith("fact:")}
    if item.kind != "piece":
        found |= {f"tag:{tag.casefold()}": 1.0 for tag in item.tags}
    return found


def parents_of(item: Item) -> tuple[str, ...]:
    """The items that one was made from."""
    return tuple(name.removeprefix("parent:") for name in item.features if name.startswith("parent:"))


# Keeping what is known up to date


def describe(store: Store, account_id: str, piece_id: str, *, parents: Sequence[str] = ()) -> bool:
    """Work out and keep what a piece is like now. account_id: whose it is. Never raises: False when it couldn't be."""
    from yuefu.workflows.documents import Document

    try:
        piece = store.pieces.get(account_id, piece_id)
        version = store.pieces.version(account_id, piece_id, piece.head)
        document = Document.from_bytes(store.pieces.document(version))
        known = store.items.get([f"piece:{piece_id}"]).get(f"piece:{piece_id}")
        came = tuple(parents) or (parents_of(known) if known is not None else ())
        item = item_of_document(
            document, piece_id=piece_id, account_id=account_id, title=piece.title, words=piece.words, tags=piece.tags,
            parents=came, sound=_sound_at_hand(store, piece_id, piece.head),
        )  # fmt: skip
        return store.items.put([_since(item, piece.created)]) > 0
    except Exception as error:  # whatever it is, the piece itself is safe and is described another time
        log.warning("piece %s can't be described: %s: %s", piece_id, type(error).__name__, error)
        return False


def _since(item: Item, created: Any) -> Item:
    return replace(item, created=created)


def _sound_at_hand(store: Store, piece_id: str, number: int) -> dict[str, float]:
    for kept in store.pieces.files(piece_id, number):
        if kept.fmt in ("wav", "flac", "ogg", "mp3"):
            try:
                return sound_features(store.blobs.path(kept.digest))
            except Exception as error:  # a sound that can't be read adds nothing
                log.info("a kept sound of %s can't be listened to: %s", piece_id, error)
    return {}


def describe_missing(store: Store, account_id: str, patience: float | None = PATIENCE) -> int:
    """Describe pieces an account may hear that aren't known, or have changed; returns how many are left undone.

    patience: seconds, None for all of them.
    """
    begun = time.monotonic()
    missing = store.items.missing(account_id)
    for done, (owner, piece_id) in enumerate(missing):
        if patience is not None and done and time.monotonic() - begun > patience:
            for other, later in missing[done:]:
                describe_soon(store, other, later)
            return len(missing) - done
        describe(store, owner, piece_id)
    return 0


class _Describer:
    """A thread that describes pieces for whoever can't wait, each once however often it changed meanwhile."""

    def __init__(self) -> None:
        self._queue: queue.Queue[tuple[Store, str, str, tuple[str, ...]]] = queue.Queue()
        self._waiting: set[tuple[int, str]] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, store: Store, account_id: str, piece_id: str, parents: tuple[str, ...]) -> None:
        with self._lock:
            if (id(store), piece_id) in self._waiting:
                return
            self._waiting.add((id(store), piece_id))
            self._queue.put((store, account_id, piece_id, parents))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="yuefu-describer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                store, account_id, piece_id, parents = self._queue.get(timeout=30)
            except queue.Empty:
                with self._lock:
                    if self._queue.empty():
                        self._thread = None
                        return
                continue
            with self._lock:
                self._waiting.discard((id(store), piece_id))
            describe(store, account_id, piece_id, parents=parents)
            self._queue.task_done()


_describer = _Describer()


def describe_soon(store: Store, account_id: str, piece_id: str, parents: Sequence[str] = ()) -> None:
    """Have a piece described beside, within a moment; returns at once and never raises."""
    try:
        _describer.put(store, account_id, piece_id, tuple(parents))
    except Exception as error:  # such as no more threads: it is described when a list is asked for
        log.warning("piece %s will be described later: %s", piece_id, error)
