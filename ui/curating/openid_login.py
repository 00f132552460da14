"""Curators who log in at an OpenID Connect provider, and are on the list of the settings.

Streamlit speaks with the provider, and has the browser keep what it says of an account in a signed
cookie. It is read here and not by ``st.user``, so that the API takes it as the pages do, and no
longer than a login by password counts: Streamlit's own would for a month.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from settings import Settings
from ui.settings_reading import InvalidSettings

CALLBACK_PATH = "/oauth2callback"
"""Where Streamlit waits for those whom the provider sends back."""

SHORTEST_SECRET = 16

_SECONDS_PER_DAY = 86_400

_NEEDED = (
    "oidc_metadata_url",
    "oidc_client_id",
    "oidc_client_secret",
    "oidc_redirect_url",
    "curators",
)


@dataclass(frozen=True)
class Account:
    """What the provider says of somebody who has logged in.

    Args:
        address: their e-mail address, in lower case; empty where the provider says none.
        is_verified: whether the provider does not say that it may be another's.
        may_curate: whether it is verified, and on the list.
    """

    address: str
    is_verified: bool
    may_curate: bool


@dataclass(frozen=True)
class OpenIdLogin:
    """The login at a provider.

    Args:
        curators: addresses of the accounts that may curate, as :func:`_comparable` gives them.
    """

    metadata_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_url: str
    curators: frozenset[str]

    @property
    def is_over_https(self) -> bool:
        """Whether curators come to the page over HTTPS."""
        return urlsplit(self.redirect_url).scheme == "https"

    @property
    def cookie_secret(self) -> str:
        """What cookies are signed with, in all processes and after each start."""
        made_for = f"vasari cookies\n{self.metadata_url}\n{self.client_id}"
        return hmac.new(self.client_secret.encode(), made_for.encode(), hashlib.sha256).hexdigest()

    def streamlit_secrets(self) -> dict[str, Any]:
        """Return what Streamlit else reads from a file, which others might read too."""
        return {
            "auth": {
                "redirect_uri": self.redirect_url,
                "cookie_secret": self.cookie_secret,
                "client_id": self.client_id,
                "client_secret": self.client_secret,
                "server_metadata_url": self.metadata_url,
                "client_kwargs": {"scope": "openid email", "prompt": "select_account"},
            }
        }

    def account(self, cookies: Mapping[str, str], *, within_seconds: float) -> Account | None:
        """Return the account of a browser's cookies; ``None`` if they hold no valid login.

        Args:
            within_seconds: how long a login counts.
        """
        # Imported here: Streamlit takes a second, which servers of the API alone do not need.
        from streamlit.auth_util import get_cookie_with_chunks
        from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
        from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

        def signed(name: str) -> bytes | None:
            days = within_seconds / _SECONDS_PER_DAY
            return decode_signed_value(self.cookie_secret, name, cookies.get(name, ""), days)

        content = get_cookie_with_chunks(signed, USER_COOKIE_NAME)
        return self._account(json.loads(content)) if content is not None else None

    def _account(self, claims: Mapping[str, Any]) -> Account:
        said = claims.get("email")
        address = said.strip() if isinstance(said, str) else ""
        # Some providers say nothing of it, and some say it as a text.
        is_verified = claims.get("email_verified", True) in (True, "true")
        may_curate = is_verified and _comparable(address) in self.curators
        return Account(_comparable(address), is_verified, may_curate)


def openid_login(settings: Settings) -> OpenIdLogin | None:
    """Return the login at a provider, if the settings have one; a proxy's word replaces it.

    Raises:
        InvalidSettings: one of them is missing, or not what it must be.
    """
    given = [name for name in _NEEDED if getattr(settings, name)]
    if not given or settings.curator_header is not None:
        return None
    if missing := [f"VASARI_{name.upper()}" for name in _NEEDED if name not in given]:
        raise InvalidSettings(
            f"a login by OpenID Connect needs {' and '.join(missing)} too; VASARI_CURATORS lists "
            "the e-mail addresses of those who may curate, separated by commas"
        )
    secret = settings.oidc_client_secret
    metadata_url, redirect_url = settings.oidc_metadata_url, settings.oidc_redirect_url
    # All have been looked for above.
    assert secret and metadata_url and redirect_url and settings.oidc_client_id  # noqa: S101, PT018
    _check_address("METADATA", metadata_url)
    _check_address("REDIRECT", redirect_url, ends_with=CALLBACK_PATH)
    if len(secret.get_secret_value()) < SHORTEST_SECRET:
        raise InvalidSettings(
            f"VASARI_OIDC_CLIENT_SECRET: cookies are signed with it, for which it needs at least "
            f"{SHORTEST_SECRET} characters; have the provider make a longer one"
        )
    if not all("@" in address for address in settings.curators):
        raise InvalidSettings("VASARI_CURATORS: it lists e-mail addresses, separated by commas")
    return OpenIdLogin(
        metadata_url=metadata_url,
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value(),
        redirect_url=redirect_url,
        curators=frozenset(map(_comparable, settings.curators)),
    )


def _check_address(name: str, address: str, *, ends_with: str = "") -> None:
    try:
        parts = urlsplit(address)
        is_here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        raise InvalidSettings(f"VASARI_OIDC_{name}_URL: it is no address") from None
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and is_here)):
        raise InvalidSettings(
            f"VASARI_OIDC_{name}_URL: it begins with https://, and a host's name; http:// is for "
            "localhost alone"
        )
    if ends_with and (parts.path != ends_with or parts.query or parts.fragment):
        raise InvalidSettings(
            f"VASARI_OIDC_{name}_URL: it is the page's own address and {ends_with}, such as "
            f"https://collection.museum.example{ends_with}"
        )


def _comparable(address: str) -> str:
    """Return an address without regard to case, which only ASCII has beyond doubt.

    Lower case makes the letter k of other signs too, such as that of the kelvin.
    """
    return address.lower() if address.isascii() else address
