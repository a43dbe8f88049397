"""What the machine proposed, as far as an edit takes it."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from gis.draft_records import Move


def moves(conn: Connection, plan_id: int, proposal_id: int, communities: Sequence[str] | str) -> dict[int, list[Move]]:
    """The cells that a proposal for a plan moves, by community; `communities` are codes, or "all"."""
    rows = conn.execute(
        text("""
            SELECT c.community_id, c.moves FROM balancing b JOIN balancing_community c ON c.balancing_id = b.id
            JOIN area a ON a.id = c.community_id
            WHERE b.id = :proposal AND b.plan_id = :plan AND (:everything OR a.code = ANY (:codes))
        """),
        {
            "proposal": proposal_id, "plan": plan_id, "everything": communities == "all",
            "codes": [] if communities == "all" else list(communities),
        },
    )  # fmt: skip
    return {row.community_id: [(cell, before, after) for cell, before, after in row.moves] for row in rows}


def mark_taken(conn: Connection, proposal_id: int, communities: Sequence[int], *, seq: int) -> None:
    """Say by which edit the proposal for these communities was taken."""
    conn.execute(
        text("UPDATE balancing_community SET taken_at_seq = :seq WHERE balancing_id = :id AND community_id = ANY (:communities)"),
        {"id": proposal_id, "communities": list(communities), "seq": seq},
    )
