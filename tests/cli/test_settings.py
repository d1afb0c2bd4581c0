"""Settings that cannot work are refused before anything starts, by the variable's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.commands.exit_codes import ExitCode
from entrepot.commands.session import child_environment, require_secret, settings_for
from entrepot.platform.config import InvalidSettings
from entrepot.platform.home import Home, Services
from tests.cli.conftest import run_command


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "MEILI_URL", "SECRET_KEY"):
        monkeypatch.delenv(f"ENTREPOT_{name}", raising=False)
    monkeypatch.setenv("ENTREPOT_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("ENTREPOT_DATABASE_URL", "mysql://host/base"),
        ("ENTREPOT_DATABASE_URL", "host/base"),
        ("ENTREPOT_REDIS_URL", "host:6379"),
        ("ENTREPOT_MEILI_URL", "host"),
    ],
)
def test_an_address_of_another_kind_is_named(
    name: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, address)
    with pytest.raises(InvalidSettings, match=name):
        settings_for(None)


def test_what_is_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "MEILI_URL", "SECRET_KEY", "SMTP_URL"):
        monkeypatch.setenv(f"ENTREPOT_{name}", "")
    settings = settings_for(None)
    assert (settings.database_url, settings.redis_url, settings.meili_url) == (None, None, None)
    assert (settings.secret_key, settings.smtp_url) == (None, None)


def test_a_secret_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTREPOT_SECRET_KEY", "x" * 31)
    with pytest.raises(InvalidSettings, match=r"^ENTREPOT_SECRET_KEY: .*32") as refused:
        settings_for(None)
    assert "xxx" not in str(refused.value)


def test_the_folder_is_absolute_and_the_option_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENTREPOT_HOME", "here")
    assert settings_for(None).home == tmp_path / "here"
    assert settings_for(Path("there")).home == tmp_path / "there"


def test_children_find_the_services_and_one_secret_that_stays(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    home.prepare()
    services = Services("postgresql://d", "redis://r")
    first = child_environment(home, services, settings_for(None))
    assert first["ENTREPOT_DATABASE_URL"] == "postgresql://d"
    assert first["ENTREPOT_REDIS_URL"] == "redis://r"
    assert first["ENTREPOT_HOME"] == str(home.path)
    assert len(first["ENTREPOT_SECRET_KEY"]) >= 32
    assert child_environment(home, services, settings_for(None)) == first
    assert (home.path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_secret_of_ones_own_is_asked_for_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidSettings, match="ENTREPOT_SECRET_KEY"):
        require_secret(settings_for(None))
    monkeypatch.setenv("ENTREPOT_SECRET_KEY", "x" * 40)
    settings = settings_for(None)
    require_secret(settings)
    home = Home.at(tmp_path / "home")
    assert child_environment(home, Services("d", ""), settings)["ENTREPOT_SECRET_KEY"] == "x" * 40
    assert not (home.path / "secret.key").exists()


async def test_a_worker_on_servers_of_ones_own_says_what_is_missing() -> None:
    outcome = await run_command(
        "worker",
        ENTREPOT_DATABASE_URL="postgresql://x@127.0.0.1:1/x",
        ENTREPOT_REDIS_URL="redis://127.0.0.1:1",
    )
    assert outcome.code == ExitCode.USAGE
    assert "ENTREPOT_SECRET_KEY: not set" in outcome.err
    assert "Traceback" not in outcome.err
