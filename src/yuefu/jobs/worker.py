"""A worker: a process that does one job after another.

    python -m yuefu.jobs.worker --data DIR

SIGTERM lets it end: the job that it is at goes back to the queue. It also ends when the process that started it does
(``--parent``).
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from types import FrameType

from yuefu.errors import ConflictError, YuefuError
from yuefu.jobs.context import Context, Interrupted
from yuefu.jobs.kinds import do, warm_up
from yuefu.jobs.limits import Limits, give_back_memory, limit_memory, ran_out_of_memory
from yuefu.jobs.watcher import Watcher, settle
from yuefu.store.store import Store

log = logging.getLogger(__name__)
#: Seconds between looks into an empty queue, and between looks for jobs whose workers fell silent.
POLL = 0.1
STALE = 3.0
#: Jobs after which a worker makes place for a fresh one, so that nothing that leaks can add up.
MOST_JOBS = 500
#: Jobs that leave a piece as it wasn't before.
_WRITE_PIECES = ("compose", "fill", "import")
#: Where the database's URL may be given, since a command line can be read by everybody on the machine.
DATABASE = "YUEFU_DATABASE"


class Worker:
    """One worker. name: among all workers of the store, past ones included; parent: whose end is this one's."""

    def __init__(self, store: Store, name: str, limits: Limits | None = None, parent: int | None = None) -> None:
        self.store = store
        self.name = name
        self.limits = limits or Limits()
        self.stop = threading.Event()
        self._watcher = Watcher(store, name, self.limits, self.stop, parent)
        self._done = 0

    def run(self) -> None:
        """Work until ``stop`` is set."""
        looked = 0.0
        while not self.stop.is_set() and self._done < MOST_JOBS:
            try:
                if time.monotonic() - looked > STALE:
                    looked = time.monotonic()
                    self.store.jobs.requeue_stale()
                busy = self.step()
            except Exception:
                # The database is away for a moment: jobs are safe there, and this worker is of use again later.
                log.exception("worker %s can't reach its queue; trying again", self.name)
                self.stop.wait(2.0)
                continue
            if not busy:
                self.stop.wait(POLL)

    def step(self) -> bool:
        """Do the next job, if there is one."""
        job = self.store.jobs.claim(self.name, self.limits.lease)
        if job is None:
            return False
        context = Context(self.store, job)
        self._watcher.begin(context)
        try:
            self._do(context)
        except ConflictError as error:
            log.warning("%s", error)
        finally:
            self._watcher.end()
            self._done += 1
            give_back_memory()
        return True

    def _do(self, context: Context) -> None:
        jobs, job = self.store.jobs, context.job
        try:
            finished = do(context)
            context.check()
            if jobs.finish(job.id, self.name, work=finished.work):
                self._describe(context)
        except Interrupted as wish:
            settle(self.store, context, self.name, type(wish), self.limits)
        except ConflictError:
            raise  # the job was lost: whoever has it now tells how it ends
        except YuefuError as error:
            jobs.fail(job.id, self.name, type(error).__name__, str(error))
        except Exception as error:
            if ran_out_of_memory(error):
                self._out_of_memory(context)
                return
            number = secrets.token_hex(4)
            log.exception("fault %s in job %s (%s)", number, job.id, job.kind)
            jobs.fail(job.id, self.name, "Fault", f"something went wrong on our side; the log has more under {number}.")

    def _describe(self, context: Context) -> None:
        """What the job wrote can be recommended at once. The job is done: nothing that goes wrong here is its fault."""
        if context.job.kind not in _WRITE_PIECES:
            return
        try:
            from yuefu.workflows.piece_items import describe
            from yuefu.workflows.style_reference import like_source

            result = self.store.jobs.get(context.account_id, context.job.id).result or {}
            source = like_source((context.job.request.get("options") or {}).get("style"))
            parents = [f"piece:{source}"] if source else []
            describe(self.store, context.account_id, str(result["piece"]), parents=parents)
        except Exception:
            log.exception("what job %s wrote will be described later", context.job.id)

    def _out_of_memory(self, context: Context) -> None:
        most = self.limits.memory
        shown = "it may" if most is None else f"the {most / 2**30:g} GB that a job may"
        self.store.jobs.fail(
            context.job.id, self.name, "MemoryLimitError",
            f"it needed more memory than {shown} take here: ask for fewer bars, parts or candidates.",
        )  # fmt: skip
        self.stop.set()  # a fresh process has whole memory


def worker_name(number: int = 0) -> str:
    """A name that no other worker has or had; it tells by which process on which machine it was given."""
    return f"{socket.gethostname()[:40]}/{os.getpid()}/{number}-{secrets.token_hex(6)}"


def is_orphan(name: str) -> bool:
    """Whether a worker's name was given on this machine by a process that is no more.

    >>> is_orphan(worker_name()), is_orphan("elsewhere/1/1-abc"), is_orphan("w")
    (False, False, False)
    """
    host, _, rest = name.partition("/")
    pid = rest.partition("/")[0]
    if host != socket.gethostname()[:40] or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        pass
    return False


def main(arguments: list[str] | None = None) -> int:
    """Run a worker as a process."""
    parser = argparse.ArgumentParser(prog="python -m yuefu.jobs.worker", description="Do the jobs of a store.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of pieces and files")
    parser.add_argument("--database", default=os.environ.get(DATABASE), help=f"its URL; better given as ${DATABASE}")
    parser.add_argument("--name", default=worker_name())
    parser.add_argument("--parent", type=int, help="end when this process does")
    parser.add_argument("--memory-gb", type=float, default=4.0, help="0 for no limit")
    parser.add_argument("--minutes", type=float, default=15.0, help="of one job")
    parser.add_argument("--lease", type=float, default=15.0, help="seconds")
    parser.add_argument("--cold", action="store_true", help="load the model with the first job that needs it")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which then ends its workers
    limits = Limits(
        memory=int(options.memory_gb * 2**30) or None,
        time=timedelta(minutes=options.minutes),
        lease=timedelta(seconds=options.lease),
    )
    try:
        store = Store.open(options.data, options.database)
    except YuefuError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    worker = Worker(store, options.name, limits, options.parent)

    def end(_: int, __: FrameType | None) -> None:
        worker.stop.set()

    signal.signal(signal.SIGTERM, end)
    if not options.cold:
        warm_up()
    limit_memory(limits.memory)
    worker.run()
    store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
