"""A PostgreSQL of one's own for tests: a cluster in a temporary folder, reached by a socket, gone afterwards."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from yuefu.store.migrate import FOLDER


def binaries() -> Path | None:
    """The folder of the newest server that is installed, None without one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _runuser() -> str:
    """The program by which root runs others' programs; a user's PATH may lack its folder."""
    return shutil.which("runuser", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "runuser"


class Cluster:
    """A running cluster. A server refuses to run as root, so that root runs it as ``postgres``."""

    def __init__(self) -> None:
        home = binaries()
        assert home is not None
        self._binaries = home
        self._user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        self.folder = Path(tempfile.mkdtemp(prefix="yf", dir="/tmp"))
        if os.geteuid() == 0:
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
        self.head = ScriptDirectory(str(FOLDER)).get_current_head()
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-A", "trust", "-U", "test", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
        # Killed with its test run, the folder is lost anyway: nothing needs to reach the disk.
        options = f"-k {self.folder} -h '' -F -c synchronous_commit=off -c full_page_writes=off -c max_connections=100"
        self._run("pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def url(self, name: str) -> str:
        """The URL of a database."""
        return f"postgresql+psycopg://test@/{name}?host={self.folder}"

    def empty(self, name: str) -> None:
        """Take everything out of a store's database; much quicker than making another one."""
        engine = create_engine(self.url(name))
        with engine.begin() as connection:
            connection.execute(text("TRUNCATE accounts, jobs RESTART IDENTITY CASCADE"))
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": self.head})
        engine.dispose()

    def stop(self) -> None:
        """End it and delete its folder."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        prefix: Sequence[str] = (_runuser(), "-u", self._user, "--") if os.geteuid() == 0 else ()
        command = [*prefix, str(self._binaries / program), *arguments]
        # A server that goes on running keeps a pipe open for ever, so what is said goes to a file.
        with (self.folder / "said").open("w+b") as said:
            done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
            said.seek(0)
            told = said.read().decode(errors="replace")
        if done.returncode:
            raise RuntimeError(f"{program} ended with {done.returncode}: {told}")
