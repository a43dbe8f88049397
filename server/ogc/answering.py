"""How every resource is answered: for a program or a person, in which language, with which links."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from flask import Response, current_app, render_template, request
from flask_babel import get_locale

from gis.errors import BadQuery
from gis.records import Name

JSON, GEOJSON, HTML, SCHEMA = "application/json", "application/geo+json", "text/html", "application/schema+json"
COMMON = ("f", "lang")
FORMATS = ("json", "html")
LANGUAGES = ("zh", "en")
Link = dict[str, str]


def refuse_unknown(*known: str) -> None:
    """Refuse parameters that the resource does not know, as the standard asks. Raises BadQuery."""
    known = (*known, *COMMON)
    for given in request.args:
        if given not in known:
            raise BadQuery(f"There is no parameter {given!r}; there are {', '.join(known)}.", field=given, known=list(known))
    _one_of("f", FORMATS)
    _one_of("lang", LANGUAGES)


def _one_of(name: str, known: Sequence[str]) -> None:
    given = request.args.get(name)
    if given is not None and given not in known:
        raise BadQuery(f"{name}: there is no {given!r}; there are {', '.join(known)}.", field=name, known=list(known))


def wants_page() -> bool:
    """Whether a person asks; a program that says nothing gets JSON."""
    if "f" in request.args:
        return request.args["f"] == "html"
    return request.accept_mimetypes.best_match([JSON, GEOJSON, HTML], default=JSON) == HTML


def language() -> str:
    """The language of titles: as asked for, of a page as chosen there, else what the program prefers."""
    if "lang" in request.args:
        return request.args["lang"]
    if wants_page():
        return str(get_locale())
    return request.accept_languages.best_match(LANGUAGES) or str(current_app.config["SETTINGS"].language)


def said(name: Name) -> str:
    """A name in the language of the answer."""
    return str(getattr(name, language()))


def at(path: str = "", **arguments: Any) -> str:
    """The address of a resource, whole, because programs keep it."""
    query = "?" + urlencode(arguments, doseq=True, safe=":,/", quote_via=quote) if arguments else ""
    return f"{request.root_url.rstrip('/')}/ogc{path}{query}"


def here(**changed: Any) -> str:
    """The address of this resource with some parameters changed; None takes one away."""
    kept: dict[str, Any] = {name: values for name, values in request.args.lists() if name not in changed}
    return at(request.path.rstrip("/").partition("/ogc")[2], **kept, **{k: v for k, v in changed.items() if v is not None})


def link(rel: str, href: str, content_type: str, title: str) -> Link:
    """A link as the standard writes it."""
    return {"rel": rel, "href": href, "type": content_type, "title": title}


def self_links(content_type: str) -> list[Link]:
    """This resource, and the same for the other kind of reader."""
    as_json = link("alternate", here(f="json"), content_type, "JSON")
    as_page = link("alternate", here(f="html"), HTML, "HTML")
    if wants_page():
        return [link("self", here(), HTML, "HTML"), as_json]
    return [link("self", here(), content_type, "JSON"), as_page]


def answer(body: dict[str, Any], *, template: str, content_type: str = JSON, **shown: Any) -> Response:
    """A resource as JSON or as a page; `shown` is what only the page needs."""
    if wants_page():
        return page(template, body=body, **shown)
    return dressed(Response(orjson.dumps(body), content_type=content_type))


def page(template: str, **shown: Any) -> Response:
    """A resource as a page."""
    written = render_template(f"ogc/{template}.html", root=at(), json=here(f="json"), **shown)
    return dressed(Response(written, content_type=f"{HTML}; charset=utf-8"))


def dressed(response: Response) -> Response:
    """The headers that every answer has."""
    response.headers["Content-Language"] = language()
    response.vary.update(("Accept", "Accept-Language", "Cookie", "Authorization"))
    return response


def link_header(links: Sequence[Link]) -> str:
    """Links as an HTTP header."""
    return ", ".join(f'<{item["href"]}>; rel="{item["rel"]}"; type="{item["type"]}"' for item in links)
