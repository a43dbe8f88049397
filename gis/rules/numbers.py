"""Tracking numbers: short enough to read out on the phone, and no two alike."""

from datetime import date

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V: what a caller mishears.
ALPHABET = "34679ACDEFGHJKMNPQRTVWXY"
LETTERS = 6
SPACE = len(ALPHABET) ** LETTERS
# Coprime to the space, so that consecutive ids give distinct numbers that do not look consecutive.
STRIDE = 118_107_641


def tracking_number(incident_id: int, day: date) -> str:
    """The number of an incident, such as 261122-K7M3QX: its day and its id in scrambled letters.

    Distinct for distinct ids below `SPACE` (191 million), and by the day beyond.
    """
    return f"{day:%y%m%d}-{scrambled(incident_id)}"


def scrambled(number: int) -> str:
    """An id as six letters that do not tell the ids beside it."""
    left = number * STRIDE % SPACE
    letters = []
    for _ in range(LETTERS):
        left, digit = divmod(left, len(ALPHABET))
        letters.append(ALPHABET[digit])
    return "".join(letters)


def place_code(place_id: int) -> str:
    """The code of a place that is inspected, such as P-K7M3QX: what its QR code says, and what can be typed where it is torn."""
    return f"P-{scrambled(place_id)}"
