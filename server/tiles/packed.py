"""A tile ready to be sent."""

import gzip
import hashlib
import re
from dataclasses import dataclass

MVT = "application/vnd.mapbox-vector-tile"
GZIP_LEVEL = 5
_CODING = re.compile(r"\s*(?P<coding>[\w*-]+)\s*(?:;\s*q\s*=\s*(?P<q>\d(?:\.\d*)?))?\s*$")

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PackedTile:
    """A tile compressed by gzip; `packed` is b"" where nothing is drawn. The mark is that of its content: two versions of a
    layer that draw a tile alike have one mark, and a browser that has it is told so.
    """

    packed: bytes
    mark: str

    @classmethod
    def of(cls, data: bytes) -> "PackedTile":
        """Pack a drawn tile; the same content is always packed to the same bytes."""
        return cls.kept(gzip.compress(data, GZIP_LEVEL, mtime=0) if data else b"")

    @classmethod
    def kept(cls, packed: bytes) -> "PackedTile":
        """A tile that was packed before."""
        return cls(packed, f'W/"{hashlib.blake2b(packed, digest_size=12).hexdigest()}"')

    def answer(self, *, accepted: str | None, known: str | None) -> tuple[int, Headers, bytes]:
        """Status, headers and body for a browser that accepts these codings and may know marks already."""
        # Asked for again each time, and answered by 304 where nothing changed: a change shows at once.
        headers = [("Cache-Control", "private, no-cache"), ("Vary", "Accept-Encoding, Cookie, Authorization")]
        if not self.packed:
            return 204, [("Content-Type", MVT), *headers], b""
        headers.append(("ETag", self.mark))
        if is_known(self.mark, known):
            return 304, headers, b""
        headers.append(("Content-Type", MVT))
        if not accepts_gzip(accepted):
            data = gzip.decompress(self.packed)
            return 200, [*headers, ("Content-Length", str(len(data)))], data
        return 200, [*headers, ("Content-Encoding", "gzip"), ("Content-Length", str(len(self.packed)))], self.packed


def is_known(mark: str, known: str | None) -> bool:
    """Whether If-None-Match names a mark; compared weakly, as RFC 9110 asks for GET."""
    if not known:
        return False
    return known.strip() == "*" or any(each.strip().removeprefix("W/") == mark.removeprefix("W/") for each in known.split(","))


def accepts_gzip(accepted: str | None) -> bool:
    """Whether Accept-Encoding admits gzip: by name, or by a star where gzip is not named."""
    weights = {}
    for part in (accepted or "").split(","):
        if found := _CODING.match(part):
            weights[found["coding"].lower()] = float(found["q"] or 1)
    return weights.get("gzip", weights.get("*", 0.0)) > 0
