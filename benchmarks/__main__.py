"""`uv run python -m benchmarks http`: run a benchmark and print its table."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from benchmarks import http, imports


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    web = commands.add_parser("http", help=(http.__doc__ or "").splitlines()[0])
    web.add_argument("--requests", type=int, default=1600, help="calls a scenario (1600)")
    web.add_argument("--clients", type=int, default=16, help="connections, at most 20 (16)")
    web.add_argument("--json", type=Path, default=Path("benchmarks/results/http.json"),
                     help="where the figures go")  # fmt: skip
    commands.add_parser("imports", help=(imports.__doc__ or "").splitlines()[0])
    options = parser.parse_args()
    if options.command == "imports":
        sys.stdout.write(imports.table(asyncio.run(imports.measure())) + "\n")
        return
    results = asyncio.run(http.measure(options.requests, min(options.clients, 20)))
    http.report(results, options.json)


if __name__ == "__main__":
    main()
