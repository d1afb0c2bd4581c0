"""Demand forecasts in GraphQL: a number, a range, a reason, and whether it beats doing nothing."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated

import strawberry

from entrepot.analytics.wording import Facts, explain, explain_problem
from entrepot.graphql.context import Info
from entrepot.graphql.fields import argument, field
from entrepot.graphql.node import decode_id, encode_id
from entrepot.platform.errors import InvalidInput
from entrepot.platform.forecasts import queries

MAX_WEEKS = 52


@strawberry.enum(description="How a forecast was made.")
class ForecastMethod(Enum):
    """Names as they are stored."""

    GRADIENT_BOOSTING = strawberry.enum_value(
        "gradient_boosting",
        description="A gradient-boosted model of all articles of the seller.",
    )
    SEASONAL_NAIVE = strawberry.enum_value(
        "seasonal_naive", description="The same week a year ago, repeated."
    )
    NAIVE = strawberry.enum_value("naive", description="The last week known, repeated.")


@strawberry.enum(description="Why an offer has no forecast.")
class ForecastProblem(Enum):
    """Names as they are stored."""

    NOT_COMPUTED = strawberry.enum_value(
        "NOT_COMPUTED", description="No run has included the offer yet."
    )
    NO_SALES = strawberry.enum_value("NO_SALES", description="It was never sold.")
    TOO_SHORT = strawberry.enum_value("TOO_SHORT", description="Its first sale was too recent.")
    NEGATIVE_DEMAND = strawberry.enum_value(
        "NEGATIVE_DEMAND", description="A week of its history has negative demand."
    )
    NOT_A_NUMBER = strawberry.enum_value(
        "NOT_A_NUMBER", description="A week of its history has no number."
    )


@strawberry.type(description="Units of an offer sold in one week.")
class DemandWeek:
    """History."""

    week: date = strawberry.field(description="Monday of the ISO week.")
    demand: float = strawberry.field(description="Units ordered.")


@strawberry.type(description="Units of an offer expected in one week ahead.")
class ForecastWeek:
    """Future."""

    week: date = strawberry.field(description="Monday of the ISO week.")
    mean: float = strawberry.field(description="Expected units: add these up for a total.")
    low: float = strawberry.field(description="Demand falls below it in one week of ten.")
    median: float = strawberry.field(description="As often below as above.")
    high: float = strawberry.field(description="Demand exceeds it in one week of ten.")


@strawberry.type(description="Errors of past forecasts of this offer; lower is better.")
class ForecastAccuracy:
    """Backtest of one offer."""

    origins: int = strawberry.field(description="Past dates at which the forecast was checked.")
    rmsse: float | None = strawberry.field(
        description="Root mean squared scaled error of the model; 1 is a one-week-ahead naive one."
    )
    rmsse_seasonal_naive: float | None = strawberry.field(
        description="The same of repeating the week a year ago."
    )
    rmsse_naive: float | None = strawberry.field(
        description="The same of repeating the last week known."
    )
    wape: float | None = strawberry.field(
        description="Absolute errors of the model as a share of the demand."
    )
    wape_seasonal_naive: float | None = strawberry.field(
        description="The same of repeating the week a year ago."
    )


@strawberry.type(description="Demand of one of your offers, with the range and how it was checked.")
class DemandForecast:
    """One offer in the newest run of its seller."""

    offer_id: strawberry.ID = strawberry.field(description="The offer.")
    problem: ForecastProblem | None = strawberry.field(
        description="Why there is no forecast; null where there is one."
    )
    reason: str = strawberry.field(description="How much, from what and how sure, in a sentence.")
    method: ForecastMethod | None = strawberry.field(description="The method that is served.")
    beats_naive: bool | None = strawberry.field(
        description="True: the model had the lowest error. False: a naive method was clearly "
        "better and is served. Null: not checked, or too close to call."
    )
    model_version: str | None = strawberry.field(description="Version of the model's code.")
    trained_at: datetime | None = strawberry.field(description="When it was computed.")
    data_from: date | None = strawberry.field(description="Monday of the first week learned from.")
    data_to: date | None = strawberry.field(description="Monday of the last week learned from.")
    accuracy: ForecastAccuracy | None = strawberry.field(description="Errors of past forecasts.")
    history: list[DemandWeek] = strawberry.field(
        description="Every week from the first sale to the last learned from, oldest first."
    )
    weeks: list[ForecastWeek] = strawberry.field(
        description="Weeks ahead, nearest first, as far as the run reaches; empty on a problem."
    )

    @classmethod
    def from_row(cls, row: queries.OfferForecast, locale: str) -> "DemandForecast":
        """Show a stored forecast to a reader of ``locale``."""
        article, run = row.article, row.run
        problem = article.problem if article else _missing(row)
        return cls(
            offer_id=encode_id("Offer", row.offer_id),
            problem=ForecastProblem(problem) if problem else None,
            reason=_reason(row, problem, locale),
            method=ForecastMethod(article.method) if article and article.method else None,
            beats_naive=article.beats_naive if article else None,
            model_version=f"{run.model}/{run.version}" if run else None,
            trained_at=run.trained_at if run else None,
            data_from=run.data_from if run else None,
            data_to=run.data_to if run else None,
            accuracy=_accuracy(article) if article and not problem else None,
            history=[DemandWeek(week=one.week, demand=one.demand) for one in row.history],
            weeks=[
                ForecastWeek(
                    week=one.week, mean=one.mean, low=one.low, median=one.median, high=one.high
                )
                for one in row.points
            ],
        )


def _missing(row: queries.OfferForecast) -> str:
    """Say why a run has nothing about the offer: runs take up only what was ever sold."""
    return "NO_SALES" if row.run is not None and not row.history else "NOT_COMPUTED"


def _accuracy(article: queries.ArticleRow) -> ForecastAccuracy:
    return ForecastAccuracy(
        origins=article.folds,
        rmsse=article.rmsse,
        rmsse_seasonal_naive=article.rmsse_seasonal_naive,
        rmsse_naive=article.rmsse_naive,
        wape=article.wape,
        wape_seasonal_naive=article.wape_seasonal_naive,
    )


def _reason(row: queries.OfferForecast, problem: str | None, locale: str) -> str:
    article, run, points = row.article, row.run, row.points
    if problem or article is None or run is None or article.method is None:
        weeks = article.history_weeks if article else 0
        return explain_problem(problem or "NOT_COMPUTED", weeks, locale)

    def over_weeks(values: list[float]) -> float:
        return sum(values) / max(len(values), 1)

    return explain(
        Facts(
            method=article.method,
            beats_naive=article.beats_naive,
            mean=over_weeks([one.mean for one in points]),
            low=over_weeks([one.low for one in points]),
            high=over_weeks([one.high for one in points]),
            history_weeks=article.history_weeks,
            last_week=run.data_to,
            folds=article.folds,
            error=article.rmsse,
            error_seasonal_naive=article.rmsse_seasonal_naive,
            error_naive=article.rmsse_naive,
            wape=article.wape,
            wape_seasonal_naive=article.wape_seasonal_naive,
            bias=run.metrics.get(article.method, {}).get("bias"),
        ),
        locale,
    )


@strawberry.type
class ForecastQuery:
    """Root fields of forecasts."""

    @field("The demand forecast of one of your own offers. Needs the permission forecast.view.")
    async def demand_forecast(
        self,
        info: Info,
        offer_id: Annotated[strawberry.ID, argument("An offer that your company sells.")],
        weeks: Annotated[int, argument("Weeks ahead, 1 to 52; a run reaches 13 by default.")] = 13,
    ) -> DemandForecast:
        actor = info.context.require_actor()
        key = decode_id(offer_id, "Offer", "offerId")
        if not 1 <= weeks <= MAX_WEEKS:
            raise InvalidInput("weeks", "1 to 52", "от 1 до 52")
        row = await queries.demand_forecast(actor, key, weeks)
        return DemandForecast.from_row(row, info.context.locale)
