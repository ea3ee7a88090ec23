"""Composed for somebody: a taste becomes briefs, one of which is not like the other, each with a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from yuefu.errors import InputError
from yuefu.progress import Listener, ignore
from yuefu.text.brief import Brief, BriefOptions, read_brief
from yuefu.workflows.taste import Taste, _style_name, mood_words, taste_of

if TYPE_CHECKING:
    from yuefu.store.pieces import Piece
    from yuefu.store.store import Store
    from yuefu.workflows.recommending import Desk

#: What a piece of the daily mix is tagged with, and pieces that were composed for somebody.
MIX_TAG, FOR_ME_TAG = "daily-mix", "for-me"
#: How many pieces a daily mix has.
LEAST, MOST = 1, 8
#: How far a piece may be from the taste: (valence, arousal, tempo in octaves).
SPREAD = (0.18, 0.2, 0.12)
#: Of this many pieces one leaves the known styles.
VENTURE = 4
#: Where nothing is known: styles that nearly everybody can listen to.
USUAL = ("pop", "jazz", "classical", "folk", "ambient", "waltz", "film", "lofi")


@dataclass(frozen=True)
class ForMe:
    """A piece to be composed for somebody. why: in both languages; tags: for the library."""

    brief: Brief
    why_en: str
    why_zh: str
    tags: tuple[str, ...]
    seed: int

    def why(self, language: str) -> str:
        """In one language."""
        return self.why_zh if language == "zh" else self.why_en

    def request(self) -> dict[str, Any]:
        """As a job of the kind ``compose`` asks for it."""
        return {"brief": self.brief.model_dump(mode="json"), "tags": list(self.tags)}


def brief_for(
    taste: Taste,
    seed: int,
    index: int = 0,
    *,
    words: str = "",
    language: str = "en",
    options: BriefOptions | None = None,
) -> tuple[Brief, str]:
    """A brief that suits a taste, and a sentence why. index: of several, each with another style and mood.

    words, options: what is wanted beside; it wins. The same taste, seed and index give the same brief.
    """
    made = for_me(taste, seed, index, words=words, options=options, language=language)
    return made.brief, made.why(language)


def for_me(
    taste: Taste,
    seed: int,
    index: int = 0,
    *,
    words: str = "",
    options: BriefOptions | None = None,
    language: str = "en",
    tags: Sequence[str] = (FOR_ME_TAG,),
    taken: Sequence[str] = (),
) -> ForMe:
    """``brief_for`` with all that belongs to it. taken: titles that others have already."""
    from yuefu.theory.styles import STYLES

    rng = np.random.default_rng([seed, index])
    numbers = taste.numbers
    given = options or BriefOptions()
    said = read_brief(words, given) if words.strip() or _says(given) else None
    style, ventured = _style(taste, index, rng)
    if said is not None and said.style.value:
        style, ventured = said.style.value, False
    valence = float(np.clip(numbers.get("valence", 0.25) + SPREAD[0] * rng.normal(), -0.9, 0.9))
    arousal = float(np.clip(numbers.get("arousal", 0.0) + SPREAD[1] * rng.normal(), -0.9, 0.9))
    # Around the taste, not all at one spot: every second piece is calmer, the others livelier.
    arousal = float(np.clip(arousal + (-0.15 if index % 2 else 0.15), -0.9, 0.9))
    low, typical, high = STYLES[style].tempo
    wanted = numbers.get("tempo", float(typical)) * 2 ** (SPREAD[2] * float(rng.normal()) + 0.1 * arousal)
    tempo = float(np.clip(round(wanted), low, high))
    brief_words = words.strip()
    filled = replace(
        given,
        style=given.style or (style if said is None or not said.style.value else None),
        mood=given.mood or (f"{valence:.2f},{arousal:.2f}" if said is None or said.valence.value is None else None),
        tempo=given.tempo or (f"{tempo:g}" if said is None or said.tempo.value is None else None),
        seed=given.seed if given.seed is not None else int(rng.integers(2**31)),
    )
    zh = language == "zh"
    if not brief_words and given.title is None:
        filled = replace(filled, title=_title(valence, arousal, rng, zh, taken))
    brief = read_brief(brief_words, filled)
    # A style that was read from the words may have another tempo's range: the planner settles the rest.
    why_en, why_zh = _why(taste, style, valence, arousal, ventured)
    return ForMe(brief, why_en, why_zh, tuple(tags), int(brief.seed.value or 0))


def daily_mix(desk: Desk, account_id: str, n: int = 4, *, day: date | None = None, language: str = "en") -> list[ForMe]:
    """What to compose for somebody today: different pieces, the same ones the whole day. Raises InputError."""
    if not LEAST <= n <= MOST:
        raise InputError(f"a daily mix has {LEAST} to {MOST} pieces, not {n}.")
    today = day or datetime.now(UTC).date()
    digest = hashlib.sha256(f"{account_id} {today.isoformat()}".encode()).digest()
    seed = int.from_bytes(digest[:4], "big") & 0x7FFFFFFF
    taste = taste_of(desk, account_id)
    tags = (FOR_ME_TAG, MIX_TAG, f"{MIX_TAG}-{today.isoformat()}")
    made: list[ForMe] = []
    for index in range(n):
        taken = [one.brief.title.value or "" for one in made]
        made.append(for_me(taste, seed, index, language=language, tags=tags, taken=taken))
    return made


def compose_and_keep(
    store: Store, account_id: str, wanted: ForMe, *, engine: str = "auto", progress: Listener = ignore
) -> Piece:
    """Compose a piece and keep it in the library, described at once."""
    from yuefu.store.pieces import MAX_TITLE
    from yuefu.workflows.compose import compose_brief
    from yuefu.workflows.documents import document_of, summary, tune_text
    from yuefu.workflows.piece_items import describe

    piece = compose_brief(wanted.brief, engine=engine, progress=progress)
    document = document_of(piece)
    made = store.pieces.create(
        account_id, title=piece.score.title[:MAX_TITLE], document=document.to_bytes(), kind="compose",
        note=wanted.why_en, words=wanted.brief.words, tags=wanted.tags, facts=summary(document),
        tune=tune_text(document.score),
    )  # fmt: skip
    describe(store, account_id, made.id)
    return made


def missing_pieces(
    desk: Desk,
    account_id: str,
    words: str,
    minutes: float,
    *,
    language: str = "en",
    seed: int = 0,
    seconds: float = 180.0,
) -> list[ForMe]:
    """What to compose so that a playlist for these words gets its missing minutes."""
    from yuefu.workflows.listening_wish import read_wish

    taste = taste_of(desk, account_id)
    wish = read_wish(words)
    numbers = dict(taste.numbers)
    for name, value in (("valence", wish.valence), ("arousal", wish.arousal), ("tempo", wish.tempo)):
        if value is not None:
            numbers[name] = value
    count = max(1, min(40, round(minutes * 60 / seconds)))
    each = min(420.0, max(30.0, minutes * 60 / count))
    options = BriefOptions(duration=f"{each:.0f}")
    tuned = replace(taste, numbers=numbers)
    # What the words say outright (a waltz, no drums) is in every piece; the mood is the wish's.
    said = words if wish.styles else ""
    tags = (FOR_ME_TAG,)
    made: list[ForMe] = []
    for index in range(count):
        taken = [one.brief.title.value or "" for one in made]
        made.append(for_me(tuned, seed, index, words=said, options=options, language=language, tags=tags, taken=taken))
    return [replace(one, brief=one.brief.model_copy(update={"words": words})) for one in made]


def _says(options: BriefOptions) -> bool:
    return any(getattr(options, name) is not None for name in BriefOptions.__dataclass_fields__
               if name not in ("seed", "candidates"))  # fmt: skip


def _style(taste: Taste, index: int, rng: np.random.Generator) -> tuple[str, bool]:
    """A style for the piece at a place, and whether it leaves what is known of the taste."""
    from yuefu.theory.styles import STYLES

    known = [(_written(key), weight) for key, weight in taste.styles]
    liked = [(key, weight) for key, weight in known if key]
    if index % VENTURE == VENTURE - 1 or not liked:
        have = {key for key, _ in liked}
        want = taste.numbers.get("energy", 0.5)
        others = [key for key in (USUAL if not liked else STYLES) if key in STYLES and key not in have]
        nearest = sorted(others, key=lambda key: (abs(STYLES[key].energy - want), key))[: max(6, len(USUAL))]
        return nearest[int(rng.integers(len(nearest)))], bool(liked)
    return liked[(index - index // VENTURE) % len(liked)][0], False


def _written(key: str) -> str:
    """The style to write in for one that the recogniser tells."""
    from yuefu.theory.styles import STYLES

    if key in STYLES:
        return key
    return next((style.key for style in STYLES.values() if key in style.labels or style.corpus_label == key), "")


def _title(valence: float, arousal: float, rng: np.random.Generator, chinese: bool, taken: Sequence[str]) -> str:
    calm = (("Still Water", "静水"), ("Lamplight", "灯下"), ("Slow Rain", "慢雨"), ("Soft Hours", "轻柔时光"),
            ("Low Tide", "退潮"), ("Paper Moon", "纸月亮"))  # fmt: skip
    lively = (("Open Window", "敞开的窗"), ("Bright Street", "明亮的街"), ("First Bus", "头班车"),
              ("Kite Weather", "风筝天"), ("Running Light", "追光"), ("Market Day", "赶集"))  # fmt: skip
    dark = (("Last Train", "末班车"), ("Grey Harbour", "灰色港湾"), ("After Snow", "雪后"), ("Far Window", "远窗"),
            ("Unsent Letter", "未寄的信"), ("Night Ferry", "夜渡"))  # fmt: skip
    pool = dark if valence < -0.1 else lively if arousal > 0.1 else calm
    start = int(rng.integers(len(pool)))
    names = [pool[(start + at) % len(pool)][chinese] for at in range(len(pool))]
    free = [name for name in names if name not in taken]
    return free[0] if free else f"{names[0]} {len(taken) + 1}"


def _why(taste: Taste, style: str, valence: float, arousal: float, ventured: bool) -> tuple[str, str]:
    mood_en, mood_zh = mood_words(valence, arousal, "en"), mood_words(valence, arousal, "zh")
    name_en, name_zh = _style_name(style, "en"), _style_name(style, "zh")
    mine = dict(taste.styles)
    if ventured:
        return (f"Something you haven't heard much: {name_en}, {mood_en}, near the moods you like.",
                f"换个口味：{name_zh}，{mood_zh}，情绪接近你喜欢的。")  # fmt: skip
    if any(_written(key) == style for key in mine):
        return f"Because you like {name_en}: {mood_en}.", f"因为你喜欢{name_zh}：{mood_zh}。"
    if taste.pieces or taste.started:
        return f"{name_en}, {mood_en}, near the moods you like.", f"{name_zh}，{mood_zh}，接近你喜欢的情绪。"
    return (
        f"A beginning: {name_en}, {mood_en}; a like or dislike tells more.",
        f"先从这里开始：{name_zh}，{mood_zh}，点赞或不喜欢会让它更懂你。",
    )
