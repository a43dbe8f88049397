"""Photos: nothing is kept but the picture; what is no picture is refused; a full disk leaves nothing half-written."""

import io
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from gis.errors import BadPhoto, PhotoNotKept
from server.photos import SIDE_PX, PhotoFolder, picture_of

ID = "ab" + 30 * "0"
FULL_BYTES = 64 << 10


def a_photo(width: int = 40, height: int = 20, *, kind: str = "JPEG", mode: str = "RGB", **saved: object) -> bytes:
    """A photo whose left half is red and whose right half is blue."""
    image = Image.new(mode, (width, height), "blue")
    image.paste(Image.new(mode, (width // 2, height), "red"), (0, 0))
    written = io.BytesIO()
    image.save(written, kind, **saved)
    return written.getvalue()


def _telling() -> Image.Exif:
    """What a phone writes beside the picture: it was held upright, by whom, and where."""
    told = Image.Exif()
    told[0x0112] = 6  # to be turned a quarter to the right
    told[0x010F], told[0x9C9B] = "PhoneOfMrsWang", b"home"
    told.get_ifd(0x8825)[1] = "N"
    return told


def test_a_photo_is_turned_upright_and_tells_nothing_beside_the_picture() -> None:
    sent = a_photo(400, 200, exif=_telling(), comment=b"at home", icc_profile=b"x" * 200)
    assert b"PhoneOfMrsWang" in sent
    kept = picture_of(sent)
    assert (kept.width, kept.height) == (200, 400)
    with Image.open(io.BytesIO(kept.jpeg)) as read:
        assert (read.size, dict(read.getexif()), read.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}) == (
            (200, 400), {}, {"progressive", "progression"},
        )  # fmt: skip
        top = read.getpixel((100, 20))
    assert isinstance(top, tuple)
    assert top[0] > 200  # the red half came to lie on top
    assert b"Exif" not in kept.jpeg
    assert b"at home" not in kept.jpeg


def test_a_large_photo_is_made_smaller_and_a_small_one_is_left() -> None:
    large = picture_of(a_photo(4000, 3000))
    assert (large.width, large.height) == (SIDE_PX, SIDE_PX * 3 // 4)
    small = picture_of(a_photo(30, 20))
    assert (small.width, small.height) == (30, 20)


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB"), ("JPEG", "CMYK"), ("JPEG", "L")])
def test_every_kind_of_photo_becomes_the_one_kind_that_is_kept(kind: str, mode: str) -> None:
    sent = io.BytesIO()
    Image.new("RGB", (16, 16), "red").convert(mode).save(sent, kind)
    with Image.open(io.BytesIO(picture_of(sent.getvalue()).jpeg)) as read:
        assert (read.format, read.mode) == ("JPEG", "RGB")


def _bomb(side_px: int) -> bytes:
    """A file of some kilobytes that says that it has so many pixels."""
    written = io.BytesIO()
    Image.new("1", (side_px, side_px)).save(written, "PNG", compress_level=9)
    return written.getvalue()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="a drawing"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"\0" * 100, id="only the beginning"),
        pytest.param(a_photo(800, 800)[:2000], id="cut off"),
        pytest.param(a_photo(kind="GIF"), id="a format that is not taken"),
        pytest.param(_bomb(8_100), id="more pixels than a phone takes"),
        pytest.param(_bomb(14_000), id="a bomb"),
        pytest.param(b"\0" * ((15 << 20) + 1), id="too many bytes"),
    ],
)
def test_what_is_no_photo_is_refused(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as WeasyPrint leaves it
    with pytest.raises(BadPhoto):
        picture_of(sent)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own that is nearly full; needs the right to mount."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={FULL_BYTES}", "tmpfs", tmp_path]
    mounted = subprocess.run(mount, check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a disk")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_a_full_disk_refuses_the_photo_and_leaves_nothing_half_written(small_disk: Path) -> None:
    folder = PhotoFolder(small_disk / "photos")
    folder.write(ID, b"x" * 1000)
    with pytest.raises(PhotoNotKept, match="without it"):
        folder.write("ab" + 30 * "1", b"x" * FULL_BYTES)
    assert [path.name for path in small_disk.rglob("*.*")] == [f"{ID}.jpg"]
    folder.write("ab" + 30 * "2", b"x" * 1000)


def test_a_file_that_may_not_grow_is_refused_like_a_full_disk(tmp_path: Path) -> None:
    """The same where nobody may mount: a child process whose files may have a thousand bytes."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            PhotoFolder(tmp_path).write(ID, b"x" * 5000)
        except PhotoNotKept:
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
