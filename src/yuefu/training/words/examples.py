"""Training examples for the encoder: texts with what is known of them, from our own sentences and the text corpora."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path

from yuefu.corpus.texts import TextRecord, iter_texts
from yuefu.text.encoder.styles import LEARNT_STYLES
from yuefu.text.lexicon import Concept, concepts, rated_terms
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.styles import STYLES
from yuefu.training.words.scenes import Scene, learnt_scenes, turning_scenes

LANGUAGES = ("en", "zh")
#: Kind of example -> share of a batch.
SHARES = {"terms": 0.08, "mood": 0.34, "scenes": 0.28, "emobank": 0.11, "muchin": 0.06, "musecoco": 0.05, "facts": 0.08}


@dataclass(frozen=True)
class Example:
    """A text and what is known of it; None or empty for what isn't.

    valence, arousal: -1..1, of importance ``weight``; pace: -1 slow..1 fast; styles: catalogue keys; source:
    ``"emobank"`` ratings have a scale of their own.
    """

    text: str
    valence: float | None = None
    arousal: float | None = None
    weight: float = 1.0
    styles: tuple[str, ...] = ()
    pace: float | None = None
    source: str = ""


@cache
def templates() -> dict:
    """The patterns of ``templates.toml``."""
    return tomllib.loads(resources.files("yuefu.training.words").joinpath("templates.toml").read_text("utf-8"))


#: Table of [mood] -> the sentence's rating from its words' (m's and n's valence or arousal); axis 1 is arousal.
RULES: dict[str, Callable[[float, float, int], float]] = {
    "plain": lambda m, n, axis: m,
    "both": lambda m, n, axis: (m + n) / 2,
    "more": lambda m, n, axis: m * (1.25 if axis == 0 else 1.2),
    "less": lambda m, n, axis: m * 0.6,
    "denied": lambda m, n, axis: m * (-0.5 if axis == 0 else -0.3),
    "opposite": lambda m, n, axis: m * (-0.85 if axis == 0 else -0.6),
    "doubly": lambda m, n, axis: m * 0.85,
    "instead": lambda m, n, axis: 0.95 * n - 0.05 * m,
    "despite": lambda m, n, axis: 0.35 * m + 0.65 * n,
    "gone": lambda m, n, axis: m * (-0.6 if axis == 0 else -0.4),
    "wished": lambda m, n, axis: m * (-0.6 if axis == 0 else 0.1) - (0.0 if axis == 0 else 0.15),
    "refused": lambda m, n, axis: m * (-0.6 if axis == 0 else 0.05),
    "turned": lambda m, n, axis: n - 0.05 * m,
    "even_so": lambda m, n, axis: 0.8 * m + 0.2 * n,
}
#: How often each is drawn.
_RULE_SHARES = {"plain": 5, "both": 2, "more": 1.5, "less": 1.5, "denied": 4, "opposite": 0.7, "doubly": 2,
                "instead": 5, "despite": 1.5, "gone": 1, "wished": 0.7, "refused": 0.7, "turned": 2.5,
                "even_so": 1.2}  # fmt: skip
#: How often a scene is drawn from those that turn on negation, contrast or degree, beside their share of all.
_TURNING = 0.15
#: Their second part is a scene.
_OF_SCENES = ("turned", "even_so")
#: Their second part is to be unlike the first.
_CONTRASTS = ("instead", "despite", "turned", "even_so")


@dataclass
class Sources:
    """Where examples come from. records: set -> its training records; facts: measured facts of real pieces."""

    records: dict[str, list[TextRecord]] = field(default_factory=dict)
    facts: list[dict] = field(default_factory=list)

    @classmethod
    def of(cls, corpus: Path, facts: Sequence[dict] = ()) -> Sources:
        """The text sets of a corpus folder (``yuefu corpus build``), train parts."""
        records = {
            name: list(iter_texts(corpus, name, "train"))
            for name in ("text_emobank", "text_muchin", "text_musecoco_templates")
        }
        return cls(records, list(facts))

    def draw(self, rng: random.Random) -> Example:
        """A random example of a random kind."""
        kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
        made: Example = getattr(self, f"_{kind}")(rng)
        return made

    def _terms(self, rng: random.Random) -> Example:
        concept = rng.choice(concepts())
        language = rng.choice(LANGUAGES)
        return _rated(rng.choice(_terms_of(concept, language)), concept)

    def _mood(self, rng: random.Random) -> Example:
        language = rng.choice(LANGUAGES)
        rule = rng.choices(list(_RULE_SHARES), list(_RULE_SHARES.values()))[0]
        m = _feeling(rng)
        while (
            rule not in ("plain", "both") and max(abs(m.valence), abs(m.arousal)) < 0.35
        ):  # what is faint denies nothing
            m = _feeling(rng)
        if wanted := {"wished": 1, "refused": -1}.get(rule):  # one wishes for what is good
            while m.valence * wanted < 0.15:
                m = _feeling(rng)
        n: Concept | Scene = rng.choice(learnt_scenes()) if rule in _OF_SCENES else _feeling(rng)
        if rule in _CONTRASTS and (rule in _OF_SCENES or rng.random() < 0.6):  # what is contrasted tends to be unlike
            for _ in range(6):
                if (m.valence - n.valence) ** 2 + (m.arousal - n.arousal) ** 2 > 0.6:
                    break
                n = rng.choice(learnt_scenes()) if rule in _OF_SCENES else _feeling(rng)
        pattern = rng.choice(templates()["mood"][rule][language])
        other = getattr(n, language) if isinstance(n, Scene) else rng.choice(_terms_of(n, language))
        text = pattern.format(m=rng.choice(_terms_of(m, language)), n=other, s=other)
        valence, arousal = (
            max(-1.0, min(1.0, RULES[rule](a, b, axis)))
            for axis, (a, b) in enumerate(((m.valence, n.valence), (m.arousal, n.arousal)))
        )
        made = Example(text, valence, arousal)
        if rng.random() < 0.15:  # a scene goes before or after
            scene = rng.choice(learnt_scenes())
            other = scene.en if language == "en" else scene.zh
            joined = f"{other}. {text}" if language == "en" else f"{other}。{text}"
            made = replace(made, text=joined, valence=0.6 * valence + 0.4 * scene.valence,
                           arousal=0.6 * arousal + 0.4 * scene.arousal)  # fmt: skip
        return _around(made, language, rng)

    def _scenes(self, rng: random.Random) -> Example:
        among = turning_scenes() if rng.random() < _TURNING else learnt_scenes()
        scene, language = rng.choice(among), rng.choice(LANGUAGES)
        made = _of_scene(scene, language)
        if rng.random() < 0.2:
            other = rng.choice(learnt_scenes())
            added = other.en if language == "en" else other.zh
            made = replace(made, text=f"{made.text}{'. ' if language == 'en' else '。'}{added}",
                           valence=(scene.valence + other.valence) / 2, arousal=(scene.arousal + other.arousal) / 2,
                           styles=(), pace=None)  # fmt: skip
        return _around(made, language, rng)

    def _emobank(self, rng: random.Random) -> Example:
        record = rng.choice(self.records["text_emobank"])
        return Example(record.text, record.scores["valence"], record.scores["arousal"], source="emobank")

    def _muchin(self, rng: random.Random) -> Example:
        record = rng.choice(self.records["text_muchin"])
        words = [w for aspect in ("mood", "expression", "theme") for w in record.tags.get(aspect, ())]
        ratings = [rating for word in words for _, _, rating in rated_terms(word)]
        lines = [line for line in record.text.splitlines() if len(line) > 6]
        pick = rng.random()
        text = rng.choice(lines) if pick < 0.4 and lines else "，".join(rng.sample(words, min(len(words), 4)))
        if pick < 0.4:
            ratings = [rating for _, _, rating in rated_terms(text)]
        pace = _pace_zh(record.tags.get("tempo", ()))
        if not ratings:
            return Example(text or record.title, pace=pace if pick < 0.4 else None)
        total = sum(r[2] for r in ratings) or 1.0
        valence, arousal = (1.2 * sum(r[axis] * r[2] for r in ratings) / total for axis in (0, 1))
        return Example(text, max(-1.0, min(1.0, valence)), max(-1.0, min(1.0, arousal)), weight=0.5)

    def _musecoco(self, rng: random.Random) -> Example:
        record = rng.choice(self.records["text_musecoco_templates"])
        feeling = _feeling(rng)
        style = rng.choice(LEARNT_STYLES)
        played = rng.sample(list(INSTRUMENTS), rng.choice((1, 1, 2, 3)))
        fill = {
            "EMOTION": rng.choice(feeling.en), "GENRE": STYLES[style].en,
            "KEY": rng.choice(("C major", "A minor", "major", "minor")),
            "INSTRUMENTS": " and ".join(INSTRUMENTS[key].en for key in played),
            "TIME_SIGNATURE": rng.choice(("4/4", "3/4", "6/8")),
            "TM1": str(rng.randint(20, 240)), "NUM_BARS": str(rng.randint(8, 64)), "RANGE": str(rng.randint(1, 4)),
            "ARTIST": "the masters", "TEMPO": "moderato",
        }  # fmt: skip
        text = record.text
        for name, value in fill.items():
            text = text.replace(f"[{name}]", value)
        told = {code for codes in record.tags.values() for code in codes}
        rhythm = next((value for code, value in _RHYTHM.items() if code in told), None)
        felt = "EM1_1" in told and "[EMOTION]" in record.text
        return Example(
            text,
            feeling.valence if felt else None,
            (0.6 * feeling.arousal + 0.4 * rhythm if rhythm is not None else feeling.arousal) if felt else rhythm,
            weight=0.7,
            styles=(style,) if "[GENRE]" in record.text and "S4_1" in told else (),
            pace=next((value for code, value in _TEMPO.items() if code in told), None),
        )

    def _facts(self, rng: random.Random) -> Example:
        if not self.facts:
            return self._mood(rng)
        fact, language = rng.choice(self.facts), rng.choice(LANGUAGES)
        words = templates()["words"]
        played = fact["instruments"] or [rng.choice(list(INSTRUMENTS))]
        text = rng.choice(templates()["facts"][language]).format(
            style=getattr(STYLES[fact["style"]], language),
            mode=rng.choice(words[f"mode_{fact['mode']}"][language]),
            tempo=rng.choice(words[f"tempo_{fact['tempo']}"][language]),
            density=rng.choice(words[f"density_{fact['density']}"][language]),
            instrument=("、" if language == "zh" else ", ").join(getattr(INSTRUMENTS[k], language) for k in played[:3]),
        )
        if rng.random() < 0.4:
            feeling = _feeling(rng)
            added = rng.choice(_terms_of(feeling, language))
            return Example(f"{text}{'，' if language == 'zh' else ', '}{added}", feeling.valence, feeling.arousal, 0.7,
                           styles=(fact["style"],))  # fmt: skip
        told = text.lower()
        says_pace = any(w in told for group in ("tempo_0", "tempo_1", "tempo_2", "tempo_3", "tempo_4")
                        for w in words[group][language])  # fmt: skip
        return Example(text, fact["valence"] * 0.6, fact["arousal"] * 0.6, 0.3, styles=(fact["style"],),
                       pace=fact["tempo"] / 2 - 1 if says_pace else None)  # fmt: skip


def pairs(rng: random.Random, count: int) -> Iterator[tuple[str, str]]:
    """English and Chinese that mean the same: concepts and scenes."""
    for _ in range(count):
        if rng.random() < 0.5:
            concept = rng.choice(concepts())
            yield rng.choice(_terms_of(concept, "en")), rng.choice(_terms_of(concept, "zh"))
        else:
            scene = rng.choice(learnt_scenes())
            yield scene.en, scene.zh


_TEMPO = {"T1_0": 0.7, "T1_1": -0.7, "T1_2": 0.0}
_RHYTHM = {"R3_0": -0.6, "R3_1": 0.7, "R3_2": 0.0}


def _feeling(rng: random.Random) -> Concept:
    """A concept, feelings more often than scenes."""
    for _ in range(8):
        concept = rng.choice(concepts())
        if rng.random() < concept.weight**2:
            return concept
    return concept


def _terms_of(concept: Concept, language: str) -> tuple[str, ...]:
    return concept.en if language == "en" else concept.zh


def _rated(text: str, concept: Concept) -> Example:
    return Example(text, concept.valence, concept.arousal, concept.weight)


def _of_scene(scene: Scene, language: str) -> Example:
    text = scene.en if language == "en" else scene.zh
    return Example(text, scene.valence, scene.arousal, 1.5, styles=scene.styles, pace=scene.pace)


def _around(example: Example, language: str, rng: random.Random) -> Example:
    return replace(example, text=rng.choice(templates()["around"][language]).format(s=example.text))


def _pace_zh(words: Sequence[str]) -> float | None:
    told = " ".join(words)
    slow, fast = sum(told.count(w) for w in ("慢", "缓")), sum(told.count(w) for w in ("快", "急"))
    return None if not slow and not fast else 0.6 * (fast - slow) / (fast + slow)
