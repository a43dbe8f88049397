"""People as layers: staff with the posting of a moment, and the postings themselves. Both are cut to a reach."""

from gis.records import Name
from gis.rules.words import DUTIES, OFFICER_ROLES
from gis.store.features.describing import INTEGER, MOMENT, TEXT, FeatureLayer, Property, chosen_by, coded, named, names, synthetic

_POSTING = "p.valid @> CAST(:moment AS timestamptz)"
# The place of a posting: the community of its grid, or the area whose command it is at.
_PLACE = """
    LEFT JOIN grid g ON g.id = p.grid_id
    LEFT JOIN grid_version v ON v.grid_id = p.grid_id AND v.valid @> CAST(:moment AS timestamptz)
    LEFT JOIN area a ON a.id = coalesce(p.area_id, v.community_id)"""
_DUTY = coded("duty", "s.duty", DUTIES, "岗位职责", "Duty")
_ROLE = coded("role", "p.role", OFFICER_ROLES, "四员角色", "Role among the four officers")
_GRID = Property("grid", TEXT, "g.code", Name("所在网格", "Grid of the posting"))
_AREA = named("area", "a", "所在行政区", "Area of the posting")
_SINCE = Property("valid_from", MOMENT, "lower(p.valid)", Name("到岗时间", "Posted from"))
_UNTIL = Property("valid_to", MOMENT, "upper(p.valid)", Name("离岗时间", "Posted until, this moment not included"))

_NUMBER = Property("number", TEXT, "s.number", Name("工号", "Staff number"))
STAFF = FeatureLayer(
    name="staff",
    title=Name("网格人员", "Staff"),
    description=Name("网格人员及其某一时刻的岗位", "Staff with the posting each has at a moment"),
    source=f"staff s LEFT JOIN posting p ON p.staff_id = s.id AND {_POSTING} {_PLACE}",
    as_of=True,
    key=("s.number",),
    id=_NUMBER,
    path="a.path",
    reach=True,
    properties=(_NUMBER, *names("s"), *_DUTY, *_ROLE, _GRID, *_AREA, _SINCE, _UNTIL, synthetic("s")),
    filters=chosen_by(_NUMBER, _DUTY[0], _ROLE[0], _GRID),
)

_ID = Property("id", INTEGER, "p.id", Name("岗位号", "Number of the posting"))
_STAFF = Property("staff", TEXT, "s.number", Name("工号", "Staff number"))
POSTINGS = FeatureLayer(
    name="postings",
    title=Name("岗位", "Postings"),
    description=Name("某一时刻的岗位", "The postings of a moment"),
    source=f"posting p JOIN staff s ON s.id = p.staff_id {_PLACE}",
    condition=_POSTING,
    as_of=True,
    key=("p.id",),
    id=_ID,
    path="a.path",
    reach=True,
    properties=(
        _ID,
        _STAFF,
        Property("staff_zh", TEXT, "s.name_zh", Name("姓名（中文）", "Name in Chinese")),
        Property("staff_en", TEXT, "s.name_en", Name("姓名（英文）", "Name in English")),
        *_DUTY,
        *_ROLE,
        _GRID,
        *_AREA,
        _SINCE,
        _UNTIL,
    ),
    filters=chosen_by(_STAFF, _DUTY[0], _ROLE[0], _GRID),
)
