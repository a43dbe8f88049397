"""The account behind the request: what it may do, its password, its tokens."""

from typing import Annotated, Any

import flask_login
from flask import request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gis import accounts, logins, tokens
from gis.errors import BeyondOwnPart, TooManyAttempts
from gis.records import Account
from server.api.accounts import answered
from server.auth import Visitor, current_account, speaks_by_token
from server.auth.rights import RIGHTS, Over
from server.database import reading, writing

bp = APIBlueprint("me", __name__, abp_tags=[Tag(name="me", description="One's own account")])


class NewPassword(BaseModel):
    """A change of one's own password."""

    model_config = ConfigDict(extra="forbid")

    old: str = Field(max_length=256)
    new: str = Field(max_length=1000)


class NewToken(BaseModel):
    """A token to be issued."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")] = Field(
        max_length=tokens.LABEL_LIMIT, description="What it is for"
    )
    days: int = Field(default=90, ge=1, le=730, description="Days until it ends")


class OwnTokenPath(BaseModel):
    """Which token."""

    token_id: int = Field(ge=1, le=2**63 - 1)


@bp.get("/me")
def describe() -> dict[str, Any]:
    """Who am I, over which part of the city, and what may I do: the endpoints that the table of rights opens to me."""
    account = _me()
    with reading() as conn:
        row = accounts.get(conn, account.login, within=None)
    return answered(row) | {"whole_city": account.reach.is_whole_city, "may": _may(account)}


def _me() -> Account:
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    return account


def _may(account: Account) -> dict[str, str]:
    whole = account.reach.is_whole_city
    return {
        endpoint: right.over.value
        for endpoint, right in RIGHTS.items()
        if account.role in right.roles and (right.over is not Over.CITY or whole)
    }


@bp.post("/me/password")
def change_password(body: NewPassword) -> dict[str, Any]:
    """Change one's own password. Every other session of the account ends."""
    account, address = _me(), request.remote_addr or ""
    with writing() as conn:
        wait_s = logins.count_attempt(conn, account.login, address=address)
    if wait_s:
        raise TooManyAttempts(f"Too many wrong passwords; try again in {-(-wait_s // 60)} min.", retry_after_s=wait_s)
    with writing() as conn:
        renewed = logins.change_password(conn, account, old=body.old, new=body.new, address=address)
    if not speaks_by_token():
        flask_login.login_user(Visitor(renewed))
    return {"login": renewed.login, "must_change_password": renewed.must_change}


@bp.get("/me/tokens")
def list_tokens() -> dict[str, Any]:
    """One's own tokens, newest first; the tokens themselves are not kept."""
    with reading() as conn:
        return {"tokens": tokens.list_tokens(conn, _me().id)}


@bp.post("/me/tokens")
def issue_token(body: NewToken) -> tuple[dict[str, Any], int]:
    """Issue a token that speaks for one's account; the answer holds it, once. A token issues none: it would outlive its end."""
    if speaks_by_token():
        raise BeyondOwnPart("A token issues no tokens; log in with the password.")
    account = _me()
    with writing() as conn:
        token = tokens.issue(conn, account.login, label=body.label, days=body.days, by=account.login)
        newest = tokens.list_tokens(conn, account.id)[0]
    return newest | {"token": token}, 201


@bp.delete("/me/tokens/<int:token_id>")
def revoke_token(path: OwnTokenPath) -> dict[str, Any]:
    """End one of one's own tokens at once."""
    account = _me()
    with writing() as conn:
        tokens.revoke(conn, account.id, path.token_id, login=account.login, by=account.login)
    return {"revoked": path.token_id}
