"""The account to sign in with: from the environment or a prompt, never from a file."""

import getpass
import os
import sys
from dataclasses import dataclass

from pydantic import SecretStr

from fashiongen.errors import MissingInput

EMAIL_VARIABLE = "PINTEREST_EMAIL"
PASSWORD_VARIABLE = "PINTEREST_PASSWORD"


@dataclass(frozen=True)
class Credentials:
    """An account; the password shows as asterisks wherever this is printed."""

    email: str
    password: SecretStr


def read_credentials() -> Credentials:
    """The user's account, from the two environment variables, or from a prompt at a terminal.

    Raises:
        MissingInput: the variables are not set, and stdin is no terminal.
    """
    email, password = os.environ.get(EMAIL_VARIABLE), os.environ.get(PASSWORD_VARIABLE)
    if email and password:
        return Credentials(email, SecretStr(password))
    if not sys.stdin.isatty():
        raise MissingInput(f"no account to sign in with: set {EMAIL_VARIABLE} and {PASSWORD_VARIABLE}")
    email = email or input("Pinterest e-mail: ")
    return Credentials(email, SecretStr(password or getpass.getpass("Pinterest password: ")))
