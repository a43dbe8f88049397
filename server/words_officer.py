"""The words of the officer's page on the phone."""

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation without translating it yet."""
    return text


WORDS: Final = (
    _("(Written at {time}, sent later.)"),
    _("A few words are needed."),
    _("A photo is needed."),
    _("A shift begins and ends where there is a line."),
    _("Add a photo"),
    _("Case number"),
    _("Choose again"),
    _("Do not send"),
    _("Here, within {n} m"),
    _("It is no longer there, or no longer yours."),
    _("Keep"),
    _("Log in again; what you wrote is kept."),
    _("Look again"),
    _("Looking for your place …"),
    _("No connection. What you do is kept here and sent later."),
    _("Nobody there"),
    _("Not let in"),
    _("Not sent yet"),
    _("Not taken: {n}"),
    _("Nothing more to inspect today."),
    _("Off shift"),
    _("On shift since {time}"),
    _("Open a case"),
    _("Photo (needed)"),
    _("Report it"),
    _("Report something here"),
    _("Send again"),
    _("Send now"),
    _("Somebody changed this case meanwhile."),
    _("Somebody else is logged in on this phone now; what you wrote waits for you."),
    _("The case no longer takes this step, or it is in other hands."),
    _("The phone cannot keep this page for dead spots: {fault}"),
    _("The phone does not say where it is. Allow it to, and step into the open."),
    _("The server cannot keep photos now."),
    _("The server cannot read a photo."),
    _("The server did not take it."),
    _("The server does not answer. What you do is kept here and sent later."),
    _("This browser keeps nothing on the phone, so nothing can be sent from a dead spot: {fault}"),
    _("Waiting to be sent: {n}"),
    _("What was done"),
    _("What you see"),
    _("Why it goes back"),
    _("Without the photos"),
    _("Your account belongs to no member of staff, so it has no field work."),
    _("last {date}"),
    _("never inspected"),
    _("{n} days over"),
    _("{n} done"),
    _("{n} more are due, but do not fit into the day."),
    _("{n} photos"),
    _("{step}: refused"),
    _("{step}: waits to be sent"),
)
