"""The API's reference as a page: the OpenAPI document, written out for people, offline."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)
_METHODS = ("get", "post", "put", "patch", "delete")


@router.get("/api")
async def reference(request: Request) -> HTMLResponse:
    """The page."""
    return HTMLResponse(page(request.app.openapi()), headers={"Cache-Control": "no-cache"})


def page(document: dict[str, Any]) -> str:
    """The document as HTML: a section a tag, an entry a route."""
    by_tag: dict[str, list[str]] = {tag["name"]: [] for tag in document.get("tags", [])}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                by_tag.setdefault((operation.get("tags") or ["other"])[-1], []).append(_entry(method, path, operation))
    told = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    sections = "".join(
        f'<section id="{escape(tag)}"><h2>{escape(tag)}</h2><p>{_text(told.get(tag, ""))}</p>'
        f"{''.join(entries)}</section>"
        for tag, entries in by_tag.items()
        if entries
    )
    contents = "".join(
        f'<li><a href="#{escape(tag)}">{escape(tag)}</a></li>' for tag, entries in by_tag.items() if entries
    )
    schemas = document.get("components", {}).get("schemas", {})
    models = "".join(_model(name, schema) for name, schema in sorted(schemas.items()))
    info = document["info"]
    about = "".join(f"<p>{_text(each)}</p>" for each in info.get("description", "").split("\n\n"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])} API</title>"
        '<link rel="stylesheet" href="/static/css/base.css"></head><body><main class="page reference">'
        f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>{about}"
        '<p><a href="/api/v1/openapi.json">openapi.json</a> · <a href="/">studio</a></p>'
        f'<nav aria-label="Contents"><ul>{contents}<li><a href="#models">models</a></li></ul></nav>{sections}'
        f'<section id="models"><h2>models</h2>{models}</section></main></body></html>'
    )


def _entry(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = [
        (each["name"], each["in"], _kind(each.get("schema", {})), each.get("description", ""))
        for each in operation.get("parameters", [])
        if each["in"] != "cookie"
    ]
    body = operation.get("requestBody", {}).get("content", {})
    rows += [("body", media, _kind(content.get("schema", {})), "") for media, content in body.items()]
    answers = [
        f"{escape(status)} {escape(answer.get('description', ''))}"
        + "".join(f" {_kind(c.get('schema', {}))}" for c in answer.get("content", {}).values())
        for status, answer in sorted(operation.get("responses", {}).items())
        if status.startswith("2")
    ]
    refused = ", ".join(status for status in sorted(operation.get("responses", {})) if not status.startswith("2"))
    table = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(place)}</td><td>{kind}</td><td>{_text(told)}</td></tr>"
        for name, place, kind, told in rows
    )
    return (
        f'<article id="{escape(operation.get("operationId", ""))}">'
        f"<h3><code>{method.upper()} {escape(path)}</code></h3><p>{_text(operation.get('description', ''))}</p>"
        + (f"<table><tbody>{table}</tbody></table>" if table else "")
        + f"<p>{'; '.join(answers)}. Refusals: {escape(refused)}.</p></article>"
    )


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words, with a link to its model."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f'<a href="#model-{escape(name)}">{escape(name)}</a>'
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(escape(json.dumps(each, ensure_ascii=False)) for each in schema["enum"])
    return escape(str(schema.get("const", schema.get("type", "any"))))


def _model(name: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", []))
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code>{'' if field in required else ' (optional)'}</td>"
        f"<td>{_kind(told)}</td><td>{_text(told.get('description', ''))}</td></tr>"
        for field, told in schema.get("properties", {}).items()
    )
    examples = [schema["example"]] if "example" in schema else schema.get("examples", [])
    shown = "".join(f"<pre><code>{escape(json.dumps(e, ensure_ascii=False, indent=1))}</code></pre>" for e in examples)
    return (
        f'<article id="model-{escape(name)}"><h3>{escape(name)}</h3><p>{_text(schema.get("description", ""))}</p>'
        f"<table><tbody>{rows}</tbody></table>{shown}</article>"
    )


def _text(text: str) -> str:
    """Escaped text whose `code` and **weight** are marked."""
    parts = escape(text.replace("``", "`")).replace("\n", " ").split("`")
    marked = "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
    bold = marked.split("**")
    return "".join(f"<strong>{part}</strong>" if index % 2 else part for index, part in enumerate(bold))
