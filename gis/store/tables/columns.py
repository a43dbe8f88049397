"""What the tables share: the metadata that holds them all, and the columns and checks that many have."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    MetaData,
    Text,
    func,
)
from sqlalchemy.types import UserDefinedType

SRID = 4326
WEB_MERCATOR = 3857

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_name)s_idx",
    }
)


class Ltree(UserDefinedType[str]):
    """A label path of the `ltree` extension: the codes from the root of the tree down to an area."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in SQL."""
        return "ltree"


class Xid8(UserDefinedType[int]):
    """A full transaction number, for readers that must not overtake a commit."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in SQL."""
        return "xid8"


def identity() -> Column[int]:
    """The number that the database gives each row."""
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def names() -> list[Column[str]]:
    """A name in both languages of the product."""
    return [Column("name_zh", Text, nullable=False), Column("name_en", Text, nullable=False)]


def one_of(column: str, *values: str) -> CheckConstraint:
    """The only values that a column may hold."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def shape(kind: str, *, srid: int = SRID, nullable: bool = False, name: str = "geom") -> Column[object]:
    """A geometry of a kind."""
    # The GiST index is declared beside the table, so that its name is ours and migrations see it.
    return Column(name, Geometry(kind, srid=srid, spatial_index=False), nullable=nullable)


def valid_shape(name: str = "geom") -> CheckConstraint:
    """A shape that GEOS calls valid, with ground in it."""
    return CheckConstraint(f"ST_IsValid({name}) AND NOT ST_IsEmpty({name})", name=f"{name}_valid")


def of_plan(*, primary: bool = True) -> Column[int]:
    """The plan that a row belongs to, and goes with."""
    key = ForeignKey("plan.id", ondelete="CASCADE")
    return Column("plan_id", BigInteger, key, primary_key=primary, autoincrement=False, nullable=False)


def moment(name: str) -> Column[object]:
    """The moment that a row was written at, unless another is given."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())
