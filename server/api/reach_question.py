"""The question of coverage as programs put it: shared by audits, what-if, siting and the services matrix."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gis.coverage_records import Group, Method, OpenAt, ReachQuestion, Rule
from server.api.texts import Text

MOST_KINDS, MOST_SERVICES = 100, 200
DEFAULT_MINUTES = 15.0
Code = Annotated[Text, Field(min_length=1, max_length=100)]


class OpenAtBody(BaseModel):
    """A moment of the week in the city's time."""

    model_config = ConfigDict(extra="forbid")

    weekday: int = Field(ge=1, le=7, description="1 is Monday, 7 Sunday")
    minute: int = Field(ge=0, le=1439, description="Minutes from midnight")


class QuestionBody(BaseModel):
    """Who reaches what, and how that is measured."""

    model_config = ConfigDict(extra="forbid")

    kinds: list[Code] = Field(default_factory=list, max_length=MOST_KINDS, description="Facilities of any of these; none for all")
    services: list[Code] = Field(default_factory=list, max_length=MOST_SERVICES, description="Facilities that offer all of these")
    levels: list[Code] = Field(default_factory=list, max_length=4, description="city, town, community or estate; none for all")
    floor_area_m2: float | None = Field(default=None, ge=0, le=1_000_000, description="Floor area at least")
    open_at: OpenAtBody | None = Field(default=None, description="Open at this moment of the week")
    method: Method = Field(default="walk", description="walk: along the network in force; radius: straight lines")
    minutes: float | None = Field(default=None, gt=0, le=120, description="15 where neither minutes nor metres are given")
    metres: float | None = Field(default=None, gt=0, le=20_000, description="Counts before minutes")
    group: Group = Field(default="adult", description="Whose walking speed: 4.8, 3.6, 3.6 km/h")
    speed_kmh: float | None = Field(default=None, ge=0.5, le=15, description="Another walking speed")
    detour: float = Field(default=1.0, ge=1, le=3, description="Makes straight lines longer, as streets do (radius only)")
    k: int = Field(default=1, ge=1, le=20, description="Facilities within reach that somebody needs to be covered")
    rule: Rule = Field(default="centre", description="When a community or grid is covered: centre, everyone, or share of residents")
    share: float = Field(default=0.9, gt=0, le=1, description="The share of residents for the rule share")
    scope: Code | None = Field(default=None, description="Code of an area whose residents count; none for the city")
    by_ground: bool = Field(default=False, description="Cut cells at circles instead of asking for their points (radius only)")

    def question(self) -> ReachQuestion:
        """The same as the services know it: what cannot matter is left at its default, so that equal questions are equal."""
        given = self.model_dump(exclude={"open_at", "kinds", "services", "levels", "minutes"})
        lists = {name: tuple(sorted(set(getattr(self, name)))) for name in ("kinds", "services", "levels")}
        moment = None if self.open_at is None else OpenAt(self.open_at.weekday, self.open_at.minute)
        minutes = self.minutes
        if self.metres is not None:
            minutes = None
        elif minutes is None:
            minutes = DEFAULT_MINUTES
        return ReachQuestion(**given, **lists, open_at=moment, minutes=minutes)
