"""Write the migration for the present models: `python scripts/make_migration.py NAME`.

The ORM's own command leaves the constraints of a *new* model in its options, where no SQL comes of
them; this script adds the SQL. (An operation for each would do too, but every operation renders
all models anew: 4 s for a fresh database.) Read the file and the output of
`tortoise -c entrepot.platform.database.MIGRATION_CONFIG sqlmigrate entrepot NAME` before you
commit: a renamed field comes out as drop and add.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
from pathlib import Path

from tortoise import Tortoise
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.database import MIGRATION_CONFIG

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "entrepot" / "platform" / "migrations"
CONFIG = "entrepot.platform.database.MIGRATION_CONFIG"


def statement(model: type[Model], constraint: UniqueConstraint | CheckConstraint) -> str:
    """Return the SQL that gives the model's table the constraint."""
    table = model._meta.db_table
    if isinstance(constraint, CheckConstraint):
        return (
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{constraint.name}" CHECK ({constraint.check})'
        )
    columns = ", ".join(f'"{model._meta.fields_db_projection.get(name, name)}"'
                        for name in constraint.fields)  # fmt: skip
    if constraint.condition:
        where = constraint.condition
        return f'CREATE UNIQUE INDEX "{constraint.name}" ON "{table}" ({columns}) WHERE {where}'
    return f'ALTER TABLE "{table}" ADD CONSTRAINT "{constraint.name}" UNIQUE ({columns})'


async def statements(created: list[str]) -> list[str]:
    """Return the SQL for the constraints of the models named."""
    await Tortoise.init(config=MIGRATION_CONFIG, init_connections=False)
    models = Tortoise.apps["entrepot"]
    return [
        statement(models[name], constraint)
        for name in created
        for constraint in models[name]._meta.constraints
    ]


def with_constraints(text: str) -> str:
    """Add one operation with the SQL for the constraints of the models that the file creates."""
    created = re.findall(r"CreateModel\(\s*name='(\w+)'", text)
    lines = "".join(f"            {line!r},\n" for line in asyncio.run(statements(created)))
    if not lines:
        return text
    body, tail = text.rstrip().rsplit("]", 1)
    return f"{body.rstrip()}\n        ops.RunSQL([\n{lines}        ]),\n    ]{tail}\n"


def together(text: str) -> str:
    """Make the operations one, so that the models are rendered once."""
    text = text.replace("    operations = [\n", "    operations = [Together([\n", 1)
    body, tail = text.rstrip().rsplit("]", 1)
    head, rest = body.split("\n\n", 1)
    wanted = "from entrepot.platform.migration_operations import Together"
    return f"{head}\n{wanted}\n\n{rest.rstrip()}\n    ])]{tail}\n"


def main(name: str) -> None:
    """Create the migration and repair it."""
    before = set(FOLDER.glob("0*.py"))
    command = [sys.executable, "-W", "ignore", "-m", "tortoise", "-c", CONFIG, "makemigrations"]
    subprocess.run([*command, "-n", name], cwd=PROJECT, check=True)
    for path in set(FOLDER.glob("0*.py")) - before:
        text = together(with_constraints(path.read_text(encoding="utf-8")))
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(PROJECT)}\n")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Write the migration for the present models.",
        epilog="Read the file before you commit it: a renamed field comes out as drop and add.",
    )
    parser.add_argument("name", metavar="NAME", help="what changes, in snake_case: add_colour")
    return parser.parse_args()


if __name__ == "__main__":
    main(arguments().name)
