"""Relevance by human judgments, beside BM25: `python benchmarks/relevance.py JUDGMENTS.csv`.

A file of judgments has lines `query,docid,rating`; a docid is the `external_id` of the catalogue.
Nothing of the file is kept: the table goes to standard output, figures to `--json`.
"""

from __future__ import annotations

import sys

if not __package__:
    # As a file this folder leads the path, where our `http` would stand before Python's.
    from os.path import abspath, dirname

    sys.path[0] = dirname(dirname(abspath(__file__)))

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.relevance_baselines import baselines
from benchmarks.relevance_catalogue import Article, CatalogueError, read_catalogue
from benchmarks.relevance_judgments import JudgmentError, Judgments, read_judgments
from benchmarks.relevance_measures import Figures, classes, exponential, measure_all, ndcg
from benchmarks.relevance_runs import Run, ours

CATALOGUE = Path(__file__).resolve().parents[2] / "shared" / "data" / "icecat_electronics.csv.gz"
Results = dict[str, dict[str, Figures]]
"""Figures by class of questions and by run."""

_HEADS = (
    "NDCG@10",
    "linear",
    "condensed",
    "condensed linear",
    "success@1",
    "success@10",
    "judged",
)


def compare(judgments: Judgments, runs: Sequence[Run]) -> Results:
    """Measure every run on every class of questions that has anything relevant."""
    return {
        name: figures
        for name, questions in classes(judgments).items()
        if (
            figures := {
                run.name: found
                for run in runs
                if (found := measure_all(questions, run.ranked)) is not None
            }
        )
    }


def report(judgments: Judgments, runs: Sequence[Run], results: Results) -> str:
    """The figures as Markdown tables, with what they mean."""
    answerable = sum(any(ratings.values()) for ratings in judgments.values())
    lines = [
        f"{len(judgments)} questions, {_count(judgments)} judgments; {answerable} questions with"
        " anything relevant count. NDCG@10: gain 2^rating - 1, unjudged as 0; `linear`: gain"
        " rating; `condensed`: unjudged articles dropped from the lists. `judged`: share of the"
        " first ten that somebody judged.",
    ]
    for name, figures in results.items():
        questions = next(iter(figures.values())).questions
        lines += ["", f"| {name}: {questions} | {' | '.join(_HEADS)} |", "|---" * 8 + "|"]
        lines += [_line(run, found) for run, found in figures.items()]
    costs = ", ".join(f"{run.name} {run.cpu_ms:.2f}" for run in runs)
    return "\n".join([*lines, "", f"CPU ms a question for 1,000 ranks: {costs}."])


def _line(run: str, found: Figures) -> str:
    values = list(asdict(found).values())[1:]
    return f"| {run} | {' | '.join(f'{value:.4f}' for value in values)} |"


def by_question(judgments: Judgments, runs: Sequence[Run]) -> str:
    """NDCG@10 of every question in every run, worst for us first."""
    rows = sorted(
        ([ndcg(ratings, run.ranked[query], exponential) for run in runs], query)
        for query, ratings in judgments.items()
        if any(ratings.values())
    )
    return "\n".join(f"{' '.join(f'{one:.3f}' for one in row)}  {query}" for row, query in rows)


def _count(judgments: Judgments) -> int:
    return sum(map(len, judgments.values()))


def known_only(judgments: Judgments, articles: Sequence[Article]) -> Judgments:
    """The judgments of articles that the catalogue has; raises `JudgmentError` if none."""
    ids = {article.external_id for article in articles}
    known = {
        query: {document: rating for document, rating in ratings.items() if document in ids}
        for query, ratings in judgments.items()
    }
    if not any(known.values()):
        raise JudgmentError("no docid of the judgments is an external_id of the catalogue")
    return known


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, run, print; 2 where a file cannot be used."""
    parser = argparse.ArgumentParser(
        prog="relevance", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("judgments", type=Path, help="a CSV file query,docid,rating")
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE, help=f"({CATALOGUE})")
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--questions", action="store_true", help="also NDCG@10 by question")
    given = parser.parse_args(arguments)
    try:
        judgments = read_judgments(given.judgments)
        articles = read_catalogue(given.catalogue)
        known = known_only(judgments, articles)
    except (JudgmentError, CatalogueError) as error:
        sys.stderr.write(f"relevance: {error}\n")
        return 2
    if strange := _count(judgments) - _count(known):
        sys.stdout.write(f"{strange} judgments are of articles that the catalogue has not.\n")
    runs = [asyncio.run(ours(articles, list(known))), *baselines(articles, list(known))]
    results = compare(known, runs)
    sys.stdout.write(report(known, runs, results) + "\n")
    if given.questions:
        sys.stdout.write("\n" + by_question(known, runs) + "\n")
    if given.json is not None:
        given.json.write_text(_as_json(results), encoding="utf-8")
    return 0


def _as_json(results: Mapping[str, Mapping[str, Figures]]) -> str:
    plain = {
        name: {run: asdict(found) for run, found in figures.items()}
        for name, figures in results.items()
    }
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
