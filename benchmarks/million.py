"""A made-up catalogue of a million offers, the same for the same seed, as rows of the search.

Numbers come in families with shared prefixes and the separators of real ones; words follow Zipf's
law in both languages; 300 brands, 500 categories in a tree, 200 sellers, attributes with units;
two offers of a hundred are restricted. Seven products of ten offers, so popular ones have several.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final
from uuid import UUID

from entrepot.platform.catalog.search_rows import SearchAttribute, SearchRow

BRANDS: Final = 300
SELLERS: Final = 200
ASSORTMENTS: Final = 20
WORDS: Final = 20_000
PRODUCTS_OF_TEN: Final = 7
FAMILY: Final = 20
RESTRICTED_OF: Final = 50
#: Categories below one another: 10 + 70 + 420.
TREE: Final = (10, 7, 6)
_FIRST_DAY: Final = datetime(2024, 1, 1, tzinfo=UTC)
_EPOCH_MS: Final = 1_704_067_200_000

_NOUNS: Final = (
    "bolt болт|nut гайка|washer шайба|screw винт|valve клапан|ball-valve кран|bearing подшипник|"
    "seal сальник|gasket прокладка|hose шланг|filter фильтр|pump насос|motor двигатель|"
    "cable кабель|relay реле|switch выключатель|fuse предохранитель|lamp лампа|sensor датчик|"
    "belt ремень|chain цепь|gear шестерня|shaft вал|coupling муфта|spring пружина|pipe труба|"
    "elbow отвод|flange фланец|clamp хомут|drill сверло|cutter фреза|disc диск|brush щётка|"
    "wrench ключ|hammer молоток|pliers плоскогубцы|socket розетка|plug вилка|terminal клемма|"
    "breaker автомат|contactor контактор|gauge манометр|thermostat термостат|cylinder цилиндр|"
    "piston поршень|ring кольцо|pad колодка|nozzle форсунка|injector инжектор|starter стартер|"
    "battery аккумулятор|toner тонер|cartridge картридж|drum барабан|label этикетка|"
    "glove перчатка|helmet каска|mask маска|tape лента|glue клей|paint краска"
)
_ADJECTIVES: Final = (
    "galvanised оцинкованный|stainless нержавеющий|brass латунный|steel стальной|"
    "rubber резиновый|hydraulic гидравлический|pneumatic пневматический|electric электрический|"
    "industrial промышленный|reinforced усиленный|universal универсальный|flexible гибкий|"
    "high-pressure высокого-давления|front передний|rear задний|left левый|right правый|"
    "double двойной|threaded резьбовой|compact компактный|waterproof водонепроницаемый|"
    "black чёрный|white белый|spare запасной|original оригинальный"
)
_MATERIALS: Final = ("steel", "brass", "rubber", "aluminium", "PVC", "copper", "A2", "A4")
_CYRILLIC: Final = dict(zip("abdefgiklmnoprstuvz", "абдефгиклмнопрстувз", strict=True))
#: Code, unit, names, least and greatest value; a text has no unit.
MEASURES: Final = (
    ("length", "MMT", "length", "длина", 4, 400),
    ("diameter", "MMT", "diameter", "диаметр", 2, 120),
    ("pressure", "BAR", "pressure", "давление", 1, 400),
    ("voltage", "VLT", "voltage", "напряжение", 5, 690),
    ("weight", "KGM", "weight", "масса", 1, 90),
)
TEXTS: Final = (("material", "material", "материал"), ("thread", "thread", "резьба"))


@dataclass(frozen=True, slots=True)
class MadeCategory:
    """A node of the made-up tree, with its place in words."""

    id: UUID
    parent_id: UUID | None
    path: str
    name_en: str
    name_ru: str


def _pairs(text: str) -> list[tuple[str, str]]:
    """English and Russian; hyphens stand for spaces."""
    found = (one.replace("-", "\u00a0").split(" ") for one in text.split("|"))
    return [(en.replace("\u00a0", " "), ru.replace("\u00a0", " ")) for en, ru in found]


NOUNS: Final = _pairs(_NOUNS)
ADJECTIVES: Final = _pairs(_ADJECTIVES)


def _id(kind: int, number: int) -> UUID:
    return UUID(int=(kind << 96) | (7 << 76) | (2 << 62) | number)


def offer_id(number: int) -> UUID:
    """Ids of offers grow with time, as those of version 7 do."""
    scattered = (number * 0x9E3779B97F4A7C15) & ((1 << 62) - 1)
    return UUID(int=((_EPOCH_MS + number) << 80) | (7 << 76) | (2 << 62) | scattered)


def seller_id(number: int) -> UUID:
    """The id of a made-up seller."""
    return _id(1, number)


def assortment_id(number: int) -> UUID:
    """The id of a made-up assortment; it is seller `number`'s."""
    return _id(2, number)


def product_id(number: int) -> UUID:
    """The id of a made-up product."""
    return _id(3, number)


@lru_cache(maxsize=1)
def categories() -> tuple[MadeCategory, ...]:
    """The tree, parents first; the leaves are the last ones."""
    made: list[MadeCategory] = []
    level: list[MadeCategory | None] = [None]
    for width in TREE:
        below: list[MadeCategory | None] = []
        for parent in level:
            for _ in range(width):
                number = len(made)
                (en, ru), (more_en, more_ru) = (
                    NOUNS[number % len(NOUNS)],
                    ADJECTIVES[number % len(ADJECTIVES)],
                )
                path = f"{parent.path}/c{number}" if parent else f"c{number}"
                one = MadeCategory(
                    _id(4, number),
                    parent.id if parent else None,
                    path,
                    f"{more_en} {en}s",
                    f"{ru} {more_ru}",
                )
                made.append(one)
                below.append(one)
        level = below
    return tuple(made)


@lru_cache(maxsize=1)
def _paths() -> tuple[tuple[tuple[UUID, ...], tuple[str, ...]], ...]:
    """Ids and names from the root to each leaf."""
    known = {one.id: one for one in categories()}
    found = []
    for leaf in categories()[-TREE[0] * TREE[1] * TREE[2] :]:
        line = [leaf]
        while line[-1].parent_id is not None:
            line.append(known[line[-1].parent_id])
        line.reverse()
        names = tuple(f"{one.name_en} {one.name_ru}" for one in line)
        found.append((tuple(one.id for one in line), names))
    return tuple(found)


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[tuple[str, str], ...]:
    """Names of series and models, the frequent ones first, in both alphabets."""
    chance = random.Random(20261124)
    found: dict[str, str] = {}
    while len(found) < WORDS:
        word = "".join(
            chance.choice("bdfgklmnprstvz") + chance.choice("aeiou")
            for _ in range(chance.randint(2, 4))
        )
        found[word] = "".join(_CYRILLIC[char] for char in word)
    return tuple(found.items())


def _zipf(chance: random.Random, size: int) -> int:
    """A rank below `size` whose likelihood falls as one over the rank."""
    return min(size - 1, int(size ** chance.random()) - 1)


def brand(number: int) -> str:
    """A made-up brand."""
    word = _vocabulary()[WORDS // 2 + number * 7][0].capitalize()
    return f"{word} {number}" if number % 10 == 0 else word


def _number(family: random.Random, place: int, variant: int) -> str:
    """An article number of the family at a place: the same start, shape and separators.

    No two of a brand are equal without separators: five digits tell the family, three the variant.
    """
    letters = "".join(family.choices("ABCDEFGHKLMNPRSTVXZ", k=family.randint(1, 3)))
    digits = 10_000 + place * 7_919 % 90_000
    rest = family.randint(0, 99) + variant * family.randint(1, 40)
    match family.randrange(8):
        case 0:
            return f"{letters}-{digits}-{rest:03d}"
        case 1:
            return f"{digits}{letters}{rest:03d}"
        case 2:
            return f"{letters}{digits}.{rest:03d}"
        case 3:
            return f"{digits} {rest:03d} {family.randint(10, 99)}"
        case 4:
            return f"{digits}/{rest:03d}"
        case 5:
            return f"0{digits}{rest:03d}"
        case 6:
            return f"{letters}{digits}/{rest:03d}-{letters[0]}"
        case _:
            return f"{letters}{digits}{rest:03d}{letters[-1]}"


def _gtin(chance: random.Random) -> str:
    body = f"46{chance.randrange(10**10):010d}"
    total = sum(int(char) * (3 if index % 2 else 1) for index, char in enumerate(body))
    return f"{body}{-total % 10}"


def _attributes(chance: random.Random) -> tuple[SearchAttribute, ...]:
    found: list[SearchAttribute] = []
    for code, unit, en, ru, low, high in chance.sample(MEASURES, chance.randint(1, 3)):
        value = chance.randint(low, high) + chance.choice((0, 0, 0, 0.5))
        found.append(SearchAttribute(code, value, unit, (en, ru)))
    code, en, ru = TEXTS[0]
    found.append(SearchAttribute(code, chance.choice(_MATERIALS), None, (en, ru)))
    if chance.random() < 0.4:
        code, en, ru = TEXTS[1]
        found.append(SearchAttribute(code, f"M{chance.randint(3, 24)}", None, (en, ru)))
    return tuple(found)


def _product(number: int, seed: int) -> dict[str, object]:
    """What all offers of a product say alike."""
    chance = random.Random(seed * 1_000_003 + number)
    family = random.Random(-seed * 1_000_003 - number // FAMILY - 1)
    noun, adjective = family.choice(NOUNS), chance.choice(ADJECTIVES)
    series = [_vocabulary()[_zipf(chance, WORDS)] for _ in range(chance.randint(1, 3))]
    size = f"{chance.randint(2, 48)}x{chance.randint(10, 300)}"
    ids, names = _paths()[family.randrange(len(_paths()))]
    described = [_vocabulary()[_zipf(chance, WORDS)][1] for _ in range(chance.randint(0, 12))]
    maker = family.randrange(BRANDS)
    crossed = 1 + chance.randrange(2) if chance.random() < 0.15 else 0
    return {
        "product_id": product_id(number),
        "manufacturer_number": _number(family, number // FAMILY, number % FAMILY),
        "gtins": (_gtin(chance),) if chance.random() < 0.6 else (),
        "cross_references": tuple(
            _number(chance, chance.randrange(90_000), chance.randrange(FAMILY))
            for _ in range(crossed)
        ),
        "brand": brand(maker),
        "title_en": " ".join((adjective[0], noun[0], *(one for one, _ in series), size)),
        "title_ru": " ".join((noun[1], adjective[1], *(one for _, one in series), size)),
        "description": " ".join(described),
        "attributes": _attributes(chance),
        "category_ids": ids,
        "category_names": names,
    }


def million_rows(count: int = 1_000_000, seed: int = 1) -> Iterator[SearchRow]:
    """Yield `count` rows, by id; the first seven of ten are each of a product of their own."""
    products = products_of(count)
    for number in range(count):
        chance = random.Random((seed << 40) + number)
        values = _product(number if number < products else _zipf(chance, products), seed)
        seller = _zipf(chance, SELLERS)
        own = f"{seller:03d}-{number}" if chance.random() < 0.2 else values["manufacturer_number"]
        restricted = number % RESTRICTED_OF == 0
        yield SearchRow(
            offer_id=offer_id(number),
            seller_id=seller_id(seller),
            listed=True,
            article_number=str(own),
            list_price=Decimal(round(10 ** chance.uniform(0, 5) * 100)).scaleb(-2).quantize(_CENT),
            currency="RUB",
            in_stock=chance.random() < 0.7,
            restricted=restricted,
            assortment_ids=(assortment_id(seller % ASSORTMENTS),) if restricted else (),
            lead_time_days=chance.choice((1, 2, 3, 3, 5, 7, 14, 30)),
            created_at=_FIRST_DAY + timedelta(minutes=number),
            popularity=chance.randint(1, 100) if chance.random() < 0.1 else 0,
            rating=Decimal(30 + seller % 20).scaleb(-1),
            **values,  # type: ignore[arg-type]
        )


_CENT: Final = Decimal("0.0001")


def products_of(count: int) -> int:
    """How many products `count` offers are of."""
    return max(1, count * PRODUCTS_OF_TEN // 10)
