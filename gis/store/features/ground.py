"""The ground as layers: areas, plans, grids, cells."""

from gis.records import Name
from gis.rules.words import AREA_LEVELS, PLAN_STATES, UNIT_TYPES
from gis.store.features.describing import (
    INTEGER,
    MOMENT,
    MULTIPOLYGON,
    NUMBER,
    POLYGON,
    TEXT,
    FeatureLayer,
    Property,
    chosen_by,
    coded,
    named,
    names,
    synthetic,
)

_COMMUNITY = named("community", "c", "村（社区）", "Community")
_TOWN = named("town", "t", "镇街", "Town")
_TOWN_OF_COMMUNITY = "JOIN area c ON c.id = {}.community_id LEFT JOIN area t ON t.id = c.parent_id"

_LEVEL = coded("level", "a.level", AREA_LEVELS, "级别", "Level")
_PARENT = named("parent", "p", "上级行政区", "Area above")
_AREA_CODE = Property("code", TEXT, "a.code", Name("行政区编码", "Code of the area"))
AREAS = FeatureLayer(
    name="areas",
    title=Name("行政区", "Areas"),
    description=Name("行政区划：市、区县、镇街、村（社区）", "The administrative tree: city, districts, towns, communities"),
    source="area a LEFT JOIN area p ON p.id = a.parent_id",
    key=("a.code",),
    id=_AREA_CODE,
    geometry="a.geom",
    geometry_kind=MULTIPOLYGON,
    path="a.path",
    properties=(
        _AREA_CODE,
        *names("a"),
        *_LEVEL,
        *_PARENT,
        Property("area_m2", NUMBER, "a.area_m2", Name("面积", "Area"), unit="m2"),
        Property("population_official", INTEGER, "a.population_official", Name("普查人口", "Residents by the census")),
        synthetic("a"),
    ),
    filters=chosen_by(_AREA_CODE, _LEVEL[0], _PARENT[0]),
)

_STATE = coded("state", "l.state", PLAN_STATES, "状态", "State")
_PLAN_ID = Property("id", INTEGER, "l.id", Name("方案号", "Number of the plan"))
PLANS = FeatureLayer(
    name="plans",
    title=Name("网格方案", "Plans"),
    description=Name("现行和曾经施行的网格方案", "Every plan that is or was in force"),
    source="plan l",
    condition="l.valid IS NOT NULL",
    key=("l.id",),
    newest_first=True,
    id=_PLAN_ID,
    properties=(
        _PLAN_ID,
        Property("version", INTEGER, "l.version", Name("版本", "Version")),
        *names("l"),
        *_STATE,
        Property("since", MOMENT, "lower(l.valid)", Name("施行起始", "In force from")),
        Property("until", MOMENT, "upper(l.valid)", Name("施行截止", "In force until, this moment not included")),
        Property("decision", TEXT, "l.decision", Name("决定", "Decision")),
        Property("parent", INTEGER, "l.parent_id", Name("前一方案", "Plan before it")),
    ),
    filters=chosen_by(_STATE[0]),
)

_GRID_CODE = Property("code", TEXT, "g.code", Name("网格编码", "Code of the grid"))
_UNIT_TYPE = coded("unit_type", "v.unit_type", UNIT_TYPES, "微社区类型", "Unit type")
_PLAN = Property("plan", INTEGER, "v.plan_id", Name("方案号", "Number of the plan that drew it"))
GRIDS = FeatureLayer(
    name="grids",
    title=Name("网格", "Grids"),
    description=Name("某一时刻的管理网格", "The management grids of a moment"),
    source="grid_version v JOIN grid g ON g.id = v.grid_id " + _TOWN_OF_COMMUNITY.format("v"),
    condition="v.valid @> CAST(:moment AS timestamptz)",
    as_of=True,
    key=("g.code",),
    id=_GRID_CODE,
    geometry="v.geom",
    geometry_kind=MULTIPOLYGON,
    path="c.path",
    properties=(
        _GRID_CODE,
        *_COMMUNITY,
        *_TOWN,
        *_UNIT_TYPE,
        Property("area_m2", NUMBER, "v.area_m2", Name("面积", "Area"), unit="m2"),
        Property("population", INTEGER, "v.population", Name("人口", "Residents")),
        Property("households", INTEGER, "v.households", Name("户数", "Households")),
        Property("cells", INTEGER, "v.cells", Name("基本单元数", "Number of cells")),
        _PLAN,
        Property("valid_from", MOMENT, "lower(v.valid)", Name("生效时间", "In force from")),
        Property("valid_to", MOMENT, "upper(v.valid)", Name("失效时间", "In force until, this moment not included")),
        synthetic("v"),
    ),
    filters=chosen_by(_GRID_CODE, _COMMUNITY[0], _TOWN[0], _UNIT_TYPE[0], _PLAN),
)

_CELL_ID = Property("id", INTEGER, "x.id", Name("单元号", "Number of the cell"))
_CELL_TYPE = coded("unit_type", "x.unit_type", UNIT_TYPES, "微社区类型", "Unit type")
_CELL_GRID = Property("grid", TEXT, "g.code", Name("所属网格", "Grid it belongs to"))
CELLS = FeatureLayer(
    name="cells",
    title=Name("基本单元", "Cells"),
    description=Name("不再分割的最小地块及其某一时刻所属网格", "The smallest blocks, never cut, with the grid of a moment"),
    source="cell x " + _TOWN_OF_COMMUNITY.format("x") + """
        LEFT JOIN cell_assignment n ON n.cell_id = x.id
              AND n.plan_id = (SELECT id FROM plan WHERE valid @> CAST(:moment AS timestamptz))
        LEFT JOIN grid g ON g.id = n.grid_id""",
    condition="x.valid @> CAST(:moment AS timestamptz)",
    as_of=True,
    key=("x.id",),
    id=_CELL_ID,
    geometry="x.geom",
    geometry_kind=POLYGON,
    path="c.path",
    most=10_000,
    properties=(
        _CELL_ID,
        _CELL_GRID,
        *_COMMUNITY,
        *_TOWN,
        *_CELL_TYPE,
        Property("area_m2", NUMBER, "x.area_m2", Name("面积", "Area"), unit="m2"),
        Property("population", INTEGER, "x.population", Name("人口", "Residents")),
        Property("households", INTEGER, "x.households", Name("户数", "Households")),
        synthetic("x"),
    ),
    filters=chosen_by(_CELL_GRID, _COMMUNITY[0], _TOWN[0], _CELL_TYPE[0]),
)

