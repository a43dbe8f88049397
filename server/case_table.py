"""The table of transitions as the documents show it: `python -m server.case_table > docs/how-to/case-table.md`."""

from gis.rules.case_steps import ENDED, OPEN, STATES, STEPS, Step, Who
from gis.rules.words import STATES as NAMES

WHO = {
    Who.COMMAND: "command", Who.ABOVE: "area above", Who.HOLDER: "holder", Who.PARTY: "department that joined in",
    Who.REPORTER: "reporter", Who.MACHINE: "clock",
}  # fmt: skip
HEAD = """# The steps of a case

Made from `gis/rules/case_steps.py` by `python -m server.case_table`. What the words mean, and the rules around the table:
[how a case travels](follow-a-case.md).
"""


def diagram() -> str:
    """The states and the steps between them, as text that Mermaid draws. Steps that leave the state as it is are in the table."""
    lines = ["stateDiagram-v2", *(f'    {state}: {NAMES[state][0]} {NAMES[state][1]}' for state in STATES), "    [*] --> collected"]
    ways: dict[tuple[str, str], list[str]] = {}
    for step in STEPS:
        for source in step.sources:
            for target in _targets(step):
                ways.setdefault((source, target), []).append(step.name.zh)
    lines += [f"    {source} --> {target}: {'、'.join(names)}" for (source, target), names in ways.items()]
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in STATES if state in ENDED)])


def _targets(step: Step) -> tuple[str, ...]:
    """The states after a step: of the end of a suspension all from which one may be suspended."""
    if step.to == "before":
        return next(each.sources for each in STEPS if each.to == "suspended")
    return (step.to,) if step.to else ()


def table() -> str:
    """Every step in a line."""
    lines = ["| step | | from | to | who | needs |", "| --- | --- | --- | --- | --- | --- |"]
    for step in STEPS:
        who = ", ".join(WHO[each] for each in step.who)
        needs = ", ".join(step.needs)
        lines.append(f"| `{step.action}` | {step.name.zh} {step.name.en} | {_sources(step)} | {_to(step)} | {who} | {needs} |")
    return "\n".join(lines)


def _sources(step: Step) -> str:
    if set(step.sources) == set(STATES):
        return "any"
    return "any open" if set(step.sources) == set(OPEN) else ", ".join(step.sources)


def _to(step: Step) -> str:
    return {None: "as it is", "before": "as before"}.get(step.to, step.to) or ""


def page() -> str:
    """The whole page."""
    return f"{HEAD}\n```mermaid\n{diagram()}\n```\n\n{table()}\n"


if __name__ == "__main__":
    print(page(), end="")
