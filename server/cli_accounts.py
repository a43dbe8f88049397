"""`wangge account …`: log-ins from the command line, which has the whole city."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import Connection

from gis import accounts
from gis.accounts import ROLES

COMMAND_LINE = "command line"


@click.group()
def account() -> None:
    """Open, list and close the accounts of people."""


@contextmanager
def _transaction(context: click.Context) -> Iterator[Connection]:
    from server.cli import database, settings_of  # `server.cli` gathers the commands, so it knows this file and not the reverse

    with database(settings_of(context)) as engine, engine.begin() as conn:
        yield conn


@account.command("list")
@click.option("--role", type=click.Choice(ROLES), help="Only this role.")
@click.option("--area", "area_code", help="Only this area and what lies under it, by its code.")
@click.option("--closed", is_flag=True, help="Closed accounts instead of open ones.")
@click.option("--search", "words", default="", help="Only logins and names with these words in them.")
@click.pass_context
def list_all(context: click.Context, role: str | None, area_code: str | None, closed: bool, words: str) -> None:
    """List accounts, one a line: login, role, area, last log-in, name, divided by tabs."""
    with _transaction(context) as conn:
        rows, _ = accounts.list_accounts(
            conn, within=None, words=words, role=role, area_code=area_code, active=not closed, limit=1_000_000
        )
    for row in rows:
        click.echo(_line(row))


def _line(row: dict[str, Any]) -> str:
    last = row["last_login_at"]
    seen = last.astimezone().isoformat(timespec="minutes") if last else "never"
    return "\t".join((row["login"], row["role"], f"{row['area_code']} {row['area_zh']}", seen, row["name"]))


@account.command("open")
@click.argument("login")
@click.option("--name", required=True, help="The person's or department's name.")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True)
@click.option("--area", "area_code", help="Code of the area whose rights are given; the whole city if absent.")
@click.option("--department", help="Code of the department, for the role department.")
@click.option("--ask", is_flag=True, help="Ask for the first password instead of generating one.")
@click.pass_context
def open_one(
    context: click.Context, login: str, name: str, role: str, area_code: str | None, department: str | None, ask: bool
) -> None:
    """Open an account and print its first password, which must be changed at the first log-in."""
    with _transaction(context) as conn:
        area = area_code or accounts.whole_city(conn)
        password = accounts.open_account(
            conn, login=login, name=name, role=role, area_code=area, department=department, password=_asked(ask), within=None,
            by=COMMAND_LINE,
        )
    click.echo(password)


def _asked(ask: bool) -> str | None:
    return click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True) if ask else None


@account.command()
@click.argument("login")
@click.option("--ask", is_flag=True, help="Ask for the password instead of generating one.")
@click.pass_context
def password(context: click.Context, login: str, ask: bool) -> None:
    """Give an account a temporary password and print it; its sessions end and its tokens are revoked."""
    with _transaction(context) as conn:
        given = accounts.reset_password(conn, login, password=_asked(ask), within=None, by=COMMAND_LINE)
    click.echo(given)


@account.command()
@click.argument("login")
@click.pass_context
def close(context: click.Context, login: str) -> None:
    """Close an account: its sessions end and its tokens are revoked."""
    with _transaction(context) as conn:
        accounts.close(conn, login, within=None, by=COMMAND_LINE)
    click.echo(f"{login} is closed.")


@account.command()
@click.argument("login")
@click.pass_context
def reopen(context: click.Context, login: str) -> None:
    """Open a closed account again, with the rights and the password it had."""
    with _transaction(context) as conn:
        accounts.reopen(conn, login, within=None, by=COMMAND_LINE)
    click.echo(f"{login} is open again.")
