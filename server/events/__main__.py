"""`python -m server.events`: one process of the event stream, as the supervisor starts it."""

from server.config import Settings
from server.events.serving import serve

serve(Settings())
