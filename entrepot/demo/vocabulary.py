"""The words of the demo market: product families with their brands, sizes and prices.

Every name here is invented; likenesses to real makers are chance.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of article. `{a}` and `{b}` in the names stand for one of each size list."""

    code: str
    path: str
    category_en: str
    category_ru: str
    name_en: str
    name_ru: str
    brands: tuple[str, ...]
    sizes_a: tuple[str, ...]
    sizes_b: tuple[str, ...]
    price_from: float
    price_to: float
    pack: int
    season: float  # −1 sells in winter … 0 all year … +1 sells in summer
    attribute: str  # code of the attribute that `{a}` is


def _numbers(*values: float) -> tuple[str, ...]:
    return tuple(f"{value:g}" for value in values)


METRIC = _numbers(4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 24)
LENGTHS = _numbers(10, 12, 16, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 100, 120, 140, 160, 200)
FIX = ("Nordfix", "Kraftmann", "Metizoff", "Boltwerk", "Уралкрепёж")
ROLL = ("Rollwell", "Kugelhof", "Volga Bearings", "Axion")
ELECTRO = ("Elektra", "Voltum", "Sicherwerk", "Контактор", "Lumeno")
TOOL = ("Zahn & Sohn", "Drillex", "Мастерок", "Ironpeak")
SAFE = ("Guardia", "Schutzmann", "Надёжа", "Handwell")
PIPE = ("Aquaflux", "Rohrbach", "Ventilum", "Водомер")
OFFICE = ("Papierhaus", "Kanzlera", "Скрепка", "Tonerix")
LUBE = ("Oleum", "Gleitol", "Нефтехим-Плюс")

FAMILIES: tuple[Family, ...] = (
    Family("HB", "fasteners/bolts", "Bolts", "Болты", "Hex bolt M{a}x{b} zinc-plated",
           "Болт шестигранный М{a}x{b} оцинкованный", FIX, METRIC, LENGTHS, 2, 90, 100, 0.3, "thread"),
    Family("SK", "fasteners/screws", "Screws", "Винты", "Socket head screw M{a}x{b} A2",
           "Винт с внутренним шестигранником М{a}x{b} А2", FIX, METRIC, LENGTHS, 4, 120, 50, 0.1,
           "thread"),
    Family("NT", "fasteners/nuts", "Nuts", "Гайки", "Hex nut M{a} class {b}",
           "Гайка шестигранная М{a} класс {b}", FIX, METRIC, _numbers(6, 8, 10, 12), 0.8, 40, 100, 0.2,
           "thread"),
    Family("WS", "fasteners/washers", "Washers", "Шайбы", "Flat washer {a} form {b}",
           "Шайба плоская {a} форма {b}", FIX, METRIC, ("A", "B", "G", "R"), 0.4, 20, 200, 0.2, "thread"),
    Family("AN", "fasteners/anchors", "Anchors", "Анкеры", "Wedge anchor {a}x{b}",
           "Анкер клиновой {a}x{b}", FIX, _numbers(6, 8, 10, 12, 16, 20), LENGTHS, 12, 260, 25, 0.8,
           "diameter"),
    Family("BB", "bearings/ball", "Ball bearings", "Шарикоподшипники", "Ball bearing 6{a}-{b}",
           "Подшипник шариковый 6{a}-{b}", ROLL,
           ("000", "001", "002", "003", "004", "005", "200", "201", "202", "203", "204", "205", "206",
            "207", "208", "300", "302", "304", "305", "306", "308"),
           ("2RS", "ZZ", "C3", "2RS C3", "OPEN"), 90, 2400, 1, 0.0, "series"),
    Family("TR", "bearings/roller", "Roller bearings", "Роликоподшипники", "Tapered bearing 3{a} {b}",
           "Подшипник конический 3{a} {b}", ROLL,
           ("0203", "0204", "0205", "0206", "0207", "0208", "0302", "0304", "0306", "2206", "2208"),
           ("J", "A", "P5", "P6"), 260, 5200, 1, 0.0, "series"),
    Family("CB", "electrical/breakers", "Circuit breakers", "Автоматические выключатели",
           "Circuit breaker C{a} {b}", "Автоматический выключатель C{a} {b}", ELECTRO,
           _numbers(6, 10, 16, 20, 25, 32, 40, 50, 63), ("1P", "2P", "3P", "4P"), 180, 3900, 1, -0.1,
           "current"),
    Family("CW", "electrical/cable", "Cable", "Кабель", "Copper cable {b}x{a} mm²",
           "Кабель медный {b}x{a} мм²", ELECTRO, _numbers(0.75, 1.5, 2.5, 4, 6, 10, 16),
           ("2", "3", "4", "5"), 28, 1900, 100, 0.4, "section"),
    Family("LD", "electrical/lamps", "LED lamps", "Светодиодные лампы", "LED lamp {a} W {b}",
           "Лампа светодиодная {a} Вт {b}", ELECTRO, _numbers(5, 7, 9, 11, 15, 20, 30),
           ("E14 2700K", "E14 4000K", "E27 2700K", "E27 4000K", "E27 6500K", "GU10 4000K"), 60, 640, 10,
           -0.7, "power"),
    Family("HT", "electrical/heaters", "Heaters", "Обогреватели", "Fan heater {a} kW {b}",
           "Тепловентилятор {a} кВт {b}", ELECTRO, _numbers(1.5, 2, 3, 4.5, 6, 9),
           ("230V", "400V", "IP44"), 1900, 24000, 1, -1.0, "power"),
    Family("DB", "tools/drills", "Drill bits", "Свёрла", "Drill bit HSS-{b} {a} mm",
           "Сверло по металлу HSS-{b} {a} мм", TOOL,
           _numbers(1, 1.5, 2, 2.5, 3, 3.3, 4, 4.2, 5, 6, 6.8, 8, 10, 12), ("G", "R", "Co", "TiN"), 22,
           1400, 10, 0.1, "diameter"),
    Family("CD", "tools/discs", "Cutting discs", "Отрезные круги", "Cutting disc {a}x{b}",
           "Круг отрезной {a}x{b}", TOOL, _numbers(115, 125, 150, 180, 230, 300),
           ("1.0", "1.2", "1.6", "2.0", "2.5"), 35, 420, 25, 0.5, "diameter"),
    Family("WR", "tools/wrenches", "Wrenches", "Ключи", "Combination wrench {a} mm {b}",
           "Ключ комбинированный {a} мм {b}", TOOL, _numbers(6, 8, 10, 12, 13, 14, 17, 19, 22, 24, 27, 30),
           ("CrV", "CrMo", "ratchet"), 120, 2600, 1, 0.0, "diameter"),
    Family("GL", "safety/gloves", "Gloves", "Перчатки", "Work gloves {b} size {a}",
           "Перчатки рабочие {b} размер {a}", SAFE, _numbers(7, 8, 9, 10, 11),
           ("nitrile", "latex", "leather", "cut D", "winter"), 25, 890, 12, -0.4, "size"),
    Family("HM", "safety/head", "Head protection", "Защита головы", "Safety helmet {a} {b}",
           "Каска защитная {a} {b}", SAFE, ("RZ2", "RZ4", "PX1", "PX3"),
           ("white", "yellow", "orange", "blue", "red"), 210, 2900, 1, 0.4, "model"),
    Family("BV", "plumbing/valves", "Valves", "Краны и клапаны", "Ball valve DN{a} {b}",
           "Кран шаровой DN{a} {b}", PIPE, _numbers(15, 20, 25, 32, 40, 50, 65, 80),
           ("PN16", "PN25", "PN40", "brass"), 230, 9800, 1, 0.6, "diameter"),
    Family("HS", "plumbing/hoses", "Hoses", "Шланги", "Garden hose {a} mm {b} m",
           "Шланг садовый {a} мм {b} м", PIPE, _numbers(13, 16, 19, 25), _numbers(15, 20, 25, 50, 100),
           490, 8900, 1, 1.0, "diameter"),
    Family("GK", "plumbing/gaskets", "Gaskets", "Прокладки", "Gasket DN{a} {b}",
           "Прокладка DN{a} {b}", PIPE, _numbers(15, 20, 25, 32, 40, 50, 65, 80, 100),
           ("EPDM", "PTFE", "graphite", "paronite"), 6, 380, 20, 0.1, "diameter"),
    Family("PA", "office/paper", "Paper", "Бумага", "Copy paper {b} {a} g/m²",
           "Бумага для копирования {b} {a} г/м²", OFFICE, _numbers(70, 75, 80, 90, 100, 120, 160),
           ("A3", "A4", "A5"), 240, 1700, 5, -0.2, "weight"),
    Family("TN", "office/toner", "Toner", "Тонер", "Toner cartridge {a} {b}",
           "Картридж с тонером {a} {b}", OFFICE, ("TX-12", "TX-26", "TX-59", "TX-83", "TX-107", "TX-142"),
           ("black", "cyan", "magenta", "yellow", "XL black"), 690, 9900, 1, -0.1, "model"),
    Family("OL", "lubricants/oil", "Oil", "Масло", "Motor oil {a} {b} l",
           "Масло моторное {a} {b} л", LUBE, ("0W-20", "5W-30", "5W-40", "10W-40", "15W-40"),
           _numbers(1, 4, 5, 20, 60, 208), 390, 88000, 1, -0.3, "model"),
    Family("GR", "lubricants/grease", "Grease", "Смазка", "Grease {a} {b} kg",
           "Смазка {a} {b} кг", LUBE, ("EP1", "EP2", "LX2", "MoS2", "HT"), _numbers(0.4, 0.8, 2, 5, 18),
           190, 14000, 1, 0.0, "model"),
)  # fmt: skip

RUSSIAN_SIZES: dict[str, dict[str, str]] = {
    "BB": {"OPEN": "открытый"},
    "WR": {"ratchet": "с трещоткой"},
    "GL": {
        "nitrile": "нитриловые", "latex": "латексные", "leather": "кожаные",
        "cut D": "от порезов D", "winter": "утеплённые",
    },
    "HM": {
        "white": "белая", "yellow": "жёлтая", "orange": "оранжевая", "blue": "синяя",
        "red": "красная",
    },
    "BV": {"brass": "латунный"},
    "GK": {"graphite": "графитовая", "paronite": "паронитовая"},
    "TN": {
        "black": "чёрный", "cyan": "голубой", "magenta": "пурпурный", "yellow": "жёлтый",
        "XL black": "чёрный XL",
    },
}  # fmt: skip
"""Sizes that are English words, by family: how Russian names say them, in the noun's gender."""

ROOTS = {
    "fasteners": ("Fasteners", "Крепёж"),
    "bearings": ("Bearings", "Подшипники"),
    "electrical": ("Electrical", "Электротехника"),
    "tools": ("Tools", "Инструмент"),
    "safety": ("Safety", "Охрана труда"),
    "plumbing": ("Plumbing", "Сантехника"),
    "office": ("Office", "Офис"),
    "lubricants": ("Lubricants", "Смазочные материалы"),
}

ATTRIBUTES = {
    "thread": ("Thread", "Резьба", "number", "MMT"),
    "diameter": ("Diameter", "Диаметр", "number", "MMT"),
    "current": ("Rated current", "Номинальный ток", "number", "AMP"),
    "section": ("Cross-section", "Сечение", "number", "MMK"),
    "power": ("Power", "Мощность", "number", "WTT"),
    "weight": ("Grammage", "Плотность", "number", "GM"),
    "size": ("Size", "Размер", "number", None),
    "series": ("Series", "Серия", "text", None),
    "model": ("Model", "Модель", "text", None),
}

SELLERS = (
    ("Nordic Fasteners", "Северный крепёж", "RUB"),
    ("Volga Industrial Supply", "Волга Промснаб", "RUB"),
    ("Elektrohaus", "Электрохаус", "RUB"),
    ("Toolbox Wholesale", "Тулбокс Опт", "RUB"),
    ("Aqua & Safety", "Аква и Защита", "RUB"),
    ("Kontor Office and Lubes", "Контора", "RUB"),
)

BUYER_WORDS = (
    "Stroymontazh", "Autoservice", "Farm", "Bakery", "Shipyard", "Sawmill", "Dairy", "Foundry",
    "Print House", "Logistics", "Hotel Group", "Clinic", "Garage", "Quarry", "Paper Mill",
    "Brewery", "Greenhouse", "School Board", "Rail Depot", "Power Station",
)  # fmt: skip
BUYER_PLACES = ("Neva", "Onega", "Kama", "Ural", "Baltika", "Ladoga", "Vyatka", "Tavrida")
