"""Services and standards as the API answers them."""

from flask.testing import FlaskClient

from tests.api.conftest import Login

STANDARDS = "/api/v1/facility-standards"
STANDARD = f"{STANDARDS}/police_post"


def test_the_services_are_listed_with_who_does_them(client: FlaskClient) -> None:
    found = client.get("/api/v1/services").json["services"]
    assert len(found) == 97
    assert found[0] == {
        "code": "01", "category": {"zh": "社会保险", "en": "Social insurance"},
        "name": {"zh": "城乡居民养老保险参保登记", "en": "Join the residents' pension scheme"}, "at_station": True,
        "facilities": found[0]["facilities"],
    }  # fmt: skip
    assert found[0]["facilities"] > found[2]["facilities"] > 0


def test_a_standard_is_set_and_taken_away(login: Login) -> None:
    planner = login("planner")
    kept = planner.put(STANDARD, json={"floor_area_m2": 100, "source": "a test's"}).json["standards"]
    own = next(row for row in kept if row["kind"]["code"] == "police_post")
    assert own["floor_area_m2"] == 100 and 0 < own["too_small"] < own["facilities"]
    failing = [each for each in planner.get(f"{STANDARDS}/fails").json["facilities"] if each["kind"] == "police_post"]
    assert len(failing) == own["too_small"] and failing[0]["floor_area_m2"] < failing[-1]["floor_area_m2"] < 100
    assert login("auditor").put(STANDARD, json={"floor_area_m2": 90, "source": "x"}).status_code == 403
    left = planner.put(STANDARD, json={"source": "a test's"}).json["standards"]
    assert [row["kind"]["code"] for row in left] == ["service_centre", "town_centre"]
    assert planner.get(STANDARDS).json["standards"] == left


def test_a_standard_of_nothing_or_below_nothing_is_refused(login: Login) -> None:
    planner = login("planner")
    nothing = {"floor_area_m2": 5, "source": " "}
    for body in ({"floor_area_m2": 0, "source": "x"}, {"floor_area_m2": -1, "source": "x"}, {"floor_area_m2": 5}, nothing):
        assert planner.put(STANDARD, json=body).status_code == 422
    absent = planner.put(f"{STANDARDS}/no-such-kind", json={"floor_area_m2": 5, "source": "x"})
    assert absent.status_code == 404 and "no-such-kind" in absent.json["detail"]


def test_the_matrix_says_for_each_service_which_communities_reach_it(login: Login) -> None:
    question = {"method": "radius", "minutes": 15, "scope": "441900003"}
    found = login("auditor").post("/api/v1/services/matrix", json={"question": question}).json
    assert (found["limit_m"], len(found["services"]), len(found["matrix"]), len(found["communities"])) == (1000, 97, 97, 23)
    assert all(len(row) == 23 for row in found["matrix"])
    assert [row.count("1") for row in found["matrix"]] == [service["reached"] for service in found["services"]]
    everywhere = {row for row, service in zip(found["matrix"], found["services"], strict=True) if service["at_station"]}
    assert len(everywhere) == 1, "what every station does is reached in the same places"


def test_a_matrix_of_a_question_that_cannot_be_is_refused(login: Login) -> None:
    auditor = login("auditor")
    for question in ({"method": "swim"}, {"metres": -5}, {"method": "radius", "scope": "99"}):
        assert auditor.post("/api/v1/services/matrix", json={"question": question}).status_code == 422
    assert login("officer").post("/api/v1/services/matrix", json={"question": {}}).status_code == 403
