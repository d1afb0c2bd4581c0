"""`uv run python -m benchmarks http`: run a benchmark and print its table.

Beside `http`, every module here that has `measure` and `table` is a benchmark of its name.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import importlib
import sys
from pathlib import Path

from benchmarks import http

HERE = Path(__file__).parent


def benchmarks() -> dict[str, str]:
    """Return the names of the benchmarks with what each measures."""
    found = {}
    for path in sorted(HERE.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        defined = {getattr(node, "name", "") for node in tree.body}
        if {"measure", "table"} <= defined:
            found[path.stem] = (ast.get_docstring(tree) or "").splitlines()[0]
    return found


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    web = commands.add_parser("http", help=(http.__doc__ or "").splitlines()[0])
    web.add_argument("--requests", type=int, default=1600, help="calls a scenario (1600)")
    web.add_argument("--clients", type=int, default=16, help="connections, at most 20 (16)")
    web.add_argument("--json", type=Path, default=HERE / "results" / "http.json",
                     help="where the figures go")  # fmt: skip
    for name, words in benchmarks().items():
        if name != "http":
            commands.add_parser(name, help=words)
    search = commands.choices["search"]
    search.add_argument("--offers", type=int, default=1_000_000, help="made-up ones (1000000)")
    search.add_argument("--sample", type=int, default=2_000, help="numbers a class (2000)")
    million = commands.choices["search_million"]
    million.add_argument("--offers", type=int, default=1_000_000, help="made-up ones (1000000)")
    fresh = commands.choices["search_freshness"]
    fresh.add_argument("--offers", type=int, default=20_000, help="in the index (20000)")
    fresh.add_argument("--seconds", type=int, default=60, help="of changes (60)")
    fresh.add_argument("--rate", type=int, default=200, help="changes a second (200)")
    options = parser.parse_args()
    if options.command == "http":
        results = asyncio.run(http.measure(options.requests, min(options.clients, 20)))
        http.report(results, options.json)
        return
    given = {name: value for name, value in vars(options).items() if name != "command"}
    module = importlib.import_module(f"benchmarks.{options.command}")
    sys.stdout.write(module.table(asyncio.run(module.measure(**given))) + "\n")


if __name__ == "__main__":
    main()
