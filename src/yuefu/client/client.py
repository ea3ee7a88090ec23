"""The client: a method for each thing that the API does."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, overload

import httpx

from yuefu.client.errors import ApiError, JobError
from yuefu.client.ideas import Card, Ideas, idea_of
from yuefu.client.listening import Listening
from yuefu.client.records import Event, Health, Job, Piece, Version
from yuefu.client.transport import Transport, server_events
from yuefu.errors import OutputError

#: Seconds between looks at a job whose stream can't be had.
_LOOK = 1.0
Json = dict[str, Any]


class Client:
    """A server at an address.

    key: an API key (``yf_...``), for servers with accounts; language: of messages, "en" or "zh"; timeout: seconds for
    an answer; retries: how often what may safely be sent twice is sent again. Jobs carry an idempotency key, so a
    lost connection neither loses nor doubles one. Every refusal raises ApiError.

    >>> client = Client("http://127.0.0.1:8765", language="en")
    >>> client.close()
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8765",
        key: str | None = None,
        *,
        language: str | None = None,
        timeout: float = 60.0,
        retries: int = 5,
    ) -> None:
        self._transport = Transport(base_url, key, language, timeout, retries)
        #: Ideas: searched, turned, recombined.
        self.ideas = Ideas(self._transport)
        #: What is heard: told, recommended with reasons, in playlists and charts; one's taste.
        self.listening = Listening(self._transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    # The server

    def health(self) -> Health:
        """Whether all parts are there."""
        return Health.of(self._get("/health"))

    def models(self) -> Json:
        """Styles, instruments, formats, metres, keys: what can be asked for."""
        return self._get("/models")

    def me(self) -> Json:
        """Who is asking."""
        return self._get("/me")

    def read_brief(self, words: str = "", *, language: str | None = None, **options: Any) -> Json:
        """How words are understood: ``brief`` and, field by field, ``understood``."""
        body = {"words": words, "options": options, "language": language}
        return self._json("POST", "/briefs", again=True, json=body)

    # Jobs

    def compose(
        self, words: str = "", *, tags: Iterable[str] = (), brief: Json | None = None,
        ideas: Iterable[Card | Json] = (), idempotency_key: str | None = None, **options: Any,
    ) -> Job:  # fmt: skip
        """Ask for a piece. ideas: kept in it, to the note; options: style, mood, tempo, key, meter, form, bars,
        duration, instruments, without, chords, lyrics, title, seed, candidates, as text or numbers."""
        request: Json = {"words": words, "options": options, "tags": list(tags)}
        if brief is not None:
            request["brief"] = brief
        if given := [idea_of(idea) for idea in ideas]:
            request["ideas"] = given
        return self.job("compose", request, idempotency_key)

    def fill(
        self, piece: str | Piece, *, version: int | None = None, rows: Sequence[str] = (), bars: str = "",
        words: str = "", task: str = "fill", locked: Sequence[Mapping[str, Any]] = (), seed: int | None = None,
        idempotency_key: str | None = None, **more: Any,
    ) -> Job:  # fmt: skip
        """Write some cells anew: rows (none: all that play) in bars such as ``"5-8, 12"`` (empty: all).

        task: fill, vary, harmonize, reharmonize, arrange, continue, drums or bassline; locked: cells that stay, each
        ``{"rows": [...], "bars": "..."}``; more: amount (of vary), bars_more (of continue).
        """
        request: Json = {"piece": _id(piece), "task": task, "rows": list(rows), "words": words, **more}
        request |= {"locked": [dict(each) for each in locked]} if locked else {}
        request |= {"bars": bars} if bars else {}
        request |= {"version": version} if version is not None else {}
        request |= {"seed": seed} if seed is not None else {}
        return self.job("fill", request, idempotency_key)

    def render(self, piece: str | Piece, format: str = "mp3", version: int | None = None) -> Job:
        """Ask for a version's sound: wav, flac, mp3 or ogg."""
        request = {"piece": _id(piece), "version": version or self._head(piece), "format": format}
        return self.job("render", request)

    def job(self, kind: str, request: Json, idempotency_key: str | None = None) -> Job:
        """Ask for any job."""
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        body = {"kind": kind, "request": request}
        return Job.of(self._json("POST", "/jobs", again=True, headers=headers, json=body))

    def get_job(self, job: str | Job) -> Job:
        """A job as it is now."""
        return Job.of(self._get(f"/jobs/{_id(job)}"))

    def jobs(self, state: str | None = None, limit: int = 50) -> list[Job]:
        """Your jobs, the newest first."""
        found = self._get("/jobs", params=_given(state=state, limit=limit))
        return [Job.of(each) for each in found["jobs"]]

    def cancel(self, job: str | Job) -> Job:
        """Wish a job away."""
        return Job.of(self._json("DELETE", f"/jobs/{_id(job)}", again=True))

    def follow(self, job: str | Job, after: int = 0) -> Iterator[Event]:
        """What a job tells, until it is over. A broken line is mended, and nothing is told twice.

        after: only events after this one's id.
        """
        path = f"/jobs/{_id(job)}/events"
        failures = 0
        while True:
            try:
                headers = {"Accept": "text/event-stream", **({"Last-Event-ID": str(after)} if after else {})}
                with self._transport.stream(path, headers) as answer:
                    for number, kind, data in server_events(answer.iter_lines()):
                        failures = 0
                        after = int(number) if number.isdigit() else after
                        event = Event(after, kind, json.loads(data))
                        yield event
                        if kind == "state" and event.data.get("state") in ("done", "failed", "cancelled"):
                            return
            except httpx.TransportError as error:
                failures += 1
                if failures > self._transport.retries:
                    raise ApiError(0, "ConnectionError", f"the job's events can't be had: {error}.") from error
            except ApiError as error:
                failures += 1
                if error.status not in (429, 503) or failures > self._transport.retries:
                    raise
            time.sleep(min(0.25 * 2.0**failures, 8.0))

    def wait(
        self, job: str | Job, *, on_event: Callable[[Event], None] | None = None, must_succeed: bool = True
    ) -> Job:
        """A job's end. Raises JobError when it failed or was cancelled, unless it needn't succeed."""
        for event in self.follow(job):
            if on_event is not None:
                on_event(event)
        ended = self.get_job(job)
        while not ended.is_over:
            time.sleep(_LOOK)
            ended = self.get_job(job)
        if must_succeed and ended.state != "done":
            raise JobError(ended)
        return ended

    # Pieces

    def pieces(
        self, words: str = "", *, tag: str | None = None, liked: bool | None = None, trashed: bool = False,
        sort: str = "-updated", page: int = 100,
    ) -> Iterator[Piece]:  # fmt: skip
        """All pieces that have every word in title, tags or words; fetched page by page."""
        after: str | None = None
        while True:
            params = _given(
                words=words or None, tag=tag, liked=liked, trashed=trashed, sort=sort, after=after, limit=page
            )
            found = self._get("/pieces", params=params)
            yield from (Piece.of(each) for each in found["pieces"])
            after = found["next"]
            if after is None:
                return

    def piece(self, piece: str | Piece) -> Piece:
        """A piece as it is now."""
        return Piece.of(self._get(f"/pieces/{_id(piece)}"))

    def create(self, title: str = "", *, score: Json | None = None, **empty: Any) -> Piece:
        """A piece from a score in Yuefu's JSON; or an empty one: bars, meter, key, tempo, instrument."""
        return Piece.of(self._json("POST", "/pieces", json={"title": title, "score": score, **empty}))

    def import_file(self, path: str | Path, name: str | None = None) -> Job:
        """Ask for a file of music to be made into a piece: MIDI, MusicXML, MXL, ABC, jianpu, Yuefu's JSON."""
        path = Path(path)
        return self.import_bytes(path.read_bytes(), name or path.name)

    def import_bytes(self, data: bytes, name: str) -> Job:
        """The same, for bytes. name: with the extension."""
        return Job.of(self._json("POST", "/pieces/import", files={"file": (name, data)}))

    def change(
        self, piece: str | Piece, *, title: str | None = None, tags: Iterable[str] | None = None,
        liked: bool | None = None,
    ) -> Piece:  # fmt: skip
        """Another title, other tags, a like."""
        body = _given(title=title, tags=None if tags is None else list(tags), liked=liked)
        return Piece.of(self._json("PATCH", f"/pieces/{_id(piece)}", headers=self._match(piece), json=body))

    def edit(self, piece: str | Piece, edits: Sequence[Mapping[str, Any]], *, base: int | None = None) -> Piece:
        """Edits by hand, done together or not at all; they make a version.

        Given a Piece, the edits are refused (ApiError 412) when it has changed since it was read.
        """
        body = _given(edits=[dict(each) for each in edits], base=base)
        told = self._json("POST", f"/pieces/{_id(piece)}/versions", headers=self._match(piece), json=body)
        return Piece.of(told)

    def set_head(self, piece: str | Piece, version: int) -> Piece:
        """Undo, redo, go back to any version."""
        return Piece.of(
            self._json("PUT", f"/pieces/{_id(piece)}/head", headers=self._match(piece), json={"version": version})
        )

    def undo(self, piece: str | Piece) -> Piece:
        """Back to what the shown version was made from; nothing happens at the first."""
        now = piece if isinstance(piece, Piece) else self.piece(piece)
        parent = self.version(now, now.head).parent
        return now if parent is None else self.set_head(now, parent)

    def redo(self, piece: str | Piece) -> Piece:
        """Forward again after an undo; nothing happens at the end."""
        now = piece if isinstance(piece, Piece) else self.piece(piece)
        following = self.version(now, now.head).redo
        return now if following is None else self.set_head(now, following)

    def trash(self, piece: str | Piece) -> None:
        """Into the trash."""
        self._transport.send("DELETE", f"/pieces/{_id(piece)}", again=True)

    def restore(self, piece: str | Piece) -> Piece:
        """Out of the trash."""
        return Piece.of(self._json("POST", f"/pieces/{_id(piece)}/restore", again=True))

    def erase(self, piece: str | Piece) -> None:
        """Away for ever, from the trash."""
        self._transport.send("DELETE", f"/pieces/{_id(piece)}", params={"forever": "true"})

    def copy(self, piece: str | Piece) -> Piece:
        """Another piece that begins as this one is now."""
        return Piece.of(self._json("POST", f"/pieces/{_id(piece)}/copy"))

    def share(self, piece: str | Piece) -> str:
        """The path of a link by which anybody can see and hear the piece."""
        return str(self._json("PUT", f"/pieces/{_id(piece)}/share", again=True)["path"])

    def unshare(self, piece: str | Piece) -> None:
        """Take the link back."""
        self._transport.send("DELETE", f"/pieces/{_id(piece)}/share", again=True)

    def search_tune(self, tune: str, limit: int = 20) -> list[tuple[Piece, float, int]]:
        """Pieces in which a tune is found, such as ``"5 6 1' 3"``: the piece, how alike (0..1), in which bar."""
        told = self._json("POST", "/pieces/search-tune", again=True, json={"tune": tune, "limit": limit})
        return [(Piece.of(hit["piece"]), float(hit["score"]), int(hit["bar"])) for hit in told["hits"]]

    # Versions

    def versions(self, piece: str | Piece) -> Iterator[Version]:
        """The history, the newest first."""
        before: int | None = None
        while True:
            found = self._get(f"/pieces/{_id(piece)}/versions", params=_given(before=before))
            yield from (Version.of(each) for each in found["versions"])
            before = found["next"]
            if before is None:
                return

    def version(self, piece: str | Piece, number: int | None = None) -> Version:
        """One version, else the shown one."""
        return Version.of(self._get(self._at(piece, number)))

    def name_version(self, piece: str | Piece, number: int, name: str) -> Version:
        """Give a version a name."""
        return Version.of(self._json("PATCH", self._at(piece, number), again=True, json={"name": name}))

    def grid(self, piece: str | Piece, version: int | None = None) -> Json:
        """Parts, bars, sections, chords, notes."""
        return self._get(f"{self._at(piece, version)}/grid")

    def playback(self, piece: str | Piece, version: int | None = None) -> Json:
        """When each note sounds, in seconds."""
        return self._get(f"{self._at(piece, version)}/playback")

    def report(self, piece: str | Piece, version: int | None = None, *, language: str | None = None) -> Json:
        """Asked and found, in plain words. language: "en" or "zh"."""
        return self._get(f"{self._at(piece, version)}/report", params=_given(lang=language))

    def analysis(self, piece: str | Piece, version: int | None = None) -> Json:
        """Key, chords, form, ranges: what can be measured."""
        return self._get(f"{self._at(piece, version)}/analysis")

    def compare(self, piece: str | Piece, one: int, other: int) -> Json:
        """What differs between two versions."""
        return self._get(f"{self._at(piece, one)}/compare/{other}")

    def files(self, piece: str | Piece, version: int | None = None) -> list[Json]:
        """All formats, and which of them can be had at once."""
        return list(self._get(f"{self._at(piece, version)}/files")["files"])

    @overload
    def download(self, piece: str | Piece, format: str, version: int | None = None, *, to: None = None) -> bytes: ...

    @overload
    def download(self, piece: str | Piece, format: str, version: int | None = None, *, to: str | Path) -> Path: ...

    def download(
        self, piece: str | Piece, format: str, version: int | None = None, *, to: str | Path | None = None
    ) -> bytes | Path:
        """A file of a version: its bytes, or, with ``to``, the path that was written. What takes a job gets one."""
        number = version or self._head(piece)
        path = f"{self._at(piece, number)}/files/{format}"
        try:
            data = self._transport.send("GET", path).content
        except ApiError as error:
            if error.kind != "NotMadeError":
                raise
            kind = next(each["needs"] for each in self.files(piece, number) if each["format"] == format)
            self.wait(self.job(kind, {"piece": _id(piece), "version": number, "format": format}))
            data = self._transport.send("GET", path).content
        return data if to is None else _write(Path(to), data)

    def page(self, piece: str | Piece, page: int = 1, version: int | None = None, *, jianpu: bool = False) -> str:
        """A page of the score, or of numbered notation, as SVG."""
        place = "jianpu" if jianpu else "pages"
        return self._transport.send("GET", f"{self._at(piece, version)}/{place}/{page}.svg").text

    def export_library(self, to: str | Path) -> Path:
        """Everything of yours, as one zip in a file."""
        job = self.wait(Job.of(self._json("POST", "/pieces/export")))
        return _write(Path(to), self._transport.send("GET", f"/jobs/{job.id}/file").content)

    # How

    def _get(self, path: str, **how: Any) -> Json:
        return dict(self._transport.send("GET", path, **how).json())

    def _json(self, method: str, path: str, *, again: bool = False, **how: Any) -> Json:
        return dict(self._transport.send(method, path, again=again, **how).json())

    def _head(self, piece: str | Piece) -> int:
        return piece.head if isinstance(piece, Piece) else self.piece(piece).head

    def _match(self, piece: str | Piece) -> dict[str, str]:
        """The state that a change goes with: the one that was read, or, for a mere id, any."""
        return {"If-Match": f'"{piece.etag}"' if isinstance(piece, Piece) else "*"}

    def _at(self, piece: str | Piece, version: int | None) -> str:
        return f"/pieces/{_id(piece)}/versions/{version or self._head(piece)}"


def _id(thing: str | Job | Piece) -> str:
    return thing if isinstance(thing, str) else thing.id


def _given(**values: Any) -> Json:
    """Only what was said."""
    return {name: value for name, value in values.items() if value is not None}


def _write(path: Path, data: bytes) -> Path:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path} can't be written: {error.strerror}.") from error
    return path
