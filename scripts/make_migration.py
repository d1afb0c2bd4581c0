"""Write the migration for the present models: `python scripts/make_migration.py NAME`.

The ORM's own command leaves the constraints of a *new* model in its options, where no SQL comes of
them; this script moves them into operations of their own. Read the file and the output of
`tortoise -c entrepot.platform.database.MIGRATION_CONFIG sqlmigrate entrepot NAME` before you
commit: a renamed field comes out as drop and add.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "entrepot" / "platform" / "migrations"
CONFIG = "entrepot.platform.database.MIGRATION_CONFIG"
KEY = "'constraints': ["


def closing_bracket(text: str, start: int) -> int:
    """Return the position of the `]` that closes the `[` before `start`, strings respected."""
    depth, quote, position = 1, "", start
    while depth:
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        position += 1
    return position - 1


def move_constraints(text: str) -> str:
    """Turn constraints in options into `AddConstraint` operations at the end."""
    added: list[str] = []
    while (found := text.find(KEY)) >= 0:
        end = closing_bracket(text, found + len(KEY))
        model = re.findall(r"CreateModel\(\s*name='(\w+)'", text[:found])[-1]
        for constraint in re.split(r",\s+(?=(?:Check|Unique)Constraint\()", text[found + len(KEY) : end]):
            added.append(f"        ops.AddConstraint('{model}', {constraint}),\n")
        text = text[:found] + text[end + 1 :].removeprefix(", ")
    body, tail = text.rstrip().rsplit("]", 1)
    return f"{body.rstrip()}\n{''.join(added)}    ]{tail}\n"


def main(name: str) -> None:
    """Create the migration and repair it."""
    before = set(FOLDER.glob("0*.py"))
    command = [sys.executable, "-W", "ignore", "-m", "tortoise", "-c", CONFIG, "makemigrations"]
    subprocess.run([*command, "-n", name], cwd=PROJECT, check=True)
    for path in set(FOLDER.glob("0*.py")) - before:
        path.write_text(move_constraints(path.read_text(encoding="utf-8")), encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(PROJECT)}\n")


if __name__ == "__main__":
    main(sys.argv[1])
