"""The one table of rights: which roles may reach which endpoint, and over which part of the city.

A route that is not listed is closed to everybody. What a role may do says nothing of where: `Over.OWN` cuts the answer to the
account's own part of the city (`server.auth.reach`), `Over.CITY` asks for an account that has the whole city.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Roles = frozenset[str]


class Over(StrEnum):
    """Which part of the city a right reaches."""

    ANY = "any"  # nothing in the answer is held back: borders, facilities, sums
    OWN = "own"  # the answer holds only what lies in the account's own part
    CITY = "city"  # only for accounts that have the whole city


@dataclass(frozen=True)
class Right:
    """Who may, and over which part of the city."""

    roles: Roles
    over: Over = Over.ANY


ROLES: Final[Roles] = frozenset({"administrator", "planner", "dispatcher", "auditor", "officer", "department", "viewer"})
PUBLIC: Final = Right(frozenset({"public"}))
EVERYBODY: Final = Right(ROLES)
OWN_PART: Final = Right(ROLES, Over.OWN)
PLANNERS_OF_THE_CITY: Final = Right(frozenset({"administrator", "planner"}), Over.CITY)
PLANNERS: Final = Right(frozenset({"administrator", "planner"}))
PLANNERS_OWN_PART: Final = Right(frozenset({"administrator", "planner"}), Over.OWN)
HANDLERS: Final = Right(frozenset({"dispatcher", "officer", "department"}), Over.OWN)
REPORTERS: Final = Right(ROLES - {"viewer", "auditor"})
WATCHERS: Final = Right(ROLES - {"officer"})
SOURCE_READERS: Final = Right(frozenset({"administrator", "planner", "department"}), Over.OWN)
ADMINISTRATORS: Final = Right(frozenset({"administrator"}))
OFFICERS: Final = Right(frozenset({"officer"}))
# Where somebody is at work is shown to those who send or lead them, and to colleagues, and to nobody else.
OFFICERS_OWN_PART: Final = Right(frozenset({"administrator", "dispatcher", "officer"}), Over.OWN)
DISPATCHERS_OWN_PART: Final = Right(frozenset({"administrator", "dispatcher"}), Over.OWN)
ADMINISTRATORS_OWN_PART: Final = Right(frozenset({"administrator"}), Over.OWN)
# All that is open to somebody whose password is a temporary one, beside the public pages.
WITH_TEMPORARY_PASSWORD: Final = frozenset({"people.me", "me.describe", "me.change_password", "pages.log_out"})

RIGHTS: Final[dict[str, Right]] = {
    "static": PUBLIC,
    "health.alive": PUBLIC,
    "health.ready": PUBLIC,
    "listening.events": EVERYBODY,
    "pages.login": PUBLIC,
    "pages.log_out": EVERYBODY,
    "pages.language": PUBLIC,
    "pages.overview": EVERYBODY,
    "pages.history": EVERYBODY,
    "live.live": WATCHERS,
    "pages.imports": PLANNERS_OF_THE_CITY,
    "pages.import_": PLANNERS_OF_THE_CITY,
    "pages.data": EVERYBODY,
    "pages.api_docs": PUBLIC,
    "planning.plans": EVERYBODY,
    "planning.studio": EVERYBODY,
    "openapi_document": PUBLIC,
    "city.describe": EVERYBODY,
    "areas.describe": EVERYBODY,
    "areas.labels": EVERYBODY,
    "grids.describe": OWN_PART,
    "facilities.describe": EVERYBODY,
    "facilities.kinds": EVERYBODY,
    "figures.measure": EVERYBODY,
    "search.find": EVERYBODY,
    "comparisons.describe": OWN_PART,
    "comparisons.draw": OWN_PART,
    "comparison_files.download": OWN_PART,
    "plans.listed": OWN_PART,
    "plans.open_draft": PLANNERS_OWN_PART,
    "plans.describe": OWN_PART,
    "plans.change": PLANNERS_OWN_PART,
    "plans.withdraw": PLANNERS_OWN_PART,
    "plans.grids": OWN_PART,
    "plans.cells": OWN_PART,
    "drafts.edit": PLANNERS_OWN_PART,
    "drafts.changes": OWN_PART,
    "drafts.undo": PLANNERS_OWN_PART,
    "drafts.redo": PLANNERS_OWN_PART,
    "consultations.listed": PUBLIC,
    "consultations.put_to_residents": PLANNERS_OWN_PART,
    "consultations.describe": PUBLIC,
    "consultations.change": PLANNERS_OWN_PART,
    "consultations.enter_stage": PLANNERS_OWN_PART,
    "consultations.override": PLANNERS_OWN_PART,
    "consultations.draw": PUBLIC,
    "consultations.read_opinions": PUBLIC,
    "consultations.say": PUBLIC,
    "consultations.moderate": PLANNERS_OWN_PART,
    "balancings.ask": PLANNERS_OWN_PART,
    "balancings.listed": OWN_PART,
    "balancings.describe": OWN_PART,
    "balancings.moves": OWN_PART,
    "balancings.stop": PLANNERS_OWN_PART,
    "balancings.grids_wanted": OWN_PART,
    "publishing.inspect": OWN_PART,
    "publishing.publish": PLANNERS_OWN_PART,
    "publishing.restore": PLANNERS_OF_THE_CITY,
    "publishing.cancel": PLANNERS_OWN_PART,
    "publishing.rebase": PLANNERS_OWN_PART,
    "history.timeline": EVERYBODY,
    "history.in_force": EVERYBODY,
    "history.of_place": EVERYBODY,
    "history.series": EVERYBODY,
    "consulting.compare": EVERYBODY,
    "consulting.listed": PUBLIC,
    "consulting.one": PUBLIC,
    "drafts.bring_in": PLANNERS_OWN_PART,
    "drafts.check": OWN_PART,
    "drafts.equivalency": OWN_PART,
    "staff.describe": OWN_PART,
    "workload_pages.workload": PLANNERS,
    "workload_pages.staffing_of_plan": PLANNERS,
    "staffing.describe": PLANNERS_OWN_PART,
    "staffing.workbook": PLANNERS_OWN_PART,
    "workloads.place_kinds": EVERYBODY,
    "workloads.listed": EVERYBODY,
    "workloads.describe": EVERYBODY,
    "workloads.revise": PLANNERS_OF_THE_CITY,
    "workloads.recount": PLANNERS_OF_THE_CITY,
    "workloads.preview": PLANNERS_OWN_PART,
    "workloads.explain": OWN_PART,
    "lists.areas": EVERYBODY,
    "lists.grids": EVERYBODY,
    "lists.cells": EVERYBODY,
    "lists.facilities": EVERYBODY,
    "lists.departments": EVERYBODY,
    "lists.staff": OWN_PART,
    "lists.postings": OWN_PART,
    "lists.incidents": OWN_PART,
    "locate.points": EVERYBODY,
    "locate.file": EVERYBODY,
    "reporting.report": PUBLIC,
    "reporting.follow": PUBLIC,
    "reporting.around": PUBLIC,
    "public.report": PUBLIC,
    "public.join": PUBLIC,
    "public.follow": PUBLIC,
    "public.rate": PUBLIC,
    "public.unsubscribe": PUBLIC,
    "public.qr": PUBLIC,
    "public_map.matters": PUBLIC,
    "public_map.near": PUBLIC,
    "public_map.ground": PUBLIC,
    "public_map.cases": PUBLIC,
    "photos.send_public": PUBLIC,
    "photos.send": REPORTERS,
    "photos.show": PUBLIC,
    "incidents.report": REPORTERS,
    "incidents.read": OWN_PART,
    "incidents.matters": EVERYBODY,
    "case_figures.read": OWN_PART,
    "cases.find": OWN_PART,
    "cases.steps": EVERYBODY,
    "cases.points": OWN_PART,
    "cases.replay": OWN_PART,
    "cases.read": OWN_PART,
    "cases.near": OWN_PART,
    "cases.take_step": HANDLERS,
    "tiles.draw": OWN_PART,
    "exports.download": OWN_PART,
    "open311.discovery": PUBLIC,
    "open311.services": PUBLIC,
    "open311.definition": PUBLIC,
    "open311.file": PUBLIC,
    "open311.requests": PUBLIC,
    "open311.one": PUBLIC,
    "open311.by_token": PUBLIC,
    "open311.updates": PUBLIC,
    "open311.comment": PUBLIC,
    "ogc.landing": PUBLIC,
    "ogc.conformance": PUBLIC,
    "ogc.api": PUBLIC,
    "ogc.collections": EVERYBODY,
    "ogc.collection": EVERYBODY,
    "ogc.queryables": EVERYBODY,
    "ogc.schema": EVERYBODY,
    "ogc.items": OWN_PART,
    "ogc.item": OWN_PART,
    "imports.listed": PLANNERS_OF_THE_CITY,
    "imports.upload": PLANNERS_OF_THE_CITY,
    "imports.describe": PLANNERS_OF_THE_CITY,
    "imports.check": PLANNERS_OF_THE_CITY,
    "imports.apply": PLANNERS_OF_THE_CITY,
    "imports.cancel": PLANNERS_OF_THE_CITY,
    "imports.abandon": PLANNERS_OF_THE_CITY,
    "imports.part": PLANNERS_OF_THE_CITY,
    "source_pages.board": SOURCE_READERS,
    "source_pages.one": SOURCE_READERS,
    "sources.board": SOURCE_READERS,
    "sources.open_source": PLANNERS_OF_THE_CITY,
    "sources.preview": PLANNERS_OF_THE_CITY,
    "sources.sample": PLANNERS_OF_THE_CITY,
    "sources.describe": SOURCE_READERS,
    "sources.change": PLANNERS_OF_THE_CITY,
    "sources.renew_secret": PLANNERS_OF_THE_CITY,
    "deliveries.deliver": SOURCE_READERS,
    "deliveries.delivered": SOURCE_READERS,
    "deliveries.upload": SOURCE_READERS,
    "sources.pull": PLANNERS_OF_THE_CITY,
    "deliveries.rejects": SOURCE_READERS,
    "deliveries.correct": PLANNERS_OF_THE_CITY,
    "deliveries.replay": PLANNERS_OF_THE_CITY,
    "deliveries.replay_all": PLANNERS_OF_THE_CITY,
    "deliveries.drop": PLANNERS_OF_THE_CITY,
    "sources.calls": SOURCE_READERS,
    "sources.call_again": PLANNERS_OF_THE_CITY,
    "sources.call_one_again": PLANNERS_OF_THE_CITY,
    "matter_pages.matters": EVERYBODY,
    "admissions.listed": EVERYBODY,
    "admissions.decisions": EVERYBODY,
    "admissions.history": EVERYBODY,
    "admissions.propose": SOURCE_READERS,
    "admissions.decide": PLANNERS_OF_THE_CITY,
    "admissions.refuse": PLANNERS_OF_THE_CITY,
    "people.accounts": ADMINISTRATORS,
    "people.me": EVERYBODY,
    "accounts.find": ADMINISTRATORS_OWN_PART,
    "accounts.open_account": ADMINISTRATORS_OWN_PART,
    "accounts.describe": ADMINISTRATORS_OWN_PART,
    "accounts.change": ADMINISTRATORS_OWN_PART,
    "accounts.close": ADMINISTRATORS_OWN_PART,
    "accounts.reopen": ADMINISTRATORS_OWN_PART,
    "accounts.reset_password": ADMINISTRATORS_OWN_PART,
    "accounts.list_tokens": ADMINISTRATORS_OWN_PART,
    "accounts.revoke_token": ADMINISTRATORS_OWN_PART,
    "views.saved": EVERYBODY,
    "views.save": EVERYBODY,
    "views.remove": EVERYBODY,
    "field.shift": OFFICERS,
    "field.switch_shift": OFFICERS,
    "field.note_positions": OFFICERS,
    "field.officers": OFFICERS_OWN_PART,
    "field.tasks": OFFICERS,
    "officers.place": OWN_PART,
    "officers.codes": OWN_PART,
    "patrols.patrol": OFFICERS,
    "patrols.inspect": OFFICERS,
    "patrols.report_finding": OFFICERS,
    "patrols.listed": OWN_PART,
    "patrols.describe": OWN_PART,
    "patrols.qr": OWN_PART,
    "field.choices": DISPATCHERS_OWN_PART,
    "me.describe": EVERYBODY,
    "me.change_password": EVERYBODY,
    "me.list_tokens": EVERYBODY,
    "me.issue_token": EVERYBODY,
    "me.revoke_token": EVERYBODY,
}
