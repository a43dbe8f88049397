"""Photos as files: looked into, turned upright, stripped of all that they tell beside the picture, written whole or not at all."""

import io
import logging
import os
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PIL import Image, ImageFile, ImageOps

from gis.errors import BadPhoto, PhotoNotKept

log = logging.getLogger(__name__)

SIDE_PX: Final = 1600
QUALITY: Final = 82
SENT_BYTES: Final = 15 << 20
SENT_PX: Final = 64_000_000  # what a good phone takes; a picture of more is a bomb
FORMATS: Final = ("JPEG", "PNG", "WEBP")
# All that Pillow raises about files that are not what they say.
UNREADABLE: Final = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError, struct.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A photo as it is kept: JPEG, upright, its longer side at most 1,600 pixels, nothing but the picture."""

    jpeg: bytes = field(repr=False)
    width: int
    height: int


def picture_of(sent: bytes) -> Picture:
    """What is kept of a photo that was sent. Raises BadPhoto for what is no JPEG, PNG or WebP, or has too many pixels."""
    if len(sent) > SENT_BYTES:
        raise BadPhoto(f"The photo is larger than {SENT_BYTES >> 20} MB.")
    # WeasyPrint, which prints reports in the same process, lets Pillow fill up what is cut off in grey.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(sent), formats=FORMATS) as opened:
            if opened.width * opened.height > SENT_PX:
                raise BadPhoto(f"The photo has more than {SENT_PX // 1_000_000} million pixels.")
            opened.draft("RGB", (SIDE_PX, SIDE_PX))  # a large JPEG is read at a fraction of its size at once
            bare = _bare(opened)
    except UNREADABLE as fault:
        raise BadPhoto("This is no photo that can be read: send JPEG, PNG or WebP.") from fault
    written = io.BytesIO()
    bare.save(written, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Picture(written.getvalue(), bare.width, bare.height)


def _bare(opened: Image.Image) -> Image.Image:
    """The picture alone, on a sheet of its own: where and when it was taken, and with what, stays behind."""
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((SIDE_PX, SIDE_PX))
    sheet = Image.new("RGB", upright.size, "white")
    if upright.has_transparency_data:
        layered = upright.convert("RGBA")
        sheet.paste(layered, mask=layered.getchannel("A"))
    else:
        sheet.paste(upright.convert("RGB"))
    return sheet


class PhotoFolder:
    """Where the files lie: `ab/ab12….jpg`."""

    def __init__(self, root: Path) -> None:
        """`root` is shared by all web and worker processes."""
        self.root = root

    def path(self, photo_id: str) -> Path:
        """Where the file of a photo is."""
        return self.root / photo_id[:2] / f"{photo_id}.jpg"

    def read(self, photo_id: str) -> bytes | None:
        """The file of a photo; None when it is gone."""
        with suppress(FileNotFoundError):
            return self.path(photo_id).read_bytes()
        return None

    def write(self, photo_id: str, jpeg: bytes) -> None:
        """Write a file so that it is there whole, also after the power went, or not at all. Raises PhotoNotKept."""
        path = self.path(photo_id)
        part = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(jpeg)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
            _sync_folder(path.parent)
        except OSError as fault:
            self.remove(photo_id)
            log.error("a photo could not be kept: %s", fault)
            raise PhotoNotKept("The photo could not be kept; the report can be sent without it.") from fault

    def remove(self, photo_id: str) -> None:
        """Take a file away, and what was left half-written."""
        for path in (self.path(photo_id), self.path(photo_id).with_suffix(".part")):
            with suppress(FileNotFoundError, NotADirectoryError):
                path.unlink()


def _sync_folder(folder: Path) -> None:
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)
