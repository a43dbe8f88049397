"""Reports over the API: once for each key, in working time, refused by field."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Login

ROUTE = "/api/v1/incidents"
SENT = {"matter": "0101", "lon": 113.7518, "lat": 23.0207, "channel": "hotline"}


def test_what_is_sent_again_with_its_key_is_taken_in_once(client: FlaskClient, login: Login) -> None:
    by_body, by_header = (
        [client.post(ROUTE, json=SENT | body, headers=head).json["number"] for _ in range(2)]
        for body, head in (({"key": "k-77"}, {}), ({}, {"Idempotency-Key": "k-78"}))
    )
    assert [len(set(by_body)), len(set(by_header)), len({*by_body, *by_header})] == [1, 1, 2]
    of_another = login("admin").post(ROUTE, json=SENT | {"key": "k-77"}).json["number"]
    assert of_another not in by_body


def test_the_answer_says_who_commands_it_and_when_it_is_due(client: FlaskClient) -> None:
    inside, outside = (client.post(ROUTE, json=SENT | {"lon": lon, "urgency": 3}).json for lon in (113.7518, 114.9))
    assert (inside["command"]["level"], inside["version"], inside["urgency"]) == ("community", 1, 3)
    assert inside["due_at"] > inside["reported_at"]
    assert (outside["command"]["level"], outside["grid"]) == ("city", None)
    read = client.get(f"{ROUTE}/{inside['number']}").json
    assert read == inside


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"urgency": 4}, "urgency"),
        ({"tier": "now"}, "tier"),
        ({"key": "two words"}, "key"),
        ({"reported_at": "2099-01-01T00:00:00Z"}, "reported_at"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_by_field(client: FlaskClient, changed: dict[str, Any], field: str) -> None:
    refused = client.post(ROUTE, json=SENT | changed)
    assert refused.status_code == 422
    assert field in refused.text
    assert client.post(ROUTE, json=SENT, headers={"Idempotency-Key": "two words"}).status_code == 422
