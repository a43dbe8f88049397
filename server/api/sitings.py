"""Where to build next. A search is asked for here and run by the worker; its answer says how far from the best it can be."""

from typing import Annotated, Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field

from gis import sitings
from gis.coverage_records import Aim, Siting, SitingWish
from server.api.reach_question import QuestionBody
from server.auth import actor
from server.database import reading, writing
from server.jobs import defer_siting
from server.run_ending import leave_to_the_worker

bp = APIBlueprint("sitings", __name__, abp_tags=[Tag(name="coverage", description="Who reaches what, and where to build")])

MOST_POINTS = 5_000
Place = tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]
Cost = Annotated[float, Field(gt=0, le=1e12)]


class WishBody(BaseModel):
    """Where to build next."""

    model_config = ConfigDict(extra="forbid")

    aim: Aim = Field(
        default="most", description="everyone: fewest sites for all; most: most residents; least_walking: least way of all "
        "together; fairest: the longest way as short as can be"
    )  # fmt: skip
    sites: int | None = Field(default=None, ge=1, le=1_000, description="Sites to build; 5 without a budget")
    budget: float | None = Field(default=None, gt=0, le=1e12, description="Bounds the costs")
    candidates: Literal["cells"] | Annotated[list[Place], Field(min_length=1, max_length=MOST_POINTS)] = Field(
        default="cells", description="Made from cells, or places by hand or from a layer"
    )
    costs: Annotated[list[Cost], Field(max_length=MOST_POINTS)] | None = Field(default=None, description="One for each place")
    most_candidates: int = Field(default=1_000, ge=1, le=MOST_POINTS, description="Of those made from cells")
    keep: bool = Field(default=True, description="The facilities of the question stay and count")
    capacity: int | None = Field(default=None, ge=1, le=100_000_000, description="Residents that a new site can take")
    seconds: float = Field(default=20.0, gt=0, le=300, description="Time limit; then the best so far is the answer, with its gap")

    def wish(self) -> SitingWish:
        """The same as the services know it."""
        given = self.model_dump()
        if self.sites is None and self.budget is None and self.aim != "everyone":
            given["sites"] = SitingWish.sites
        return SitingWish(**given)


class SitingBody(BaseModel):
    """A question of coverage and a wish."""

    model_config = ConfigDict(extra="forbid")

    question: QuestionBody = Field(default_factory=QuestionBody)
    wish: WishBody = Field(default_factory=WishBody)


class SitingPath(BaseModel):
    """Which search."""

    id: int = Field(ge=1, lt=2**63)


@bp.post("/sitings")
def ask(body: SitingBody) -> tuple[dict[str, Any], int]:
    """Ask for sites; the worker searches, the greedy answer is there first."""
    with writing() as conn:
        siting = sitings.ask(conn, question=body.question.question(), wish=body.wish.wish(), by=actor())
    leave_to_the_worker(siting, defer_siting, fail=sitings.fail)
    return _whole(siting), 201


@bp.get("/sitings")
def listed() -> dict[str, Any]:
    """The searches there were, newest first, without their sites."""
    with reading() as conn:
        return {"sitings": [_line(siting) for siting in sitings.find(conn)]}


@bp.get("/sitings/<int:id>")
def describe(path: SitingPath) -> dict[str, Any]:
    """One search: how far it is, and what it found so far."""
    with reading() as conn:
        return _whole(sitings.get(conn, path.id))


@bp.post("/sitings/<int:id>/stop")
def stop(path: SitingPath) -> dict[str, Any]:
    """Stop a search; the best so far is the answer."""
    with writing() as conn:
        return _whole(sitings.ask_stop(conn, path.id, by=actor()))


def _whole(siting: Siting) -> dict[str, Any]:
    return _line(siting) | {"question": siting.question, "wish": siting.wish, "outcome": siting.outcome}


def _line(siting: Siting) -> dict[str, Any]:
    names = ("id", "state", "done", "total", "stop_asked", "problem", "author", "at", "ended_at")
    wish = {name: siting.wish[name] for name in ("aim", "sites", "budget", "keep", "capacity")}
    found = siting.outcome or {}
    figures = {name: found.get(name) for name in ("value", "unit", "bound", "gap", "proven", "solver", "seconds")}
    return {name: getattr(siting, name) for name in names} | {"wish": wish, **figures}
