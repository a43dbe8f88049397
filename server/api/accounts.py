"""Accounts: the administrator's, each within her own part of the city."""

from typing import Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field

from gis import accounts, tokens
from server.api.words import ROLE_NAMES, coded
from server.auth import actor, reach
from server.database import reading, writing

bp = APIBlueprint("accounts", __name__, abp_tags=[Tag(name="accounts", description="Who may log in, and what for")])

Role = Literal["administrator", "planner", "dispatcher", "auditor", "officer", "department", "viewer"]
AREA_CODE = r"^\d{2,15}$"


class AccountQuery(BaseModel):
    """Which accounts."""

    q: str = Field(default="", max_length=100, description="Part of a login or name")
    role: Role | None = None
    area: str | None = Field(default=None, pattern=AREA_CODE, description="Code of an area: its accounts and those under it")
    active: bool | None = Field(default=None, description="Open accounts only, or closed ones only; all if absent")
    limit: int = Field(default=accounts.PAGE, ge=1, le=500)
    offset: int = Field(default=0, ge=0, le=1_000_000)


class NewAccount(BaseModel):
    """An account to be opened."""

    model_config = ConfigDict(extra="forbid")

    login: str = Field(max_length=40, description=accounts.LOGIN_RULE)
    name: str = Field(max_length=200)
    role: Role
    area: str = Field(pattern=AREA_CODE, description="Code of the area whose rights are given, with all under it")
    department: str | None = Field(default=None, max_length=40, description="For the role department: the code of its department")
    staff: str | None = Field(default=None, max_length=40, description="For the role officer: the number of the member of staff")
    password: str | None = Field(default=None, max_length=256, description="The first password; generated if absent")


class AccountChange(BaseModel):
    """What is to change; what is absent or null stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=200)
    role: Role | None = None
    area: str | None = Field(default=None, pattern=AREA_CODE)
    department: str | None = Field(default=None, max_length=40)
    staff: str | None = Field(default=None, max_length=40, description="Number of the member of staff; empty: nobody's")


class NewTemporaryPassword(BaseModel):
    """A temporary password."""

    model_config = ConfigDict(extra="forbid")

    password: str | None = Field(default=None, max_length=256, description="Generated if absent")


class LoginPath(BaseModel):
    """Whose account."""

    login: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$", description="The login")


class TokenPath(LoginPath):
    """Which token of an account."""

    token_id: int = Field(ge=1, le=2**63 - 1)


@bp.get("/accounts")
def find(query: AccountQuery) -> dict[str, Any]:
    """The accounts of one's own part of the city, by login."""
    with reading() as conn:
        rows, total = accounts.list_accounts(
            conn, within=reach(), words=query.q, role=query.role, area_code=query.area, active=query.active,
            limit=query.limit, offset=query.offset,
        )
    return {"accounts": [answered(row) for row in rows], "total": total}


@bp.post("/accounts")
def open_account(body: NewAccount) -> tuple[dict[str, Any], int]:
    """Open an account. The answer holds the first password, once; it must be changed at the first log-in."""
    with writing() as conn:
        password = accounts.open_account(
            conn, login=body.login, name=body.name, role=body.role, area_code=body.area, department=body.department,
            staff=body.staff, password=body.password, within=reach(), by=actor(),
        )
        row = accounts.get(conn, body.login, within=reach())
    return answered(row) | {"password": password}, 201


@bp.get("/accounts/<login>")
def describe(path: LoginPath) -> dict[str, Any]:
    """One account of one's own part of the city."""
    with reading() as conn:
        return answered(accounts.get(conn, path.login, within=reach()))


@bp.patch("/accounts/<login>")
def change(path: LoginPath, body: AccountChange) -> dict[str, Any]:
    """Change name, role, area, department or member of staff. New rights end the account's sessions."""
    wanted = body.model_dump(exclude_none=True)
    if "area" in wanted:
        wanted["area_code"] = wanted.pop("area")
    with writing() as conn:
        return answered(accounts.change(conn, path.login, wanted=wanted, within=reach(), by=actor()))


@bp.post("/accounts/<login>/close")
def close(path: LoginPath) -> dict[str, Any]:
    """Close an account: its sessions end and its tokens are revoked. It is never deleted."""
    with writing() as conn:
        return answered(accounts.close(conn, path.login, within=reach(), by=actor()))


@bp.post("/accounts/<login>/reopen")
def reopen(path: LoginPath) -> dict[str, Any]:
    """Open a closed account again."""
    with writing() as conn:
        return answered(accounts.reopen(conn, path.login, within=reach(), by=actor()))


@bp.post("/accounts/<login>/password")
def reset_password(path: LoginPath, body: NewTemporaryPassword) -> dict[str, Any]:
    """Give an account a temporary password; the answer holds it, once. Its sessions end and its tokens are revoked."""
    with writing() as conn:
        password = accounts.reset_password(conn, path.login, password=body.password, within=reach(), by=actor())
    return {"login": path.login, "password": password}


@bp.get("/accounts/<login>/tokens")
def list_tokens(path: LoginPath) -> dict[str, Any]:
    """The tokens of an account, newest first."""
    with reading() as conn:
        held = accounts.get(conn, path.login, within=reach())
        return {"tokens": tokens.list_tokens(conn, held["id"])}


@bp.delete("/accounts/<login>/tokens/<int:token_id>")
def revoke_token(path: TokenPath) -> dict[str, Any]:
    """End a token of an account at once."""
    with writing() as conn:
        held = accounts.get(conn, path.login, within=reach())
        tokens.revoke(conn, held["id"], path.token_id, login=path.login, by=actor())
    return {"revoked": path.token_id}


def answered(row: dict[str, Any]) -> dict[str, Any]:
    """An account as the API answers it."""
    return {
        "login": row["login"],
        "name": row["name"],
        "role": coded(ROLE_NAMES, row["role"]),
        "area": {"code": row["area_code"], "level": row["area_level"], "name": {"zh": row["area_zh"], "en": row["area_en"]}},
        "department": row["department"]
        and {"code": row["department"], "name": {"zh": row["department_zh"], "en": row["department_en"]}},
        "staff": row["staff"] and {"number": row["staff"], "name": {"zh": row["staff_zh"], "en": row["staff_en"]}},
        "active": row["active"],
        "must_change_password": row["must_change"],
        "opened_at": row["opened_at"],
        "last_login_at": row["last_login_at"],
    }
