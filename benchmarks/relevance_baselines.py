"""BM25 and its variants by the library bm25s, over the same texts with the same stems."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import chain

import bm25s
import numpy as np
from numpy.typing import NDArray

from benchmarks.relevance_catalogue import Article
from benchmarks.relevance_runs import DEPTH_ASKED, Run
from entrepot.search.words import terms

METHODS = ("robertson", "lucene", "atire", "bm25l", "bm25+")
_ALL_WORDS_FIRST = "robertson"


def baselines(articles: Sequence[Article], queries: Sequence[str]) -> Iterator[Run]:
    """Rank by each method, and by one with the articles that hold all words first."""
    corpus = [terms(article.text) for article in articles]
    held = [frozenset(stems) for stems in corpus]
    for method in METHODS:
        retriever = bm25s.BM25(method=method)
        retriever.index(corpus, show_progress=False)
        yield _run(f"bm25s {method}", retriever, articles, queries, None)
        if method == _ALL_WORDS_FIRST:
            yield _run(f"bm25s {method}, AND then OR", retriever, articles, queries, held)


def _run(
    name: str,
    retriever: bm25s.BM25,
    articles: Sequence[Article],
    queries: Sequence[str],
    held: Sequence[frozenset[str]] | None,
) -> Run:
    ranked: dict[str, list[str]] = {}
    started = time.process_time()
    for query in queries:
        places = _ranked(retriever, query)
        if held is not None:
            wanted = set(terms(query))
            every = [place for place in places if wanted <= held[place]]
            first = set(every)
            places = list(chain(every, (place for place in places if place not in first)))
        ranked[query] = [articles[place].external_id for place in places[:DEPTH_ASKED]]
    return Run(name, ranked, (time.process_time() - started) / max(len(queries), 1) * 1_000)


def _ranked(retriever: bm25s.BM25, query: str) -> list[int]:
    """Places of articles that hold any word, the best first, equals as in the catalogue."""
    known = [stem for stem in terms(query) if stem in retriever.vocab_dict]
    if not known:
        return []
    scores: NDArray[np.float32] = retriever.get_scores(known)
    # Methods that shift scores give articles without any of the words the lowest one.
    found = np.flatnonzero(scores > scores.min())
    order: list[int] = found[np.argsort(-scores[found], kind="stable")].tolist()
    return order
