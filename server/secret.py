"""The key that signs sessions, which every process of an installation shares."""

import secrets
from pathlib import Path


def kept_secret(var_dir: Path) -> str:
    """The key that signs sessions: made once, kept for its owner's eyes."""
    path = var_dir / "secret-key"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        fresh = var_dir / f".secret-key.{secrets.token_hex(4)}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(32))
        try:
            path.hardlink_to(fresh)  # the first of several processes wins, and all read the same
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()
