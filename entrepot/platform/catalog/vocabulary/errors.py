"""Refusals about the marketplace's own words."""

from __future__ import annotations

from entrepot.platform.errors import DomainError

_SAID = {
    "synonym": ("a synonym", "синоним"),
    "replacement": ("a replacement", "замена"),
    "stop_word": ("a stop word", "стоп-слово"),
    "unit": ("a unit", "единица измерения"),
}


class SearchWordContradiction(DomainError):
    """Another entry says the opposite: `said` is its kind, `word_index` the place of `word`."""

    code = "SEARCH_WORD_CONTRADICTION"
    en = "“{word}” is {said} already. Change that entry first."
    ru = "«{word}» уже {said}. Сначала измените ту запись."
    word: str
    word_index: int
    said: str

    def message(self, locale: str) -> str:
        """Return the sentence with the kind named in that language."""
        english, russian = _SAID.get(self.said, (self.said, self.said))
        if locale == "ru":
            return self.ru.format(word=self.word, said=russian)
        return self.en.format(word=self.word, said=english)


class TooManySearchWords(DomainError):
    """The marketplace has as many entries as it may."""

    code = "TOO_MANY_SEARCH_WORDS"
    en = "There are {limit} entries already. Delete one, or add to one."
    ru = "Записей уже {limit}. Удалите одну или дополните имеющуюся."
    limit: int
