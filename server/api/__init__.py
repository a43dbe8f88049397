"""The API, version 1: one file per noun, described by OpenAPI 3.1 from the same models that check the input."""

from typing import Any

from flask import Flask, Response, jsonify
from flask_openapi3.openapi import OpenAPI

from server.api import (
    accounts,
    admissions,
    areas,
    audit_files,
    audits,
    balancings,
    case_figures,
    cases,
    city,
    comparison_files,
    comparisons,
    consultations,
    coverage,
    deliveries,
    drafts,
    exports,
    facilities,
    field,
    figures,
    grids,
    history,
    imports,
    incidents,
    lists,
    locate,
    me,
    networks,
    patrols,
    photos,
    plans,
    public,
    public_map,
    publishing,
    scenarios,
    search,
    services,
    sitings,
    sources,
    staff,
    staffing,
    tiles,
    views,
    workloads,
)
from server.problems import CONTENT_TYPE

PREFIX = "/api/v1"
BLUEPRINTS = (
    public.bp, public_map.bp, city.bp, areas.bp, grids.bp, facilities.bp, figures.bp, search.bp, locate.bp, incidents.bp,
    imports.bp, plans.bp, staff.bp, exports.bp, accounts.bp, me.bp, comparisons.bp, drafts.bp, workloads.bp, staffing.bp,
    consultations.bp, balancings.bp, history.bp, publishing.bp, comparison_files.bp, views.bp, photos.bp, field.bp, sources.bp,
    deliveries.bp, admissions.bp, patrols.bp, services.bp, coverage.bp, audits.bp, networks.bp, audit_files.bp, scenarios.bp,
    sitings.bp, case_figures.bp, cases.bp,
)  # fmt: skip
FAULTS = {"400": "Not understood", "401": "Not logged in", "403": "Not allowed", "404": "Not found"}


def init_app(app: OpenAPI) -> None:
    """Register every noun, the tiles and the description of it all."""
    for bp in BLUEPRINTS:
        app.register_api(bp, url_prefix=PREFIX)
    app.register_blueprint(lists.bp, url_prefix=PREFIX)
    app.register_blueprint(tiles.bp)
    tiles.init_app(app)
    comparisons.init_app(app)

    @app.get(f"{PREFIX}/openapi.json", doc_ui=False, endpoint="openapi_document")
    def openapi_document() -> Response:
        return jsonify(described(app))


def described(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document, with every fault as problem+json."""
    assert isinstance(app, OpenAPI)
    document: dict[str, Any] = app.api_doc
    for path, operation in lists.operations().items():
        document["paths"].setdefault(PREFIX + path, {})["get"] = operation
    problem = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in document["paths"].values():
        for operation in path.values():
            operation["security"] = [{"token": []}]
            operation["responses"]["422"] = {"description": "Input at fault", "content": problem}
            for status, description in FAULTS.items():
                operation["responses"].setdefault(status, {"description": description, "content": problem})
    return document
