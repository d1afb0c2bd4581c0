"""Codes made of people's words: slugs of categories, codes of attributes."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў",
        ["a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r",
         "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya", "i",
         "yi", "ye", "g", "u"],
        strict=True,
    )
)  # fmt: skip
_CODE = re.compile(r"[a-z][a-z0-9_]{0,99}")
MAX_SLUG = 60


def latin(text: str) -> str:
    """Return the text in lower-case Latin letters without accents; other scripts are dropped."""
    letters = "".join(_LATIN.get(letter, letter) for letter in text.casefold())
    plain = unicodedata.normalize("NFKD", letters)
    return plain.encode("ascii", "ignore").decode()


def slug(name: str) -> str:
    """Return `gaechnye-klyuchi` for «Гаечные ключи»; always non-empty and the same."""
    words = re.findall(r"[a-z0-9]+", latin(name))
    made = "-".join(words)[:MAX_SLUG].strip("-")
    return made or "c-" + blake2b(name.casefold().encode(), digest_size=5).hexdigest()


def attribute_code(key: str) -> str:
    """Return the code of an attribute named `key` in a file; a valid code stays as it is."""
    if _CODE.fullmatch(key):
        return key
    made = "_".join(re.findall(r"[a-z0-9]+", latin(key)))
    if not made:
        made = blake2b(key.casefold().encode(), digest_size=5).hexdigest()
    return (made if made[0].isalpha() else f"a_{made}")[:90]


def attribute_name(key: str) -> str:
    """Return a readable name: `display_diagonal` becomes `Display diagonal`."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:200]
