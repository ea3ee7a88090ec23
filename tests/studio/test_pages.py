"""Every page answers in both languages, under a policy that allows no script and no style but its own files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from yuefu.server.app import create_app
from yuefu.studio.catalogue import catalogue
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.styles import STYLES
from yuefu.web.settings import Settings

PAGES = ("/", "/library", "/listen", "/trash", "/help")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A studio without log-in."""
    app = create_app(Settings(data=tmp_path_factory.mktemp("alone"), workers=0))
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A studio with accounts, seen by a stranger."""
    app = create_app(Settings(data=tmp_path_factory.mktemp("many"), workers=0, accounts=True))
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def _check(html: str, language: str) -> None:
    assert f'<html lang="{ {"en": "en", "zh": "zh-Hans"}[language] }"' in html
    assert not re.search(r"<[^>]+\sstyle=", html)
    assert "<style" not in html
    assert not re.search(r"<[^>]+\son[a-z]+=", html)
    for attributes, inside in re.findall(r"<script([^>]*)>(.*?)</script>", html, re.S):
        assert "src=" in attributes or 'type="application/json"' in attributes
        assert "src=" not in attributes or not inside.strip()
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", PAGES)
def test_page_answers(alone: TestClient, path: str, language: str) -> None:
    """A page answers in the language that the address asks for, with a strict policy and nothing inline."""
    answer = alone.get(path, params={"lang": language})
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    _check(answer.text, language)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", ["/nothing", f"/pieces/{'0' * 26}", "/shared/nobody", "/join/x", "/account"])
def test_missing_page_says_so(alone: TestClient, path: str, language: str) -> None:
    """What isn't there is a page in the visitor's language, too."""
    answer = alone.get(path, params={"lang": language})
    assert answer.status_code == 404
    assert {"en": "Nothing is here", "zh": "这里什么也没有"}[language] in answer.text
    _check(answer.text, language)


@pytest.mark.parametrize("path", ["/", "/library", "/trash", "/account"])
def test_stranger_is_sent_to_the_door(many: TestClient, path: str) -> None:
    """With accounts, a page of one's own needs a log-in."""
    answer = many.get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize("path", ["/login", "/join/some-token", "/help"])
def test_stranger_sees_the_doors(many: TestClient, path: str) -> None:
    """The log-in, an invitation and the help are there for strangers; the folder of the data isn't."""
    answer = many.get(path)
    assert answer.status_code == 200
    _check(answer.text, "en")
    assert "/many" not in answer.text


def test_language_is_remembered(alone: TestClient) -> None:
    """A language chosen once stays; the other language's link keeps the rest of the address."""
    alone.get("/library?lang=zh")
    page = alone.get("/library?tag=x").text
    assert '<html lang="zh-Hans"' in page
    assert 'href="/library?tag=x&amp;lang=en"' in page


def test_theme_comes_from_the_server(alone: TestClient) -> None:
    """The page arrives in its theme, so that nothing flashes; an unknown one is as the machine's."""
    assert 'data-theme="dark"' in alone.get("/", headers={"cookie": "yuefu_theme=dark"}).text
    assert 'data-theme="auto"' in alone.get("/", headers={"cookie": "yuefu_theme=%22onload"}).text


def test_hostile_token_is_escaped(many: TestClient) -> None:
    """A token in an address can't become markup."""
    assert many.get("/join/%22%3E%3Cscript%3E").status_code in (404, 422)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_catalogue_is_complete(language: str) -> None:
    """Every style and every instrument can be chosen, once."""
    offered = catalogue(language)
    styles = [style["key"] for group in offered["styles"] for style in group["styles"]]
    instruments = [one["key"] for family in offered["instruments"] for one in family["instruments"]]
    assert sorted(styles) == sorted(STYLES)
    assert sorted(instruments) == sorted(INSTRUMENTS)


def test_scripts_load_only_what_is_there() -> None:
    """Every module that a script or a template names exists."""
    import yuefu.studio

    folder = Path(yuefu.studio.__file__).parent
    missing = []
    for script in folder.glob("static/js/**/*.js"):
        for name in re.findall(r"""from\s+["'](\.[^"']+)["']""", script.read_text(encoding="utf-8")):
            if not (script.parent / name).resolve().is_file():
                missing.append(f"{script.name}: {name}")
    for template in folder.glob("templates/*.html"):
        for name in re.findall(r'"/(static/[^"]+)"', template.read_text(encoding="utf-8")):
            if not (folder / name).is_file():
                missing.append(f"{template.name}: {name}")
    assert missing == []
