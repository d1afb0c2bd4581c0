"""Files that nobody should send: a clear typed error each, nothing half-written, nothing kept."""

from __future__ import annotations

import asyncio
import io
import json
import random
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import uvicorn
from redis.asyncio import Redis

from entrepot.interchange.catalog_import import commit_import
from entrepot.platform.catalog.models import Offer
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, fetch
from tests.factories import Seller, make_seller
from tests.graphql_client import GraphQLClient

LIMIT = 1024 * 1024
UPLOAD = """
mutation { createUpload(input: {fileName: "price.csv"}) {
  __typename ... on CreateUploadPayload { uploadId url } } }
"""
PREVIEW = """
mutation ($id: ID!) { previewCatalogImport(input: {uploadId: $id}) {
  __typename ... on UserError { code message }
  ... on CatalogImportPayload { catalogImport {
    id status failure { code message } counts { outcome count }
    lines(first: 50) { edges { node { lineNumber outcome problem { code message } } } } } } }
}
"""
COMMIT = """
mutation ($id: ID!) { commitCatalogImport(input: {importId: $id}) {
  __typename ... on UserError { code message } } }
"""
HEAD = "article_number;brand;title;price;currency;quantity\n"


@dataclass(frozen=True)
class Desk:
    """The application behind a real socket, and a seller."""

    api: GraphQLClient
    seller: Seller
    host: str
    port: int

    async def announce(self) -> tuple[str, str]:
        """Announce an upload; return its id and path."""
        made = (await self.api.run(UPLOAD, actor=self.seller.actor)).data["createUpload"]
        return made["uploadId"], "/uploads/" + made["url"].rsplit("/", 1)[-1]

    async def raw(self, head: str, body: bytes, *, close: bool = False) -> tuple[int, Any]:
        """Send bytes as they are; return the status and JSON of the first answer (0: none)."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        writer.write(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n")
        try:
            for start in range(0, len(body), 65536):
                writer.write(body[start : start + 65536])
                await writer.drain()
            if close:
                return 0, None
            status = int((await reader.readline()).split()[1])
            length = 0
            while (line := await reader.readline()).strip():
                name, _, value = line.decode().partition(":")
                length = int(value) if name.lower() == "content-length" else length
            answer = await reader.readexactly(length)
        finally:
            writer.close()
        return status, json.loads(answer) if answer[:1] == b"{" else answer

    def stored(self) -> list[Path]:
        """Every file of the blob store, whole or not."""
        folder = self.api.resources.settings.home / "blobs"
        return [path for path in folder.rglob("*") if path.is_file()]

    async def put(self, content: bytes) -> str:
        """Upload a file as one should; return the upload's id."""
        upload_id, path = await self.announce()
        sent = await self.api.http.put(path, content=content)
        assert sent.status_code == 201, sent.text
        return upload_id


@pytest.fixture
async def desk(settings: Settings, database: Database, redis: Redis) -> AsyncIterator[Desk]:
    """A seller's desk; files may have a MiB."""
    small = settings.model_copy(update={"max_upload_bytes": LIMIT})
    api = GraphQLClient(small, database, redis)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    server = uvicorn.Server(uvicorn.Config(api.app, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield Desk(api, await make_seller(), *listener.getsockname())
    server.should_exit = True
    await serving
    listener.close()
    await api.close()


def upload_head(path: str, *lines: str) -> str:
    """The head of an upload's request."""
    return "\n".join([f"PUT {path} HTTP/1.1", "Host: entrepot.test", *lines, ""])


async def rejected_then_taken(desk: Desk, path: str) -> None:
    """Nothing of what was refused is kept, and the address still waits for a good file."""
    assert desk.stored() == []
    status, body = await desk.raw(upload_head(path, "Content-Length: 5"), b"hello")
    assert (status, body) == (201, {"size": 5})
    assert [file.read_bytes() for file in desk.stored()] == [b"hello"]


async def test_two_gigabytes_by_their_announcement_are_refused_unread(desk: Desk) -> None:
    _, path = await desk.announce()
    status, body = await desk.raw(upload_head(path, f"Content-Length: {2 * 1024**3}"), b"x" * 10)
    assert status == 413
    assert body["errors"][0]["extensions"]["code"] == "UPLOAD_TOO_LARGE"
    await rejected_then_taken(desk, path)


async def test_a_stream_that_goes_over_the_limit_is_refused(desk: Desk) -> None:
    _, path = await desk.announce()
    piece = b"x" * 65536
    chunks = b"".join(b"10000\r\n" + piece + b"\r\n" for _ in range(LIMIT // len(piece) + 1))
    status, body = await desk.raw(
        upload_head(path, "Transfer-Encoding: chunked"), chunks + b"0\r\n\r\n"
    )
    assert status == 413
    assert body["errors"][0]["extensions"]["code"] == "UPLOAD_TOO_LARGE"
    await rejected_then_taken(desk, path)


async def test_a_body_shorter_than_announced_leaves_nothing(desk: Desk) -> None:
    _, path = await desk.announce()
    await desk.raw(upload_head(path, "Content-Length: 900000"), b"x" * 500_000, close=True)
    async with asyncio.timeout(30):
        while desk.stored():  # noqa: ASYNC110 – the server tells nobody that it has let go
            await asyncio.sleep(0.01)
    await rejected_then_taken(desk, path)


async def test_a_body_longer_than_announced_is_cut_there(desk: Desk) -> None:
    _, path = await desk.announce()
    status, body = await desk.raw(upload_head(path, "Content-Length: 5"), b"hello" + b"x" * 90_000)
    assert status in (201, 400), body  # what follows is no request; the two answers race
    assert {file.read_bytes() for file in desk.stored()} <= {b"hello"}


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: -5",),
        ("Content-Length: 1e400",),
        ("Content-Length: ٣",),
        ("Content-Length: 99999999999999999999999999",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Transfer-Encoding: gibberish",),
    ],
)
async def test_lengths_that_are_none(desk: Desk, lines: tuple[str, ...]) -> None:
    _, path = await desk.announce()
    head = upload_head(path, *lines)
    status, _ = await desk.raw(head.encode().decode("latin-1"), b"hello")
    assert 400 <= status < 500
    await rejected_then_taken(desk, path)


def workbook(*rows: tuple[Any, ...]) -> bytes:
    """A workbook as a program writes it: formulas without results."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


TITLES = ("article_number", "brand", "title", "price", "currency", "quantity")
GOOD = "OK-1;Bosch;Good;1,50;RUB;3\n"
REFUSED_WHOLE = {
    "empty": b"",
    "spaces": b" \n \n",
    "byte order mark": b"\xef\xbb\xbf",
    "zeros": bytes(5000),
    "noise": random.Random(1).randbytes(20_000),
    "cut archive": workbook(TITLES)[:300],
    "archive's mark": b"PK\x03\x04",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "no titles": b"1;2;3\n4;5;6\n",
    "JSON": b'{"a": ' * 5000,
    "no rows": HEAD.encode(),
}
"""Files that are no catalogue. Those with titles only have no line to take."""
BAD_LINES = {
    "zero price is -1": "B-1;Bosch;x;-1;RUB;1",
    "price 1e400": "B-1;Bosch;x;1e400;RUB;1",
    "price NaN": "B-1;Bosch;x;NaN;RUB;1",
    "price of 300 digits": f"B-1;Bosch;x;{'9' * 300};RUB;1",
    "quantity -1": "B-1;Bosch;x;1;RUB;-1",
    "quantity 1e400": "B-1;Bosch;x;1;RUB;1e400",
    "quantity NaN": "B-1;Bosch;x;1;RUB;NaN",
    "quantity Infinity": "B-1;Bosch;x;1;RUB;Infinity",
    "broken: too few": "B-1;Bosch",
    "broken: too many": "B-1;Bosch;x;1;RUB;1;;;;7;8",
    "no number": ";Bosch;x;1;RUB;1",
    "invisible number": "\u200b\u200d;Bosch;x;1;RUB;1",
    "NUL in the number": f"B\0-1;Bosch;{'x' * 100};1;RUB;1",
    "long number": f"{'x' * 5000};Bosch;x;1;RUB;1",
    "long title": f"B-1;Bosch;{'x' * 200_000};1;RUB;1",
    "currency": "B-1;Bosch;x;1;XXXX;1",
    "formula": "B-1;Bosch;x;=1+1;RUB;1",
}


async def preview(desk: Desk, content: bytes) -> Any:
    """Upload and preview a file; return the import."""
    upload_id = await desk.put(content)
    reply = await desk.api.run(PREVIEW, actor=desk.seller.actor, id=upload_id)
    payload = reply.data["previewCatalogImport"]
    assert payload["__typename"] == "CatalogImportPayload", payload
    return payload["catalogImport"]


@pytest.mark.parametrize("name", REFUSED_WHOLE)
async def test_what_is_no_catalogue_is_refused_as_a_whole(desk: Desk, name: str) -> None:
    seen = await preview(desk, REFUSED_WHOLE[name])
    assert seen["status"] == "FAILED", seen
    assert seen["failure"]["code"]
    assert seen["failure"]["message"]
    reply = await desk.api.run(COMMIT, actor=desk.seller.actor, id=seen["id"])
    assert reply.data["commitCatalogImport"]["code"] == "IMPORT_NOT_READY"
    assert await Offer.all().count() == 0


async def committed(desk: Desk, seen: Any) -> list[str]:
    """Commit the good lines; return the article numbers that are offered now."""
    assert await Offer.all().count() == 0, "the preview wrote"
    reply = await desk.api.run(COMMIT, actor=desk.seller.actor, id=seen["id"])
    assert reply.data["commitCatalogImport"]["__typename"] == "CatalogImportPayload"
    [stored] = await fetch("SELECT id FROM catalog_import")
    await commit_import(stored["id"])
    return [row["article_number"] for row in await fetch("SELECT article_number FROM offer")]


@pytest.mark.parametrize("name", BAD_LINES)
async def test_a_bad_line_is_refused_and_the_good_one_taken(desk: Desk, name: str) -> None:
    seen = await preview(desk, (HEAD + BAD_LINES[name] + "\n" + GOOD).encode())
    assert seen["status"] == "PREVIEWED", seen
    [bad, good] = [edge["node"] for edge in seen["lines"]["edges"]]
    assert (bad["lineNumber"], bad["outcome"]) == (2, "INVALID")
    assert bad["problem"]["code"]
    assert bad["problem"]["message"]
    assert good["outcome"] == "CREATED"
    assert await committed(desk, seen) == ["OK-1"]


async def test_formulas_without_results_are_refused_by_line(desk: Desk) -> None:
    rows = [
        TITLES,
        ("F-1", "Bosch", "x", "=1+1", "RUB", 1),
        ("F-2", "Bosch", '=HYPERLINK("http://evil.test")', 2, "RUB", 1),
        ("=cmd|' /C calc'!A0", "Bosch", "x", 2, "RUB", 1),
        ("OK-1", "Bosch", "Good", 1.5, "RUB", 3),
    ]
    seen = await preview(desk, workbook(*rows))
    outcomes = [edge["node"]["outcome"] for edge in seen["lines"]["edges"]]
    assert outcomes == ["INVALID", "INVALID", "INVALID", "CREATED"]
    assert await committed(desk, seen) == ["OK-1"]
