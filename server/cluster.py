"""The private PostGIS cluster: made by initdb in a folder of ours, started and stopped with the server.

It listens on a unix socket in a folder only its owner may enter, and on a free loopback port for QGIS and friends
(with the password kept beside it). PostgreSQL refuses to run as root, so root drops to the user `postgres`.
"""

import hashlib
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LEAST_SERVER_VERSION = 14
SOCKET_PATH_LIMIT = 90  # bytes of a unix socket address (108) less the name PostgreSQL appends
DATABASE = "wangge"
SESSIONS_END_WITHIN_S = 10
GONE, ZOMBIE = "", "Z"
TUNING = {
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_connections": "100",
    "max_wal_size": "4GB",
    "jit": "off",
    "timezone": "UTC",
    "log_min_duration_statement": "2000",
}
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}


class ClusterError(RuntimeError):
    """The private cluster cannot be made or started; the message says what to do."""


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL cluster in `home`; `throwaway` trades durability for speed, for tests and benchmarks."""

    home: Path
    throwaway: bool = False

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.home.resolve() / "data"  # the way through a closed checkout is not open to the user postgres

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home.resolve() / "postgres.log"

    @property
    def url(self) -> str:
        """Address of the database over the unix socket, for the role that owns it (no superuser)."""
        known = self._known()
        return f"postgresql://{DATABASE}@/{DATABASE}?host={known['socket']}&port={known['port']}"

    def start(self) -> str:
        """Make the cluster if there is none, start it if it is down, and return the database's URL."""
        self._open_home()
        if not self.data.exists():
            self._initialise()
        if not self.is_running():
            self._launch()
        try:
            self._found_database()
        except ClusterError:
            if self.is_running():
                raise
            self._launch()  # it was just being killed when we looked
            self._found_database()
        return self.url

    def tend(self) -> None:
        """Start the cluster again when its postmaster is gone; says so, and leaves a failure to the next call."""
        if self.is_running():
            return
        print("The database ended; starting it again", file=sys.stderr)
        try:
            self._launch()
        except ClusterError as error:  # its last sessions may hold the shared memory for another moment
            print(error, file=sys.stderr)
            time.sleep(1)

    def stop(self) -> None:
        """Stop the cluster, ending open sessions; does nothing when it is down."""
        if self.data.exists() and self.is_running():
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "60")

    def destroy(self) -> None:
        """Stop the cluster and remove all of it."""
        if self.data.exists() and self.is_running():
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "immediate", "-w")
        for path in (self._socket_folder(), self.home.resolve()):
            shutil.rmtree(path, ignore_errors=True)
        if self.home.is_symlink():
            self.home.unlink()

    def is_running(self) -> bool:
        """True when a postmaster of this data directory is alive."""
        pid = self._recorded_pid()
        return pid is not None and _state(pid) not in (GONE, ZOMBIE)

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _clear_after_kill(self) -> None:
        """Wait for the sessions of a killed postmaster to end, and take its lock away if nobody reaped it.

        A zombie looks alive to PostgreSQL, which would refuse to start beside it.
        """
        until = time.monotonic() + SESSIONS_END_WITHIN_S
        while time.monotonic() < until and self._sessions():
            time.sleep(0.1)
        pid = self._recorded_pid()
        if pid is not None and _state(pid) == ZOMBIE and not self._sessions():
            for lock in (self.data / "postmaster.pid", *self._socket_folder().glob(".s.PGSQL.*")):
                lock.unlink()

    def _sessions(self) -> list[int]:
        """Live processes that work in the data directory."""
        home = str(self.data)
        return [pid for pid in (int(path.name) for path in Path("/proc").glob("[0-9]*")) if _works_in(pid, home)]

    def _known(self) -> dict[str, str]:
        known: dict[str, str] = json.loads((self.home / "connection.json").read_text())
        return known

    def _open_home(self) -> None:
        if not self.home.exists():
            self.home.parent.mkdir(parents=True, exist_ok=True)
            self.home.unlink(missing_ok=True)
            self.home.mkdir(mode=0o700)
        _hand_to_owner(self.home)
        if os.geteuid() == 0 and not _owner_reaches(self.home) and not self.home.is_symlink():
            # A checkout below /root is closed to the user postgres: keep the data where it may go.
            refuge = Path("/var/lib") / f"wangge-{_digest(self.home)}"
            refuge.mkdir(mode=0o700, exist_ok=True)
            _hand_to_owner(refuge)
            self.home.rmdir()
            self.home.symlink_to(refuge)

    def _initialise(self) -> None:
        fresh = self.data.with_name("data.new")  # renamed when whole, so that a kill in mid-initdb leaves nothing half-made
        shutil.rmtree(fresh, ignore_errors=True)
        self._run(
            "initdb",
            "-D",
            str(fresh),
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--no-locale",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            *(["--no-sync"] if self.throwaway else []),
        )
        fresh.rename(self.data)

    def _launch(self) -> None:
        self._clear_after_kill()
        folder = self._socket_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _hand_to_owner(folder)
        port = _free_port(self._known()["port"] if (self.home / "connection.json").exists() else "0")
        settings = (
            TUNING
            | (THROWAWAY if self.throwaway else {})
            | {
                "listen_addresses": "127.0.0.1",
                "port": port,
                "unix_socket_directories": str(folder),
            }
        )
        lines = [f"{name} = '{value}'" for name, value in settings.items()]
        (self.data / "postgresql.auto.conf").write_text("# written by wangge at every start\n" + "\n".join(lines) + "\n")
        _hand_to_owner(self.data / "postgresql.auto.conf")
        half = self.home / "connection.json.new"  # renamed when whole, as the data are
        half.write_text(json.dumps({"socket": str(folder), "port": port}))
        half.replace(self.home / "connection.json")
        done = self._run("pg_ctl", "start", "-D", str(self.data), "-l", str(self.log), "-w", "-t", "120", check=False)
        if done.returncode:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:]) if self.log.exists() else done.stderr
            raise ClusterError(f"The private PostGIS did not start. Its log ({self.log}) ends:\n{tail}")

    def _found_database(self) -> None:
        if self._sql(
            "postgres",
            f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}' AND shobj_description(oid, 'pg_database') = 'complete'",
        ):
            return
        password = secrets.token_urlsafe(18)
        keep = self.home / "password"
        keep.touch(mode=0o600)
        keep.write_text(password)
        self._sql("postgres", f"DROP DATABASE IF EXISTS {DATABASE}")
        self._sql("postgres", f"DROP ROLE IF EXISTS {DATABASE}")
        self._sql("postgres", f"CREATE ROLE {DATABASE} LOGIN CREATEDB PASSWORD '{password}'")
        self._sql("postgres", f"CREATE DATABASE {DATABASE} OWNER {DATABASE}")
        self._sql(DATABASE, "CREATE EXTENSION postgis; CREATE EXTENSION ltree; CREATE EXTENSION btree_gist")
        # The comment is the mark of a whole database: a kill before it starts this step again.
        self._sql("postgres", f"COMMENT ON DATABASE {DATABASE} IS 'complete'")

    def _sql(self, database: str, statement: str) -> str:
        known = self._known()
        return self._run(
            "psql",
            "-X",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            known["socket"],
            "-p",
            known["port"],
            "-U",
            "postgres",
            "-d",
            database,
            "-c",
            statement,
        ).stdout.strip()

    def _socket_folder(self) -> Path:
        inside = self.home.resolve() / "socket"
        return inside if len(str(inside)) < SOCKET_PATH_LIMIT else Path("/tmp") / f"wangge-{_digest(self.home)}"

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*_as_owner(), str(binaries() / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        if check and done.returncode:
            raise ClusterError(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}")
        return done


def binaries() -> Path:
    """Folder of the newest PostgreSQL server programs that have PostGIS beside them. Raises ClusterError."""
    for initdb in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: -int(path.parts[-3])):
        version = int(initdb.parts[-3])
        if version >= LEAST_SERVER_VERSION and Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists():
            return initdb.parent
    raise ClusterError(
        f"No PostgreSQL {LEAST_SERVER_VERSION} or later with PostGIS is installed: run `make run`, which installs it, "
        "or name an existing database in WANGGE_DATABASE_URL."
    )


def _state(pid: int) -> str:
    """The kernel's letter for what a process does; `GONE` when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return GONE


def _works_in(pid: int, folder: str) -> bool:
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink()) == folder and _state(pid) != ZOMBIE
    except OSError:
        return False


def _as_owner() -> Sequence[str]:
    return ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()


def _hand_to_owner(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(path, user.pw_uid, user.pw_gid)


def _owner_reaches(path: Path) -> bool:
    return subprocess.run([*_as_owner(), "test", "-x", str(path)], check=False, cwd="/").returncode == 0


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:12]


def _free_port(wanted: str) -> str:
    """The port used last time if it is still free, else any free loopback port."""
    for port in (int(wanted), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return str(probe.getsockname()[1])
    raise ClusterError("No loopback port is free.")
