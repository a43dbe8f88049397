"""Services and the catalogue as layers: facilities, departments, matters."""

from gis.records import Name
from gis.rules.words import FACILITY_LEVELS
from gis.store.features.describing import (
    DATE,
    INTEGER,
    NUMBER,
    POINT,
    TEXT,
    FeatureLayer,
    Property,
    chosen_by,
    coded,
    named,
    names,
    synthetic,
)

_KIND = named("kind", "k", "类别", "Kind")
_LEVEL = coded("level", "f.level", FACILITY_LEVELS, "级别", "Level")
_COMMUNITY = named("community", "c", "村（社区）", "Community")
_TOWN = named("town", "t", "镇街", "Town")
_FACILITY_ID = Property("id", INTEGER, "f.id", Name("设施号", "Number of the facility"))
FACILITIES = FeatureLayer(
    name="facilities",
    title=Name("设施", "Facilities"),
    description=Name("服务设施", "Service points"),
    source="facility f JOIN facility_kind k ON k.code = f.kind "
    "JOIN area c ON c.id = f.community_id LEFT JOIN area t ON t.id = c.parent_id",
    key=("f.id",),
    id=_FACILITY_ID,
    geometry="f.geom",
    geometry_kind=POINT,
    path="c.path",
    most=10_000,
    properties=(
        _FACILITY_ID,
        *names("f"),
        *_KIND,
        *_LEVEL,
        *_COMMUNITY,
        *_TOWN,
        Property("floor_area_m2", NUMBER, "f.floor_area_m2", Name("建筑面积", "Floor area"), unit="m2"),
        Property("capacity", INTEGER, "f.capacity", Name("容量", "Capacity")),
        Property("opening_hours", TEXT, "f.opening_hours", Name("开放时间", "Opening hours, in OpenStreetMap's notation")),
        synthetic("f"),
    ),
    filters=chosen_by(_KIND[0], _LEVEL[0], _COMMUNITY[0], _TOWN[0]),
)

_DEPARTMENT_CODE = Property("code", TEXT, "d.code", Name("部门编码", "Code of the department"))
DEPARTMENTS = FeatureLayer(
    name="departments",
    title=Name("入格部门", "Departments"),
    description=Name("入格部门", "The departments that matters are routed to"),
    source="department d",
    key=("d.code",),
    id=_DEPARTMENT_CODE,
    most=10_000,
    properties=(_DEPARTMENT_CODE, *names("d")),
)

_CITY_DAY = "CAST(CAST(:moment AS timestamptz) AT TIME ZONE (SELECT timezone FROM city) AS date)"
_MATTER_CODE = Property("code", TEXT, "m.code", Name("事项编码", "Code of the matter"))
_CATEGORY_ZH = Property("category_zh", TEXT, "m.category_zh", Name("类别（中文）", "Category in Chinese"))
_CATEGORY_EN = Property("category_en", TEXT, "m.category_en", Name("类别（英文）", "Category in English"))
_DEPARTMENT = named("department", "d", "责任部门", "Department responsible")
MATTERS = FeatureLayer(
    name="matters",
    title=Name("入格事项", "Matters"),
    description=Name("某一时刻的入格事项", "The matters admitted to the grid at a moment"),
    source=f"""(
        SELECT DISTINCT ON (code) * FROM matter
        WHERE kind = 'matter' AND admitted_on <= {_CITY_DAY} AND (retired_on IS NULL OR retired_on > {_CITY_DAY})
        ORDER BY code, version DESC) m JOIN department d ON d.code = m.department""",
    as_of=True,
    key=("m.code",),
    id=_MATTER_CODE,
    most=10_000,
    properties=(
        _MATTER_CODE,
        Property("version", INTEGER, "m.version", Name("版本", "Version")),
        _CATEGORY_ZH,
        _CATEGORY_EN,
        *names("m"),
        *_DEPARTMENT,
        Property("time_limit_h", NUMBER, "m.time_limit_h", Name("办理时限（工作时间）", "Time limit in working time"), unit="h"),
        Property("standard_min", INTEGER, "m.standard_min", Name("标准工时", "Standard handling time"), unit="min"),
        Property(
            "inspection_interval_d", INTEGER, "m.inspection_interval_d", Name("巡查周期", "Inspection interval"), unit="d"
        ),
        Property("urgency", INTEGER, "m.urgency", Name("紧急程度（1 最急）", "Urgency, 1 the most urgent")),
        Property("admitted_on", DATE, "m.admitted_on", Name("准入日期", "Admitted on")),
        Property("retired_on", DATE, "m.retired_on", Name("退出日期", "Retired on")),
    ),
    filters=chosen_by(_MATTER_CODE, _DEPARTMENT[0]),
)
