"""The paths of Streamlit's login: closed where no provider is set, put right where one is."""

from starlette.datastructures import MutableHeaders, QueryParams
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from ui.api.curators import CURATE_PATH, LOGIN_FAILED
from ui.curating.openid_login import CALLBACK_PATH, OpenIdLogin

LOGIN_PATHS = ("/auth/login", "/auth/logout", CALLBACK_PATH)


class LoginPaths:
    """Brings those who come back from the provider, or do not get there, to the curators' pages.

    Streamlit would bring them to its first page, whatever came of it, show them two words where the
    provider does not answer, and let its cookies go over plain HTTP.

    Args:
        app: Streamlit's.
        login: of the settings, if they have one.
    """

    def __init__(self, app: ASGIApp, login: OpenIdLogin | None) -> None:
        self._app = app
        self._login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http" or scope["path"] not in LOGIN_PATHS:
            await self._app(scope, receive, send)
            return
        if self._login is None:
            await PlainTextResponse("Not found", 404)(scope, receive, send)
            return
        # Without a state they come from the provider's log-out.
        is_back = scope["path"] == CALLBACK_PATH and "state" in QueryParams(scope["query_string"])
        only_https = self._login.is_over_https

        async def send_put_right(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if is_back or message["status"] >= 400:
                    headers["location"] = CURATE_PATH if _logs_in(headers) else LOGIN_FAILED
                    message["status"] = 303
                if only_https:
                    _keep_cookies_to_https(headers)
            await send(message)

        await self._app(scope, receive, send_put_right)


def _logs_in(headers: MutableHeaders) -> bool:
    """Tell whether an answer gives a cookie, beside those that it deletes."""
    starts = (f"{USER_COOKIE_NAME}=", f'{USER_COOKIE_NAME}=""')
    return any(
        cookie.startswith(starts[0]) and not cookie.startswith(starts[1])
        for cookie in headers.getlist("set-cookie")
    )


def _keep_cookies_to_https(headers: MutableHeaders) -> None:
    cookies = headers.getlist("set-cookie")
    del headers["set-cookie"]
    for cookie in cookies:
        headers.append("set-cookie", f"{cookie}; Secure")
