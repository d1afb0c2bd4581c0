"""What the four sellers of the story sell, the list that is pasted, and what it must come to.

The amounts are reckoned here with nothing but Decimals: from the documentation, not from the code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
REGULAR = 120  # articles a seller
PASTED_OF_EACH = 115  # of them named in the list without any fault
STOCK = 1000
WITH_TAX = ("E", 1)  # the one price that includes its tax
RAISED, RAISED_TO = ("W", 3), Decimal("52.13")

SELLERS = {"N": "Sever Fasteners", "S": "Yug Tools", "W": "Zapad Electric", "E": "Vostok Paper"}
FIRST_PRICE = {"N": "10.37", "S": "20.53", "W": "30.71", "E": "5.29"}
STEP = {"N": "0.37", "S": "0.53", "W": "0.71", "E": "0.29"}
TAX = {"N": 20, "S": 20, "W": 20, "E": 10}
TERMS = {
    "N": {"deliveryCharge": "350", "freeDeliveryFrom": "500", "paymentDays": 10},
    "S": {"deliveryCharge": "250.5", "paymentDays": 14},
    "W": {"deliveryCharge": "99.99", "minOrderValue": "1000", "paymentDays": 21},
    "E": {"deliveryCharge": "490", "freeDeliveryFrom": "1000000", "paymentDays": 14},
}
PROMOTION_PERCENT, PROMOTION_FROM = Decimal("7.5"), Decimal(2000)
TIERS = {"1": 1, "10": 2, "20": 3}  # from this quantity so much off the list price
TIERED = range(1, 11)  # of the articles N


def number(seller: str, index: int) -> str:
    """The article number of a seller's regular article."""
    return f"K{seller}-{1000 + index}/A"


def list_price(seller: str, index: int) -> Decimal:
    """The price in the seller's catalogue."""
    return Decimal(FIRST_PRICE[seller]) + Decimal(STEP[seller]) * (index - 1)


def catalogue(seller: str) -> str:
    """The seller's file: regular articles, then those of which something is peculiar."""
    lines = ["Артикул;Бренд;Наименование;Цена;Валюта;Остаток;Упаковка;Мин заказ;НДС"]

    def add(article: str, price: Decimal, stock: int, pack: int = 1, least: int = 1) -> None:
        cells = (article, f"Maker {seller}", f"Article {article}", str(price).replace(".", ","),
                 "RUB", stock, pack, least, TAX[seller])  # fmt: skip
        lines.append(";".join(map(str, cells)))

    for index in range(1, REGULAR + 1):
        add(number(seller, index), list_price(seller, index), STOCK)
    add(f"LEAST-{seller}", Decimal("3.3"), STOCK, least=50)
    add(f"PACK-{seller}", Decimal("4.4"), STOCK, pack=12)
    add(f"FEW-{seller}", Decimal("7.77"), 7)
    if seller in "NS":
        for index in range(3):
            article = f"DX-5-0{index}" if seller == "N" else f"DX/5/0{index}"
            add(article, Decimal("100.01"), STOCK)
    if seller == "N":
        add("SECRET-1", Decimal(50), STOCK)
        add("SECRET-2", Decimal(60), STOCK)
    return "\n".join(lines) + "\n"


SEPARATED = (
    "{number};{quantity}",
    "{number};{quantity};шт",
    "{number}\t{quantity}",
    "{number} {quantity} шт.",
    "{number}, {quantity}",
    "{number} x{quantity}",
    "{number} х {quantity}",  # a Cyrillic letter
    "{number} — {quantity} шт",
    "{quantity} x {number}",
    "{number}|{quantity}|штук",
    "{number} ({quantity} pcs)",
)


@dataclass
class Pasted:
    """The list, and how much of each article its good lines and accepted proposals order."""

    lines: list[str] = field(default_factory=lambda: ["Артикул;Количество;Ед. изм."])
    taken: dict[str, Decimal] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    """Line number → kind of fault."""
    sloppy: int = 0

    def good(self, line: str, article: str, quantity: int) -> None:
        """Write a line that is taken."""
        self.lines.append(line)
        self.taken[article] = self.taken.get(article, Decimal(0)) + quantity

    def fault(self, kind: str, line: str, article: str = "", proposal: int = 0) -> None:
        """Write a line that is not taken as it is."""
        self.lines.append(line)
        self.faults[len(self.lines)] = kind
        if proposal:
            self.taken[article] = self.taken.get(article, Decimal(0)) + proposal

    def numbers_of(self, kind: str) -> list[int]:
        """The numbers of the lines with that fault."""
        return [one for one, what in self.faults.items() if what == kind]

    @property
    def text(self) -> str:
        """What is pasted."""
        return "\n".join(self.lines)


def pasted_list() -> Pasted:
    """500 lines under a header: 460 good ones in every way people write, 40 with a fault."""
    made = Pasted()
    for index in range(1, PASTED_OF_EACH + 1):
        for place, seller in enumerate("NSWE"):
            article = number(seller, index)
            if index == 1:  # a box holds twelve
                made.good(f"{article} 1 кор", article, 12)
                continue
            written, quantity = article, 1 + index % 7
            if index % 10 == 3:
                written, made.sloppy = article.lower().replace("-", " "), made.sloppy + 1
                made.good(f"{written};{quantity}", article, quantity)
                continue
            form = SEPARATED[(index + place) % len(SEPARATED)]
            made.good(form.format(number=written, quantity=quantity), article, quantity)
    for seller in "NSWE":
        least, pack, few = f"LEAST-{seller}", f"PACK-{seller}", f"FEW-{seller}"
        made.fault("BELOW_MINIMUM", f"{least};5", least, 50)
        made.fault("PACK_ROUNDED", f"{pack} x10", pack, 12)
        made.fault("SHORT", f"{few}\t10 шт", few, 7)
        made.fault("REPEATED", f"{number(seller, 10)} 3", number(seller, 10), 3)
    for index in range(116, 121):
        made.fault("UNIT_TYPO", f"{number('N', index)} 10 штк")
        made.fault("LETTER_O", f"{number('S', index)};1O")
    for index in range(116, 119):
        made.fault("UNIT_NOT_SOLD", f"{number('W', index)} 2 пал")
    for index in range(3):
        made.fault("AMBIGUOUS", f"DX 5 0{index};4")
    for index in range(6):
        made.fault("NOT_FOUND", f"QQZZ-77{index}Y;5")
    for index in (1, 2):
        made.fault("NOT_FOUND", f"SECRET-{index};5")
    return made


@dataclass(frozen=True)
class Bought:
    """A line of an order, as it must be priced."""

    seller: str
    article: str
    quantity: Decimal
    cart: str


@dataclass(frozen=True)
class Part:
    """What a seller's part of an order must come to."""

    goods: Decimal
    tax: Decimal
    delivery: Decimal
    discount: Decimal
    lines: dict[tuple[str, str], tuple[Decimal, Decimal, Decimal]]
    """(article, cart) → unit price, discount, net."""

    @property
    def net(self) -> Decimal:
        """Goods and delivery without tax."""
        return self.goods + self.delivery

    @property
    def gross(self) -> Decimal:
        """All that is to pay."""
        return self.net + self.tax


def cents(value: Decimal) -> Decimal:
    """Rounded half-up to the minor unit."""
    return value.quantize(CENT, ROUND_HALF_UP)


def _index(article: str) -> int:
    return int(article[3:7]) - 1000 if article[:1] == "K" and article[2:3] == "-" else 0


def catalogue_price(bought: Bought) -> Decimal:
    """The list price, after what was raised."""
    for prefix, price in (("LEAST", "3.3"), ("PACK", "4.4"), ("FEW", "7.77"), ("DX", "100.01")):
        if bought.article.startswith(prefix):
            return Decimal(price)
    index = _index(bought.article)
    return RAISED_TO if (bought.seller, index) == RAISED else list_price(bought.seller, index)


def unit_price(bought: Bought, total: Decimal, main_entity: bool) -> Decimal:
    """Dealers' tiers at N, a list of the main entity alone at S, list prices else."""
    price = catalogue_price(bought)
    index = _index(bought.article)
    if bought.seller == "N" and index in TIERED:
        off = max(off for least, off in TIERS.items() if total >= int(least))
        changed = (price - off) * Decimal("0.875")
        return (changed + CENT).quantize(Decimal(1), ROUND_HALF_UP) - CENT
    if bought.seller == "S" and main_entity:
        changed = price * Decimal("0.95")
        return (changed / Decimal("0.05")).quantize(Decimal(1), ROUND_HALF_UP) * Decimal("0.05")
    return price


def reckon(lines: Iterable[Bought], *, main_entity: bool) -> dict[str, Part]:
    """What each seller's part must come to: tiers, promotion, delivery, taxes."""
    by_seller: dict[str, list[Bought]] = defaultdict(list)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        by_seller[line.seller].append(line)
        totals[line.article] += line.quantity
    return {seller: _part(seller, own, totals, main_entity) for seller, own in by_seller.items()}


def _part(
    seller: str, lines: Sequence[Bought], totals: dict[str, Decimal], main_entity: bool
) -> Part:
    rate = Decimal(TAX[seller])
    prices = [unit_price(line, totals[line.article], main_entity) for line in lines]
    included = [(seller, _index(line.article)) == WITH_TAX for line in lines]

    def net_of(line: Bought, price: Decimal, off: Decimal, with_tax: bool) -> Decimal:
        value = line.quantity * price - off
        return cents(value * 100 / (100 + rate)) if with_tax else cents(value)

    value = sum(map(net_of, lines, prices, [Decimal(0)] * len(lines), included), Decimal(0))
    promoted = seller == "W" and value >= PROMOTION_FROM
    found, goods, tax, discounts = {}, Decimal(0), Decimal(0), Decimal(0)
    for line, price, with_tax in zip(lines, prices, included, strict=True):
        off = cents(line.quantity * price * PROMOTION_PERCENT / 100) if promoted else Decimal(0)
        net = net_of(line, price, off, with_tax)
        tax += cents(line.quantity * price - off) - net if with_tax else cents(net * rate / 100)
        goods, discounts = goods + net, discounts + off
        found[line.article, line.cart] = (price, off, net)
    terms = TERMS[seller]
    free_from = terms.get("freeDeliveryFrom")
    free = free_from is not None and value >= Decimal(str(free_from))
    delivery = Decimal(0) if free else Decimal(str(terms["deliveryCharge"]))
    return Part(goods, tax + cents(delivery / 5), delivery, discounts, found)
