"""What the roles are called, and what each is for, in the reader's language."""

from flask_babel import gettext


def role_names() -> dict[str, str]:
    """Every role by its code, the most powerful first."""
    return {
        "administrator": gettext("Administrator"),
        "planner": gettext("Grid planner"),
        "dispatcher": gettext("Dispatcher"),
        "auditor": gettext("Coverage auditor"),
        "officer": gettext("Grid officer"),
        "department": gettext("Department"),
        "viewer": gettext("Viewer"),
    }


def role_hints() -> dict[str, str]:
    """What each role is for, in a sentence."""
    return {
        "administrator": gettext("Gives and takes log-ins inside the area, and sees what the others see."),
        "planner": gettext("Draws and publishes the borders of the grids."),
        "dispatcher": gettext("Watches what happens in the area and sends the right person."),
        "auditor": gettext("Proves which residents reach a service, and reads the figures."),
        "officer": gettext("Walks the grids of the area, reports and closes."),
        "department": gettext("Sees the incidents of its own matters inside the area."),
        "viewer": gettext("Looks, and changes nothing."),
    }


def role_name(role: str) -> str:
    """A role in the reader's language."""
    return role_names()[role]
