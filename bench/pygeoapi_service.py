"""How pygeoapi is told to serve the same incidents."""

from urllib.parse import parse_qs, urlsplit


def parts_of(url: str) -> dict[str, str]:
    """Host, port, database, user and password of an address, also of one over a socket."""
    parts = urlsplit(url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "host": parts.hostname or asked.get("host", "localhost"),
        "port": str(parts.port or asked.get("port", "5432")),
        "dbname": parts.path[1:],
        "user": parts.username or "",
        "password": parts.password or "",
    }


def config(url: str, *, name: str, table: str) -> str:
    """A service of one collection over a table or view with `id` and `geom`."""
    known = parts_of(url)
    return f"""
server:
  bind: {{host: 127.0.0.1, port: 5000}}
  url: http://127.0.0.1:5000
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  languages: [en-US]
  pretty_print: false
  limits: {{default_items: 10, max_items: 1000}}
  map: {{url: "", attribution: ""}}
logging: {{level: ERROR}}
metadata:
  identification:
    {{title: bench, description: bench, keywords: [bench], keywords_type: theme, terms_of_service: none, url: "http://127.0.0.1"}}
  license: {{name: none, url: "http://127.0.0.1"}}
  provider: {{name: bench, url: "http://127.0.0.1"}}
  contact: {{name: bench, position: bench}}
resources:
  {name}:
    type: collection
    title: incidents
    description: incidents
    keywords: [incidents]
    links: []
    extents: {{spatial: {{bbox: [113, 22, 115, 24], crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}}}
    providers:
      - type: feature
        name: PostgreSQL
        data: {{host: "{known['host']}", port: {known['port']}, dbname: "{known['dbname']}", user: "{known['user']}",
                password: "{known['password']}", search_path: [public]}}
        id_field: id
        table: {table}
        geom_field: geom
"""
