"""What a program sends to say who it is: a token in the Authorization header, as Bearer or, to map services, as Basic."""

from dataclasses import dataclass

from flask import request

from gis.records import Account

MAP_SERVICES = "/ogc"


@dataclass(frozen=True)
class Sent:
    """A token, and with Basic the login that it was sent with."""

    token: str
    login: str | None = None

    def belongs_to(self, account: Account) -> bool:
        """Whether the login, if one was sent, is that of the account that the token opens."""
        return self.login is None or self.login == account.login


def sent() -> Sent | None:
    """The token of this request.

    Map programs that know only Basic send the login and, in the password's place, a token. Only map services take it, which
    change nothing: a browser repeats Basic by itself, so that elsewhere it would prove nothing. A password is never taken.
    """
    if is_bearer():
        token = request.headers["Authorization"].partition(" ")[2].strip()
        return Sent(token) if token else None
    basic = request.authorization
    if basic is None or basic.type != "basic" or not is_for_maps() or not basic.password:
        return None
    return Sent(basic.password, basic.username or "")


def is_bearer() -> bool:
    """Whether the request carries a bearer token."""
    return request.headers.get("Authorization", "").partition(" ")[0].lower() == "bearer"


def is_for_maps() -> bool:
    """Whether the request is one to the map services."""
    return request.path == MAP_SERVICES or request.path.startswith(f"{MAP_SERVICES}/")


def challenges() -> list[str]:
    """What `WWW-Authenticate` offers. Basic only where it is taken: elsewhere browsers would ask for a password by themselves."""
    return ["Bearer", 'Basic realm="login and token", charset="UTF-8"'] if is_for_maps() else ["Bearer"]
