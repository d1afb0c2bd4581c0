"""Where resolvers find identity's resources and put session cookies."""

from datetime import datetime

from entrepot.graphql.context import RequestContext
from entrepot.graphql.http import SESSION_COOKIE
from entrepot.platform.identity.service import Identity


def identity_of(context: RequestContext) -> Identity:
    """Return the resources that the composition root opened."""
    return context.resources.identity


def give_cookie(context: RequestContext, token: str, expires_at: datetime) -> None:
    """Let the browser keep the session: out of reach of scripts, not sent from other sites."""
    seconds = int((expires_at - identity_of(context).clock.now()).total_seconds())
    context.set_cookies.append(_cookie(context, token, seconds))


def take_cookie(context: RequestContext) -> None:
    """Let the browser forget the session."""
    context.set_cookies.append(_cookie(context, "", 0))


def _cookie(context: RequestContext, value: str, seconds: int) -> str:
    secure = "; Secure" if context.resources.settings.secure_cookies else ""
    return f"{SESSION_COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
