"""Up and down the tree of areas: where a case goes when it is escalated or sent down, and when a rule escalates it.

Paths are the codes from the root of the tree down to an area, joined by dots.
"""

from collections.abc import Iterable, Sequence

from gis.rules.case_steps import RETURNS_BEFORE_ESCALATION


def within(path: str, above: str) -> bool:
    """Whether an area is another or lies under it."""
    return f"{path}.".startswith(f"{above}.")


def parent(path: str) -> str | None:
    """The area right above, or None for the root."""
    return path.rpartition(".")[0] or None


def ancestors(path: str) -> list[str]:
    """The areas above, the nearest first."""
    codes = path.split(".")
    return [".".join(codes[:n]) for n in range(len(codes) - 1, 0, -1)]


def ways_down(command: str, community: str | None) -> list[str]:
    """The areas under the command on the way to the community that a case lies in, the nearest first."""
    if community is None or not within(community, command):
        return []
    on_the_way = [community, *ancestors(community)]
    return [path for path in reversed(on_the_way) if path != command and within(path, command)]


def lowest_common(paths: Iterable[str]) -> str:
    """The lowest area that holds all of these."""
    columns = zip(*(path.split(".") for path in paths), strict=False)
    common = []
    for codes in columns:
        if len(set(codes)) > 1:
            break
        common.append(codes[0])
    return ".".join(common)


def returned_too_often(returns: int) -> bool:
    """Whether a case goes one level up because it was sent back again and again."""
    return returns > 0 and returns % RETURNS_BEFORE_ESCALATION == 0


def command_of_joined(command: str, communities: Sequence[str]) -> str | None:
    """The area that must command a case into which cases of these communities were merged; None when its command has them all."""
    common = lowest_common([command, *communities])
    return common if common and common != command else None
