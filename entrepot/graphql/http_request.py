"""Reads a GraphQL request out of HTTP: pure functions from bytes and headers to parameters.

Every refusal is a typed `TransportError` with an HTTP status and a sentence that says how to mend
the request. Batches are refused: one request, one operation.
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import parse_qs

import orjson
from starlette.datastructures import Headers

from entrepot.graphql.execution import GraphQLRequest
from entrepot.graphql.nul_character import NUL_IN_JSON, nul_at
from entrepot.platform.errors import DomainError

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"


class TransportError(DomainError):
    """A request that is not GraphQL over HTTP; `status` answers it."""

    status: ClassVar[int] = 400


class MalformedJson(TransportError):
    """The body is not JSON."""

    code = "MALFORMED_JSON"
    en = 'The body is not valid JSON ({reason}). Send an object such as {{"query": "{{ … }}"}}.'
    ru = 'Тело не является JSON ({reason}). Передайте объект вида {{"query": "{{ … }}"}}.'
    reason: str


class MalformedRequest(TransportError):
    """The body is JSON, but a parameter is missing or of the wrong type."""

    code = "MALFORMED_REQUEST"
    en = "`{parameter}` must be {expected}."
    ru = "`{parameter}`: нужен {expected_ru}."
    parameter: str
    expected: str
    expected_ru: str


class NulCharacter(TransportError):
    """A text in the variables holds U+0000; `place` is the path of the variable."""

    code = "NUL_CHARACTER"
    en = "`{place}` contains the character U+0000. Remove it."
    ru = "`{place}` содержит символ U+0000. Удалите его."
    place: str


class BatchingRefused(TransportError):
    """The body is an array of requests."""

    code = "BATCHING_REFUSED"
    en = "Batches are not accepted. Send one operation a request."
    ru = "Пакеты не принимаются. Отправляйте по одной операции в запросе."


class UnsupportedMediaType(TransportError):
    """The body is declared as something other than JSON."""

    status = 415
    code = "UNSUPPORTED_MEDIA_TYPE"
    en = "Send the body with `Content-Type: application/json`."
    ru = "Передайте тело с заголовком `Content-Type: application/json`."


class NotAcceptable(TransportError):
    """The client takes none of our media types."""

    status = 406
    code = "NOT_ACCEPTABLE"
    en = "Responses come as application/graphql-response+json or application/json."
    ru = "Ответы бывают application/graphql-response+json или application/json."


class BodyTooLarge(TransportError):
    """The body is larger than the limit; the rest was not read."""

    status = 413
    code = "BODY_TOO_LARGE"
    en = "The body may have at most {limit} bytes. Upload files instead of inlining them."
    ru = "Тело не может быть больше {limit} байт. Загружайте файлы отдельно."
    limit: int


class ForeignOrigin(TransportError):
    """A page of another site sent the session cookie."""

    status = 403
    code = "FOREIGN_ORIGIN"
    en = "A session cookie works from this site only. Send `Authorization: Bearer …` instead."
    ru = "Cookie сессии действует только с этого сайта. Передайте `Authorization: Bearer …`."


class MethodNotAllowed(TransportError):
    """Neither GET nor POST."""

    status = 405
    code = "METHOD_NOT_ALLOWED"
    en = "Use POST (or GET for persisted documents)."
    ru = "Используйте POST (или GET для сохранённых документов)."


def response_type(accept: str | None) -> str:
    """Choose the media type of the response; raises `NotAcceptable`.

    `*/*` and no header mean `application/json`, which old clients expect.
    """
    if not accept:
        return JSON
    ranked: list[tuple[float, int, str]] = []
    for position, item in enumerate(accept.split(",")):
        name, *parameters = (part.strip() for part in item.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        ranked.append((-quality, position, name.lower()))
    for negative_quality, _, name in sorted(ranked):
        if negative_quality == 0.0:
            continue
        if name == GRAPHQL_JSON:
            return GRAPHQL_JSON
        if name in (JSON, "application/*", "*/*"):
            return JSON
    raise NotAcceptable


def check_content_type(headers: Headers) -> None:
    """Raise `UnsupportedMediaType` unless the body is declared as JSON in UTF-8."""
    name, _, parameters = headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower()
    if name.strip().lower() != JSON or charset not in ("", "charset=utf-8", 'charset="utf-8"'):
        raise UnsupportedMediaType


def from_body(body: bytes) -> GraphQLRequest:
    """Read a POST body.

    Raises `MalformedJson`, `MalformedRequest`, `BatchingRefused` or `NulCharacter`.
    """
    try:
        parameters = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedJson(str(error)[:120]) from None
    if isinstance(parameters, list):
        raise BatchingRefused
    if not isinstance(parameters, dict):
        raise MalformedRequest("body", "a JSON object", "объект JSON")
    request = _from_parameters(parameters)
    if NUL_IN_JSON in body:
        _refuse_nul(request)
    return request


def from_query_string(query_string: bytes) -> GraphQLRequest:
    """Read GET parameters; `variables` and `extensions` are JSON texts."""
    try:
        given = parse_qs(
            query_string.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict"
        )
    except ValueError:
        raise MalformedRequest(
            "query string", "UTF-8 text, percent-encoded", "текст UTF-8 в процентной записи"
        ) from None
    parameters: dict[str, Any] = {name: values[0] for name, values in given.items()}
    for name in ("variables", "extensions"):
        if name in parameters:
            try:
                parameters[name] = orjson.loads(parameters[name] or "null")
            except orjson.JSONDecodeError:
                raise MalformedRequest(name, "a JSON object", "объект JSON") from None
    request = _from_parameters(parameters)
    _refuse_nul(request)
    return request


def _refuse_nul(request: GraphQLRequest) -> None:
    path = nul_at(request.variables or {})
    if path is not None:
        raise NulCharacter(".".join(path)[:200]).at(*path)


def _from_parameters(parameters: dict[str, Any]) -> GraphQLRequest:
    query = _text(parameters, "query")
    document_id = _text(parameters, "documentId")
    if query is None and document_id is None:
        raise MalformedRequest(
            "query",
            "the text of a GraphQL document (or pass `documentId`)",
            "текст документа GraphQL (или передайте `documentId`)",
        )
    _mapping(parameters, "extensions")
    return GraphQLRequest(
        query=query,
        document_id=document_id,
        operation_name=_text(parameters, "operationName") or None,
        variables=_mapping(parameters, "variables"),
    )


def _text(parameters: dict[str, Any], name: str) -> str | None:
    value = parameters.get(name)
    if value is not None and not isinstance(value, str):
        raise MalformedRequest(name, "a string", "текст")
    return value


def _mapping(parameters: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = parameters.get(name)
    if value is not None and not isinstance(value, dict):
        raise MalformedRequest(name, "a JSON object", "объект JSON")
    return value
