"""Compare the GraphQL schema with its snapshot and with an older one.

    python scripts/schema_check.py              # against the last release
    python scripts/schema_check.py --base REF   # against docs/schema.graphql of a git revision
    python scripts/schema_check.py --old FILE   # against a file
    python scripts/schema_check.py --write      # rewrite docs/schema.graphql from the code

The last release is the last tag, or the commit that set the version in pyproject.toml; a new
version may break what an old one promised, and says so in CHANGELOG.md.

Exit codes: 0 all well; 1 the snapshot is stale, or the change breaks or endangers clients
(`--allow TEXT` accepts findings that contain TEXT);
2 the older schema cannot be read.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from graphql import GraphQLSyntaxError, build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = ROOT / "docs" / "schema.graphql"


def current_sdl() -> str:
    """Return the schema of the code as text, with one final newline."""
    from entrepot.graphql.schema import schema

    return schema.as_str().rstrip() + "\n"


def findings(old_sdl: str, new_sdl: str) -> list[str]:
    """Return every breaking and dangerous change between two schemas, one line each."""
    old, new = build_schema(old_sdl), build_schema(new_sdl)
    return [
        *(f"breaking: {c.type.name}: {c.description}" for c in find_breaking_changes(old, new)),
        *(f"dangerous: {c.type.name}: {c.description}" for c in find_dangerous_changes(old, new)),
    ]


def git(*arguments: str) -> str | None:
    """Return git's output, or None where it fails."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def last_release() -> str:
    """Return the revision of the last release."""
    set_version = ("log", "-1", "--format=%h", "-G", "^version = ", "--", "pyproject.toml")
    return git("describe", "--tags", "--abbrev=0") or git(*set_version) or "HEAD~1"


def older_sdl(base: str | None) -> tuple[str, str | None]:
    """Return the revision to compare with and the snapshot it holds (None: it has none)."""
    reference = (base or last_release()).strip()
    return reference, git("show", f"{reference}:{SNAPSHOT.relative_to(ROOT).as_posix()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the check; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", help="git revision whose snapshot is the older schema")
    parser.add_argument("--old", type=Path, help="file that holds the older schema")
    parser.add_argument("--allow", action="append", default=[], help="accept findings with TEXT")
    parser.add_argument("--write", action="store_true", help="rewrite docs/schema.graphql")
    options = parser.parse_args(arguments)
    new = current_sdl()
    say = sys.stdout.write
    if options.write:
        SNAPSHOT.write_text(new, "utf-8")
        say(f"wrote {SNAPSHOT.relative_to(ROOT)}\n")
        return 0
    stale = not SNAPSHOT.is_file() or SNAPSHOT.read_text("utf-8") != new
    if stale:
        say("docs/schema.graphql is stale: run `python scripts/schema_check.py --write`\n")
    try:
        if options.old is not None:
            label, old = str(options.old), options.old.read_text("utf-8")
        else:
            label, old = older_sdl(options.base)
        if old is None:
            say(f"{label} has no snapshot: nothing to compare with\n")
            return int(stale)
        found = findings(old, new)
    except (OSError, GraphQLSyntaxError, TypeError) as error:
        say(f"cannot read the older schema: {error}\n")
        return 2
    refused = [line for line in found if not any(text in line for text in options.allow)]
    for line in found:
        say(f"{line}{'' if line in refused else ' (allowed)'}\n")
    if not refused:
        say(f"no breaking or dangerous change since {label}\n")
    return int(stale or bool(refused))


if __name__ == "__main__":
    sys.exit(main())
