"""The one settings object, parsed once from the environment (prefix `ENTREPOT_`)."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_home() -> Path:
    """Return the folder that holds all data of the embedded services."""
    data_home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data_home) / "entrepot"


class Settings(BaseSettings):
    """Everything that can be configured. Frozen; secrets never appear in its repr."""

    model_config = SettingsConfigDict(
        env_prefix="ENTREPOT_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    home: Path = Field(default_factory=default_home, description="Data folder")
    database_url: str | None = Field(None, description="PostgreSQL ≥15; empty: embedded")
    redis_url: str | None = Field(None, description="Redis ≥6.2; empty: embedded")
    meili_url: str | None = Field(None, description="Meilisearch server; empty: tantivy")
    meili_key: SecretStr | None = Field(None, description="Meilisearch key")
    smtp_url: str | None = Field(None, description="smtp(s)://user:pass@host:port; empty: files")
    mail_from: str = Field("Entrepôt <no-reply@entrepot.example>", description="E-mail sender")
    public_url: str = Field("http://127.0.0.1:8000", description="Address users see")
    secret_key: SecretStr | None = Field(
        None, min_length=32, description="Signs links to files and in letters; ≥32 characters"
    )
    locale: Literal["en", "ru"] = Field("en", description="Language where nobody chose one")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"
    otlp_endpoint: str | None = Field(None, description="OpenTelemetry collector; empty: off")
    max_upload_bytes: int = Field(64 * 1024 * 1024, gt=0, description="Largest accepted file")
    introspection: bool = Field(True, description="Answer GraphQL introspection")
    database_pool_size: int = Field(10, ge=1, le=200)
    worker_threads: int = Field(4, ge=1, le=64)
    secure_cookies: bool = Field(False, description="Cookies only over HTTPS")
    max_query_cost: int = Field(5000, gt=0, description="Dearest accepted GraphQL operation")
    max_query_depth: int = Field(15, gt=0, description="Deepest accepted GraphQL operation")


class InvalidSettings(Exception):
    """A setting has an unusable value; the text names the variable and what it takes."""


def load_settings(**overrides: Any) -> Settings:
    """Parse the environment; keyword arguments win over it. Raises `InvalidSettings`."""
    build = partial(Settings, **{k: v for k, v in overrides.items() if v is not None})
    try:
        return build()
    except ValidationError as error:
        lines = [
            f"ENTREPOT_{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
            for item in error.errors()
        ]
        raise InvalidSettings("\n".join(lines)) from None
