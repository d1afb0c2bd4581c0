"""A small server that speaks the routes of Meilisearch which Entrepôt uses, for tests.

It is not Meilisearch. It is strict where the real one is (keys, payloads, names of indexes,
unknown fields in bodies, filters, sorts and facets on attributes that the settings do not name,
settings themselves, ids of documents), takes tasks at once and does them later, one at a time
and in order, and compares strings as the real one does. It searches nothing by words: the engine
asks for filters, facets and facet values only.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.search.meilisearch_loopback_filters import Json, Refusal
from tests.search.meilisearch_loopback_search import Index
from tests.search.meilisearch_loopback_settings import checked_settings

_UID = re.compile(r"[A-Za-z0-9_-]{1,400}")
_DOCUMENT_ID = re.compile(r"[A-Za-z0-9_-]{1,511}")


class Loopback:
    """The state of the server and its routes. `key` is the only accepted API key.

    `payload_max` bounds a request in bytes; the real server's default is 100 MB.
    """

    def __init__(self, key: str, *, payload_max: int = 4 * 1024 * 1024) -> None:
        self.key = key
        self.payload_max = payload_max
        self.indexes: dict[str, Index] = {}
        self.tasks: list[Json] = []
        self.queue: asyncio.Queue[tuple[int, Callable[[], None]]] = asyncio.Queue()
        #: Statuses of tasks in the order in which they were taken on.
        self.journal: list[tuple[int, str]] = []
        #: Requests that were not answered with success.
        self.refused = 0

    # Tasks

    def enqueue(self, kind: str, index: str | None, work: Callable[[], None]) -> Response:
        """Accept work that `run_tasks` will do, and answer as the real server does."""
        uid = len(self.tasks)
        task: Json = {
            "uid": uid,
            "batchUid": None,
            "indexUid": index,
            "status": "enqueued",
            "type": kind,
            "canceledBy": None,
            "details": {},
            "error": None,
            "duration": None,
            "enqueuedAt": datetime.now(UTC).isoformat(),
            "startedAt": None,
            "finishedAt": None,
        }
        self.tasks.append(task)
        self.journal.append((uid, "enqueued"))
        self.queue.put_nowait((uid, work))
        summary = {name: task[name] for name in ("indexUid", "status", "type", "enqueuedAt")}
        return JSONResponse({"taskUid": uid, **summary}, status_code=202)

    def _becomes(self, uid: int, status: str, **changes: Any) -> None:
        self.tasks[uid].update(status=status, **changes)
        self.journal.append((uid, status))

    async def run_tasks(self) -> None:
        """Do the tasks in order, one at a time, each a moment after it was accepted."""
        while True:
            uid, work = await self.queue.get()
            self._becomes(uid, "processing", startedAt=datetime.now(UTC).isoformat(), batchUid=uid)
            await asyncio.sleep(0.001)
            finished = {"finishedAt": datetime.now(UTC).isoformat(), "duration": "PT0.001S"}
            try:
                work()
            except Refusal as refusal:
                self._becomes(uid, "failed", error=refusal.as_json(), **finished)
            else:
                self._becomes(uid, "succeeded", **finished)

    def index(self, uid: str) -> Index:
        if uid not in self.indexes:
            raise Refusal(404, "index_not_found", f"Index `{uid}` not found.")
        return self.indexes[uid]

    def _named(self, request: Request) -> str:
        uid = str(request.path_params["uid"])
        if not _UID.fullmatch(uid):
            message = f"`{uid}` is not a valid index uid."
            raise Refusal(400, "invalid_index_uid", message)
        return uid

    async def body(self, request: Request) -> Any:
        """The JSON of a request, which must say that it is JSON and not be too long."""
        raw = await request.body()
        if len(raw) > self.payload_max:
            message = f"The provided payload reached the limit of {self.payload_max} B."
            raise Refusal(413, "payload_too_large", message)
        if "application/json" not in request.headers.get("content-type", ""):
            raise Refusal(415, "invalid_content_type", "The Content-Type is invalid.")
        if not raw:
            raise Refusal(400, "missing_payload", "A json payload is missing.")
        try:
            return json.loads(raw)
        except ValueError as error:
            message = f"The json payload provided is malformed. `{error}`."
            raise Refusal(400, "malformed_payload", message) from error

    # Indexes

    async def list_indexes(self, request: Request) -> Response:
        limit = request.query_params.get("limit", "20")
        if not limit.isascii() or not limit.isdigit():
            raise Refusal(400, "invalid_index_limit", f"could not parse `{limit}`")
        found = [self.indexes[uid].info() for uid in sorted(self.indexes)]
        answer = {"results": found[: int(limit)], "offset": 0, "limit": int(limit)}
        return JSONResponse({**answer, "total": len(found)})

    async def create_index(self, request: Request) -> Response:
        body = await self.body(request)
        if unknown := set(body) - {"uid", "primaryKey"}:
            raise Refusal(400, "bad_request", f"Unknown field `{unknown.pop()}`")
        uid, primary_key = body.get("uid"), body.get("primaryKey")
        if uid is None:
            raise Refusal(400, "missing_index_uid", "Missing field `uid`")
        if not isinstance(uid, str) or not _UID.fullmatch(uid):
            raise Refusal(400, "invalid_index_uid", f"`{uid}` is not a valid index uid.")

        def work() -> None:
            if uid in self.indexes:
                raise Refusal(409, "index_already_exists", f"Index `{uid}` already exists.")
            self.indexes[uid] = Index(uid, primary_key)

        return self.enqueue("indexCreation", uid, work)

    async def get_index(self, request: Request) -> Response:
        return JSONResponse(self.index(self._named(request)).info())

    async def delete_index(self, request: Request) -> Response:
        uid = self._named(request)

        def work() -> None:
            self.index(uid)
            del self.indexes[uid]

        return self.enqueue("indexDeletion", uid, work)

    async def stats(self, request: Request) -> Response:
        index = self.index(self._named(request))
        names = Counter(name for document in index.documents.values() for name in document)
        return JSONResponse(
            {
                "numberOfDocuments": len(index.documents),
                "isIndexing": not self.queue.empty(),
                "fieldDistribution": dict(names),
            }
        )

    async def update_settings(self, request: Request) -> Response:
        uid, body = self._named(request), checked_settings(await self.body(request))

        def work() -> None:
            self.indexes.setdefault(uid, Index(uid, None)).settings.update(body)

        return self.enqueue("settingsUpdate", uid, work)

    async def swap(self, request: Request) -> Response:
        pairs = [entry["indexes"] for entry in await self.body(request)]
        names = [name for pair in pairs for name in pair]
        if len(names) != len(set(names)):
            message = "Indexes must be declared only once during a swap."
            raise Refusal(400, "invalid_swap_duplicate_index_found", message)

        def work() -> None:
            for name in names:
                self.index(name)
            for left, right in pairs:
                one, other = self.index(left), self.index(right)
                one.uid, other.uid = right, left
                self.indexes[left], self.indexes[right] = other, one

        return self.enqueue("indexSwap", None, work)

    # Documents

    async def add_documents(self, request: Request) -> Response:
        uid, documents = self._named(request), await self.body(request)

        def work() -> None:
            # As the real one does, an unknown index is made, with default settings.
            index = self.indexes.setdefault(uid, Index(uid, None))
            if index.primary_key is None:
                likely = [name for name in documents[0] if name.lower().endswith("id")]
                if len(likely) != 1:
                    raise Refusal(
                        400,
                        "index_primary_key_no_candidate_found",
                        "The primary key inference failed as the engine did not find any field"
                        " ending with `id` in its name.",
                    )
                index.primary_key = likely[0]
            keys = [self._document_id(index.primary_key, document) for document in documents]
            index.documents.update(zip(keys, documents, strict=True))

        return self.enqueue("documentAdditionOrUpdate", uid, work)

    @staticmethod
    def _document_id(primary_key: str, document: Json) -> str:
        if primary_key not in document:
            message = f"Document doesn't have a `{primary_key}` attribute: `{document}`."
            raise Refusal(400, "missing_document_id", message)
        if not _DOCUMENT_ID.fullmatch(str(document[primary_key])):
            message = f"Document identifier `{document[primary_key]}` is invalid."
            raise Refusal(400, "invalid_document_id", message)
        return str(document[primary_key])

    async def delete_documents(self, request: Request) -> Response:
        uid, ids = self._named(request), await self.body(request)

        def work() -> None:
            for key in ids:
                self.index(uid).documents.pop(key, None)

        return self.enqueue("documentDeletion", uid, work)

    async def fetch(self, request: Request) -> Response:
        body = await self.body(request)
        return JSONResponse(self.index(self._named(request)).fetch(body))

    async def task(self, request: Request) -> Response:
        uid = str(request.path_params["uid"])
        if not uid.isdigit() or int(uid) >= len(self.tasks):
            raise Refusal(404, "task_not_found", f"Task `{uid}` not found.")
        return JSONResponse(self.tasks[int(uid)])

    # Searches

    async def multi_search(self, request: Request) -> Response:
        body = await self.body(request)
        if unknown := set(body) - {"queries", "federation"}:
            raise Refusal(400, "bad_request", f"Unknown field `{unknown.pop()}`")
        results = []
        for place, query in enumerate(body["queries"]):
            try:
                results.append(self.index(query["indexUid"]).search(query))
            except Refusal as refusal:
                message = f"Inside `.queries[{place}]`: {refusal}"
                raise Refusal(refusal.status, refusal.code, message) from refusal
        return JSONResponse({"results": results})

    async def facet_search(self, request: Request) -> Response:
        body = await self.body(request)
        return JSONResponse(self.index(self._named(request)).facet_search(body))

    def app(self) -> Starlette:
        """The server as an ASGI application."""
        routes = [
            ("/indexes", self.list_indexes, "GET"),
            ("/indexes", self.create_index, "POST"),
            ("/indexes/{uid}", self.get_index, "GET"),
            ("/indexes/{uid}", self.delete_index, "DELETE"),
            ("/indexes/{uid}/stats", self.stats, "GET"),
            ("/indexes/{uid}/settings", self.update_settings, "PATCH"),
            ("/indexes/{uid}/documents", self.add_documents, "POST"),
            ("/indexes/{uid}/documents/delete-batch", self.delete_documents, "POST"),
            ("/indexes/{uid}/documents/fetch", self.fetch, "POST"),
            ("/indexes/{uid}/facet-search", self.facet_search, "POST"),
            ("/swap-indexes", self.swap, "POST"),
            ("/tasks/{uid}", self.task, "GET"),
            ("/multi-search", self.multi_search, "POST"),
        ]
        return Starlette(
            routes=[
                Route(path, self.guarded(handler), methods=[method])
                for path, handler, method in routes
            ]
        )

    def guarded(self, handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Response:
            try:
                given = request.headers.get("authorization")
                if given is None:
                    message = "The Authorization header is missing. It must use the bearer method."
                    raise Refusal(401, "missing_authorization_header", message)
                if given != f"Bearer {self.key}":
                    raise Refusal(403, "invalid_api_key", "The provided API key is invalid.")
                answer: Response = await handler(request)
                return answer
            except Refusal as refusal:
                self.refused += 1
                return JSONResponse(refusal.as_json(), status_code=refusal.status)

        return handle


@asynccontextmanager
async def serving(loopback: Loopback) -> AsyncIterator[str]:
    """Run a server on a free port of this machine; gives its address."""
    listening = socket.socket(proto=socket.IPPROTO_TCP)  # or each answer waits 40 ms
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # connections wait here until the server is up
    config = uvicorn.Config(loopback.app(), log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    tasks = asyncio.create_task(loopback.run_tasks())
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        tasks.cancel()
        listening.close()
