"""Passwords: what makes one too easy to guess, how a temporary one is made, and how they are kept (argon2id)."""

import re
import secrets
from enum import Enum
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH: Final = 12  # characters
MAX_LENGTH: Final = 256
MIN_OWN: Final = 6  # letters and digits that are left without the pieces that everybody knows
MIN_DISTINCT: Final = 5
TEMPORARY_GROUPS: Final = 4  # of four characters: 79 bits
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another when read aloud or copied
# What lists of stolen passwords begin with, in this country and elsewhere; with these the first guesses are made.
WELL_KNOWN: Final = (
    "administrator", "password", "passw0rd", "p@ssw0rd", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx", "qwerty", "letmein",
    "welcome", "iloveyou", "woaini", "dongguan", "wangge", "admin", "abc", "5201314", "1314520", "0123456789", "1234567890",
    "987654321", "12345678", "123456", "654321", "112233", "147258369", "1314", "520", "123",
)  # fmt: skip
REPEATED = re.compile(r"(.)\1{2,}")

_hasher = PasswordHasher()


class PasswordFault(Enum):
    """What is wrong with a password; the value is the sentence for the person."""

    LENGTH = f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters."
    LOGIN = "The login must not be part of the password."
    KNOWN = "This password is among the first that anybody tries; a few words in a row make a better one."
    OLD = "The old password is not right."
    SAME = "The new password is the old one."


def password_fault(password: str, *, login: str) -> PasswordFault | None:
    """Why a password is too easy to guess; None if it is good."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return PasswordFault.LENGTH
    if len(login) > 2 and login.lower() in password.lower():
        return PasswordFault.LOGIN
    if len(set(password)) < MIN_DISTINCT or len(_own(password)) < MIN_OWN:
        return PasswordFault.KNOWN
    return None


def _own(password: str) -> str:
    left = password.lower()
    for piece in WELL_KNOWN:
        left = left.replace(piece, "")
    return "".join(char for char in REPEATED.sub(r"\1", left) if char.isalnum())


def temporary_password() -> str:
    """A password to be handed over once, easy to read aloud: k7mw-p3xd-9ehr-tq4n."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(TEMPORARY_GROUPS))


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one that was kept. Takes as long when nothing was kept, so that the time tells nothing."""
    try:
        return _hasher.verify(kept or _nobody(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash("nobody")
