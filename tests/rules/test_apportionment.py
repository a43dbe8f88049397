"""Whole posts in proportion to work."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.apportionment import METHODS, apportion, breaks_quota, quotas

# Apportionment population of the states of the USA, census of 2020, and their seats in the House.
STATES = {
    "AL": (5_030_053, 7), "AK": (736_081, 1), "AZ": (7_158_923, 9), "AR": (3_013_756, 4), "CA": (39_576_757, 52),
    "CO": (5_782_171, 8), "CT": (3_608_298, 5), "DE": (990_837, 1), "FL": (21_570_527, 28), "GA": (10_725_274, 14),
    "HI": (1_460_137, 2), "ID": (1_841_377, 2), "IL": (12_822_739, 17), "IN": (6_790_280, 9), "IA": (3_192_406, 4),
    "KS": (2_940_865, 4), "KY": (4_509_342, 6), "LA": (4_661_468, 6), "ME": (1_363_582, 2), "MD": (6_185_278, 8),
    "MA": (7_033_469, 9), "MI": (10_084_442, 13), "MN": (5_709_752, 8), "MS": (2_963_914, 4), "MO": (6_160_281, 8),
    "MT": (1_085_407, 2), "NE": (1_963_333, 3), "NV": (3_108_462, 4), "NH": (1_379_089, 2), "NJ": (9_294_493, 12),
    "NM": (2_120_220, 3), "NY": (20_215_751, 26), "NC": (10_453_948, 14), "ND": (779_702, 1), "OH": (11_808_848, 15),
    "OK": (3_963_516, 5), "OR": (4_241_500, 6), "PA": (13_011_844, 17), "RI": (1_098_163, 2), "SC": (5_124_712, 7),
    "SD": (887_770, 1), "TN": (6_916_897, 9), "TX": (29_183_290, 38), "UT": (3_275_252, 4), "VT": (643_503, 1),
    "VA": (8_654_542, 11), "WA": (7_715_946, 10), "WV": (1_795_045, 2), "WI": (5_897_473, 8), "WY": (577_719, 1),
}  # fmt: skip
PEOPLE = np.array([people for people, _ in STATES.values()], dtype=float)
SEATS = np.array([seats for _, seats in STATES.values()])

weights = st.lists(st.floats(0.001, 1000), min_size=1, max_size=40).map(np.array)


def test_the_seats_of_the_us_house_are_those_of_the_census_of_2020():
    assert PEOPLE.sum() == 331_108_434
    assert apportion(PEOPLE, 435, method="huntington-hill").tolist() == SEATS.tolist()


def test_new_york_missed_its_next_seat_by_89_people():
    new_york, minnesota = (list(STATES).index(state) for state in ("NY", "MN"))
    for more, seats in ((88, (26, 8)), (89, (27, 7))):
        people = PEOPLE.copy()
        people[new_york] += more
        found = apportion(people, 435, method="huntington-hill")
        assert (found[new_york], found[minnesota]) == seats


def test_the_textbook_example_of_sainte_lague():
    assert apportion(np.array([53_000.0, 24_000, 23_000]), 7, method="sainte-lague").tolist() == [3, 2, 2]


def test_hamilton_takes_a_seat_away_when_one_is_added():
    people = np.array([6.0, 6, 2])
    assert apportion(people, 10, method="hamilton").tolist() == [4, 4, 2]
    assert apportion(people, 11, method="hamilton").tolist() == [5, 5, 1]


@pytest.mark.parametrize("method", METHODS)
@given(weight=weights, total=st.integers(0, 300), least=st.integers(0, 2))
def test_every_post_is_given_and_nobody_is_below_the_least(method, weight, total, least):
    total = max(total, least * len(weight))
    posts = apportion(weight, total, method=method, least=least)
    assert posts.sum() == total
    assert (posts >= least).all()


@pytest.mark.parametrize("method", METHODS)
@given(weight=weights, total=st.integers(0, 300), least=st.integers(0, 2))
def test_more_work_never_means_fewer_posts(method, weight, total, least):
    weight = np.sort(weight)[::-1]
    posts = apportion(weight, max(total, least * len(weight)), method=method, least=least)
    assert (np.diff(posts) <= 0).all()


@pytest.mark.parametrize("method", ["sainte-lague", "huntington-hill"])
@given(weight=weights, total=st.integers(0, 200), least=st.integers(0, 2))
def test_with_one_post_more_nobody_has_fewer(method, weight, total, least):
    total = max(total, least * len(weight))
    some, more = (apportion(weight, n, method=method, least=least) for n in (total, total + 1))
    assert sorted(more - some) == [0] * (len(weight) - 1) + [1]


MEANS = {"sainte-lague": lambda k: k + 0.5, "huntington-hill": lambda k: np.sqrt(k * (k + 1))}


@pytest.mark.parametrize("method", MEANS)
@given(weight=weights, total=st.integers(0, 200))
def test_a_divisor_method_leaves_no_claim_stronger_than_one_that_was_met(method, weight, total):
    mean = MEANS[method]
    posts = apportion(weight, total, method=method)
    with np.errstate(divide="ignore"):
        next_claim = weight / mean(posts)
        met = (weight / mean(np.maximum(posts - 1, 0)))[posts > 0]
    assert not len(met) or next_claim.max() <= met.min()


@given(weight=weights, total=st.integers(0, 300))
def test_hamilton_keeps_within_quota(weight, total):
    posts = apportion(weight, total, method="hamilton")
    share = quotas(weight, total)
    assert (posts > share - 1 - 1e-9).all()
    assert (posts < share + 1 + 1e-9).all()


def test_a_wished_least_breaks_the_quota_and_is_told():
    weight = np.array([97.0, 1, 1, 1])
    posts = apportion(weight, 8, least=1)
    assert posts.tolist() == [5, 1, 1, 1]
    assert breaks_quota(posts, weight).tolist() == [True, False, False, False]


def test_equals_are_served_in_their_order():
    for method in METHODS:
        assert apportion(np.ones(4), 2, method=method).tolist() == [1, 1, 0, 0]
        assert apportion(np.ones(4), 6, method=method, least=1).tolist() == [2, 2, 1, 1]


def test_who_has_no_work_has_the_least_only():
    for method in METHODS:
        assert apportion(np.array([0.0, 4, 4]), 7, method=method, least=1).tolist() == [1, 3, 3]


@pytest.mark.parametrize(
    ("weight", "total", "least"), [([1.0, 1], 1, 1), ([-1.0, 2], 3, 0), ([np.nan, 2], 3, 0), ([0.0, 0], 3, 0), ([np.inf, 2], 3, 0)]
)
def test_what_cannot_be_divided_is_refused(weight, total, least):
    with pytest.raises(ValueError, match=r"posts|[Ww]eight"):
        apportion(np.array(weight), total, least=least)


@pytest.mark.parametrize("method", METHODS)
def test_all_posts_of_a_city_are_divided_in_a_moment(method):
    hours = np.random.default_rng(349).lognormal(5.5, 0.8, 2_958)
    began = time.process_time()
    posts = apportion(hours, 9_756, method=method, least=1)
    assert time.process_time() - began < 0.5
    assert (posts.sum(), posts.min()) == (9_756, 1)
