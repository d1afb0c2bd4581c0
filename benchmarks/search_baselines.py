"""What one gets without a search of articles: SQLite's trigrams, and BM25 over words.

Both hold number and title of the same offers and answer with places of offers, the best first.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import bm25s
import numpy as np
from numpy.typing import NDArray

SHOWN = 10
_WORD = re.compile(r"\w+")


class Finder(Protocol):
    """One way to find offers by what somebody types."""

    def index(self, texts: Iterable[tuple[str, str]]) -> None:
        """Take number and title of every offer, in the order of their places."""
        ...

    def find(self, text: str) -> list[int]:
        """Return places of up to `SHOWN` offers, the best first."""
        ...

    def disk(self) -> int:
        """Return the bytes on disk, or 0 for an index in memory."""
        ...


class Trigrams:
    """FTS5 with trigrams: what holds the text, then what shares most of its trigrams."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "trigrams.sqlite"
        self._connection = sqlite3.connect(self._path)

    def index(self, texts: Iterable[tuple[str, str]]) -> None:
        """Fill the table in one transaction and merge its segments."""
        with self._connection as connection:
            connection.execute(
                "CREATE VIRTUAL TABLE offer USING fts5(n, title, tokenize='trigram')"
            )
            connection.executemany(
                "INSERT INTO offer (rowid, n, title) VALUES (?, ?, ?)",
                ((place, number, title) for place, (number, title) in enumerate(texts)),
            )
            connection.execute("INSERT INTO offer (offer) VALUES ('optimize')")

    def find(self, text: str) -> list[int]:
        """Ask for the whole text, and for any of its trigrams where that is not enough."""
        folded = text.lower()
        if len(folded) < 3:
            return []
        found = self._match(_quoted(folded))
        if len(found) < SHOWN:
            pieces = dict.fromkeys(folded[at : at + 3] for at in range(len(folded) - 2))
            found += self._match(" OR ".join(map(_quoted, pieces)))
        return list(dict.fromkeys(found))[:SHOWN]

    def _match(self, wanted: str) -> list[int]:
        rows = self._connection.execute(
            "SELECT rowid FROM offer WHERE offer MATCH ? ORDER BY rank LIMIT ?", (wanted, SHOWN)
        )
        return [row[0] for row in rows]

    def disk(self) -> int:
        """Return the size of the database."""
        return os.path.getsize(self._path)


def _quoted(text: str) -> str:
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


class Words:
    """BM25 (bm25s, Lucene's formula) over the words of number and title, in memory."""

    def __init__(self) -> None:
        self._scores = bm25s.BM25()

    def index(self, texts: Iterable[tuple[str, str]]) -> None:
        """Count the words of all offers."""
        corpus = [_WORD.findall(f"{number} {title}".lower()) for number, title in texts]
        self._scores.index(corpus, show_progress=False)

    def find(self, text: str) -> list[int]:
        """Score every offer and take the best."""
        words = [word for word in _WORD.findall(text.lower()) if word in self._scores.vocab_dict]
        if not words:
            return []
        scores: NDArray[np.float32] = self._scores.get_scores(words)
        best = np.argpartition(-scores, min(SHOWN, len(scores) - 1))[:SHOWN]
        ranked: list[int] = best[np.argsort(-scores[best], kind="stable")].tolist()
        return [place for place in ranked if scores[place] > 0]

    def disk(self) -> int:
        """Return 0: it is held in memory."""
        return 0
