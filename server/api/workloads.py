"""Workload models: how the city counts work, tried out and saved; and any grid's hours taken apart."""

from dataclasses import asdict
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field

from gis import city, workloads
from gis.plan_records import DraftGrid, GridLoads, WorkloadModel
from gis.records import Name
from gis.rules.hours import Account, Line
from gis.rules.workload import deviation_fractions, variation_fractions
from server.api import load_words
from server.api.texts import OneLine, Text
from server.auth import actor, reach
from server.database import now, reading, writing

bp = APIBlueprint("workloads", __name__, abp_tags=[Tag(name="workloads", description="How the city counts work")])

Id = Field(ge=1, lt=2**63)
Minutes = Field(allow_inf_nan=False)


class ModelPath(BaseModel):
    """Which version of the model."""

    model_id: int = Id


class GridOfPlanPath(BaseModel):
    """Which grid of which plan."""

    id: int = Id
    key: int = Field(gt=-(2**63), lt=2**63, description="Id of the grid, or below zero for one that is new in a draft")


class Names(BaseModel):
    """A name in both languages."""

    zh: OneLine = Field(min_length=1, max_length=100)
    en: OneLine = Field(min_length=1, max_length=100)


class PlaceWeight(BaseModel):
    """Standard minutes of an inspection, and after how many days it is due again."""

    model_config = ConfigDict(extra="forbid")

    standard_min: float = Minutes
    interval_d: float = Minutes


class WeightChanges(BaseModel):
    """Weights that differ from those of the model; what is left out stays. `places` and `matters` are given whole."""

    model_config = ConfigDict(extra="forbid")

    places: dict[Text, PlaceWeight] | None = None
    matters: dict[Text, float] | None = Field(default=None, description="Minutes by code of matter; others as in the catalogue")
    resident_min: float | None = Field(default=None, allow_inf_nan=False)
    household_min: float | None = Field(default=None, allow_inf_nan=False)
    walking_kmh: float | None = Field(default=None, allow_inf_nan=False)
    rounds: float | None = Field(default=None, allow_inf_nan=False)
    fixed_h: float | None = Field(default=None, allow_inf_nan=False)
    post_h: float | None = Field(default=None, allow_inf_nan=False)

    def given(self) -> dict[str, Any]:
        """What is changed."""
        return self.model_dump(exclude_none=True)


class Period(BaseModel):
    """Whole months; `until` is the first day after them."""

    since: date = Field(alias="from", examples=["2025-01-01"])
    until: date = Field(examples=["2026-01-01"])


class NewModel(BaseModel):
    """A version that differs from its parent by some weights or by its period."""

    parent: int | None = Field(default=None, ge=1, lt=2**63, description="The version it starts from; the newest if absent")
    name: Names | None = None
    weights: WeightChanges = WeightChanges()
    period: Period | None = None
    note: Text | None = Field(default=None, max_length=2000)


class Trial(BaseModel):
    """Weights to be tried out on the grids of an area."""

    weights: WeightChanges = WeightChanges()
    area: Text = Field(max_length=20, description="Code of an area: everything under it")
    plan: int | None = Field(default=None, ge=1, lt=2**63, description="A plan or draft; the plan in force if absent")


@bp.get("/place-kinds")
def place_kinds() -> dict[str, Any]:
    """The kinds of places that are inspected, with the standard that a new model begins with."""
    with reading() as conn:
        kinds = workloads.place_kinds(conn)
    return {"kinds": [{"code": kind.code, "name": kind.name.as_dict(), **asdict(kind.standard)} for kind in kinds]}


@bp.get("/workload-models")
def listed() -> dict[str, Any]:
    """Every version, newest first; new drafts are judged by the first."""
    with reading() as conn:
        return {"models": [_answered(model, workloads.stale(conn, model)) for model in workloads.find(conn)]}


@bp.get("/workload-models/<int:model_id>")
def describe(path: ModelPath) -> dict[str, Any]:
    """One version with its weights, its period, and whether something came in since its hours were counted."""
    with reading() as conn:
        model = workloads.get(conn, path.model_id)
        return _answered(model, workloads.stale(conn, model))


@bp.post("/workload-models")
def revise(body: NewModel) -> tuple[dict[str, Any], int]:
    """Save a new version and count by it what every cell has to do. A city without any begins with the standard weights."""
    with writing() as conn:
        if body.parent is None and not workloads.find(conn):
            return _answered(workloads.begin(conn, by=actor(), today=_today(conn)), []), 201
        parent = body.parent or workloads.newest(conn).id
        model = workloads.revise(
            conn, parent, changes=body.weights.given(), by=actor(), today=_today(conn), note=body.note,
            name=body.name and Name(body.name.zh, body.name.en),
            since=body.period and body.period.since, until=body.period and body.period.until,
        )  # fmt: skip
    return _answered(model, []), 201


def _today(conn: Any) -> date:
    return now().astimezone(ZoneInfo(city.get(conn).timezone)).date()


@bp.post("/workload-models/<int:model_id>/recount")
def recount(path: ModelPath) -> dict[str, Any]:
    """Count the incidents of its period and the hours of every cell anew, from what is there now."""
    with writing() as conn:
        return _answered(workloads.recount(conn, path.model_id, by=actor()), [])


@bp.post("/workload-models/preview")
def preview(body: Trial) -> dict[str, Any]:
    """Hours per grid under other weights beside those of the model in use; nothing is saved."""
    own = reach()
    with reading() as conn:
        tried = workloads.preview(conn, area=body.area, changes=body.weights.given(), plan_id=body.plan, reach=own)
    return {
        "area": body.area,
        "plan": tried.plan_id,
        "model": {"id": tried.model.id, "version": tried.model.version, "name": tried.model.name.as_dict()},
        "summary": {"grids": len(tried.after.key), "before": _summary(tried.before), "after": _summary(tried.after)},
        "grids": _grids(tried),
    }


def _summary(loads: GridLoads) -> dict[str, float]:
    _, variation = variation_fractions(loads.hours, loads.community)
    return {"hours": float(loads.hours.sum()), "variation_mean": float(variation.mean())}


def _grids(tried: workloads.Preview) -> list[dict[str, Any]]:
    parts = {when: workloads.hours_of(loads) for when, loads in (("before", tried.before), ("after", tried.after))}
    deviation = deviation_fractions(tried.after.hours, tried.after.community)
    return [
        {
            **_named(key, tried.grids[key]),
            "community": tried.communities[tried.grids[key].community_id],
            "hours": float(tried.after.hours[at]),
            "hours_before": float(tried.before.hours[at]),
            "deviation": float(deviation[at]),
            "parts": {part: float(hours[at]) for part, hours in parts["after"].items()},
            "parts_before": {part: float(hours[at]) for part, hours in parts["before"].items()},
        }
        for at, key in enumerate(tried.after.key.tolist())
    ]


def _named(key: int, grid: DraftGrid) -> dict[str, Any]:
    return {"key": key, "code": grid.code, "label": grid.label}


@bp.get("/plans/<int:id>/grids/<key>/hours")
def explain(path: GridOfPlanPath) -> dict[str, Any]:
    """One grid's hours a month by their parts: every kind of place, every matter, people, walking, fixed duties, and each cell."""
    own = reach()
    with reading() as conn:
        told = workloads.explain(conn, path.id, path.key, reach=own)
        stale = workloads.stale(conn, told.model)
    account, weights = told.account, told.model.weights
    says = load_words.sentences(account, weights)
    return {
        **_named(path.key, told.grid),
        "plan": told.plan.id,
        "version": told.plan.version,
        "model": {"id": told.model.id, "version": told.model.version, "name": told.model.name.as_dict()},
        "period": _period(told.model),
        "stale": stale,
        "hours": account.hours,
        "posts": account.hours / weights.post_h,
        "uncounted": account.uncounted,
        "says": says["whole"],
        "parts": load_words.named_parts(account.parts),
        "inspections": [_line(line) | {"says": load_words.place(line)} for line in account.inspections],
        "incidents": [_line(line) | {"says": load_words.matter(line)} for line in account.incidents],
        "people": [_line(line) | {"says": load_words.people(line)} for line in account.people],
        "walking": _walking(account) | {"rounds": weights.rounds, "walking_kmh": weights.walking_kmh, "says": says["walking"]},
        "spread": {"radius_m": account.radius_m, "hours": account.parts["spread"], "says": says["spread"]},
        "fixed": {"hours": account.parts["fixed"], "says": says["fixed"]},
        "cells": [asdict(cell) | {"hours": cell.hours} for cell in account.cells],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "code": line.code, "name": line.name.as_dict(), "n": line.n, "a_month": line.n * line.times, "minutes": line.minutes,
        "hours": line.hours,
    }  # fmt: skip


def _walking(account: Account) -> dict[str, Any]:
    return {
        "visits": account.visits, "area_m2": account.area_m2, "metres": account.walked_m, "hours": account.parts["walking"],
        "formula": "0.7124 * sqrt(rounds * visits * area_m2), cell by cell",
    }  # fmt: skip


def _period(model: WorkloadModel) -> dict[str, Any]:
    return {"from": model.since, "until": model.until}


def _answered(model: WorkloadModel, stale: list[str]) -> dict[str, Any]:
    return {
        "id": model.id,
        "version": model.version,
        "name": model.name.as_dict(),
        "weights": asdict(model.weights),
        "period": _period(model),
        "note": model.note,
        "parent": model.parent_id,
        "author": model.author,
        "created_at": model.created_at,
        "counted_at": model.counted_at,
        "stale": stale,
    }
