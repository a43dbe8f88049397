"""What whoever asked for sites must know, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gis.records import Name

SAYS: Final[Mapping[str, Name]] = {
    "nobody_lives_here": Name("统计范围内没有居民，无需选址。", "Nobody lives in the scope: there is nobody to build for."),
    "everyone_is_covered": Name("所有居民均已覆盖，无需新建。", "Everybody is covered already: nothing need be built."),
    "out_of_reach": Name(
        "{residents:,}名居民（{cells:,}个单元）不在任何候选点的服务范围内，结果只针对其余居民。",
        "{residents:,} residents ({cells:,} cells) are within reach of no candidate; the answer is for the others.",
    ),
    "far_from_all": Name(
        "{residents:,}名居民（{cells:,}个单元）距任何选定点和现有设施均超过{metres:,.0f}米，按{metres:,.0f}米计。",
        "{residents:,} residents ({cells:,} cells) are more than {metres:,.0f} m from every site and facility; "
        "they count with {metres:,.0f} m.",
    ),
    "not_counted": Name(
        "{residents:,}名居民（{cells:,}个单元）到不了任何候选点和现有设施，不计入最长路程。",
        "{residents:,} residents ({cells:,} cells) get to no candidate and no facility; the longest way leaves them out.",
    ),
    "not_possible": Name(
        "现有条件下无解：候选点、数量、预算或容量不足。", "It cannot be had: too few candidates, sites, money or room."
    ),
    "not_found": Name(
        "在时限和查找距离内未找到方案；请增加数量或延长时限。",
        "No answer was found within the time and the distance searched; allow more sites or more time.",
    ),
    "over_budget": Name(
        "全部覆盖需要{cost:,g}，超出预算{budget:,g}。", "To cover everybody costs {cost:,g}, more than the budget of {budget:,g}."
    ),
    "more_sites": Name("全部覆盖需要{sites}处，多于{asked}处。", "To cover everybody takes {sites} sites, more than {asked}."),
    "fewer_suffice": Name(
        "{sites}处即可达到同样效果，无需{asked}处。", "{sites} sites come to the same as {asked}: more would help nobody."
    ),
    "too_few_candidates": Name(
        "只有{candidates}个候选点，少于{asked}处。", "There are {candidates} candidates, fewer than the {asked} sites asked for."
    ),
    "budget_too_small": Name(
        "最便宜的候选点需要{cheapest:,g}，预算只有{budget:,g}。",
        "The cheapest candidate costs {cheapest:,g}; the budget is {budget:,g}: nothing can be built.",
    ),
}


@dataclass(frozen=True)
class Note:
    """Something that must be said with an answer: `code` says what, `facts` how much of it."""

    code: str
    facts: Mapping[str, int | float] = field(default_factory=dict)

    @property
    def says(self) -> Name:
        """The sentence, with its amounts."""
        return Name(SAYS[self.code].zh.format(**self.facts), SAYS[self.code].en.format(**self.facts))

    def as_dict(self) -> dict[str, Any]:
        """The form that the record and the API use."""
        return {"code": self.code, "says": self.says.as_dict(), **self.facts}


def in_one(notes: Sequence[Note]) -> dict[str, str] | None:
    """All notes as one text in either language; None without any."""
    if not notes:
        return None
    return Name("".join(note.says.zh for note in notes), " ".join(note.says.en for note in notes)).as_dict()
