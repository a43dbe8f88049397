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
    left = incident_id * STRIDE % SPACE
    letters = []
    for _ in range(LETTERS):
        left, digit = divmod(left, len(ALPHABET))
        letters.append(ALPHABET[digit])
    return f"{day:%y%m%d}-{''.join(letters)}"
