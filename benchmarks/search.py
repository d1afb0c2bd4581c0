"""Search by article number: success by fault, cost by question, beside SQLite trigrams and BM25.

`--offers 20000 --sample 100` for a quick run of the made-up catalogue; 0 leaves it out. Each way
to search runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from benchmarks.million import million_rows
from benchmarks.relevance_catalogue import read_catalogue
from benchmarks.search_baselines import SHOWN, Finder, Trigrams, Words
from benchmarks.search_bounds import Bounds
from benchmarks.search_faults import FAULTS
from benchmarks.search_questions import Question, questions
from entrepot.platform.catalog.article_numbers import number_key
from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.platform.catalog.vocabulary.rules import NO_WORDS
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.document import to_document
from entrepot.search.prefix_query import analyse_prefix
from entrepot.search.query import SearchQuery, analyse

HERE = Path(__file__).resolve().parent
REAL = HERE.parents[1] / "shared" / "data" / "icecat_electronics.csv.gz"
T = TypeVar("T")
R = TypeVar("R")
SEED, BATCH = 7, 2_000
#: SQLite takes seconds for a mistyped number among a million, so it is asked less.
ASKED_OF_TRIGRAMS = 15
OURS, TRIGRAMS, WORDS = "Entrepôt", "SQLite trigrams", "bm25s"


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU of one class of questions, in ms, all threads of the process."""

    median: float
    p99: float


@dataclass(frozen=True, slots=True)
class FaultRun:
    """One fault: how many were asked, found first and among ten, and what could be at best."""

    asked: int
    first: float
    ten: float
    best: float | None
    cost: Cost


@dataclass(slots=True)
class Run:
    """One way to search one catalogue."""

    finder: str
    catalogue: str
    offers: int = 0
    cpu_seconds: float = 0.0
    peak_mib: float = 0.0
    disk_mib: float = 0.0
    faults: dict[str, FaultRun] = field(default_factory=dict)
    questions: dict[str, Cost] = field(default_factory=dict)


class Ours:
    """The embedded engine as everybody sees it, without a database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._engine = TantivyEngine(folder)
        self._places: dict[UUID, int] = {}
        self._loop = asyncio.new_event_loop()

    def index_rows(self, rows: Iterable[SearchRow]) -> None:
        """Analyse and index rows as a rebuild does."""
        self._loop.run_until_complete(self._rebuild(rows))

    async def _rebuild(self, rows: Iterable[SearchRow]) -> None:
        batch = []
        async with self._engine.rebuild() as fresh:
            for place, row in enumerate(rows):
                self._places[row.offer_id] = place
                batch.append(to_document(row))
                if len(batch) == BATCH:
                    await fresh.add(batch)
                    batch = []
            await fresh.add(batch)
            await fresh.publish()

    def find(self, text: str) -> list[int]:
        """Analyse and search; places of the first ten offers."""
        return self._loop.run_until_complete(self._find(Question(SearchQuery(text))))

    def ask(self, question: Question) -> None:
        """Ask anything else, for its cost."""
        self._loop.run_until_complete(self._find(question))

    async def _find(self, question: Question) -> list[int]:
        if question.suggest:
            prefix = analyse_prefix(question.query.text, NO_WORDS)
            await self._engine.suggest(prefix, limit=SHOWN)
            return []
        found = await self._engine.search(
            analyse(question.query), offset=0, limit=SHOWN, facets=question.facets
        )
        return [self._places[hit.offer_id] for hit in found.hits]

    def disk(self) -> int:
        """Return the bytes of the index."""
        return sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())


def _rows(catalogue: str, offers: int) -> Iterator[SearchRow]:
    if catalogue == "real":
        return (article.row for article in read_catalogue(REAL))
    return million_rows(offers, SEED)


class Seen:
    """What a run remembers of the rows that pass: keys of all, a sample whole."""

    def __init__(self, rows: Iterable[SearchRow], offers: int, sample: int) -> None:
        self._rows = rows
        self._wanted = frozenset(random.Random(SEED).sample(range(offers), min(sample, offers)))
        self.keys: list[tuple[str, ...]] = []
        self.sample: list[SearchRow] = []
        self.seconds = 0.0
        """CPU that making and keeping the rows took, which is no search's."""

    def __iter__(self) -> Iterator[SearchRow]:
        each = self._kept()
        while True:
            began = time.process_time()
            row = next(each, None)
            self.seconds += time.process_time() - began
            if row is None:
                return
            yield row

    def _kept(self) -> Iterator[SearchRow]:
        for place, row in enumerate(self._rows):
            keys = (number_key(row.article_number), number_key(row.manufacturer_number))
            self.keys.append(keys[:1] if keys[0] == keys[1] else keys)
            if place in self._wanted and not row.restricted:
                self.sample.append(row)
            yield row


def work(finder: str, catalogue: str, offers: int, sample: int) -> Run:
    """Index and ask; runs in a process of its own."""
    run = Run(finder, catalogue, offers)
    seen = Seen(_rows(catalogue, offers), offers, sample)
    with tempfile.TemporaryDirectory(prefix="entrepot-search-") as folder:
        began = time.process_time()
        searcher: Ours | Finder
        if finder == OURS:
            searcher = ours = Ours(Path(folder))
            ours.index_rows(seen)
        else:
            searcher = other = Trigrams(Path(folder)) if finder == TRIGRAMS else Words()
            other.index((row.article_number, f"{row.title_en} {row.title_ru}") for row in seen)
        run.cpu_seconds = time.process_time() - began - seen.seconds
        run.peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        run.disk_mib = searcher.disk() / 2**20
        bounds = Bounds(keys[0] for keys in seen.keys) if finder == OURS else None
        asked = seen.sample
        if finder == TRIGRAMS and offers > 100_000:
            asked = asked[:ASKED_OF_TRIGRAMS]
        for fault in FAULTS:
            run.faults[fault.name] = _try(searcher, fault.name, asked, seen.keys, bounds)
        if isinstance(searcher, Ours):
            for name, each in questions(seen.sample[:500], SEED).items():
                run.questions[name] = _cost([_timed(searcher.ask, one)[1] for one in each])
    return run


def _try(
    searcher: Ours | Finder,
    name: str,
    sample: list[SearchRow],
    keys: list[tuple[str, ...]],
    bounds: Bounds | None,
) -> FaultRun:
    fault = next(one for one in FAULTS if one.name == name)
    chance = random.Random(SEED)
    first = ten = 0
    best, costs = [], []
    for row in sample:
        typed = fault.mistype(row.article_number, chance)
        if typed is None:
            continue
        places, cost = _timed(searcher.find, typed)
        costs.append(cost)
        wanted = number_key(row.article_number)
        hits = [wanted in keys[place] for place in places]
        first += hits[:1] == [True]
        ten += any(hits)
        if bounds is not None:
            best.append(bounds.best(name, typed))
    known = [one for one in best if one is not None]
    asked = max(len(costs), 1)
    at_best = sum(known) / len(known) if known else None
    return FaultRun(len(costs), first / asked, ten / asked, at_best, _cost(costs))


def _timed(do: Callable[[T], R], what: T) -> tuple[R, float]:
    began = time.process_time()
    done = do(what)
    return done, (time.process_time() - began) * 1_000


def _cost(costs: list[float]) -> Cost:
    ranked = sorted(costs) or [0.0]
    return Cost(ranked[len(ranked) // 2], ranked[min(int(len(ranked) * 0.99), len(ranked) - 1)])


async def measure(offers: int = 1_000_000, sample: int = 2_000) -> list[Run]:
    """Search the real catalogue and one of `offers` made-up ones in all three ways."""
    runs = []
    context = multiprocessing.get_context("spawn")
    for catalogue, count in (("real", 19_406), ("made up", offers)):
        for finder in (OURS, TRIGRAMS, WORDS) if count else ():
            sys.stderr.write(f"{finder}: {count:,} offers …\n")
            with context.Pool(1) as alone:
                runs.append(alone.apply(work, (finder, catalogue, count, sample)))
            sys.stderr.write(_table([runs[-1]]) + "\n")
    results = HERE / "results" / "search.json"
    results.write_text(json.dumps([asdict(run) for run in runs], indent=1, ensure_ascii=False))
    return runs


def table(runs: list[Run]) -> str:
    """Return success, cost and size as Markdown tables, a catalogue after the other."""
    catalogues = dict.fromkeys(run.catalogue for run in runs)
    return "\n\n".join(_table([run for run in runs if run.catalogue == one]) for one in catalogues)


def _table(runs: list[Run]) -> str:
    names = [run.finder for run in runs]
    head = "".join(f" {name} @1 | @10 | ms, p99 |" for name in names)
    lines = [
        f"| {runs[0].offers:,} offers, {runs[0].catalogue} | asked |{head} at best @10 |",
        "|---|---|" + "---|" * (3 * len(runs) + 1),
    ]
    for fault in runs[0].faults:
        each = [run.faults[fault] for run in runs]
        best = f"{each[0].best:.3f}" if each[0].best is not None else "1"
        cells = "".join(
            f" {one.first:.3f} | {one.ten:.3f} | {one.cost.median:.1f}, {one.cost.p99:.1f} |"
            for one in each
        )
        lines.append(f"| {fault} | {each[0].asked:,} |{cells} {best} |")
    for run in runs:
        lines.append(
            f"\n{run.finder}: indexed in {run.cpu_seconds:.0f} s of CPU with {run.peak_mib:.0f} MiB"
            f" at the peak, {run.disk_mib:.0f} MiB on disk."
        )
        if run.questions:
            lines += ["\n| question | ms of CPU | p99 |", "|---|---|---|"]
            lines += [
                f"| {name} | {cost.median:.1f} | {cost.p99:.1f} |"
                for name, cost in run.questions.items()
            ]
    return "\n".join(lines)
