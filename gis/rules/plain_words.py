"""What becomes of a report, in the words of whoever reported it; steps that are nobody else's matter are not told."""

from typing import Final

from gis.records import Name

STATES: Final = {
    "collected": Name("已收到，等待受理", "Received, to be looked at"),
    "accepted": Name("已受理，等待派遣", "Accepted, to be given to somebody"),
    "dispatched": Name("已派人处理", "Somebody has been sent"),
    "handling": Name("正在处理", "Being worked on"),
    "feedback": Name("已处理，等待核查", "Done, to be checked"),
    "verified": Name("已核查，即将办结", "Checked, about to be closed"),
    "closed": Name("已办结", "Settled"),
    "returned": Name("正在重新安排", "Being given to somebody else"),
    "suspended": Name("暂缓处理", "On hold"),
    "rejected": Name("未予受理", "Not taken up"),
    "merged": Name("与相同事项一并处理", "Handled together with an earlier report"),
}

STEPS: Final = {
    "report": Name("收到上报", "Report received"),
    "accept": Name("受理", "Accepted"),
    "reject": Name("不予受理", "Not taken up"),
    "dispatch": Name("派人处理", "Somebody was sent"),
    "start": Name("开始处理", "Work began"),
    "refuse": Name("重新安排", "To be given to somebody else"),
    "report_back": Name("处理完毕，等待核查", "Done, to be checked"),
    "settle": Name("现场办结", "Settled on the spot"),
    "verify": Name("核查通过", "Checked"),
    "rework": Name("要求返工", "To be done again"),
    "close": Name("办结", "Settled"),
    "reopen": Name("重新受理", "Taken up again"),
    "suspend": Name("暂缓处理", "Put on hold"),
    "resume": Name("恢复处理", "Taken up again"),
    "extend": Name("延长办理时限", "Given more time"),
    "escalate": Name("交上一级处理", "Handed to the level above"),
    "send_down": Name("交下一级处理", "Handed to the level below"),
    "merge": Name("与相同事项一并处理", "Joined to an earlier report"),
    "split": Name("恢复单独处理", "Handled by itself again"),
    "join": Name("多部门联合处理", "Several departments work together"),
}

# Whose words and photos answer whoever reported; what else was noted stays inside.
ANSWERS: Final = frozenset({"reject", "report_back", "settle", "suspend", "reopen", "rework"})
# What is worth a mail. `report` confirms a report, with the link to follow it.
MAILED: Final = ("report", "accept", "reject", "suspend", "merge", "settle", "close", "reopen")
RATED_IN: Final = ("closed",)
