"""Sessions: the login resource, its cookies and its answers."""

import hmac
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fashiongen.sources.standin.database import Account
from fashiongen.sources.standin.envelope import failure, form_options, success

SESSION_COOKIE = "_pinterest_sess"
CSRF_COOKIE = "csrftoken"
COOKIE_AGE_S = 365 * 24 * 3600


class Sessions:
    """The sessions of the one account; they end when the site stops."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._tokens: set[str] = set()

    def is_member(self, request: Request) -> bool:
        """Whether the request carries the cookie of a session."""
        return request.cookies.get(SESSION_COOKIE) in self._tokens

    async def create(self, request: Request) -> Response:
        """Answer the login form: with cookies for the right password, else with the reason."""
        if not _has_csrf_token(request):
            return failure(403, "The CSRF token is missing or of another page.")
        try:
            options = form_options(await request.body())
        except ValueError:
            return failure(400, "The form has no options.")
        if options.get("username_or_email") != self._account.email:
            return failure(401, "The email you entered does not belong to any account.", api_error_code=80)
        if options.get("password") != self._account.password:
            return failure(401, "The password you entered is incorrect.", api_error_code=78)
        return self._start()

    def _start(self) -> JSONResponse:
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        response = success("UserSessionResource", {"email": self._account.email}, bookmark=None)
        response.set_cookie(SESSION_COOKIE, token, max_age=COOKIE_AGE_S, httponly=True, samesite="lax")
        set_csrf_cookie(response)
        return response


def set_csrf_cookie(response: Response) -> None:
    """Give the visitor a token that the page's script must repeat in a header."""
    response.set_cookie(CSRF_COOKIE, secrets.token_hex(16), max_age=COOKIE_AGE_S, samesite="lax")


def _has_csrf_token(request: Request) -> bool:
    cookie = request.cookies.get(CSRF_COOKIE, "")
    return bool(cookie) and hmac.compare_digest(cookie, request.headers.get("X-CSRFToken", ""))
