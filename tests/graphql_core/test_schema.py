"""The schema as a document: described everywhere, in its snapshot, checked for breaks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_specified_scalar_type,
)

from entrepot.graphql.catalog.import_enums import (
    CatalogImportStatus,
    ImportLineOutcome,
    LineProblemCode,
)
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.execution import core_schema
from entrepot.graphql.orders.order import SellerOrderStatus
from entrepot.graphql.schema import schema
from entrepot.platform.catalog.import_problems import ProblemCode
from entrepot.platform.catalog.import_rules import ImportStatus, LineOutcome
from entrepot.platform.orders import rules

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "schema_check.py"


def undescribed(checked: GraphQLSchema) -> Iterator[str]:
    """Yield the coordinate of everything in a schema that has no description."""
    roots = {checked.query_type, checked.mutation_type, checked.subscription_type}
    for name, type_ in checked.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(type_):
            continue
        if not type_.description and type_ not in roots:
            yield name
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in type_.fields.items():
                if not field.description:
                    yield f"{name}.{field_name}"
                for argument_name, argument in field.args.items():
                    if not argument.description:
                        yield f"{name}.{field_name}({argument_name}:)"
        elif isinstance(type_, GraphQLInputObjectType):
            for field_name, input_field in type_.fields.items():
                if not input_field.description:
                    yield f"{name}.{field_name}"
        elif isinstance(type_, GraphQLEnumType):
            for value_name, value in type_.values.items():
                if not value.description:
                    yield f"{name}.{value_name}"


def test_everything_is_described() -> None:
    assert list(undescribed(core_schema(schema))) == []


def test_missing_descriptions_are_found() -> None:
    bare = build_schema("""
        type Query { f(a: Int, i: I): T e: E }
        type T { "Described." x: Int }
        input I { y: Int }
        enum E { A }
        "Described." union U = T
        extend type Query { u: U }
    """)
    assert set(undescribed(bare)) == {
        *("Query.f", "Query.f(a:)", "Query.f(i:)", "Query.e", "Query.u"),
        *("T", "I", "I.y", "E", "E.A"),
    }


def test_result_unions_hold_all_common_errors() -> None:
    """Every mutation answers with a union of a payload and errors, the common ones included."""
    core = core_schema(schema)
    common = {member.__name__ for member in CommonErrors.__args__}  # type: ignore[attr-defined]
    fields = core.mutation_type.fields if core.mutation_type else {}
    wrong = []
    for name, field in fields.items():
        union = getattr(field.type, "of_type", field.type)
        members = {member.name for member in getattr(union, "types", ())}
        if not common <= members:
            wrong.append(name)
    assert wrong == []


def test_the_snapshot_is_current() -> None:
    """Mend with `python scripts/schema_check.py --write`."""
    assert (ROOT / "docs" / "schema.graphql").read_text("utf-8") == schema.as_str().rstrip() + "\n"


def check(*arguments: str) -> tuple[int, list[str]]:
    """Run the script; returns its exit code and lines, without the word on a stale snapshot."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stderr == ""
    lines = [line for line in done.stdout.splitlines() if "is stale" not in line]
    return done.returncode, lines


def test_breaking_changes_fail_the_check(tmp_path: Path) -> None:
    old = tmp_path / "old.graphql"
    removed = schema.as_str().replace("type Query {", 'type Query {\n  "Gone."\n  gone: Int\n', 1)
    old.write_text(removed, "utf-8")
    finding = "breaking: FIELD_REMOVED: Field Query.gone was removed."
    assert check("--old", str(old)) == (1, [finding])
    _, lines = check("--old", str(old), "--allow", "Query.gone")
    assert lines == [f"{finding} (allowed)", f"no breaking or dangerous change since {old}"]


def test_which_changes_count() -> None:
    findings = run_path(str(SCRIPT))["findings"]
    old = "type Query { a(x: Int = 1): U } union U = T type T { i: Int }"
    assert findings(old, old) == []
    assert findings(old, old + " type V { j: Int } extend type Query { v: V }") == []
    dangerous = (
        "type Query { a(x: Int = 2): U } union U = T | V type T { i: Int } type V { j: Int }"
    )
    assert [line.split(":")[0] for line in findings(old, dangerous)] == ["dangerous", "dangerous"]
    breaking = "type Query { a(x: Int = 1, y: Int!): U } union U = T type T { i: String }"
    assert {line.split(":")[0] for line in findings(old, breaking)} == {"breaking"}


def test_unreadable_older_schema(tmp_path: Path) -> None:
    old = tmp_path / "old.graphql"
    old.write_text("type {", "utf-8")
    assert check("--old", str(old))[0] == 2
    assert check("--old", str(tmp_path / "absent"))[0] == 2


def test_enums_name_what_the_domain_knows() -> None:
    """A member that the domain has and the schema lacks would be an internal error one day."""
    twins = {
        CatalogImportStatus: ImportStatus,
        ImportLineOutcome: LineOutcome,
        LineProblemCode: ProblemCode,
        SellerOrderStatus: rules.SellerOrderStatus,
    }
    for shown, known in twins.items():
        assert {m.name: m.value for m in shown} == {m.name: m.value for m in known}
