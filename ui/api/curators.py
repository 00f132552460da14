"""Who may change the collection through the API, and where browsers log in."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute

from settings import Settings
from ui.api.html_pages import html_page
from ui.api.keys import KeyCheck, Role, read_keys
from ui.api.problems import ApiProblem
from ui.curating.access import COOKIE, SESSION_SECONDS, LoginBusy, PasswordLogin, curator_of
from ui.curating.openid_login import openid_login

CURATE_PATH = "/curate"

LOGIN_FAILED = f"{CURATE_PATH}?login=failed"
"""Where those are sent for whom the login at their provider has failed."""


def has_curators(settings: Settings) -> bool:
    """Tell whether anybody can change the collection over the web."""
    keys = read_keys(settings)
    return settings.has_curators_page or any(key.role is Role.CURATOR for key in keys)


class CuratorCheck:
    """Lets curators through: programs with a curator's key, and browsers that have logged in.

    Who it is, the request's ``state.curator`` says afterwards.
    """

    def __init__(self, settings: Settings) -> None:
        openid_login(settings)  # says at the start what is missing of it
        self._keys = KeyCheck(settings)
        self._settings = settings

    def __call__(self, request: Request) -> None:
        """Let a request pass.

        Raises:
            ApiProblem: it is no curator's.
        """
        authorization = request.headers.get("authorization")
        if authorization is not None:
            key = self._keys(authorization)
            if key is None or key.role is not Role.CURATOR:
                raise ApiProblem(
                    HTTPStatus.FORBIDDEN, "curators-only", "this key may read, and not change"
                )
            request.state.curator = key.name
            return
        name = curator_of(self._settings, cookies=request.cookies, headers=request.headers)
        if name is None:
            raise ApiProblem(
                HTTPStatus.UNAUTHORIZED,
                "login-needed",
                "log in, or send a curator's key: `Authorization: Bearer KEY`",
            )
        request.state.curator = name


def checked_route(check: CuratorCheck) -> type[APIRoute]:
    """Return a kind of route that reads nothing of a request before it is let through.

    A dependency would be asked when the whole body has been read.
    """

    class CheckedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def checked(request: Request) -> Response:
                check(request)
                return await handle(request)

            return checked

    return CheckedRoute


def login_routes(login: PasswordLogin) -> APIRouter:
    """Return the page that asks for the password, and the way out."""
    routes = APIRouter(include_in_schema=False)

    def ask() -> HTMLResponse:
        return _login_page()

    def enter(
        request: Request, password: Annotated[str, Form()], name: Annotated[str, Form()] = ""
    ) -> Response:
        try:
            accepted = login.accepts(password)
        except LoginBusy as error:
            return _login_page(str(error), name, HTTPStatus.TOO_MANY_REQUESTS)
        if not accepted:
            return _login_page("This is not the password.", name, HTTPStatus.UNAUTHORIZED)
        response = RedirectResponse(CURATE_PATH, HTTPStatus.SEE_OTHER)
        response.set_cookie(
            COOKIE,
            login.token(name.strip()[:80] or "curator"),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    def leave() -> Response:
        response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    routes.add_api_route("/login", ask)
    routes.add_api_route("/login", enter, methods=["POST"], response_model=None)
    routes.add_api_route("/logout", leave, methods=["POST"], response_model=None)
    return routes


def _login_page(
    error: str = "", name: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    return html_page("login", status=status, error=error, curator=name[:80])
