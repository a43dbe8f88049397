"""Questions as of a date."""

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import Connection

from gis import city

SAYS = "A day (its first moment in the city) or a moment with its offset; now if absent"


class AsOf(BaseModel):
    """The moment that is asked about."""

    as_of: str | None = Field(default=None, max_length=40, description=SAYS)

    def moment(self, conn: Connection) -> datetime | None:
        """The moment, None for now. Raises BadQuery."""
        return city.moment(conn, self.as_of)
