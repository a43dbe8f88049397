"""The words of the mails to who reported something, in plain Chinese and English."""

from collections.abc import Mapping
from typing import Any, Final

from gis.records import Name

SUBJECT: Final = Name("您的上报 {number}：{news}", "Your report {number}: {news}")
NEWS: Final = {
    "report": Name("已收到", "received"),
    "accept": Name("已受理", "accepted"),
    "reject": Name("未予受理", "not taken up"),
    "suspend": Name("暂缓处理", "on hold"),
    "merge": Name("与相同事项一并处理", "handled together with an earlier report"),
    "settle": Name("已办结", "settled"),
    "close": Name("已办结", "settled"),
    "reopen": Name("已重新受理", "taken up again"),
}
SENTENCES: Final = {
    "report": Name("您的上报已收到，办理情况会在此告知您。", "Your report has arrived. We will write what becomes of it."),
    "accept": Name("您的上报已受理，将派人处理。", "Your report was accepted; somebody will be sent."),
    "reject": Name("您的上报未予受理。", "Your report was not taken up."),
    "suspend": Name("您的上报暂缓处理。", "Your report was put on hold."),
    "merge": Name(
        "您上报的事项此前已有人上报，将一并处理，结果会告知您。",
        "What you reported is handled together with an earlier report; you will hear of the outcome.",
    ),
    "settle": Name("您上报的事项已在现场办结，欢迎评价。", "What you reported was settled on the spot. Please say how it went."),
    "close": Name("您上报的事项已办结，欢迎评价。", "What you reported was settled. Please say how it went."),
    "reopen": Name("您上报的事项已重新受理。", "What you reported was taken up again."),
}
HELLO: Final = Name("{name}，您好：", "Dear {name},")
HELLO_NOBODY: Final = Name("您好：", "Hello,")
ANSWER: Final = Name("经办人员的答复：", "The answer of those who handled it:")
FOLLOW: Final = Name("查看进度：", "Follow it:")
STOP: Final = Name("不再接收此件的邮件：", "No more mail about this report:")


def letter(
    kind: str, *, language: str, number: str, name: str | None, facts: Mapping[str, Any], follow: str, stop: str
) -> tuple[str, str]:
    """Subject and text of a mail. `follow` and `stop` are links."""

    def said(words: Name) -> str:
        return words.zh if language == "zh" else words.en

    hello = said(HELLO).format(name=name) if name else said(HELLO_NOBODY)
    answer = [said(ANSWER), facts["words"], ""] if facts.get("words") else []
    lines = [hello, "", said(SENTENCES[kind]), "", *answer, said(FOLLOW), follow, "", said(STOP), stop, ""]
    return said(SUBJECT).format(number=number, news=said(NEWS[kind])), "\n".join(lines)
