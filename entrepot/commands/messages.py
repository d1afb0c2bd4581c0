"""What the commands tell a person, in English and Russian. Help texts are English only."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from contextvars import ContextVar
from typing import TextIO

_TEXTS: dict[str, tuple[str, str]] = {
    "starting": (
        "Starting Entrepôt in {home} …",
        "Запуск Entrepôt, данные в {home} …",
    ),
    "migrating": ("Bringing the database up to date", "Обновление схемы базы данных"),
    "migrated": ("The database is up to date.", "База данных в актуальном состоянии."),
    "loading": ("Loading demo data", "Загрузка демонстрационных данных"),
    "indexing": ("Building the search index", "Построение поискового индекса"),
    "indexed": ("Search index: {count} offers.", "Поисковый индекс: предложений {count}."),
    "comparing": ("Comparing index and database", "Сверка индекса с базой"),
    "compared": (
        "Search index: {indexed} offers, database: {listed}; changes under way: {under_way}.",
        "Поисковый индекс: предложений {indexed}, база: {listed}; изменений в пути: {under_way}.",
    ),
    "equal": ("The index is equal to the database.", "Индекс совпадает с базой."),
    "fault_missing": (
        "missing from the index: {count}, such as {ids}",
        "нет в индексе: {count}, например {ids}",
    ),
    "fault_superfluous": (
        "in the index and not to be: {count}, such as {ids}",
        "лишние в индексе: {count}, например {ids}",
    ),
    "fault_stale": (
        "out of date in the index: {count}, such as {ids}",
        "устарели в индексе: {count}, например {ids}",
    ),
    "repaired": ("Indexed anew: {count} offers.", "Проиндексировано заново: {count}."),
    "ask_repair": (
        "`entrepot search verify --repair` indexes these anew.",
        "`entrepot search verify --repair` проиндексирует их заново.",
    ),
    "operator": (
        "{company} operates the marketplace. A letter goes to {email}.",
        "Оператор площадки — {company}. Письмо уйдёт на {email}.",
    ),
    "forecasting": ("Forecasting", "Прогноз"),
    "forecast": (
        "{seller}: {count} articles forecast, {rejected} left out.",
        "{seller}: прогноз по {count} артикулам, пропущено {rejected}.",
    ),
    "no_sales": (
        "{seller}: no complete week with a sale yet.",
        "{seller}: ещё нет ни одной полной недели с продажами.",
    ),
    "accuracy": (
        "  checked on past weeks: {method} RMSSE {rmsse:.3f}, WAPE {wape:.3f}",
        "  проверка на прошлых неделях: {method} RMSSE {rmsse:.3f}, WAPE {wape:.3f}",
    ),
    "writing": ("Writing", "Запись"),
    "written": ("{path}: {count} lines written.", "{path}: записано строк {count}."),
    "reading": ("Reading", "Чтение"),
    "import_preview": ("{file}, if imported:", "{file}, если загрузить:"),
    "price_list_unknown": (
        "The seller has no price list “{name}”. `priceLists` in GraphQL shows their names.",
        "У продавца нет прайс-листа «{name}». Названия показывает запрос `priceLists`.",
    ),
    "import_done": ("{file} is imported:", "{file}: загружено:"),
    "outcome_created": ("created", "создано"),
    "outcome_updated": ("updated", "обновлено"),
    "outcome_unchanged": ("unchanged", "без изменений"),
    "outcome_invalid": ("refused: invalid", "отклонено: ошибка в строке"),
    "outcome_duplicate": ("refused: named twice", "отклонено: повтор"),
    "sales_done": (
        "Sales: {created} new, {known} known already, {refused} refused.",
        "Продажи: новых {created}, уже известных {known}, отклонено {refused}.",
    ),
    "refused_line": ("  line {line}: {words}", "  строка {line}: {words}"),
    "refused_more": (
        "  … {count} more; --rejects FILE writes them all.",
        "  … и ещё {count}; --rejects FILE запишет все.",
    ),
    "ready": ("Entrepôt is ready: {address}", "Entrepôt готов: {address}"),
    "endpoints": (
        "GraphQL {address}/graphql   readiness {address}/health/ready   logs {logs}",
        "GraphQL {address}/graphql   готовность {address}/health/ready   журналы {logs}",
    ),
    "stop_hint": ("Ctrl-C stops everything.", "Ctrl-C останавливает всё."),
    "stopping": ("Stopping …", "Остановка …"),
    "stopped": ("Stopped.", "Остановлено."),
    "fall": (
        "{part} stopped (exit code {code}); starting again in {delay:g} s. Log: {log}",
        "{part}: процесс завершился (код {code}), перезапуск через {delay:g} с. Журнал: {log}",
    ),
    "error": ("Error: {text}", "Ошибка: {text}"),
    "serving": ("Serving on {address}", "Сервер слушает {address}"),
    "ask_doctor": (
        "`entrepot doctor` tells which part is not well.",
        "Какая часть неисправна, покажет `entrepot doctor`.",
    ),
    "all_well": ("All checks passed.", "Все проверки пройдены."),
    "worst": ("{fails} failed, {warnings} to look at.", "Сбоев: {fails}, замечаний: {warnings}."),
    "mend": ("mend: {text}", "исправить: {text}"),
    "check": ("check", "проверка"),
    "found": ("found", "найдено"),
    "file_missing": ("There is no file {path}.", "Нет файла {path}."),
}

_locale: ContextVar[str] = ContextVar("_locale", default="en")


def choose_locale(wanted: str | None) -> str:
    """Set and return the language: `wanted`, else ENTREPOT_LOCALE, else LC_ALL/LANG, else en."""
    environment = os.environ
    found = wanted or environment.get("ENTREPOT_LOCALE")
    found = found or environment.get("LC_ALL") or environment.get("LANG") or "en"
    locale = "ru" if found.lower().startswith("ru") else "en"
    _locale.set(locale)
    return locale


def locale() -> str:
    """Return the language chosen for this run: `en` or `ru`."""
    return _locale.get()


def text(key: str, **values: object) -> str:
    """Return a sentence in the chosen language."""
    return _TEXTS[key][locale() == "ru"].format(**values)


def say(key: str, **values: object) -> None:
    """Print a sentence on standard output, at once (the reader may be a pipe)."""
    say_text(text(key, **values))


def say_text(words: str) -> None:
    """Print text that is already in the reader's language."""
    _write(sys.stdout, words)


def complain(words: str) -> None:
    """Print an error on standard error."""
    _write(sys.stderr, text("error", text=words))


def _write(stream: TextIO, words: str) -> None:
    # A reader that has left (`entrepot demo | head`) must not bring a supervisor down.
    with suppress(BrokenPipeError):
        stream.write(words + "\n")
        stream.flush()
