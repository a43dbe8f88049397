"""Files of records that are sent as the body of a request: kept aside until they are read."""

import shutil
import uuid
from pathlib import Path, PurePosixPath

from flask import current_app, request
from pydantic import BaseModel, Field

from gis import record_files
from gis.errors import BadFile
from server.api.texts import Text
from server.config import Settings

CHUNK_BYTES = 1 << 20


class FileQuery(BaseModel):
    """What the file is called; its ending says what it is."""

    filename: Text = Field(default="records.json", min_length=1, max_length=200)


def folder_of(code: str) -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.inbox_dir / code


def spooled(filename: str) -> Path:
    """The body of this request as a file in a folder of its own. Raises BadFile for a name that no reader knows."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    if PurePosixPath(name).suffix.lower() not in record_files.FORMATS or name.startswith("."):
        raise BadFile(f"{name}: files are taken that end in {', '.join(record_files.FORMATS)}.")
    settings: Settings = current_app.config["SETTINGS"]
    request.max_content_length = record_files.TABLE_LIMIT_BYTES
    folder = settings.var_dir / "uploads" / uuid.uuid4().hex
    folder.mkdir(parents=True)
    try:
        with (folder / name).open("wb") as spool:
            shutil.copyfileobj(request.stream, spool, CHUNK_BYTES)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return folder / name
