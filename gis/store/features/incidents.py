"""Incidents as a layer: millions of rows in monthly partitions, cut to a reach."""

from gis.records import Name
from gis.rules.words import CHANNELS, STATES
from gis.store.features.describing import (
    BOOLEAN,
    FLAG,
    FROM,
    INTEGER,
    MOMENT,
    ONE_OF,
    POINT,
    TEXT,
    UNTIL,
    FeatureLayer,
    Filter,
    Property,
    chosen_by,
    coded,
    named,
    synthetic,
)

OPEN = "(i.closed_at IS NULL AND i.state <> 'rejected')"
_NUMBER = Property("number", TEXT, "i.number", Name("事件编号", "Tracking number"))
_STATE = coded("state", "i.state", STATES, "状态", "State")
_CHANNEL = coded("channel", "i.channel", CHANNELS, "来源", "Channel it came by")
_URGENCY = Property("urgency", INTEGER, "i.urgency", Name("紧急程度（1 最急）", "Urgency, 1 the most urgent"))

# Every filter stands on a column of the table itself: codes of other tables become ids before the rows are asked for.
_MATTER = "SELECT code, id FROM matter WHERE code = ANY(:codes)"
_CATEGORY = """
    SELECT asked.code, m.id FROM unnest(CAST(:codes AS text[])) AS asked(code)
    JOIN matter m ON asked.code IN (m.category_zh, m.category_en)"""
_DEPARTMENT = """
    SELECT d.code, m.id FROM department d LEFT JOIN matter m ON m.department = d.code WHERE d.code = ANY(:codes)"""
_GRID = "SELECT code, id FROM grid WHERE code = ANY(:codes)"

INCIDENTS = FeatureLayer(
    name="incidents",
    title=Name("事件", "Incidents"),
    description=Name("事件，最新的在前", "What happened on the ground, newest first"),
    source="incident i",
    joins="""
        LEFT JOIN matter m ON m.id = i.matter_id LEFT JOIN department d ON d.code = m.department
        LEFT JOIN grid g ON g.id = i.grid_id LEFT JOIN area c ON c.id = i.community_id""",
    key=("i.reported_at", "i.id"),
    newest_first=True,
    month_column="i.reported_at",
    id=_NUMBER,
    geometry="i.geom",
    geometry_kind=POINT,
    mercator="i.geom_3857",
    community="i.community_id",
    matter="i.matter_id",
    reach=True,
    properties=(
        _NUMBER,
        *named("matter", "m", "事项", "Matter"),
        Property("category_zh", TEXT, "m.category_zh", Name("类别（中文）", "Category in Chinese")),
        Property("category_en", TEXT, "m.category_en", Name("类别（英文）", "Category in English")),
        *named("department", "d", "责任部门", "Department responsible"),
        *_STATE,
        Property("open", BOOLEAN, OPEN, Name("未办结", "Neither closed nor rejected")),
        _URGENCY,
        *_CHANNEL,
        Property("reported_at", MOMENT, "i.reported_at", Name("上报时间", "Reported at")),
        Property("closed_at", MOMENT, "i.closed_at", Name("结案时间", "Closed at")),
        Property("grid", TEXT, "g.code", Name("上报时所在网格", "Grid at the time of the report")),
        *named("community", "c", "村（社区）", "Community"),
        Property("description", TEXT, "i.description", Name("描述", "Description")),
        synthetic("i"),
    ),
    filters=(
        *chosen_by(_STATE[0], _URGENCY, _CHANNEL[0]),
        Filter("matter", TEXT, ONE_OF, "i.matter_id", Name("事项编码", "Code of the matter"), lookup=_MATTER),
        Filter(
            "category", TEXT, ONE_OF, "i.matter_id", Name("类别名称", "Name of the category, in either language"),
            lookup=_CATEGORY, split=False,
        ),
        Filter("department", TEXT, ONE_OF, "i.matter_id", Name("责任部门编码", "Code of the department"), lookup=_DEPARTMENT),
        Filter("grid", TEXT, ONE_OF, "i.grid_id", Name("网格编码", "Code of the grid at the time of the report"), lookup=_GRID),
        Filter("reported_from", MOMENT, FROM, "i.reported_at", Name("上报时间起（含）", "Reported at or after")),
        Filter("reported_until", MOMENT, UNTIL, "i.reported_at", Name("上报时间止（不含）", "Reported before")),
        Filter("open", BOOLEAN, FLAG, OPEN, Name("未办结", "Neither closed nor rejected")),
    ),
)
