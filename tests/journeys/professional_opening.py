"""How the story begins: four sellers with terms and prices, a company with two legal entities."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.journeys.marketplace import Person, eventually
from tests.journeys.professional_market import (
    PROMOTION_FROM,
    PROMOTION_PERCENT,
    SELLERS,
    TERMS,
    TIERED,
    TIERS,
    WITH_TAX,
    catalogue,
    list_price,
    number,
)
from tests.journeys.professional_people import (
    VIEWER,
    Colleague,
    PostedMarketplace,
    stock_of,
    tax_id,
)
from tests.journeys.test_marketplace import COMMIT, IMPORT, upload

LIST = "PriceListPayload { priceList { id } }"


@dataclass
class Cast:
    """Everybody, and the ids by which they know things."""

    market: PostedMarketplace
    sellers: dict[str, Colleague] = field(default_factory=dict)
    offers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Seller → article → offer's id."""
    director: Colleague = field(init=False)
    manager: Colleague = field(init=False)
    colleague: Colleague = field(init=False)
    approver: Colleague = field(init=False)
    stranger: Colleague = field(init=False)
    company_id: str = ""
    main: str = ""
    second: str = ""
    plant: str = ""
    office: str = ""
    promotion: str = ""

    def offer(self, seller: str, index: int) -> str:
        """The id of a regular article's offer."""
        return self.offers[seller][number(seller, index)]


async def opened(market: PostedMarketplace) -> Cast:
    """Bring everybody in, one after another."""
    cast = Cast(market)
    for place, (letter, name) in enumerate(SELLERS.items()):
        seller = Colleague(market, f"{letter.lower()}@seller.test")
        await seller.join(name, "SELLER", tax_id(100 + place))
        cast.sellers[letter] = seller
    await asyncio.gather(*(_stocked(cast, letter) for letter in SELLERS))
    await _company(cast)
    cast.stranger = Colleague(market, "eve@stranger.test")
    await cast.stranger.join("Stranger", "BUYER", tax_id(300))
    await _prices(cast)
    await _assortment(cast)
    return cast


async def _stocked(cast: Cast, letter: str) -> None:
    """Import the seller's file, and set the terms."""
    seller = cast.sellers[letter]
    upload_id = await upload(seller, "прайс.csv", catalogue(letter).encode())
    preview = (await seller.run(IMPORT, id=upload_id))["previewCatalogImport"]["catalogImport"]
    assert [one["outcome"] for one in preview["counts"]] == ["CREATED"], preview
    await seller.run(COMMIT, id=preview["id"])

    async def done() -> bool:
        query = "query ($id: ID!) { catalogImport(id: $id) { status } }"
        found = await seller.run(query, id=preview["id"])
        return bool(found["catalogImport"]["status"] == "COMMITTED")

    await eventually(done, "the worker's commit")
    cast.offers[letter] = {article: one[0] for article, one in (await stock_of(seller)).items()}
    await seller.make("setOfferUnits", "OfferPayload { offer { id } }",
                      offerId=cast.offer(letter, 1),
                      units=[{"unit": "BX", "quantity": "12"}])  # fmt: skip
    await seller.make("setSellerTerms", "SellerTermsPayload { terms { paymentDays } }",
                      currency="RUB", **TERMS[letter])  # fmt: skip


async def _company(cast: Cast) -> None:
    """The buying company: two legal entities, two addresses, three people, their budgets."""
    director = cast.director = Colleague(cast.market, "olga@works.test")
    await director.join("Works", "BUYER", tax_id(200))
    viewer = (await director.run(VIEWER))["viewer"]
    cast.company_id, cast.main = viewer["company"]["id"], viewer["legalEntity"]["id"]
    second = await director.make(
        "addLegalEntity", "AddLegalEntityPayload { legalEntity { id } }",
        input_type="LegalEntityInput", name="Works Trade LLC", country="RU",
        taxId=tax_id(201), currency="RUB", registrationReasonCode="770701001",
        timeZone="Europe/Moscow",
    )  # fmt: skip
    cast.second = second["id"]
    for name, role in (("manager", "BUYER"), ("colleague", "BUYER"), ("approver", "APPROVER")):
        person = Colleague(cast.market, f"{name}@works.test")
        await person.join_colleagues(director, role, name.capitalize())
        setattr(cast, name, person)
    for name, street in (("plant", "Zavodskaya 5"), ("office", "Tverskaya 1")):
        made = await cast.manager.make(
            "createDeliveryAddress", "DeliveryAddressPayload { address { id } }",
            name=name, country="RU", city="Moscow", street=street,
        )  # fmt: skip
        setattr(cast, name, made["id"])
    budgets: list[dict[str, Any]] = [
        {"name": "Works, all", "amount": "1000", "mode": "ASK", "legalEntityId": cast.main},
        {"name": "Workshop", "amount": "250000", "mode": "BLOCK", "legalEntityId": cast.main,
         "costCenter": "K-17"},
        {"name": "Trade, all", "amount": "100000", "mode": "BLOCK", "legalEntityId": cast.second},
    ]  # fmt: skip
    for budget in budgets:
        made = await director.make("createBudget", "BudgetPayload { budget { left { amount } } }",
                                   currency="RUB", period="MONTH", startsOn="2020-01-31",
                                   **budget)  # fmt: skip
        assert made["left"]["amount"] == budget["amount"]


async def _prices(cast: Cast) -> None:
    """N: a group with a rule on a list with tiers; S: a list for one entity; W: a promotion."""
    north, south, west = (cast.sellers[letter] for letter in "NSW")
    group = await north.make("createCustomerGroup", "CustomerGroupPayload { customerGroup { id } }",
                             name="Dealers")  # fmt: skip
    await north.make("addCompanyToGroup", "CustomerGroupPayload { customerGroup { id } }",
                     input_type="CustomerGroupCompanyInput", customerGroupId=group["id"],
                     companyId=cast.company_id)  # fmt: skip
    base = await north.make("createPriceList", LIST, name="Base", currency="RUB")
    lines = [
        {"offerId": cast.offer("N", index),
         "tiers": [{"minQuantity": least, "unitPrice": str(list_price("N", index) - off)}
                   for least, off in TIERS.items()]}
        for index in TIERED
    ]  # fmt: skip
    await north.make("setPriceTiers", LIST, priceListId=base["id"], lines=lines)
    dealers = await north.make(
        "createPriceList", LIST, name="Dealers −12.5 %", currency="RUB",
        rule={"baseListId": base["id"], "percent": "-12.5", "rounding": "TO_99"},
    )  # fmt: skip
    await north.make("assignPriceList", LIST, input_type="PriceListRecipientInput",
                     priceListId=dealers["id"], customerGroupId=group["id"])  # fmt: skip
    own = await south.make("createPriceList", LIST, name="For Works", currency="RUB",
                           rule={"percent": "-5", "rounding": "TO_05"})  # fmt: skip
    await south.make("assignPriceList", LIST, input_type="PriceListRecipientInput",
                     priceListId=own["id"], legalEntityId=cast.main)  # fmt: skip
    promotion = await west.make(
        "createPromotion", "PromotionPayload { promotion { id orderCount } }",
        nameEn="Autumn sale", nameRu="Осенняя распродажа", kind="PERCENT", currency="RUB",
        percent=str(PROMOTION_PERCENT), minOrderValue=str(PROMOTION_FROM), maxUses=1,
    )  # fmt: skip
    cast.promotion = promotion["id"]
    east = cast.sellers[WITH_TAX[0]]
    await east.make("updateOffer", "OfferPayload { offer { id } }",
                    offerId=cast.offer(*WITH_TAX), taxIncluded=True)  # fmt: skip


async def _assortment(cast: Cast) -> None:
    """Two articles that N shows to the stranger and to nobody else."""
    north = cast.sellers["N"]
    chosen = "AssortmentPayload { assortment { id offerCount } }"
    secret = await north.make("createAssortment", chosen, name="Secret")
    offers = [cast.offers["N"][f"SECRET-{one}"] for one in (1, 2)]
    made = await north.make("setAssortmentOffers", chosen, assortmentId=secret["id"],
                            addOfferIds=offers)  # fmt: skip
    assert made["offerCount"] == 2
    viewer = (await cast.stranger.run(VIEWER))["viewer"]
    await north.make("setAssortmentAudience", chosen, assortmentId=secret["id"],
                     companyIds=[viewer["company"]["id"]])  # fmt: skip


async def shows(person: Person, offer: str) -> bool:
    """Whether an offer exists for somebody."""
    found = await person.run("query ($id: ID!) { node(id: $id) { id } }", id=offer)
    return found["node"] is not None
