"""What the API says about itself."""

from __future__ import annotations

from importlib.metadata import version

import strawberry

from entrepot.graphql.fields import field

VERSION = version("entrepot")


@strawberry.type
class ServiceQuery:
    """Root fields that need no data."""

    @field("Version of the server.")
    def api_version(self) -> str:
        return VERSION
