"""A member's browser, which is replaced when it dies and signs in again when the site has ended its session."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from selenium.webdriver import Chrome

from fashiongen.boards.browser import open_browser
from fashiongen.boards.login import sign_in
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.site import Site
from fashiongen.errors import LoginFailed

MAX_LOGINS = 3  # of one run: about ten in a row get an account blocked


class Session:
    """The browser and its login."""

    def __init__(self, site: Site, params: ScrapeParams, opened: ExitStack) -> None:
        self._site = site
        self._params = params
        self._opened = opened
        self._logins = 0
        self.driver = self._start()

    def renew_browser(self) -> None:
        """Start another browser in place of one that died, and sign it in."""
        self._opened.close()
        self.driver = self._start()

    def sign_in_again(self) -> None:
        """Sign in with the account after the site has ended the session.

        Raises:
            LoginFailed: the site refuses, or has ended too many sessions of this run.
        """
        self.driver.delete_all_cookies()
        if self._site.cookies:
            self._site.cookies.unlink(missing_ok=True)
        self._sign_in(self.driver)

    def _start(self) -> Chrome:
        driver = self._opened.enter_context(
            open_browser(
                width_px=self._params.window_width_px,
                height_px=self._params.window_height_px,
                page_timeout_s=self._params.page_timeout_s,
            )
        )
        self._sign_in(driver)
        return driver

    def _sign_in(self, driver: Chrome) -> None:
        if self._logins == MAX_LOGINS:
            raise LoginFailed(f"{self._site.url}: the session ended {MAX_LOGINS} times; wait an hour, then run again")
        self._logins += 1
        sign_in(
            driver,
            self._site.url,
            account=self._site.account,
            cookies=self._site.cookies,
            timeout_s=self._params.page_timeout_s,
        )


@contextmanager
def open_session(site: Site, params: ScrapeParams) -> Iterator[Session]:
    """A member's browser, which ends with the block.

    Raises:
        BrowserError: it is not installed, or does not start.
        LoginFailed, MissingInput: the site refuses the account, or there is none.
    """
    with ExitStack() as opened:
        yield Session(site, params, opened)
