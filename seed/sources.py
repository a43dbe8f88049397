"""A source for every department of the demo city, read by the column names that such platforms usually export."""

from datetime import date
from typing import Final

from sqlalchemy import Connection

from gis import accounts, sources
from gis.records import Name

MAPPING: Final = {
    "id": "编号",
    "matter": "事项",
    "lon": "经度",
    "lat": "纬度",
    "address": "地址",
    "reported_at": "上报时间",
    "description": "描述",
    "urgency": "紧急程度",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
}


def open_demo_sources(conn: Connection, *, on: date, by: str) -> int:
    """Open a source for every department, by its code; returns how many. Nothing has come from any of them yet."""
    found = accounts.departments(conn)
    for row in found:
        name = Name(f"{row['name_zh']}业务平台", f"{row['name_en']} platform")
        sources.open_source(conn, code=row["code"], department=row["code"], name=name, mapping=MAPPING, on=on, by=by)
    return len(found)
