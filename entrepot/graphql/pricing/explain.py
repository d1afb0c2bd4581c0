"""Explanations of prices in GraphQL."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from entrepot.graphql.catalog.loading import load_price_lists
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info
from entrepot.graphql.fields import argument, field
from entrepot.graphql.money import Money
from entrepot.graphql.node import decode_id
from entrepot.graphql.pricing.lists import PriceList
from entrepot.graphql.pricing.types import PriceSource, ResolvedPrice
from entrepot.graphql.scalars import Quantity
from entrepot.platform.pricing import explain
from entrepot.platform.pricing.explain_rules import Candidate, ChainStep, GivenList
from entrepot.platform.pricing.explain_wording import reason_of, rule_in_words
from entrepot.platform.pricing.promotions import explaining


@strawberry.enum(description="What became of a candidate; the first reason against it counts.")
class PriceCandidateOutcome(Enum):
    """As `explain_rules.Outcome`."""

    WINS = strawberry.enum_value("wins", description="Its price applies.")
    INACTIVE = strawberry.enum_value("inactive", description="Switched off; for sellers only.")
    OTHER_CURRENCY = strawberry.enum_value("other_currency", description="Not the offer's.")
    OTHER_REGION = strawberry.enum_value("other_region", description="Not for this country.")
    NOT_YET_VALID = strawberry.enum_value("not_yet_valid", description="Not yet in force.")
    EXPIRED = strawberry.enum_value("expired", description="No longer in force.")
    NO_PRICE = strawberry.enum_value(
        "no_price", description="Without a price for this offer; for sellers only."
    )
    BELOW_TIER = strawberry.enum_value("below_tier", description="The quantity is too small.")
    BELOW_ORDER_VALUE = strawberry.enum_value(
        "below_order_value", description="The line alone is worth too little."
    )
    LOWER_LEVEL = strawberry.enum_value("lower_level", description="A nearer level has a price.")
    LOWER_PRIORITY = strawberry.enum_value(
        "lower_priority", description="Another list of its level has a higher priority."
    )
    DEARER = strawberry.enum_value("dearer", description="Another list is cheaper.")
    SAME_PRICE = strawberry.enum_value("same_price", description="An older list costs the same.")


@strawberry.type(description="A step on the way to a computed price.")
class PriceStepOfRule:
    """From the base up."""

    price_list_name: str | None = strawberry.field(
        description="Name of the list; null for buyers and for the offer's list price."
    )
    rule: str = strawberry.field(description="`-10 %, rounded to .99`; empty at the start.")
    price: Money = strawberry.field(description="The unit price after the step.")


@strawberry.type(description="A price that could apply, and why it does or does not.")
class PriceCandidate:
    """A list that is given to the buyer, or the offer's list price."""

    source: PriceSource = strawberry.field(description="Its level.")
    outcome: PriceCandidateOutcome = strawberry.field(description="What became of it.")
    reason: str = strawberry.field(description="Why, one sentence.")
    unit_price: Money | None = strawberry.field(
        description="Its price; where the quantity is too small for any, that of its first tier."
    )
    tier_minimum: Decimal | None = strawberry.field(
        description="Least quantity of that tier; null: any."
    )
    min_order_value: Decimal | None = strawberry.field(
        description="Least net value of the order that the list asks for."
    )
    valid_from: datetime | None = strawberry.field(description="In force from then on.")
    valid_until: datetime | None = strawberry.field(description="In force before then.")
    steps: list[PriceStepOfRule] = strawberry.field(
        description="How a rule came to the price, from its base up. Empty for fixed lists, and "
        "for buyers who do not have every list of the chain."
    )
    given: strawberry.Private[GivenList | None]
    for_seller: strawberry.Private[bool]

    @field("The list; null for buyers and for the offer's list price.")
    async def price_list(self, info: Info) -> PriceList | None:
        if self.given is None or not self.for_seller:
            return None
        row = await info.context.load(load_price_lists, self.given.id)
        return PriceList.from_row(row) if row else None

    @field("Its priority; the higher wins. Null for buyers and for the offer's list price.")
    def priority(self) -> int | None:
        return self.given.priority if self.given is not None and self.for_seller else None


@strawberry.type(description="A promotion on the offer, and whether the line gets it.")
class ExplainedPromotion:
    """For the buyer."""

    name: str = strawberry.field(description="Its name in your language.")
    applies: bool = strawberry.field(description="Whether it takes part.")
    amount: Money = strawberry.field(
        description="What it takes off the whole line, or off the delivery."
    )
    reason: str = strawberry.field(description="Why it applies or not, one sentence.")


@strawberry.type(description="Why a line costs what it does, when it stands alone in an order.")
class PriceExplanation:
    """For a quantity and a legal entity."""

    offer: Offer = strawberry.field(description="The offer.")
    quantity: Decimal = strawberry.field(description="The quantity asked about.")
    price: ResolvedPrice = strawberry.field(description="The price of one unit from the lists.")
    candidates: list[PriceCandidate] = strawberry.field(
        description="All that could apply, the one that does first."
    )
    promotions: list[ExplainedPromotion] = strawberry.field(
        description="Promotions on the offer that are for the buyer, those that apply first."
    )
    discount: Money = strawberry.field(description="What all promotions take off the whole line.")
    effective_unit_price: Money = strawberry.field(
        description="What is left of the price of one unit, to 4 decimal places."
    )


def _candidate(one: Candidate, found: explain.Explanation, locale: str) -> PriceCandidate:
    given = one.given
    level = "list" if given is None else "group_list" if given.by_group else "company_list"
    money = None
    if one.unit_price is not None:
        money = Money(amount=one.unit_price, currency=one.currency)
    return PriceCandidate(
        source=PriceSource(level),
        outcome=PriceCandidateOutcome(one.outcome.value),
        reason=reason_of(one, found.asked, locale),
        unit_price=money,
        tier_minimum=one.tier_minimum,
        min_order_value=given.min_order_value if given else None,
        valid_from=given.valid_from if given else None,
        valid_until=given.valid_until if given else None,
        steps=[_step(step, one.currency, found, locale) for step in one.steps],
        given=given,
        for_seller=found.for_seller,
    )


def _step(
    step: ChainStep, currency: str, found: explain.Explanation, locale: str
) -> PriceStepOfRule:
    return PriceStepOfRule(
        price_list_name=step.name if found.for_seller else None,
        rule=rule_in_words(step.rule, locale),
        price=Money(amount=step.price, currency=currency),
    )


def _promotion(
    one: explaining.ExplainedPromotion, currency: str, locale: str
) -> ExplainedPromotion:
    return ExplainedPromotion(
        name=one.name_ru if locale == "ru" else one.name_en,
        applies=one.applies,
        amount=Money(amount=one.amount, currency=currency),
        reason=one.reason(locale),
    )


@strawberry.type
class ExplainQuery:
    """Root fields."""

    @field(
        "Why an offer costs your legal entity what it does; or one of your customers, where the "
        "offer is yours (`prices.manage`)."
    )
    async def explain_price(
        self,
        info: Info,
        offer_id: Annotated[strawberry.ID, argument("The offer.")],
        quantity: Annotated[Quantity, argument("How much of it, in a line that stands alone.")],
        legal_entity_id: Annotated[
            strawberry.ID | None,
            argument("Who buys: of your company, or your customer; left out, who you act for."),
        ] = None,
    ) -> PriceExplanation:
        context = info.context
        actor = context.require_actor()
        entity = None
        if legal_entity_id is not None:
            entity = decode_id(legal_entity_id, "LegalEntity", "legalEntityId")
        found = await explain.explain(
            actor,
            decode_id(offer_id, "Offer", "offerId"),
            quantity,
            context.resources.clock.now(),
            legal_entity_id=entity,
        )
        currency, locale = found.asked.currency, context.locale
        return PriceExplanation(
            offer=Offer.from_row(found.offer),
            quantity=found.asked.quantity,
            price=ResolvedPrice.of(found.price, locale, found.reason(locale)),
            candidates=[_candidate(one, found, locale) for one in found.candidates],
            promotions=[_promotion(one, currency, locale) for one in found.promotions],
            discount=Money(amount=found.discount, currency=currency),
            effective_unit_price=Money(amount=found.effective_unit_price, currency=currency),
        )
