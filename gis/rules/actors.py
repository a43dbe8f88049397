"""As whom the journal and the steps of cases name those who have no account."""

from typing import Final

PUBLIC: Final = "public"  # somebody without an account
CLOCK: Final = "clock"  # the rules that take steps when their time has come
SEED: Final = "seed"
RESERVED: Final = frozenset({PUBLIC, CLOCK, SEED})  # no login may be one of them: it would speak, and own photos, as they do
