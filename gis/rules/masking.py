"""Personal details as they are shown to those who need not call back: enough to tell two reporters apart."""


def masked_name(name: str | None) -> str | None:
    """The first letter, or the family name of a Chinese one."""
    return name and name[0] + "**"


def masked_phone(phone: str | None) -> str | None:
    """The first three and last two digits, as far as that hides half of it."""
    if not phone:
        return phone
    return f"{phone[:3]}****{phone[-2:]}" if len(phone) >= 9 else "****"


def masked_email(email: str | None) -> str | None:
    """The first letter and where it is."""
    if not email or "@" not in email:
        return email and "***"
    who, _, where = email.partition("@")
    return f"{who[:1]}***@{where}"
