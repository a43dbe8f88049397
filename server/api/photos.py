"""Photos: sent before the report or the step that they belong to, so that words are typed meanwhile."""

import logging
from typing import Any

from flask import Response, current_app, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import photos
from gis.errors import BadPhoto, NotFound, PhotoNotKept, TooManyAttempts
from gis.rules.actors import PUBLIC
from server.api.texts import Text
from server.auth import actor, current_account
from server.config import Settings
from server.database import reading, writing
from server.photos import PhotoFolder, picture_of

bp = APIBlueprint("photos", __name__, abp_tags=[Tag(name="photos", description="Pictures that come with reports and steps")])
log = logging.getLogger(__name__)

FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"photo": {"type": "string", "format": "binary"}}, "required": ["photo"]}
            }
        },
    }
}
A_DAY_S = 24 * 3600


class PhotoPath(BaseModel):
    """Which photo."""

    photo: str = Field(pattern=r"^[0-9a-f]{32}$")


class PhotoKey(BaseModel):
    """What a reporter who is not logged in shows."""

    key: Text | None = Field(default=None, max_length=100, description="The key of the report")


@bp.post("/public/photos", openapi_extensions=FORM)
def send_public() -> tuple[dict[str, Any], int]:
    """Send a photo for a report, without log-in: the form's field `photo`. 507: the report can go without it."""
    with writing() as conn:
        wait_s = photos.count_sent(conn, address=request.remote_addr or "")
    if wait_s:
        raise TooManyAttempts(f"Too many photos from here; try again in {-(-wait_s // 60)} min.", retry_after_s=wait_s)
    return keep(PUBLIC), 201


@bp.post("/photos", openapi_extensions=FORM)
def send() -> tuple[dict[str, Any], int]:
    """Send a photo for a step of a case: the form's field `photo`."""
    return keep(actor()), 201


def keep(by: str) -> dict[str, Any]:
    """Keep the photo that is sent with this request; it waits a day for what it belongs to. Raises BadPhoto, PhotoNotKept."""
    return keep_picture(_sent(), by=by)


def keep_picture(sent: bytes, *, by: str) -> dict[str, Any]:
    """Keep a photo as the bytes that were sent. Raises BadPhoto, PhotoNotKept."""
    picture = picture_of(sent)
    with writing() as conn:
        photo_id = photos.announce(conn, width=picture.width, height=picture.height, size=len(picture.jpeg), by=by)
    try:
        folder().write(photo_id, picture.jpeg)
    except PhotoNotKept:
        with writing() as conn:
            photos.withdraw(conn, photo_id)
        raise
    return {"id": photo_id, "width": picture.width, "height": picture.height}


def _sent() -> bytes:
    try:
        sent = request.files.get("photo")
        data = sent.read() if sent else b""
    except OSError as fault:  # what is large passes through a file on the way in
        log.error("a photo could not be taken in: %s", fault)
        raise PhotoNotKept("The photo could not be kept; the report can be sent without it.") from fault
    if not data:
        raise BadPhoto("Send a form with the photo in its field `photo`.")
    return data


@bp.get("/photos/<photo>.jpg")
def show(path: PhotoPath, query: PhotoKey) -> Response:
    """A photo: for who may see its case, and with the `key` of a report for who sent it."""
    with reading() as conn:
        photos.look(conn, path.photo, account=current_account(), key=query.key)
    jpeg = folder().read(path.photo)
    if jpeg is None:
        raise NotFound("The file of this photo is gone.")
    return Response(jpeg, mimetype="image/jpeg", headers={"Cache-Control": f"private, max-age={A_DAY_S}"})


def folder() -> PhotoFolder:
    """Where this server keeps its photos."""
    settings: Settings = current_app.config["SETTINGS"]
    return PhotoFolder(settings.photos_dir)
