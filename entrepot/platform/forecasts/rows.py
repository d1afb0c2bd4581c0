"""What a forecast run is made of, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PointRow:
    """Demand of one week ahead in units; ``low`` and ``high`` are the quantiles 0.1 and 0.9."""

    week: date
    mean: float
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """What a run says of one offer; either ``problem`` or ``method`` is set.

    ``beats_naive``: true, the model had the lowest error in the backtest by a margin; false, a
    naive method was clearly better and is served; None, not checked or too close to call. Errors
    are of the model and of the naive methods over ``folds`` past origins.
    """

    offer_id: UUID
    problem: str | None
    method: str | None
    beats_naive: bool | None
    history_weeks: int
    folds: int = 0
    rmsse: float | None = None
    rmsse_seasonal_naive: float | None = None
    rmsse_naive: float | None = None
    wape: float | None = None
    wape_seasonal_naive: float | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One stored training. ``metrics`` is method → measure → value, over the whole backtest."""

    id: UUID
    seller_id: UUID
    model: str
    version: str
    seed: int
    horizon: int
    data_from: date
    data_to: date
    trained_at: datetime
    metrics: Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to store: its facts, an article row for every offer, points of those forecast."""

    seller_id: UUID
    model: str
    version: str
    seed: int
    horizon: int
    data_from: date
    data_to: date
    trained_at: datetime
    metrics: Mapping[str, Mapping[str, float | None]]
    articles: Sequence[ArticleRow]
    points: Mapping[UUID, Sequence[PointRow]]


@dataclass(frozen=True, slots=True)
class WeekRow:
    """Units sold in the week of that Monday."""

    week: date
    demand: float


@dataclass(frozen=True, slots=True)
class OfferForecast:
    """Everything stored of one offer's forecast. ``run`` None: no run knows the offer yet.

    ``history`` has every week from the offer's first sale to the run's last week, oldest first.
    """

    offer_id: UUID
    run: RunRow | None
    article: ArticleRow | None
    history: tuple[WeekRow, ...]
    points: tuple[PointRow, ...]
