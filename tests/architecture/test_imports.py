"""Data goes one way: which package may import which, checked on the source of every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "entrepot"
PACKAGES = (
    "platform", "graphql", "workers", "search", "analytics", "interchange", "web", "demo",
    "commands", "observability",
)  # fmt: skip
MAY_IMPORT: dict[str, set[str]] = {
    "platform": set(),
    "observability": {"platform"},
    "search": {"platform"},
    "analytics": {"platform"},
    "interchange": {"platform"},
    "demo": {"platform"},
    "web": {"platform", "interchange", "observability"},
    "graphql": {"platform", "search", "analytics", "interchange", "observability"},
    "workers": {"platform", "search", "analytics", "interchange", "observability", "processes"},
}
SLICES = (
    "identity", "catalog", "pricing", "inventory", "carts", "orders", "payments", "documents",
    "notifications", "forecasts",
)  # fmt: skip


def modules() -> list[tuple[str, ast.Module]]:
    """Every module's dotted name below `entrepot`, with its syntax tree."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found.append((name, ast.parse(path.read_text(encoding="utf-8"))))
    return found


def imports(tree: ast.Module) -> Iterator[str]:
    """The dotted names below `entrepot` that a module imports, wherever in it they stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("entrepot."):
                yield name.removeprefix("entrepot.")


ALL = modules()


def test_every_package_is_known() -> None:
    folders = {path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(PACKAGES)


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_nothing_imports_backwards(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    wrong = [
        f"{name} imports {wanted}"
        for name, tree in ALL
        if name.split(".")[0] == package
        for wanted in imports(tree)
        if wanted.split(".")[0] not in allowed
    ]
    assert wrong == []


def test_slices_meet_at_their_doors() -> None:
    """Across slices no models: `service`, `queries`, `events`, `errors`, `rules` and values."""
    wrong = []
    for name, tree in ALL:
        parts = name.split(".")
        own = parts[1] if parts[0] == "platform" and len(parts) > 1 else None
        if parts[-1] == "models":
            continue  # foreign keys name other slices' tables
        for wanted in imports(tree):
            target = wanted.split(".")
            foreign = target[0] == "platform" and target[1] in SLICES and target[1] != own
            if foreign and target[2:3] == ["models"]:
                wrong.append(f"{name} imports {wanted}")
    assert wrong == []


def test_rules_are_pure() -> None:
    """No database, no ORM, no clock and nothing asynchronous in `rules`."""
    forbidden = ("tortoise", "asyncpg", "redis", "datetime.now", "entrepot.platform.database",
                 "entrepot.platform.outbox", "entrepot.platform.clock")  # fmt: skip
    wrong = []
    for name, tree in ALL:
        if name.split(".")[-1] != "rules":
            continue
        source = ast.unparse(tree)
        wrong += [f"{name}: {word}" for word in forbidden if word in source]
        wrong += [
            f"{name}: async" for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)
        ]
        wrong += [f"{name}: .models" for wanted in imports(tree) if wanted.endswith(".models")]
    assert wrong == []


def test_only_datasets_of_analytics_knows_the_platform() -> None:
    wrong = [
        f"{name} imports {wanted}"
        for name, tree in ALL
        if name.startswith("analytics.") and name != "analytics.datasets"
        for wanted in imports(tree)
        if wanted.startswith("platform.")
    ]
    assert wrong == []


def test_modules_stay_below_the_wall() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in ROOT.rglob("*.py")
        if "migrations" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "helpers", "manager", "base", "common", "misc"}
    assert [name for name, _ in ALL if empty & set(name.split("."))] == []


def test_the_map_names_every_slice_and_its_modules() -> None:
    """`docs/map.md` is a table slice × package; every cell is a path that exists."""
    text = (ROOT.parent / "docs" / "map.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    assert {row[0].strip("`") for row in rows} == set(SLICES)
    for row in rows:
        for cell in row[1:]:
            for path in cell.replace("`", "").split(", "):
                if path not in ("", "—"):
                    assert (ROOT.parent / path).exists(), path
