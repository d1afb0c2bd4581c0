"""Two years of orders: seasonal, intermittent, dying and young demand.

Each week every selling offer gets a weight (how well it sells × season × life × whether an
intermittent article is wanted this week); the week's lines are drawn by these weights and grouped
into orders by buyer and day. Two years hold 100,000 lines.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from entrepot.demo.catalogue import DemoOffer

LINES = 100_000
WEEKS = 104
GROWTH_A_YEAR = 0.15
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DemoLine:
    """An ordered offer and how much of it."""

    offer: DemoOffer
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """What one buyer ordered at one moment, of whichever sellers."""

    buyer_index: int
    placed_at: datetime
    lines: tuple[DemoLine, ...]


def weekly_weights(
    rng: np.random.Generator, offers: list[DemoOffer], weeks_of_year: npt.NDArray[np.int64]
) -> Floats:
    """Return offers × weeks: how likely a line of that week is of that offer."""
    count, weeks = len(offers), len(weeks_of_year)
    base = np.array([offer.weight for offer in offers])
    season = np.array([offer.product.family.season for offer in offers])
    summer = np.cos(2 * np.pi * (weeks_of_year - 27) / 52)
    weights: Floats = base[:, None] * np.exp(1.1 * season[:, None] * summer[None, :])
    kind = rng.choice(4, size=count, p=(0.45, 0.30, 0.13, 0.12))
    # 1: intermittent, wanted in some weeks only, then much
    wanted = rng.random((count, weeks)) < rng.uniform(0.06, 0.3, size=count)[:, None]
    weights[kind == 1] *= np.where(wanted[kind == 1], 5.0, 0.0)
    # 2: dying, halves every few months from some week on
    start = rng.integers(weeks // 4, weeks, size=count)
    age = np.clip(np.arange(weeks)[None, :] - start[:, None], 0, None)
    weights[kind == 2] *= np.exp(-age[kind == 2] / 9.0)
    # 3: young, sold since some week only
    weights[kind == 3] *= (np.arange(weeks)[None, :] >= start[kind == 3][:, None]).astype(float)
    return weights


def orders(
    rng: np.random.Generator, offers: list[DemoOffer], buyers: int, now: datetime
) -> list[DemoOrder]:
    """Return the orders of the last `WEEKS` weeks, oldest first, none later than `now`."""
    first_monday = (now - timedelta(weeks=WEEKS, days=now.weekday())).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    mondays = [first_monday + timedelta(weeks=week) for week in range(WEEKS)]
    weeks_of_year = np.array([monday.isocalendar().week for monday in mondays])
    weights = weekly_weights(rng, offers, weeks_of_year)
    volume = weights.sum(axis=0) ** 0.5 * (1 + GROWTH_A_YEAR) ** (np.arange(WEEKS) / 52)
    counts = np.floor(volume / volume.sum() * LINES).astype(int)
    counts[-1] += LINES - counts.sum()
    activity = rng.pareto(1.5, size=buyers) + 0.3
    activity /= activity.sum()
    found: list[DemoOrder] = []
    for week, monday in enumerate(mondays):
        found += _orders_of_week(rng, offers, weights[:, week], int(counts[week]), activity, monday)
    return sorted(found, key=lambda order: order.placed_at)


def _orders_of_week(
    rng: np.random.Generator,
    offers: list[DemoOffer],
    weights: Floats,
    count: int,
    activity: Floats,
    monday: datetime,
) -> list[DemoOrder]:
    chosen = rng.choice(len(offers), size=count, p=weights / weights.sum())
    buyers = rng.choice(len(activity), size=count, p=activity)
    days = rng.choice(5, size=count, p=(0.26, 0.22, 0.2, 0.18, 0.14))
    packs = 1 + rng.negative_binomial(1.2, 0.35, size=count)
    bulk = rng.random(count) < 0.01
    packs[bulk] *= 15
    baskets: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for offer, buyer, day, quantity in zip(chosen, buyers, days, packs, strict=True):
        basket = baskets[int(day), int(buyer)]
        while int(offer) in basket:  # an order holds an offer once: take its neighbour
            offer = (offer + 1) % len(offers)
        basket[int(offer)] = int(quantity)
    made: list[DemoOrder] = []
    for (day, buyer), basket in sorted(baskets.items()):
        moment = monday + timedelta(days=day, minutes=int(rng.integers(6 * 60, 15 * 60)))
        lines = tuple(
            DemoLine(offers[index], Decimal(quantity * offers[index].pack))
            for index, quantity in basket.items()
        )
        made.append(DemoOrder(buyer, moment, lines))
    return made
