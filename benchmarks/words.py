"""How well prompts are understood: the cases of words_en.toml and words_zh.toml, and EmoBank's test sentences.

    python benchmarks/words.py --corpus CORPUS --out docs/tables/words.md

Nothing learnt from the cases, and no rule was written for a single one; the totals were looked at on the way. A case counts as right when everything that it expects of
the kind is read; moods by their quadrant or, where only one axis is clear, by its sign. Beside the whole (rules and
encoder): the rules alone, the mean rating of the lexicon's words and, with `--encoder hf:FOLDER`, the rules with a
pretrained encoder instead of the one inside. `--faults` prints what was read wrong.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

FIELDS = {
    "mood": ("valence", "arousal"), "style": ("style",), "tempo": ("tempo",), "key": ("key", "mode"),
    "instruments": ("instruments", "only", "without"), "form": ("form",),
}  # fmt: skip
KINDS = ("mood, scenes", "mood, all", "mood, negated", "style", "tempo", "key", "instruments", "form", "explicit")

Read = Callable[[str], dict[str, Any]]


def right(field: str, wanted: Any, read: dict[str, Any], only: bool) -> bool:
    """Whether a field was read as expected."""
    got = read.get({"only": "instruments_only"}.get(field, field))
    if wanted == "unsaid":
        return got is None
    if wanted in ("+", "-"):
        return got is not None and (got > 0 if wanted == "+" else got < 0)
    if wanted in ("slow", "fast"):
        return got is not None and (got < 80 if wanted == "slow" else got > 115)
    if field == "form":
        return got is not None and "".join(item.letter for item in got).replace("'", "") == wanted.replace("'", "")
    if field in ("instruments", "without"):
        exact = field == "without" or only
        return sorted(got or []) == sorted(wanted) if exact else set(wanted) <= set(got or [])
    return bool(got == wanted)


def score(cases: list[dict], read: Read, faults: bool) -> dict[str, list[bool]]:
    """Kind -> right or wrong, case by case."""
    found: dict[str, list[bool]] = defaultdict(list)
    for case in cases:
        told = read(case["words"])
        only = case["expect"].get("only") is True
        verdicts = {
            kind: [right(f, case["expect"][f], told, only) for f in fields if f in case["expect"]]
            for kind, fields in FIELDS.items()
        }
        for kind, each in verdicts.items():
            if not each:
                continue
            if kind == "mood":
                found["mood, all"].append(all(each))
                if case["kind"] == ["mood"]:
                    found["mood, scenes"].append(all(each))
                if "negation" in case["kind"]:
                    found["mood, negated"].append(all(each))
            else:
                found[kind].append(all(each))
                found["explicit"].append(all(each))
            if faults and not all(each):
                got = {f: told.get("instruments_only" if f == "only" else f) for f in FIELDS[kind]}
                print(f"{kind}: {case['words']} | wanted {case['expect']} | read {got}")
    return found


def brief_reader(words: str) -> dict[str, Any]:
    """The whole: what the brief holds."""
    from yuefu.text.brief import read_brief

    return _told(read_brief(words))


def encoder_reader(name: str) -> Read:
    """The whole with another encoder, such as ``hf:FOLDER``."""
    from yuefu.text.brief import read_brief
    from yuefu.workflows.encoders import encoder_named

    understand = encoder_named(name)
    return lambda words: _told(read_brief(words, understand=understand))


def _told(brief: Any) -> dict[str, Any]:
    return {name: getattr(brief, name).value for name in type(brief).model_fields if name != "words"}


def rules_reader(words: str) -> dict[str, Any]:
    """The rules alone."""
    from yuefu.text.reader import read_words

    return {name: heard.value for name, heard in read_words(words).items()}


def lexicon_reader(words: str) -> dict[str, Any]:
    """The mean rating of the lexicon's terms."""
    from yuefu.text.lexicon import rated_terms

    ratings = [rating for _, _, rating in rated_terms(words.lower())]
    total = sum(r[2] for r in ratings)
    return {} if not total else {"valence": sum(r[0] * r[2] for r in ratings) / total,
                                 "arousal": sum(r[1] * r[2] for r in ratings) / total}  # fmt: skip


def emobank(corpus: Path) -> list[str]:
    """Correlation with EmoBank's ratings, test part."""
    from yuefu.corpus.texts import iter_texts
    from yuefu.text.encoder.reading import understand

    records = list(iter_texts(corpus, "text_emobank", "test"))
    lines = ["", f"EmoBank, {len(records)} test sentences: Pearson's r with the ratings.", "",
             "| reader | valence | arousal |", "|---|---|---|"]  # fmt: skip
    wanted = {axis: np.array([r.scores[axis] for r in records]) for axis in ("valence", "arousal")}
    for name in ("lexicon", "rules and encoder"):
        values: dict[str, list[float]] = {"valence": [], "arousal": []}
        for record in records:
            if name == "lexicon":
                told = lexicon_reader(record.text)
                pair = (told.get("valence", 0.0), told.get("arousal", 0.0))
            else:
                reading = understand(record.text, explain=False)
                pair = (0.0, 0.0) if reading is None else (reading.valence.value, reading.arousal.value)
            values["valence"].append(pair[0])
            values["arousal"].append(pair[1])
        row = [f"{np.corrcoef(values[axis], wanted[axis])[0, 1]:.3f}" for axis in ("valence", "arousal")]
        lines.append(f"| {name} | {row[0]} | {row[1]} |")
    return lines


def main() -> None:
    """Read all cases, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--encoder", metavar="hf:FOLDER", help="a pretrained encoder to set beside the one inside")
    parser.add_argument("--faults", action="store_true")
    arguments = parser.parse_args()
    readers: dict[str, Read] = {"lexicon": lexicon_reader, "rules": rules_reader, "rules and encoder": brief_reader}
    if arguments.encoder:
        readers[f"rules and {Path(arguments.encoder).name}"] = encoder_reader(arguments.encoder)
    lines = [f"| language | reader | {' | '.join(KINDS)} |", "|---|---" + "|---" * len(KINDS) + "|"]
    for language in ("en", "zh"):
        cases = tomllib.loads(Path(__file__).with_name(f"words_{language}.toml").read_text("utf-8"))["case"]
        for name, read in readers.items():
            found = score(cases, read, arguments.faults and name == "rules and encoder")
            cells = [f"{sum(v) / len(v):.3f} ({len(v)})" if (v := found.get(k)) else "-" for k in KINDS]
            lines.append(f"| {language} | {name} | {' | '.join(cells)} |")
        seconds = []
        for case in cases:
            began = time.perf_counter()
            brief_reader(case["words"])
            seconds.append(time.perf_counter() - began)
        lines.append("")
        lines.append(f"Reading a prompt, {language}: median {statistics.median(seconds) * 1e3:.1f} ms, "
                     f"slowest {max(seconds) * 1e3:.0f} ms.")  # fmt: skip
        lines.append("")
    if arguments.corpus:
        lines += emobank(arguments.corpus)
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
