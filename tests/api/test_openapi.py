"""The OpenAPI document: whole, documented, and no request that it allows breaks the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from tests.api.live import Server, make_piece, running

#: Requests of each kind for each operation.
EXAMPLES = 8
_METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, whose queue fills up."""
    with running(tmp_path_factory.mktemp("fuzzed"), queue=50) as found:
        yield found


@pytest.fixture(scope="module")
def ids(server: Server) -> dict[str, Any]:
    """Things that are there, so that requests reach beyond the first look-up."""
    with server.http() as http:
        piece = make_piece(http)["id"]
        job = http.post("/api/v1/jobs", json={"kind": "compose", "request": {"words": "rain"}}).json()["id"]
        playlist = http.post("/api/v1/playlists", json={"items": [f"piece:{piece}"]}).json()["id"]
        http.delete(f"/api/v1/jobs/{job}")  # over, so that its stream ends
        token = http.put(f"/api/v1/pieces/{piece}/share").json()["token"]
    return {
        "piece": piece, "job": job, "token": token, "number": 1, "other": 1, "page": 1, "format": "midi",
        "playlist": playlist, "item": f"piece:{piece}",
    }  # fmt: skip


@pytest.fixture(scope="module")
def api_schema(server: Server) -> Any:
    """The document, as schemathesis reads it."""
    with server.http() as http:
        document = http.get("/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=server.url)
    return schema


def document(server: Server) -> dict[str, Any]:
    """The document itself."""
    with server.http() as http:
        return dict(http.get("/api/v1/openapi.json").json())


def test_every_operation_has_a_name_a_tag_a_sentence_and_its_refusals(server: Server) -> None:
    """Nothing undocumented; names are unique; models of requests and answers that people meet have examples."""
    found = document(server)
    names = []
    for path, item in found["paths"].items():
        for method in _METHODS:
            if method not in item:
                continue
            operation = item[method]
            names.append(operation["operationId"])
            assert operation["description"].strip().endswith((".", ")")), (method, path)
            assert operation["tags"], (method, path)
            assert any(status.startswith("4") for status in operation["responses"]), (method, path)
            for parameter in operation.get("parameters", []):
                assert "schema" in parameter
    assert len(names) == len(set(names))
    assert len(names) > 50
    for name in (
        "Piece",
        "Job",
        "ComposeJob",
        "FillJob",
        "BriefRequest",
        "Edits",
        "ErrorAnswer",
        "Tune",
        "IdeaSearch",
        "Combination",
        "Turning",
        "ToldEvents",
        "EventsKept",
        "Recommendations",
        "PlaylistWanted",
        "TasteEdit",
        "SpokenRequest",
        "SpokenAnswer",
    ):
        assert "example" in found["components"]["schemas"][name], name


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_request_breaks_the_server(
    api_schema: Any, server: Server, ids: dict[str, Any], mode: GenerationMode
) -> None:
    """Whatever the document allows, and what it doesn't, is answered without a 5xx, on real ids and on others."""
    tried = 0
    for found in api_schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode), real=st.integers(0, 3))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def send(case: Any, real: int) -> None:
            if real:
                for name in case.path_parameters or {}:
                    case.path_parameters[name] = ids.get(name, case.path_parameters[name])
            if case.operation.path == "/api/v1/pieces/{piece}" and case.method == "DELETE":
                case.query = {}  # the trash is enough
            response = case.call(timeout=60)
            case.validate_response(response, checks=[not_a_server_error])

        try:
            send()
        except Unsatisfiable:
            continue  # nothing about it can be wrong
        tried += 1
    assert tried > 50 if mode is GenerationMode.POSITIVE else tried > 20


def test_the_reference_page_tells_every_operation_offline(server: Server) -> None:
    """Server-rendered, with nothing from elsewhere and no scripts."""
    with server.http() as http:
        page = http.get("/api")
    assert page.headers["content-type"].startswith("text/html")
    for path, item in document(server)["paths"].items():
        for method in _METHODS:
            if method in item:
                assert f'id="{item[method]["operationId"]}"' in page.text, path
    assert "<script" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


def test_the_server_is_well_afterwards(server: Server, http: httpx.Client) -> None:
    """After all that, it answers."""
    with server.http() as own:
        assert own.get("/api/v1/health").json()["status"] == "ok"
