"""Requests as clients really send them, well and badly, over a real socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from entrepot.graphql.http import MAX_BODY_BYTES
from entrepot.graphql.query_documents import document_id

JSON = "application/json"
MODERN = "application/graphql-response+json"
VERSION = {"query": "{ apiVersion }"}


@pytest.fixture
async def http(web_address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=web_address) as client:
        yield client


def only_error(response: httpx.Response) -> dict[str, Any]:
    body = response.json()
    assert "data" not in body
    [error] = body["errors"]
    assert error["message"]
    return dict(error)


@pytest.mark.parametrize("media_type", [JSON, MODERN])
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "MALFORMED_JSON"),
        (b"{", "MALFORMED_JSON"),
        (b"\xff\xfe", "MALFORMED_JSON"),
        (b'{"query": "{ apiVersion }"', "MALFORMED_JSON"),
        (b"NaN", "MALFORMED_JSON"),
        (b"[" * 100_000, "MALFORMED_JSON"),
        (b'{"query": "\\ud800"}', "MALFORMED_JSON"),
        (b"null", "MALFORMED_REQUEST"),
        (b"true", "MALFORMED_REQUEST"),
        (b'"text"', "MALFORMED_REQUEST"),
        (b"1e400", None),
        (b"{}", "MALFORMED_REQUEST"),
        (b'{"query": null}', "MALFORMED_REQUEST"),
        (b'{"query": 1}', "MALFORMED_REQUEST"),
        (b'{"query": ["{ apiVersion }"]}', "MALFORMED_REQUEST"),
        (b'{"query": "{ apiVersion }", "variables": [1]}', "MALFORMED_REQUEST"),
        (b'{"query": "{ apiVersion }", "variables": "{}"}', "MALFORMED_REQUEST"),
        (b'{"query": "{ apiVersion }", "operationName": 5}', "MALFORMED_REQUEST"),
        (b'{"query": "{ apiVersion }", "extensions": "x"}', "MALFORMED_REQUEST"),
        (b'{"documentId": {}}', "MALFORMED_REQUEST"),
        (b'{"query": "{ apiVersion }", "variables": {"a": [{"b": "\\u0000"}]}}', "NUL_CHARACTER"),
        (b"[]", "BATCHING_REFUSED"),
        (b'[{"query": "{ apiVersion }"}]', "BATCHING_REFUSED"),
    ],
)
async def test_malformed_bodies(
    http: httpx.AsyncClient, content: bytes, code: str | None, media_type: str
) -> None:
    response = await http.post(
        "/graphql", content=content, headers={"content-type": JSON, "accept": media_type}
    )
    assert response.status_code == 400
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    found = only_error(response)["extensions"]["code"]
    assert found == code or (code is None and found in ("MALFORMED_JSON", "MALFORMED_REQUEST"))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("\x00", "GRAPHQL_PARSE_FAILED"),
        ("{ a " * 3000, "GRAPHQL_PARSE_FAILED"),
        ("{" + "a{" * 900 + "a" + "}" * 901, "GRAPHQL_PARSE_FAILED"),
        ("{ node(id: " + "[" * 1500 + "]" * 1500 + ") { id } }", "GRAPHQL_PARSE_FAILED"),
        ("{ apiVersion } #" + "x" * 200_000, "GRAPHQL_PARSE_FAILED"),
        ("{ apiVersion " * 1 + "apiVersion " * 2500 + "}", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Query { apiVersion }", "OPERATION_NOT_FOUND"),
        ("query A { apiVersion } query B { apiVersion }", "OPERATION_NOT_FOUND"),
        ("type Query { a: Int }", "OPERATION_NOT_FOUND"),
        ("subscription { apiVersion }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ node(id: 5.5) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($x: Nope) { apiVersion }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ apiVersion @include(if: 1) }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID!) { node(id: $id) { id } }", "BAD_USER_INPUT"),
    ],
)
async def test_documents_that_cannot_run(http: httpx.AsyncClient, query: str, code: str) -> None:
    body = {"query": query}
    modern = await http.post("/graphql", json=body, headers={"accept": MODERN})
    assert modern.status_code == 400
    assert {error["extensions"]["code"] for error in modern.json()["errors"]} == {code}
    assert "data" not in modern.json()
    legacy = await http.post("/graphql", json=body, headers={"accept": JSON})
    assert legacy.status_code == 200
    assert legacy.json()["errors"] == modern.json()["errors"]


async def test_unknown_operation_names_the_known_ones(http: httpx.AsyncClient) -> None:
    body = {"query": "query A { apiVersion } query B { apiVersion }", "operationName": "C"}
    response = await http.post("/graphql", json=body)
    assert only_error(response)["message"] == "Pass `operationName`: one of A, B."


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "multipart/form-data; boundary=x", "application/json; charset=utf-16"],
)
async def test_other_content_types(http: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    response = await http.post("/graphql", content=json.dumps(VERSION).encode(), headers=headers)
    assert response.status_code == 415
    assert only_error(response)["extensions"]["code"] == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        (MODERN, MODERN),
        (f"{MODERN}; q=0.5, {JSON}", JSON),
        (f"{JSON};q=0.9, {MODERN};q=1.0", MODERN),
        (f"{MODERN}, {JSON};q=0.9", MODERN),
        (f"text/html, {JSON};q=x, */*;q=0.1", JSON),
    ],
)
async def test_media_types(http: httpx.AsyncClient, accept: str, answered: str) -> None:
    response = await http.post("/graphql", json=VERSION, headers={"accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"


async def test_unacceptable(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json=VERSION, headers={"accept": "image/png"})
    assert response.status_code == 406
    assert only_error(response)["extensions"]["code"] == "NOT_ACCEPTABLE"


@pytest.mark.parametrize("times", [1, 5])
async def test_declared_large_body_is_refused(http: httpx.AsyncClient, times: int) -> None:
    content = json.dumps({"query": "{ apiVersion }" + " " * MAX_BODY_BYTES * times}).encode()
    response = await http.post("/graphql", content=content, headers={"content-type": JSON})
    assert response.status_code == 413
    assert only_error(response)["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_endless_body_is_cut_off(http: httpx.AsyncClient) -> None:
    sent = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 200 * MAX_BODY_BYTES:
            sent += 65536
            yield b" " * 65536

    try:
        response = await http.post("/graphql", content=stream(), headers={"content-type": JSON})
    except (httpx.NetworkError, httpx.RemoteProtocolError):
        pass  # the server closed while we were still sending: refused just as well
    else:
        assert response.status_code == 413
    assert sent < 100 * MAX_BODY_BYTES
    assert (await http.post("/graphql", json=VERSION)).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert "access-control-allow-origin" not in response.headers


PERSISTED = "{ __typename }"


@pytest.mark.parametrize(
    "parameters", [{"query": PERSISTED}, {"documentId": document_id(PERSISTED)}]
)
async def test_get_runs_persisted_queries(
    http: httpx.AsyncClient, parameters: dict[str, str]
) -> None:
    response = await http.get("/graphql", params=parameters, headers={"accept": MODERN})
    assert response.status_code == 200
    assert response.json()["data"] == {"__typename": "Query"}


async def test_post_runs_documents_by_id(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"documentId": document_id(PERSISTED)})
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"query": "{ apiVersion }"}, 405, "GET_NEEDS_PERSISTED_DOCUMENT"),
        ({"query": "mutation { __typename }"}, 405, "GET_NEEDS_PERSISTED_DOCUMENT"),
        ({"documentId": "sha256:0"}, 400, "PERSISTED_DOCUMENT_NOT_FOUND"),
        ({"query": PERSISTED, "variables": "{"}, 400, "MALFORMED_REQUEST"),
        ({"query": PERSISTED, "variables": "[]"}, 400, "MALFORMED_REQUEST"),
        ({}, 400, "MALFORMED_REQUEST"),
        ({str(number): "x" for number in range(30)}, 400, "MALFORMED_REQUEST"),
    ],
)
async def test_other_gets(
    http: httpx.AsyncClient, parameters: dict[str, str], status: int, code: str
) -> None:
    response = await http.get("/graphql", params=parameters, headers={"accept": MODERN})
    assert response.status_code == status
    assert only_error(response)["extensions"]["code"] == code


async def test_russian_for_those_who_prefer_it(http: httpx.AsyncClient) -> None:
    headers = {"accept-language": "de, ru-RU;q=0.9, en;q=0.8", "accept": MODERN}
    response = await http.post("/graphql", json=[], headers=headers)
    assert only_error(response)["message"].startswith("Пакеты не принимаются")


@pytest.fixture
def cookie() -> dict[str, str]:
    return {"cookie": "entrepot_session=stolen"}


@pytest.mark.parametrize(
    "origin",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_cookies_from_foreign_pages_are_refused(
    http: httpx.AsyncClient, cookie: dict[str, str], origin: dict[str, str]
) -> None:
    response = await http.post("/graphql", json=VERSION, headers=cookie | origin)
    assert response.status_code == 403
    assert only_error(response)["extensions"]["code"] == "FOREIGN_ORIGIN"
    bearer = cookie | origin | {"authorization": "Bearer key"}
    assert (await http.post("/graphql", json=VERSION, headers=bearer)).status_code == 200


async def test_cookies_from_our_pages_are_taken(
    http: httpx.AsyncClient, web_address: str, cookie: dict[str, str]
) -> None:
    for origin in ({"origin": web_address}, {}, {"sec-fetch-site": "same-origin"}):
        response = await http.post("/graphql", json=VERSION, headers=cookie | origin)
        assert response.status_code == 200
