"""A small server that speaks the routes of Meilisearch which Entrepôt uses, for tests.

It is not Meilisearch. It is strict where the real one is (unknown attributes in filters, unknown
fields in bodies, keys, missing indexes, ids of documents), runs tasks asynchronously and in
order, compares strings in filters without case, and matches words with typos by the lengths in
the settings. Its ranking is simpler: words found, then typos, then the attribute's place.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Json = dict[str, Any]
MAX_PAYLOAD = 4 * 1024 * 1024
_SETTINGS = {
    "searchableAttributes",
    "displayedAttributes",
    "filterableAttributes",
    "typoTolerance",
    "proximityPrecision",
    "prefixSearch",
    "facetSearch",
    "faceting",
    "pagination",
}
_SEARCH = {
    "indexUid", "q", "offset", "limit", "filter", "facets", "attributesToRetrieve",
    "attributesToCrop", "cropLength", "attributesToHighlight", "sort", "showMatchesPosition",
    "highlightPreTag", "highlightPostTag", "cropMarker", "matchingStrategy", "hitsPerPage", "page",
    "attributesToSearchOn", "distinct", "showRankingScore", "showRankingScoreDetails",
    "rankingScoreThreshold", "vector", "hybrid", "locales",
}  # fmt: skip
_IN = re.compile(r'(\w+) (NOT )?IN \[((?:"(?:[^"\\]|\\.)*"(?:, )?)*)\]')
_COMPARE = re.compile(r"(\w+) (=|>=|<=) (-?\d+|true|false)")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Refusal(Exception):
    """An answer of the API that is not a success."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code = status, code
        super().__init__(message)

    def as_json(self) -> Json:
        return {
            "message": str(self),
            "code": self.code,
            "type": "invalid_request" if self.status < 500 else "internal",
            "link": f"https://docs.meilisearch.com/errors#{self.code}",
        }


@dataclass
class Index:
    """One index: its primary key, settings and documents by id."""

    uid: str
    primary_key: str | None
    settings: Json = field(default_factory=dict)
    documents: dict[str, Json] = field(default_factory=dict)
    made: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def info(self) -> Json:
        return {
            "uid": self.uid,
            "primaryKey": self.primary_key,
            "createdAt": self.made,
            "updatedAt": self.made,
        }


def edits(left: str, right: str, most: int) -> int:
    """Edit distance with neighbours swapped counting one; more than `most` is `most + 1`."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, row, last = row, [i], before
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return min(row[-1], most + 1)


def _values(document: Json, attribute: str) -> list[Any]:
    value = document.get(attribute)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


class Loopback:
    """The state of the server and its routes. `key` is the only accepted API key."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.indexes: dict[str, Index] = {}
        self.tasks: list[Json] = []
        self.queue: asyncio.Queue[tuple[int, Callable[[], None]]] = asyncio.Queue()
        self.searches = 0

    # Tasks

    def enqueue(self, kind: str, index: str | None, work: Callable[[], None]) -> Response:
        """Accept work that `run_tasks` will do, and answer as the real server does."""
        now = datetime.now(UTC).isoformat()
        task = {
            "uid": len(self.tasks),
            "indexUid": index,
            "status": "enqueued",
            "type": kind,
            "enqueuedAt": now,
            "error": None,
        }
        self.tasks.append(task)
        self.queue.put_nowait((len(self.tasks) - 1, work))
        return JSONResponse({**task, "taskUid": task["uid"]}, status_code=202)

    async def run_tasks(self) -> None:
        """Do the tasks in order, one at a time, each a moment after it was accepted."""
        while True:
            uid, work = await self.queue.get()
            await asyncio.sleep(0.001)
            try:
                work()
                self.tasks[uid]["status"] = "succeeded"
            except Refusal as refusal:
                self.tasks[uid].update(status="failed", error=refusal.as_json())

    def index(self, uid: str) -> Index:
        if uid not in self.indexes:
            raise Refusal(404, "index_not_found", f"Index `{uid}` not found.")
        return self.indexes[uid]

    # Routes

    async def list_indexes(self, request: Request) -> Response:
        found = [index.info() for index in self.indexes.values()]
        return JSONResponse({"results": found, "offset": 0, "limit": 1000, "total": len(found)})

    async def create_index(self, request: Request) -> Response:
        body = await request.json()
        uid, primary_key = body["uid"], body.get("primaryKey")

        def work() -> None:
            if uid in self.indexes:
                raise Refusal(409, "index_already_exists", f"Index `{uid}` already exists.")
            self.indexes[uid] = Index(uid, primary_key)

        return self.enqueue("indexCreation", uid, work)

    async def get_index(self, request: Request) -> Response:
        return JSONResponse(self.index(request.path_params["uid"]).info())

    async def delete_index(self, request: Request) -> Response:
        uid = request.path_params["uid"]

        def work() -> None:
            self.index(uid)
            del self.indexes[uid]

        return self.enqueue("indexDeletion", uid, work)

    async def stats(self, request: Request) -> Response:
        index = self.index(request.path_params["uid"])
        names = Counter(name for document in index.documents.values() for name in document)
        return JSONResponse(
            {
                "numberOfDocuments": len(index.documents),
                "isIndexing": not self.queue.empty(),
                "fieldDistribution": dict(names),
            }
        )

    async def update_settings(self, request: Request) -> Response:
        uid, body = request.path_params["uid"], await request.json()
        if unknown := set(body) - _SETTINGS:
            raise Refusal(400, "bad_request", f"Unknown field `{unknown.pop()}`")

        def work() -> None:
            self.index(uid).settings.update(body)

        return self.enqueue("settingsUpdate", uid, work)

    async def add_documents(self, request: Request) -> Response:
        uid, raw = request.path_params["uid"], await request.body()
        if len(raw) > MAX_PAYLOAD:
            raise Refusal(413, "payload_too_large", "The provided payload reached the size limit.")
        documents = json.loads(raw)

        def work() -> None:
            # As the real one does, an unknown index is made, with default settings.
            index = self.indexes.setdefault(uid, Index(uid, None))
            for document in documents:
                key = document.get(index.primary_key or "id")
                if key is None:
                    raise Refusal(400, "missing_document_id", f"Document has no id: {document}")
                if not re.fullmatch(r"[\w-]{1,511}", str(key), re.ASCII):
                    raise Refusal(400, "invalid_document_id", f"Document id {key!r} is invalid.")
                index.documents[str(key)] = document

        return self.enqueue("documentAdditionOrUpdate", uid, work)

    async def delete_documents(self, request: Request) -> Response:
        uid, ids = request.path_params["uid"], await request.json()

        def work() -> None:
            for key in ids:
                self.index(uid).documents.pop(key, None)

        return self.enqueue("documentDeletion", uid, work)

    async def swap(self, request: Request) -> Response:
        pairs = [entry["indexes"] for entry in await request.json()]

        def work() -> None:
            for left, right in pairs:
                one, other = self.index(left), self.index(right)
                one.uid, other.uid = right, left
                self.indexes[left], self.indexes[right] = other, one

        return self.enqueue("indexSwap", None, work)

    async def task(self, request: Request) -> Response:
        return JSONResponse(self.tasks[int(request.path_params["uid"])])

    async def multi_search(self, request: Request) -> Response:
        self.searches += 1
        body = await request.json()
        results = [
            {"indexUid": query["indexUid"], **self.search(self.index(query["indexUid"]), query)}
            for query in body["queries"]
        ]
        return JSONResponse({"results": results})

    # Matching

    def leaf(self, index: Index, text: str) -> Callable[[Json], bool]:
        """One condition of a filter, refused as the real server refuses it."""
        found = _IN.fullmatch(text) or _COMPARE.fullmatch(text)
        if found is None:
            raise Refusal(400, "invalid_search_filter", f"Was expecting an operation: {text}")
        name = found.group(1)
        if name not in index.settings.get("filterableAttributes", []):
            raise Refusal(400, "invalid_search_filter", f"Attribute `{name}` is not filterable.")
        if found.re is _IN:
            raw = [re.sub(r"\\(.)", r"\1", each) for each in _STRING.findall(found.group(3))]
            wanted = {value.casefold() for value in raw}
            inverted = found.group(2) is not None
            return lambda document: (
                any(str(value).casefold() in wanted for value in _values(document, name))
                is not inverted
            )
        operator, operand = found.group(2), json.loads(found.group(3))
        compare: dict[str, Callable[[Any], bool]] = {
            "=": lambda value: value == operand,
            ">=": lambda value: value >= operand,
            "<=": lambda value: value <= operand,
        }
        return lambda document: any(map(compare[operator], _values(document, name)))

    def search(self, index: Index, query: Json) -> Json:
        """Answer one search of a multi-search."""
        if unknown := set(query) - _SEARCH:
            raise Refusal(400, "bad_request", f"Unknown field `{unknown.pop()}`")
        checks: list[list[Callable[[Json], bool]]] = []
        for part in query.get("filter") or []:
            alternatives = part if isinstance(part, list) else [part]
            checks.append([self.leaf(index, text) for text in alternatives])
        universe = [
            document
            for document in index.documents.values()
            if all(any(check(document) for check in checks_) for checks_ in checks)
        ]
        words = (query.get("q") or "").split()
        if words:
            universe = self.matching(index, universe, words, query["matchingStrategy"])
        most = index.settings.get("pagination", {}).get("maxTotalHits", 1000)
        universe = universe[:most]
        for name in query.get("facets") or []:
            if name not in index.settings.get("filterableAttributes", []):
                raise Refusal(400, "invalid_search_facets", f"`{name}` is not filterable.")
        facets = {
            name: dict(Counter(v for document in universe for v in _values(document, name)))
            for name in query.get("facets") or []
        }
        page = universe[query["offset"] : query["offset"] + query["limit"]]
        shown = index.settings.get("displayedAttributes", ["*"])
        return {
            "hits": [{name: document[name] for name in shown} for document in page],
            "offset": query["offset"],
            "limit": query["limit"],
            "estimatedTotalHits": len(universe),
            "processingTimeMs": 0,
            "query": query.get("q") or "",
            "facetDistribution": facets if query.get("facets") else None,
        }

    def matching(
        self, index: Index, universe: list[Json], words: list[str], strategy: str
    ) -> list[Json]:
        """Documents with the words, best first; `all` of them or at least one."""
        sizes = index.settings.get("typoTolerance", {}).get("minWordSizeForTypos", {})
        one, two = sizes.get("oneTypo", 5), sizes.get("twoTypos", 9)
        ranked: list[tuple[tuple[int, int, int], int, Json]] = []
        for place, document in enumerate(universe):
            texts = [
                str(document.get(name, "")).split()
                for name in index.settings.get("searchableAttributes", [])
            ]
            found, typos, attribute = 0, 0, 0
            for word in words:
                allowed = (len(word) >= one) + (len(word) >= two)
                best = min(
                    (
                        (edits(word, other, allowed), order)
                        for order, text in enumerate(texts)
                        for other in text
                    ),
                    default=(allowed + 1, 0),
                )
                if best[0] <= allowed:
                    found, typos, attribute = found + 1, typos + best[0], attribute + best[1]
            if found == len(words) or (found and strategy != "all"):
                ranked.append(((-found, typos, attribute), place, document))
        return [document for _, _, document in sorted(ranked, key=lambda each: each[:2])]

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
                if request.headers.get("authorization") != f"Bearer {self.key}":
                    raise Refusal(403, "invalid_api_key", "The provided API key is invalid.")
                answer: Response = await handler(request)
                return answer
            except Refusal as refusal:
                return JSONResponse(refusal.as_json(), status_code=refusal.status)

        return handle
