"""What the documents promise is there: operations fit the schema, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from entrepot.graphql.schema import schema

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks/README.md"]
    if path.is_file()
)


def test_the_readme_has_operations_and_they_fit_the_schema() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    operations = re.findall(r"```graphql\n(.*?)```", text, flags=re.S)
    assert len(operations) == 11
    built = build_schema(schema.as_str())
    for operation in operations:
        assert validate(built, parse(operation)) == [], operation


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    missing = [
        target
        for target in targets
        if "://" not in target and not (page.parent / target).resolve().exists()
    ]
    assert missing == []
