"""Saved views: each account's own, one of a name, bounded."""

from gis.views import VIEWS_AT_MOST
from tests.api.conftest import Login

VIEWS = "/api/v1/views"


def test_a_view_is_saved_found_replaced_and_removed_by_its_owner_alone(login: Login) -> None:
    mine, other = login("planner"), login("viewer")
    body = {"page": "probe", "name": " 夜班 ", "settings": {"tab": "late"}}
    made = mine.post(VIEWS, json=body)
    assert (made.status_code, made.json["name"]) == (201, "夜班")
    assert mine.post(VIEWS, json=body | {"settings": {"tab": "all"}}).json["id"] == made.json["id"]
    (kept,) = mine.get(VIEWS, query_string={"page": "probe"}).json["views"]
    assert (kept["name"], kept["settings"]) == ("夜班", {"tab": "all"})
    assert other.get(VIEWS, query_string={"page": "probe"}).json["views"] == []
    assert other.delete(f"{VIEWS}/{kept['id']}").status_code == 404
    assert mine.delete(f"{VIEWS}/{kept['id']}").status_code == 200
    assert mine.get(VIEWS, query_string={"page": "probe"}).json["views"] == []


def test_what_is_too_much_is_not_kept(login: Login) -> None:
    client = login("auditor")
    assert client.post(VIEWS, json={"page": "probe", "name": "x", "settings": {"x": "y" * 9000}}).status_code == 422
    made = [client.post(VIEWS, json={"page": "probe", "name": f"v{i}", "settings": {}}) for i in range(VIEWS_AT_MOST + 1)]
    assert [answer.status_code for answer in made] == [201] * VIEWS_AT_MOST + [422]
    for answer in made[:-1]:
        client.delete(f"{VIEWS}/{answer.json['id']}")
