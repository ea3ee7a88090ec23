"""What a built corpus holds: pieces and notes by set, row, style and split, licences, and what was refused.

Written beside the corpus as ``stats.json`` (the numbers), ``stats.md`` and ``stats.html`` (the same
as tables).
"""

from __future__ import annotations

import html
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from yuefu.corpus.manifest import manifests
from yuefu.corpus.reader_types import SPLITS
from yuefu.corpus.store import iter_file, set_names, set_path, write_bytes
from yuefu.errors import InputError
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.model import ROWS

Table = tuple[str, list[str], list[list[str]]]  # heading, columns, rows


def collect(folder: Path | str, progress: Listener = ignore) -> dict[str, Any]:
    """Count a corpus. Raises InputError for a folder without one."""
    folder = Path(folder)
    names = set_names(folder)
    if not names:
        raise InputError(f"'{folder}' holds no built corpus: run 'yuefu corpus build' first.")
    sets: dict[str, Any] = {}
    styles: dict[str, Counter[str]] = defaultdict(Counter)
    licences: dict[str, Counter[str]] = defaultdict(Counter)
    for number, name in enumerate(names):
        progress(Progress("stats", number, len(names), name))
        counts: Counter[str] = Counter()
        rows: Counter[str] = Counter()
        splits: Counter[str] = Counter()
        keys: Counter[str] = Counter()
        meters: Counter[str] = Counter()
        for score in iter_file(set_path(folder, name)):
            counts["pieces"] += 1
            counts["notes"] += score.note_count
            counts["bars"] += len(score.bars)
            counts["chords"] += len(score.chords)
            counts["syllables"] += sum(len(part.syllables) for part in score.parts)
            counts["with_sections"] += bool(score.sections)
            counts["chords_inferred"] += score.metadata.get("chords") == "inferred"
            rows["chords"] += len(score.chords)
            for part in score.parts:
                rows[part.role] += len(part.notes)
            splits[score.metadata["split"]] += 1
            keys[score.keys[0].key.mode] += 1
            meter = score.meters[0]
            meters[f"{meter.numerator}/{meter.denominator}"] += 1
            style = str(score.metadata.get("style", ""))
            styles[style]["pieces"] += 1
            styles[style]["notes"] += score.note_count
            licence = str(score.metadata.get("licence", ""))
            licences[licence]["pieces"] += 1
            licences[licence]["notes"] += score.note_count
        state = _state(folder, name)
        sets[name] = {
            **counts,
            "rows": {row: rows[row] for row in ROWS if rows[row]},
            "splits": {split: splits[split] for split in SPLITS if splits[split]},
            "modes": dict(keys),
            "meters": dict(meters.most_common()),
            "duplicates": state.get("duplicates", 0),
            "refused": state.get("refused", {}),
            "examples": state.get("examples", {}),
            "seconds": state.get("seconds", 0.0),
        }
    totals: Counter[str] = Counter()
    total_rows: Counter[str] = Counter()
    for found in sets.values():
        for key in ("pieces", "notes", "bars", "chords", "syllables", "duplicates"):
            totals[key] += found.get(key, 0)
        total_rows.update(found["rows"])
    return {
        "total": {**totals, "rows": {row: total_rows[row] for row in ROWS if total_rows[row]}},
        "sets": sets,
        "styles": {k: dict(v) for k, v in sorted(styles.items(), key=lambda x: (-x[1]["notes"], x[0]))},
        "licences": {k: dict(v) for k, v in sorted(licences.items(), key=lambda x: (-x[1]["notes"], x[0]))},
    }


def _state(folder: Path, name: str) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads((folder / ".state" / f"{name}.json").read_text("utf-8"))["result"]
    except (OSError, ValueError, KeyError):
        return {}
    return state


def write_stats(folder: Path | str, progress: Listener = ignore) -> dict[str, Any]:
    """Count a corpus and write ``stats.json``, ``stats.md`` and ``stats.html`` into its folder."""
    folder = Path(folder)
    stats = collect(folder, progress)
    write_bytes(folder / "stats.json", (json.dumps(stats, ensure_ascii=False, indent=1) + "\n").encode())
    write_bytes(folder / "stats.md", as_markdown(stats).encode())
    write_bytes(folder / "stats.html", as_html(stats).encode())
    return stats


def _n(value: float) -> str:
    return f"{value:,.0f}" if value else ""


def tables(stats: dict[str, Any]) -> list[Table]:
    """The tables of the page: sets, rows, styles, splits, licences, what was left out."""
    sets, total = stats["sets"], stats["total"]
    about = manifests()
    out: list[Table] = []
    columns = ["set", "pieces", "notes", "bars", "chords", "syllables", "duplicates", "refused", "seconds"]
    keys = ["pieces", "notes", "bars", "chords", "syllables", "duplicates"]
    body = [
        [name, *(_n(found.get(k, 0)) for k in keys), _n(sum(found["refused"].values())), f"{found['seconds']:.0f}"]
        for name, found in sets.items()
    ]
    body.append(
        [
            "all",
            *(_n(total.get(k, 0)) for k in keys),
            _n(sum(sum(f["refused"].values()) for f in sets.values())),
            f"{sum(f['seconds'] for f in sets.values()):.0f}",
        ]
    )
    out.append(("Sets", columns, body))
    body = [[name, *(_n(found["rows"].get(row, 0)) for row in ROWS)] for name, found in sets.items()]
    body.append(["all", *(_n(total["rows"].get(row, 0)) for row in ROWS)])
    out.append(("Notes by row", ["set", *ROWS], body))
    body = [[name, *(_n(found["splits"].get(split, 0)) for split in SPLITS)] for name, found in sets.items()]
    out.append(("Pieces by split", ["set", *SPLITS], body))
    for heading, key in (("Styles", "styles"), ("Licences of the pieces", "licences")):
        rows = [[name or "(none)", _n(c["pieces"]), _n(c["notes"])] for name, c in stats[key].items()]
        out.append((heading, [heading.split()[0].lower()[:-1], "pieces", "notes"], rows))
    rows = [
        [name, about[name].licence, "yes" if about[name].amber else "", about[name].licence_note, about[name].origin]
        for name in sets
        if name in about
    ]
    out.append(("Terms of the sets", ["set", "licence", "amber", "note", "origin"], rows))
    rows = [
        [name, reason, _n(count), (found["examples"].get(reason) or [""])[0]]
        for name, found in sets.items()
        for reason, count in found["refused"].items()
    ]
    out.append(("Left out, and why", ["set", "reason", "pieces", "example"], rows))
    return out


def as_markdown(stats: dict[str, Any]) -> str:
    """The tables in Markdown."""
    parts = ["# The corpus", ""]
    for heading, columns, rows in tables(stats):
        parts += [f"## {heading}", "", _row(columns), _row(["---"] * len(columns)), *map(_row, rows), ""]
    return "\n".join(parts)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:.5rem 0 2rem;width:100%}th,td{padding:.25rem .6rem;text-align:right;
border-bottom:1px solid #ddd;font-variant-numeric:tabular-nums}th:first-child,td:first-child,td.t{text-align:left}
tr:last-child td{font-weight:600}h2{margin-top:2rem}
@media(prefers-color-scheme:dark){body{background:#181a1b;color:#ddd}th,td{border-color:#333}}"""


def as_html(stats: dict[str, Any]) -> str:
    """The tables as one page that needs nothing else."""
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'><title>The corpus</title>",
        f"<style>{_STYLE}</style></head><body><h1>The corpus</h1>",
    ]
    total = stats["total"]
    parts.append(f"<p>{total['pieces']:,} pieces, {total['notes']:,} notes, {total['bars']:,} bars.</p>")
    for heading, columns, rows in tables(stats):
        head = "".join(f"<th>{html.escape(c)}</th>" for c in columns)
        body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
        parts.append(
            f"<h2>{html.escape(heading)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
    return "\n".join([*parts, "</body></html>", ""])


def _cell(text: str) -> str:
    numeric = text.replace(",", "").replace(".", "").isdigit() or not text
    return f"<td{'' if numeric else ' class=t'}>{html.escape(text)}</td>"
