"""Imports as GraphQL shows them: state, counts, lines with outcomes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Protocol
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.import_enums import (
    CatalogImportStatus,
    ImportLineOutcome,
    LineProblemCode,
)
from entrepot.graphql.context import Info
from entrepot.graphql.documents import file_url
from entrepot.graphql.fields import argument, field
from entrepot.graphql.node import Node, encode_id
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.catalog import import_problems, import_queries
from entrepot.platform.documents.file_links import FileKind


@strawberry.type(description="Why a line was refused, in your language.")
class LineProblem:
    """A refusal of one line."""

    code: LineProblemCode = strawberry.field(description="Stable name.")
    field: str | None = strawberry.field(description="The field it is about; null: the line.")
    value: str = strawberry.field(description="The value as it was sent, shortened.")
    message: str = strawberry.field(description="What is wrong.")
    remedy: str = strawberry.field(description="How to mend it.")

    @classmethod
    def told(cls, problem: import_problems.LineProblem, locale: str) -> "LineProblem":
        """Tell a refusal in a language."""
        return cls(
            code=LineProblemCode[problem.code.name],
            field=problem.field,
            value=problem.value,
            message=problem.message(locale),
            remedy=problem.remedy(locale),
        )


@strawberry.type(description="One line of the file and what becomes of it.")
class ImportLine:
    """A line with its outcome."""

    line_number: int = strawberry.field(description="As an editor or Excel counts, from 1.")
    outcome: ImportLineOutcome = strawberry.field(description="What becomes of it.")
    problem: LineProblem | None = strawberry.field(description="Why it is refused.")
    offer_id: strawberry.ID | None = strawberry.field(
        description="The offer, once the line was committed."
    )


@strawberry.type(description="Number of lines with an outcome.")
class OutcomeCount:
    """A count."""

    outcome: ImportLineOutcome = strawberry.field(description="The outcome.")
    count: int = strawberry.field(description="Lines that have it.")


@strawberry.type(description="Why a whole file was refused.")
class ImportFailure:
    """A refusal of a file."""

    code: str = strawberry.field(description="Stable name.")
    message: str = strawberry.field(description="What is wrong and how to mend it.")


class ImportState(Protocol):
    """What is known of any file on its way in."""

    @property
    def id(self) -> UUID: ...
    @property
    def file_name(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    @property
    def lines_read(self) -> int: ...
    @property
    def counts(self) -> Mapping[str, int]: ...
    @property
    def error(self) -> Mapping[str, str] | None: ...
    @property
    def refused(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def finished_at(self) -> datetime | None: ...


@strawberry.type
class FileImport(Node):
    """What imports of every kind show; each kind adds its own."""

    refused_kind: ClassVar[FileKind]
    row: strawberry.Private[Any]

    @property
    def state(self) -> ImportState:
        """The import, as far as every kind has it."""
        state: ImportState = self.row
        return state

    @field("Name of the file.")
    def file_name(self) -> str:
        return self.state.file_name

    @field("Where it stands.")
    def status(self) -> CatalogImportStatus:
        return CatalogImportStatus(self.state.status)

    @field("Why the whole file was refused, if it was.")
    def failure(self, info: Info) -> ImportFailure | None:
        error: Mapping[str, str] | None = self.state.error
        if error is None:
            return None
        return ImportFailure(code=error["code"], message=error[info.context.locale])

    @field("Lines read so far.")
    def lines_read(self) -> int:
        return self.state.lines_read

    @field("Lines by outcome; zeros are left out.")
    def counts(self) -> list[OutcomeCount]:
        return [
            OutcomeCount(outcome=outcome, count=self.state.counts[outcome.name])
            for outcome in ImportLineOutcome
            if self.state.counts.get(outcome.name)
        ]

    @field("Titles of columns that nobody understood; their data is not taken.")
    def ignored_columns(self) -> list[str]:
        return list(self.state.options.get("layout", {}).get("ignored", ()))

    @field("Where to fetch the refused lines with reasons, for 15 minutes; null without any.")
    def rejected_lines_url(self, info: Info) -> str | None:
        if not self.state.refused or self.state.error is not None:
            return None
        return file_url(info.context, self.refused_kind, self.state.id)

    @field("When the file was handed over.")
    def created_at(self) -> datetime:
        return self.state.created_at

    @field("When it was committed or refused.")
    def finished_at(self) -> datetime | None:
        return self.state.finished_at


@strawberry.type(description="A catalogue file on its way in: previewed, then committed.")
class CatalogImport(FileImport):
    """An import of the actor's company."""

    refused_kind: ClassVar[FileKind] = "refused"
    row: strawberry.Private[import_queries.ImportRow]

    @classmethod
    def from_row(cls, row: import_queries.ImportRow) -> "CatalogImport":
        """Show an import that the actor may see."""
        return cls(id=encode_id("CatalogImport", row.id), row=row)

    @field("The lines in the order of the file.")
    async def lines(
        self,
        info: Info,
        outcomes: Annotated[
            list[ImportLineOutcome] | None,
            argument("Only lines with one of these outcomes."),
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[ImportLine]:
        page = page_of(first, after, order=f"import_lines.{self.row.id}", keys=(int,))
        wanted = None if outcomes is None else [outcome.name for outcome in outcomes]
        start = page.after[0] if page.after else 0
        rows = await import_queries.lines_page(self.row.id, page.limit, start, wanted)
        locale = info.context.locale
        return connect(
            rows,
            page,
            node=lambda row: _line(row, locale),
            key=lambda row: (row.line_number,),
        )


def _line(row: import_queries.ImportLineRow, locale: str) -> ImportLine:
    problem = row.problem
    return ImportLine(
        line_number=row.line_number,
        outcome=ImportLineOutcome(row.outcome),
        offer_id=encode_id("Offer", row.offer_id) if row.offer_id else None,
        problem=LineProblem.told(problem, locale) if problem else None,
    )
