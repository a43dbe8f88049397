"""What the machine proposes for a draft. A proposal is taken as an edit of the draft (kind `proposal`), whole or in part."""

from typing import Annotated, Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import balancing
from gis.balance_records import BalancedCommunity, BalanceWish, Balancing
from server.api.plans import PlanPath
from server.api.texts import Text
from server.auth import actor, reach
from server.balance_runs import AT_ONCE, run_at_once
from server.database import reading, writing
from server.jobs import defer_balancing
from server.run_ending import leave_to_the_worker

bp = APIBlueprint("balancings", __name__, abp_tags=[Tag(name="proposals", description="Fairer grids, proposed by the machine")])

Corner = tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]
Count = Annotated[int, Field(ge=1, le=10_000)]


class Barrier(BaseModel):
    """A river, a main road: a line that no grid should straddle."""

    kind: Literal["line"] = "line"
    coordinates: Annotated[list[Corner], Field(min_length=2, max_length=10_000)]


class WishBody(BaseModel):
    """What to propose."""

    scope: list[Text] = Field(default_factory=list, max_length=1_000, description="Codes of areas; none for the whole draft")
    mode: Literal["rebalance", "scratch", "change_k"] = "rebalance"
    grids: dict[Text, Count] | Literal["by_hours"] | None = Field(
        default=None, description="Number of grids by code of community, or shared out by hours"
    )
    tolerance: float = Field(default=0.15, ge=0, le=1, description="Deviation from the community's mean that no grid should pass")
    dial: float = Field(default=0.15, ge=0, le=1, description="0: fewest cells change hands; 1: as fair as can be")
    compactness: float = Field(default=0.02, ge=0, le=1, description="What borders cost; 0.6 makes grids round")
    barriers: list[Barrier] = Field(default_factory=list, max_length=500)
    restarts: int = Field(default=16, ge=1, le=64)
    seed: int = Field(default=1, ge=0, lt=2**31, description="The same seed gives the same plan")

    def wish(self) -> BalanceWish:
        """The same as the services know it."""
        given = self.model_dump(exclude={"barriers"})
        return BalanceWish(**given, barriers=[barrier.coordinates for barrier in self.barriers])


class ProposalPath(PlanPath):
    """Which proposal."""

    proposal_id: int = Field(ge=1, lt=2**63)


class MovesQuery(BaseModel):
    """Of which community."""

    community: Text | None = None


class AreaQuery(BaseModel):
    """Of which area."""

    area: Text | None = None


@bp.post("/plans/<int:id>/proposals")
def ask(path: PlanPath, body: WishBody) -> tuple[dict[str, Any], int]:
    """Ask for a proposal; a town's is there with the answer, a city's is searched in the background."""
    with writing() as conn:
        run = balancing.ask(conn, path.id, body.wish(), reach=reach(), by=actor())
        if run.total <= AT_ONCE:
            run_at_once(conn, run)
        answered = _whole(conn, balancing.get(conn, path.id, run.id, reach=reach()))
    if run.total > AT_ONCE:
        leave_to_the_worker(run, defer_balancing, fail=balancing.fail)
    return answered, 202


@bp.get("/plans/<int:id>/proposals")
def listed(path: PlanPath) -> dict[str, Any]:
    """The proposals for a plan, newest first."""
    with reading() as conn:
        return {"proposals": [_answered(run) for run in balancing.find(conn, path.id, reach=reach())]}


@bp.get("/plans/<int:id>/proposals/<int:proposal_id>")
def describe(path: ProposalPath) -> dict[str, Any]:
    """One proposal: how far it is, and at its end what it would change in each community, and how near the limit it is."""
    with reading() as conn:
        return _whole(conn, balancing.get(conn, path.id, path.proposal_id, reach=reach()))


@bp.get("/plans/<int:id>/proposals/<int:proposal_id>/moves")
def moves(path: ProposalPath, query: MovesQuery) -> dict[str, Any]:
    """What would change hands: cell, key of the grid before and after; a key that the draft does not know is a new grid."""
    with reading() as conn:
        found = balancing.moves(conn, path.id, path.proposal_id, code=query.community, reach=reach())
    return {"cells": found}


@bp.post("/plans/<int:id>/proposals/<int:proposal_id>/stop")
def stop(path: ProposalPath) -> dict[str, Any]:
    """Stop the search; the best so far is the proposal."""
    with writing() as conn:
        return _answered(balancing.ask_stop(conn, path.id, path.proposal_id, reach=reach(), by=actor()))


@bp.get("/plans/<int:id>/grids-wanted")
def grids_wanted(path: PlanPath, query: AreaQuery) -> dict[str, Any]:
    """How many grids each community should have: shared out by hours, and the hours of a grid for each number."""
    with reading() as conn:
        found = balancing.grids_wanted(conn, path.id, area=query.area, reach=reach())
    return {
        "communities": [
            {
                "code": row.code, "name": {"zh": row.name.zh, "en": row.name.en}, "hours": row.hours, "grids": row.grids,
                "wanted": row.wanted, "curve": [{"grids": k, "hours": hours} for k, hours in enumerate(row.curve, 1)],
            }
            for row in found
        ]
    }  # fmt: skip


def _answered(run: Balancing) -> dict[str, Any]:
    names = ("id", "state", "done", "total", "stop_asked", "wish", "plan_version", "problem", "author", "opened_at", "ended_at")
    return {name: getattr(run, name) for name in names} | {"totals": run.outcome}


def _whole(conn: Any, run: Balancing) -> dict[str, Any]:
    return _answered(run) | {"communities": [_community(row) for row in balancing.communities(conn, run.id)]}


def _community(row: BalancedCommunity) -> dict[str, Any]:
    figures = (
        "code", "grids_before", "grids_after", "cells_moved", "deviation_before", "deviation_after", "variation_before",
        "variation_after", "bound",
    )  # fmt: skip
    assert row.name is not None, "rows that come from the database are named"
    return {name: getattr(row, name) for name in figures} | {
        "name": {"zh": row.name.zh, "en": row.name.en},
        "bound_cell": row.bound_cell_id,
        "taken": row.taken_at_seq is not None,
    }
