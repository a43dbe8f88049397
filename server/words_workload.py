"""The words of the pages about hours and posts."""

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation without translating it yet."""
    return text


WORDS: Final = (
    _("Back to all grids"),
    _("By version {n} of the model, as it is saved"),
    _("By {author}, {date}"),
    _("Counted before the newest: {what}."),
    _("Distance"),
    _("Duty"),
    _("From"),
    _("Hours a month"),
    _("Hours per grid"),
    _("Hours per officer, mean"),
    _("Hours per officer, most"),
    _("Hours per officer, now"),
    _("Hours per officer, then"),
    _("Mend the marked fields first."),
    _("Nobody would move."),
    _("Officer"),
    _("Open posts"),
    _("Posts"),
    _("Posts that this is"),
    _("Something came in since the hours were counted: {n} h more by today's counts."),
    _("The city has no workload model yet."),
    _("To"),
    _("Unevenness between officers"),
    _("Unevenness within communities"),
    _("Version {n} stays as it is; new plans are judged by the new one."),
    _("Version {n}: {name}"),
    _("Who would move"),
    _("Why so many hours"),
    _("a plan"),
    _("as now"),
    _("basic units"),
    _("below {n}"),
    _("change against now"),
    _("hours a month"),
    _("incidents"),
    _("matters"),
    _("no post left"),
    _("now"),
    _("now {n} %"),
    _("of {n} officers"),
    _("places"),
    _("residents"),
    _("with these weights"),
    _("{before} → {after} h"),
    _("{change} against now"),
    _("{n} a grid"),
    _("{n} and more"),
    _("{n} changes, not saved"),
    _("{n} h"),
    _("{n} posts"),
    _("{n} work grids that end"),
    _("{shown} of {of}; all of them are in the workbook."),
)
