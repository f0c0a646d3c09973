"""Killed at any moment, a run leaves whole files and a whole manifest, and the next run finishes it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import symbackprop
from symbackprop.production import Failure, Job, SerialExecutor, produce

from .makers import PRINT, Slow, Troubled, content, jobs, make, times, tree

ROOT = Path(symbackprop.__file__).parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
COMMAND = [sys.executable, "-c", "from production.makers import run; run()"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which processes run")


def whole(folder: Path, *versions: Mapping[str, bytes]) -> None:
    """Check that a folder holds whole files and a whole manifest, whatever else is missing."""
    for path, held in tree(folder).items():
        if path == "manifest.json":
            assert json.loads(held)["symbackprop manifest"] == 1
        elif not path.startswith(".partial-") and path != ".manifest.journal":
            assert held in [version.get(path) for version in versions], path


def started(folder: Path, count: int, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [*COMMAND, str(folder), str(count), str(seconds)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def ends(group: int) -> bool:
    """Return whether all processes of a group end within some seconds."""
    until = time.monotonic() + 5
    while alive(group):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def alive(group: int) -> bool:
    """Return whether a process of a group runs; one that has ended, but is not taken note of, does not."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, own = file.read_text().rpartition(")")[2].split()[:3]
            if own == str(group) and state not in "ZX":
                return True
    return False


def test_killed_at_random_moments(tmp_path: Path) -> None:
    wanted = jobs(24)
    produce(wanted, make, tmp_path / "whole", executor=SerialExecutor(), finish=[PRINT])
    right = tree(tmp_path / "whole")
    chance = random.Random(2026)
    unfinished = 0
    for number in range(10):
        folder = tmp_path / f"killed-{number}"
        for _ in range(chance.choice([1, 1, 2])):  # some runs are killed again as they finish
            process = started(folder, 24, 0.004)
            time.sleep(chance.uniform(0, 0.12))
            process.kill()
            process.wait()
            assert ends(process.pid), "its processes live on"
            if folder.exists():
                whole(folder, right)
        before = times(folder) if folder.exists() else {}
        unfinished += len(before) < len(right)
        produce(wanted, make, folder, executor=SerialExecutor(), finish=[PRINT])
        assert tree(folder) == right
        kept = {path for path in before if path in right and path != "manifest.json"}
        assert {path: before[path] for path in kept} == {path: times(folder)[path] for path in kept}
    assert unfinished > 3


#: What is called on the way to a file, by the name in the module `os`.
CALLS = ("open", "write", "fsync", "replace", "unlink", "mkdir", "chmod", "close")


def killed_at(number: int, run: Callable[[], object]) -> bool:
    """Run in a process of its own that dies within its call number so many to the system; or does it end?"""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) in (0, 9)
        return os.waitstatus_to_exitcode(status) == 9
    left = number
    try:
        for name in CALLS:

            def dying(
                *given: Any, real: Callable[..., Any] = getattr(os, name), name: str = name, **more: Any
            ) -> Any:
                nonlocal left
                left -= 1
                if left == 0 and name == "write":
                    real(given[0], given[1][: len(given[1]) // 2])
                if left == 0:
                    os._exit(9)
                return real(*given, **more)

            setattr(os, name, dying)
        run()
    except BaseException:
        os._exit(1)
    os._exit(0)


def moments(run: Callable[[], object], prepare: Callable[[], object], step: int = 1) -> Iterator[int]:
    """Yield after a run was killed within its first call to the system, its second, and so on to the last."""
    for number in range(1, 10_000, step):
        prepare()
        if not killed_at(number, run):
            return
        yield number


def test_killed_within_every_call_to_the_system(tmp_path: Path) -> None:
    wanted, folder = jobs(3), tmp_path / "class"

    def run() -> None:
        produce(wanted, make, folder, executor=SerialExecutor(), chunk=1, finish=[PRINT])

    run()
    right = tree(folder)

    def prepare() -> None:
        shutil.rmtree(folder)

    number = 0
    for number in moments(run, prepare):  # noqa: B007
        whole(folder, right)
        before = times(folder)
        run()
        assert tree(folder) == right
        after = times(folder)
        assert all(
            after[path] == before[path] for path in before if path in right and path != "manifest.json"
        )
    assert number > 40


def test_killed_while_everything_is_made_anew(tmp_path: Path) -> None:
    """Old files, new ones, one with another name: each stands whole, none is taken for changed by hand."""

    def renamed(job: Job) -> Mapping[str, bytes]:
        return {**make(job), f"{job.name}-{job.identity}.txt": content(job, "text")}

    folder = tmp_path / "class"

    def run(identity: str = "b") -> Any:
        return produce(jobs(2, identity), renamed, folder, executor=SerialExecutor(), finish=[PRINT])

    run("a")
    shutil.copytree(folder, tmp_path / "old")
    old = tree(folder)
    run()
    right = tree(folder)

    def prepare() -> None:
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "old", folder)

    for _ in moments(run, prepare, step=2):
        whole(folder, old, right)
        production = run()
        assert production.complete and production.left == ("student-000-a.txt", "student-001-a.txt")
        assert tree(folder) == right
    # and killed, then asked for the old ones again
    prepare()
    for number in (12, 25, 38):
        assert killed_at(number, run)
        assert run("a").complete
        assert {
            path: held for path, held in tree(folder).items() if path in old and path != "manifest.json"
        } == {path: held for path, held in old.items() if path != "manifest.json"}


def test_a_file_changed_by_hand_after_a_kill_is_seen(tmp_path: Path) -> None:
    def run() -> Any:
        return produce(jobs(2), make, tmp_path, executor=SerialExecutor())

    sheet = tmp_path / "sheets/student-000.pdf"
    next(number for number in range(1, 1000) if killed_at(number, run) and sheet.exists())
    sheet.write_bytes(b"with a remark")
    assert run().changed == ("sheets/student-000.pdf",)
    assert sheet.read_bytes() == b"with a remark"


def test_a_torn_journal_is_read_up_to_the_tear_and_leftovers_are_swept(tmp_path: Path) -> None:
    def run() -> Any:
        return produce(jobs(2), make, tmp_path, executor=SerialExecutor())

    run()
    entries = json.loads((tmp_path / "manifest.json").read_text())["jobs"]
    lines = [json.dumps({"name": name, "identity": "a", "files": entries[name]["files"]}) for name in entries]
    (tmp_path / "manifest.json").unlink()
    (tmp_path / ".manifest.journal").write_text(f"{lines[0]}\n{lines[1][:-1]}")
    (tmp_path / ".partial-123.tmp").write_bytes(b"half")
    production = run()
    assert (production.skipped, production.made) == (("student-000",), ("student-001",))
    assert sorted(tree(tmp_path)) == sorted(
        ["manifest.json", *(path for job in jobs(2) for path in make(job))]
    )


def test_ctrl_c_keeps_what_is_done_and_leaves_nobody_behind(tmp_path: Path) -> None:
    process = started(tmp_path / "class", 400, 0.02)
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)  # the whole group, as a terminal does
    _, error = process.communicate(timeout=20)
    assert process.returncode == 130
    assert ends(process.pid), "its processes live on"
    assert "Traceback" not in error
    held = tree(tmp_path / "class")
    assert not [path for path in held if path.startswith(".")]
    entries = json.loads(held["manifest.json"])["jobs"]
    made = [job for job in jobs(400) if entries[job.name]["state"] == "made"]
    assert 2 < len(made) < 400
    assert f"{len(made)} made, {400 - len(made)} to go" in error
    assert {path for path in held if path != "manifest.json"} == {path for job in made for path in make(job)}
    production = produce(jobs(400), make, tmp_path / "class", executor=SerialExecutor())
    assert len(production.skipped) == len(made) and production.complete


def test_ctrl_c_in_the_same_process(tmp_path: Path) -> None:
    from symbackprop.production import ProductionStopped

    def interrupting(job: Job) -> Mapping[str, bytes]:
        if job.name == "student-003":
            os.kill(os.getpid(), signal.SIGINT)
        return make(job)

    with pytest.raises(ProductionStopped) as stopped:
        produce(jobs(8), interrupting, tmp_path, executor=SerialExecutor(), chunk=2, finish=[PRINT])
    production = stopped.value.production
    assert production.made == tuple(job.name for job in jobs(4))
    assert production.pending == tuple(job.name for job in jobs(8)[4:]) and not production.complete
    assert production.summary().splitlines()[1] == (
        "stopped; what is made is kept, and the next run makes the rest"
    )
    assert isinstance(stopped.value, KeyboardInterrupt)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert produce(jobs(8), make, tmp_path, executor=SerialExecutor(), finish=[PRINT]).complete


def test_a_process_that_dies_loses_its_job_alone(tmp_path: Path) -> None:
    deadly = Troubled(deadly=("student-004", "student-011"))
    production = produce(jobs(16), deadly, tmp_path, chunk=2)
    reason = "its process died while it was made (out of memory, or a crash)"
    assert production.failed == (
        Failure("student-004", reason, fault=True),
        Failure("student-011", reason, fault=True),
    )
    assert len(production.made) == 14
    assert produce(jobs(16), make, tmp_path).made == ("student-004", "student-011")


def test_many_jobs_that_kill_their_process_are_named_one_by_one(tmp_path: Path) -> None:
    deadly = Troubled(deadly=tuple(job.name for job in jobs(16)[4:12]))
    production = produce(jobs(16), deadly, tmp_path, chunk=2)
    assert [failed.job for failed in production.failed] == list(deadly.deadly)
    assert len(production.made) == 8


def test_processes_that_cannot_start_are_not_started_for_ever(tmp_path: Path) -> None:
    from symbackprop.errors import SymbackpropError
    from symbackprop.production.executors import MOST_CRASHES

    deadly = Troubled(deadly=tuple(job.name for job in jobs(40)))
    with pytest.raises(SymbackpropError, match=f"^{MOST_CRASHES} processes in a row ended at once; a script"):
        produce(jobs(40), deadly, tmp_path, chunk=1)


def test_no_process_is_left_when_a_run_is_over(tmp_path: Path) -> None:
    import multiprocessing

    before = set(multiprocessing.active_children())
    produce(jobs(4), Slow(0.01), tmp_path)
    with suppress(ChildProcessError):
        assert set(multiprocessing.active_children()) == before
