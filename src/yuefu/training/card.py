"""The model card and the attributions that lie beside published weights.

The card follows Mitchell et al. 2019, "Model cards for model reporting": what the model is, what it learnt
from and on what terms, how well it does, what it is for and what it isn't. The attributions name every
work whose licence asks for it, as the corpus recorded it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from yuefu.score.model import Score

#: What the names of licences that ask for a credit line have in them, in the corpus's records.
CREDITED = ("cc by", "cc-by", "odbl", "attribution")


def asks_for_credit(licence: str) -> bool:
    """Whether a licence, or one of those that a set's note names, asks for a credit line.

    >>> asks_for_credit("CC-BY-SA-4.0 and MIT"), asks_for_credit("CC0-1.0"), asks_for_credit("public domain")
    (True, False, False)
    """
    return any(word in licence.lower() for word in CREDITED)


def attributions(scores: Iterable[Score]) -> str:
    """Tab-separated lines (set, work, title, composer, licence, source) of the works that ask for a credit.

    Groups of pieces with one source (a drummer's takes) keep a line each, since each is a work of its own.
    """
    rows = set()
    for score in scores:
        licence = str(score.metadata.get("licence", ""))
        if not asks_for_credit(licence):
            continue
        facts = (score.metadata.get("set"), score.metadata.get("work"), score.title, score.composer, licence,
                 score.metadata.get("source"))  # fmt: skip
        rows.add(tuple(" ".join(str(fact or "").split()) for fact in facts))
    head = "set\twork\ttitle\tcomposer\tlicence\tsource"
    return "\n".join([head, *("\t".join(row) for row in sorted(rows))]) + "\n"


def model_card(manifest: dict[str, Any]) -> str:
    """The card, in Markdown, of a manifest that ``publish`` made; English first, a summary in Chinese after it."""
    model, optim = manifest["settings"]["model"], manifest["settings"]["optim"]
    loss = manifest["held_out_nats_per_token"]
    rows = "\n".join(f"| {row} | {value:.3f} |" for row, value in manifest["held_out_rows"].items())
    sets = "\n".join(
        f"| {each['title']} (`{each['name']}`) | {each['licence']} | {each['weight']:g} | {each['origin']} |"
        for each in manifest["sets"]
    )
    credits = "\n".join(
        f"- **{each['title']}**, {each['licence']}. {each['citation']} {each['licence_note']}".rstrip()
        for each in manifest["sets"]
    )
    begun = f"\n- Begun from: {manifest['begun_from']}." if manifest.get("begun_from") else ""
    hours = manifest.get("training_seconds", 0) / 3600
    millions, tokens = manifest["parameters"] / 1e6, manifest["tokens_seen"] / 1e6
    return f"""# Model card: {manifest["name"]}

A small language model that fills in music: given some cells of a grid of parts and bars, it writes the others
(melody, chords, counter-melody, inner voice, bass, keys, pad, drums). It is the model inside Yuefu.

- Architecture: {manifest["architecture"]}, {millions:.2f} M parameters, width {model["width"]},
  {model["layers"]} layers, {model["heads"]} heads, inner size {model["inner"]}, context {model["context"]} tokens;
  vocabulary {manifest["vocabulary"]}.
- Files: `model.onnx` with its data ({manifest["precision"]}, what Yuefu runs), `hf/` (float16, an ordinary Hugging
  Face folder: load it with AutoModelForCausalLM, tune it with peft), `originality.npz` (fingerprints of the
  training tunes), `ATTRIBUTIONS.tsv`, `manifest.json`.
- Licence of the weights: Apache-2.0. The training sets keep their own licences, below.
- Made: {manifest["made"]}.

## Training

- {manifest["steps"]} steps, {tokens:.1f} M tokens seen, {hours:.1f} hours on a processor with 2 cores, without an
  accelerator.{begun}
- Optimiser {optim["name"]}, rate {optim["rate"]:g}; every sample is a window of a piece in
  C major or A minor with a random task's mask. All settings: `manifest.json`.
- Works are split by a hash of the work into training, validation and test parts; versions of a song share a part.

| set | licence | share of samples | origin |
|---|---|---|---|
{sets}

## How well it does

Held-out (validation) works: {loss:.3f} nats a written token.

| row | nats a token |
|---|---|
{rows}

`docs/benchmarks.md` in the repository holds the bench: likelihood, harmonisation, infilling, arrangement,
whole songs, adherence, memorisation and speed, with the commands.

## What it is for, and what not

- For: sketching and arranging tonal music in the styles of its corpora, under constraints that Yuefu's
  runtime guarantees (key, metre, chords, ranges, syllables, locked cells).
- Not for: imitating a named living artist, or passing what it writes off as somebody's. Don't publish without
  looking at the report's nearest piece: it tells the longest passage shared with the training corpus.
- It is small. Long-range form comes from the plan and not from the model; orchestral texture, rubato and
  microtones are beyond it. Western notation and Chinese pop, European folk, classical music and jazz are
  over-represented, other traditions scarcely present.
- POP909's arrangements are MIT, but the songs in it stay in copyright. The copy guard keeps tunes from sharing
  long passages with the training corpus; shorter likenesses can occur.

## Credits

The data was changed: quantised, laid out in rows by role, moved to one key, annotated with chords and keys where
it had none, and cut into windows. `ATTRIBUTIONS.tsv` names every work under a licence that asks for credit (for
Mutopia, whose records name no maintainer for each piece, it names the file that does).

{credits}

## 中文摘要

这是乐府内置的填谱模型：把乐曲看作“声部 × 小节”的网格，已知其中一些格子，写出其余的格子。{millions:.2f} 百万参数，
训练时读过 {tokens:.1f} 百万个记号，只用处理器训练。留出作品上每个记号 {loss:.3f} 纳特。权重以
Apache-2.0 发布；训练语料各自保留其许可，见上表与 `ATTRIBUTIONS.tsv`。适合在给定条件下写作与编配调性音乐；
不应用来模仿在世的音乐人。发表之前，请看报告里与训练语料最接近的作品。POP909 的编配为 MIT 许可，歌曲本身仍受版权保护。
"""
