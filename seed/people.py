"""Staff with made-up names, their postings, and the demo log-ins."""

from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import Connection

from gis import accounts
from gis.records import Name, StaffRow

DEMO_PASSWORD = "wangge-demo"
DEMO_DEPARTMENT = "chengguan"  # urban management: the department with the most to do
SURNAMES = tuple(
    pair.split()
    for pair in [
        "陈 Chen",
        "李 Li",
        "黄 Huang",
        "张 Zhang",
        "梁 Liang",
        "林 Lin",
        "王 Wang",
        "刘 Liu",
        "叶 Ye",
        "何 He",
        "袁 Yuan",
        "卢 Lu",
        "钟 Zhong",
        "莫 Mo",
        "邓 Deng",
        "周 Zhou",
        "吴 Wu",
        "杨 Yang",
        "赵 Zhao",
        "罗 Luo",
        "谢 Xie",
        "冯 Feng",
        "曾 Zeng",
        "温 Wen",
        "祁 Qi",
        "尹 Yin",
        "方 Fang",
        "香 Xiang",
        "朱 Zhu",
        "彭 Peng",
    ]
)
GIVEN = tuple(
    pair.split()
    for pair in [
        "伟 wei",
        "芳 fang",
        "娜 na",
        "敏 min",
        "静 jing",
        "强 qiang",
        "磊 lei",
        "军 jun",
        "洋 yang",
        "勇 yong",
        "艳 yan",
        "杰 jie",
        "娟 juan",
        "涛 tao",
        "明 ming",
        "超 chao",
        "秀 xiu",
        "霞 xia",
        "平 ping",
        "刚 gang",
        "桂 gui",
        "英 ying",
        "华 hua",
        "玉 yu",
        "兰 lan",
        "建 jian",
        "国 guo",
        "志 zhi",
        "文 wen",
        "海 hai",
        "燕 yan",
        "丽 li",
        "辉 hui",
        "俊 jun",
        "婷 ting",
        "浩 hao",
        "嘉 jia",
        "欣 xin",
        "健 jian",
        "荣 rong",
    ]
)
PER_TOWN_DISPATCH = 7
PER_COMMUNITY = 6
PER_GRID = 2


def recruit(
    *,
    total: int,
    city: str,
    towns: Sequence[str],
    communities: Sequence[str],
    grids: Sequence[tuple[str, str]],
    rng: np.random.Generator,
) -> list[StaffRow]:
    """Staff of the four duties; every grid gets a manager and an assistant, every community police and a supervisor.

    `grids` holds (grid code, community code). Whoever is left of `total` works at the city's command, so the total is met
    exactly. Raises ValueError when the total does not suffice for the posts.
    """
    posts = list(_posts(towns, communities, grids))
    left = total - len(posts)
    if left < 0:
        raise ValueError(f"{total} staff do not suffice for {len(posts)} posts")
    posts += [("dispatch", None, city, None)] * left
    picks = zip(
        rng.integers(0, len(SURNAMES), total), rng.integers(0, len(GIVEN), total), rng.integers(0, len(GIVEN), total), strict=True
    )
    return [
        StaffRow(f"{city}-{number:05d}", _name(*pick), duty, grid, area, role, synthetic=True)
        for number, ((duty, grid, area, role), pick) in enumerate(zip(posts, picks, strict=True), start=1)
    ]


def posts_of(*, towns: int, communities: int, grids: int) -> int:
    """How many staff the posts of a city take, without the city's command."""
    return PER_GRID * grids + PER_COMMUNITY * communities + PER_TOWN_DISPATCH * towns


def _posts(
    towns: Sequence[str], communities: Sequence[str], grids: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str | None, str | None, str | None]]:
    of_community: dict[str, list[str]] = {}
    for grid, community in grids:
        of_community.setdefault(community, []).append(grid)
        yield ("patrol", grid, None, "manager")
        yield ("patrol", grid, None, "assistant")
    for community in communities:
        own = of_community[community]
        yield ("enforcement", own[0], None, "police")
        yield ("enforcement", own[len(own) // 2], None, "police")
        yield ("disposal", own[-1], None, "supervisor")
        yield ("disposal", None, community, None)
        yield ("disposal", None, community, None)
        yield ("dispatch", None, community, None)
    for town in towns:
        yield from [("dispatch", None, town, None)] * PER_TOWN_DISPATCH


def _name(surname: int, first: int, second: int) -> Name:
    family, one, two = SURNAMES[surname], GIVEN[first], GIVEN[second]
    given = [one] if first == second else [one, two]
    return Name(family[0] + "".join(part[0] for part in given), f"{family[1]} {''.join(part[1] for part in given).capitalize()}")


def open_demo_accounts(conn: Connection, *, city: str, town: str, community: str, officer: str, by: str) -> None:
    """One log-in for each role, and a dispatcher at each of the three levels.

    `officer` is the number of the member of staff who logs in as the officer: the manager of a grid of the community.
    """
    for login, name, role, area in (
        ("admin", "管理员 Administrator", "administrator", city),
        ("planner", "网格规划 Grid planner", "planner", city),
        ("command", "市级指挥 City command", "dispatcher", city),
        ("dispatcher", "镇街调度 Town dispatcher", "dispatcher", town),
        ("station", "社区工作站 Community workstation", "dispatcher", community),
        ("auditor", "覆盖审计 Coverage auditor", "auditor", city),
        ("officer", "网格员 Grid officer", "officer", community),
        ("department", "入格部门 Department", "department", city),
        ("viewer", "查看 Viewer", "viewer", city),
    ):
        accounts.open_account(
            conn, login=login, name=name, password=DEMO_PASSWORD, role=role, area_code=area, within=None, by=by,
            demo=True,
            department=DEMO_DEPARTMENT if role == "department" else None,
            staff=officer if role == "officer" else None,
        )
