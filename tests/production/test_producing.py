"""Making many files: what is missing is made, what is there is not touched, what is wrong is named."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import symbackprop
from symbackprop.errors import SymbackpropError
from symbackprop.production import Failure, Finish, Job, Made, Progress, SerialExecutor, produce
from tests.conftest import skip_or_fail

from .makers import PRINT, Together, Troubled, content, jobs, make, times, tree


def serially(wanted: Sequence[Job], folder: Path, **options: Any) -> Any:
    return produce(wanted, options.pop("make", make), folder, executor=SerialExecutor(), **options)


def expected(wanted: Sequence[Job]) -> dict[str, bytes]:
    return {path: held for job in wanted for path, held in make(job).items()}


def sheets(folder: Path) -> dict[str, bytes]:
    return {path: held for path, held in tree(folder).items() if path.startswith(("sheets/", "keys/"))}


def test_everything_is_made_and_written_down(tmp_path: Path) -> None:
    wanted = jobs(5)
    production = serially(wanted, tmp_path / "class", finish=[PRINT])
    assert production.made == tuple(job.name for job in wanted) and production.complete
    assert production.together == ("print.pdf",)
    assert sorted(tree(tmp_path / "class")) == sorted([*expected(wanted), "print.pdf", "manifest.json"])
    assert sheets(tmp_path / "class") == expected(wanted)
    assert (tmp_path / "class/print.pdf").read_bytes() == b"".join(content(job, "sheet") for job in wanted)
    manifest = json.loads((tmp_path / "class/manifest.json").read_text())
    assert list(manifest["jobs"]) == [*(job.name for job in wanted), "print"]
    for job in wanted:
        assert manifest["jobs"][job.name] == {
            "identity": "a",
            "state": "made",
            "files": {path: hashlib.sha256(held).hexdigest() for path, held in sorted(make(job).items())},
        }


def test_a_second_run_touches_nothing(tmp_path: Path) -> None:
    serially(jobs(5), tmp_path, finish=[PRINT])
    before = times(tmp_path)
    production = serially(jobs(5), tmp_path, finish=[PRINT], make=None)  # nothing is called
    assert (production.made, len(production.skipped), production.complete) == ((), 5, True)
    assert times(tmp_path) == before


def test_what_was_deleted_is_made_again_and_nothing_else(tmp_path: Path) -> None:
    serially(jobs(5), tmp_path, finish=[PRINT])
    before, held = times(tmp_path), tree(tmp_path)
    (tmp_path / "sheets/student-001.pdf").unlink()
    (tmp_path / "print.pdf").unlink()
    production = serially(jobs(5), tmp_path, finish=[PRINT])
    assert production.restored == production.made == ("student-001",)
    assert tree(tmp_path) == held
    after = times(tmp_path)
    assert {path for path in after if after[path] != before[path]} == {
        "sheets/student-001.pdf",
        "print.pdf",
        "manifest.json",  # in between it said what was missing
    }


def test_a_late_student_and_another_order_change_nobodys_files(tmp_path: Path) -> None:
    serially(jobs(5), tmp_path)
    before = times(tmp_path)
    production = serially([*reversed(jobs(6))], tmp_path)
    assert production.made == ("student-005",)
    assert {path: when for path, when in times(tmp_path).items() if path in before} == before | {
        "manifest.json": (tmp_path / "manifest.json").stat().st_mtime_ns
    }


def test_what_is_made_from_something_else_is_made_anew(tmp_path: Path) -> None:
    serially(jobs(3), tmp_path, finish=[PRINT])
    wanted = [Job(job.name, "b") if job.name == "student-001" else job for job in jobs(3)]
    production = serially(wanted, tmp_path, finish=[PRINT])
    assert production.made == production.renewed == ("student-001",)
    assert sheets(tmp_path) == expected(wanted)
    assert (tmp_path / "print.pdf").read_bytes() == b"".join(content(job, "sheet") for job in wanted)


def test_a_file_changed_by_hand_stays_and_is_named(tmp_path: Path) -> None:
    serially(jobs(3), tmp_path)
    changed = tmp_path / "keys/student-001.pdf"
    changed.write_bytes(b"with a remark")
    for identity in ("a", "b"):  # also where it would be made anew
        production = serially(jobs(3, identity), tmp_path)
        assert production.changed == ("keys/student-001.pdf",) and not production.complete
        assert changed.read_bytes() == b"with a remark"
        assert tree(tmp_path)["sheets/student-001.pdf"] == content(jobs(3)[1], "sheet")
    assert serially(jobs(3), tmp_path / "other").complete
    (tmp_path / "other/keys/student-001.pdf").write_bytes(b"with a remark")
    production = serially(jobs(3), tmp_path / "other", overwrite=True)  # what it is made from has not changed
    assert production.made == production.restored == ("student-001",)
    assert sheets(tmp_path / "other") == expected(jobs(3))
    production = serially(jobs(3, "b"), tmp_path, overwrite=True)
    assert production.made == ("student-001",) and production.complete
    assert sheets(tmp_path) == expected(jobs(3, "b"))


def test_files_of_students_who_left_stay_and_are_named(tmp_path: Path) -> None:
    serially(jobs(3), tmp_path)
    production = serially(jobs(2), tmp_path)
    assert production.left == ("keys/student-002.pdf", "sheets/student-002.pdf") and production.complete
    assert sheets(tmp_path) == expected(jobs(3))
    before = times(tmp_path)
    assert serially(jobs(2), tmp_path).left == production.left
    assert times(tmp_path) == before
    assert serially(jobs(3), tmp_path).made == ()  # back again


def test_a_file_that_a_job_no_longer_has_stays_and_is_named(tmp_path: Path) -> None:
    def renamed(job: Job) -> Mapping[str, bytes]:
        return {f"{job.identity}.pdf": b"x"}

    serially([Job("s", "ana")], tmp_path, make=renamed)
    for _ in range(2):
        production = serially([Job("s", "anna")], tmp_path, make=renamed)
        assert production.left == ("ana.pdf",)
    assert serially([Job("s", "ana")], tmp_path, make=renamed).left == ("anna.pdf",)


def test_a_file_that_was_not_made_here_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "sheets").mkdir()
    (tmp_path / "sheets/student-001.pdf").write_bytes(b"mine")
    production = serially(jobs(3), tmp_path)
    assert production.failed == (
        Failure(
            "student-001",
            "sheets/student-001.pdf is already there and was not made here; "
            "move it away, choose another folder, or overwrite it",
        ),
    )
    assert (tmp_path / "sheets/student-001.pdf").read_bytes() == b"mine"
    assert not (tmp_path / "keys/student-001.pdf").exists()
    assert serially(jobs(3), tmp_path, overwrite=True).made == ("student-001",)
    assert sheets(tmp_path) == expected(jobs(3))


def test_right_files_without_a_manifest_are_taken_as_they_are(tmp_path: Path) -> None:
    serially(jobs(3), tmp_path)
    held = tree(tmp_path)
    (tmp_path / "manifest.json").unlink()
    before = times(tmp_path)
    assert serially(jobs(3), tmp_path).complete
    assert tree(tmp_path) == held
    assert {path: when for path, when in times(tmp_path).items() if path in before} == before


def test_a_failing_job_is_named_and_the_others_are_made(tmp_path: Path) -> None:
    troubled = Troubled(refused=("student-001",), faulty=("student-002",))
    production = produce(jobs(4), troubled, tmp_path, chunk=4, finish=[PRINT])
    assert production.failed == (
        Failure("student-001", "no draw of student-001 meets the conditions"),
        Failure("student-002", "ZeroDivisionError: division by zero", fault=True),
    )
    good = [job for job in jobs(4) if job.name not in ("student-001", "student-002")]
    assert sheets(tmp_path) == expected(good)
    assert (tmp_path / "print.pdf").read_bytes() == b"".join(content(job, "sheet") for job in good)
    manifest = json.loads((tmp_path / "manifest.json").read_text())["jobs"]
    assert manifest["student-001"] == {
        "identity": "a",
        "state": "failed",
        "reason": "no draw of student-001 meets the conditions",
        "files": {},
    }
    # mended, it is made, and so is what is made of all
    assert serially(jobs(4), tmp_path, finish=[PRINT]).made == ("student-001", "student-002")
    assert (tmp_path / "print.pdf").read_bytes() == b"".join(content(job, "sheet") for job in jobs(4))


def test_a_job_that_fails_once_its_identity_has_changed_keeps_its_files_but_is_not_joined(
    tmp_path: Path,
) -> None:
    serially(jobs(2), tmp_path, finish=[PRINT])
    serially(jobs(2, "b"), tmp_path, make=Troubled(refused=("student-000",)), finish=[PRINT])
    assert tree(tmp_path)["sheets/student-000.pdf"] == content(jobs(1)[0], "sheet")
    assert (tmp_path / "print.pdf").read_bytes() == content(jobs(2, "b")[1], "sheet")
    assert serially(jobs(2), tmp_path, finish=[PRINT]).complete


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (None, "made NoneType; expected paths and their bytes"),
        ({"a.pdf": "text"}, "made 'a.pdf': str; expected bytes"),
        ({"../a.pdf": b""}, "'../a.pdf' is no path inside the folder"),
        ({"/a.pdf": b""}, "'/a.pdf' is no path inside the folder"),
        ({"a\\b.pdf": b""}, "'a\\\\b.pdf' is no path inside the folder"),
        ({"": b""}, "'' is no path inside the folder"),
        ({"a.pdf": b"", "A.pdf": b""}, "'a.pdf' stands twice, but for capitals"),
        ({".hidden": b""}, "'.hidden' is a hidden file; expected a name without a dot first"),
        ({"manifest.json": b""}, "manifest.json is the name of the manifest"),
        ({"Sheets/Student-000.pdf": b""}, "Sheets/Student-000.pdf is a file of student-000 already"),
        ({"sheets": b""}, "sheets is a folder already"),
        ({"sheets/student-000.pdf/a": b""}, "sheets/student-000.pdf is a file of student-000 already"),
        ({"a": b"", "a/b": b""}, "a is a folder already"),
        ({"x" * 300: b""}, "File name too long; choose a shorter name"),
    ],
)
def test_impossible_files_are_a_failure_of_their_job_alone(
    tmp_path: Path, files: object, reason: str
) -> None:
    def odd(job: Job) -> Any:
        return files if job.name == "student-001" else make(job)

    production = serially(jobs(3), tmp_path, make=odd, chunk=1)
    (failed,) = production.failed
    assert failed.job == "student-001" and reason in failed.reason
    good = [jobs(3)[0], jobs(3)[2]]
    assert sheets(tmp_path) == expected(good)
    assert not [path for path in tree(tmp_path) if path.startswith(".")]


def test_names_of_jobs() -> None:
    with pytest.raises(
        SymbackpropError, match=r"^two jobs are called 's'; expected a name of its own for each$"
    ):
        serially([Job("s", "1"), Job("s", "2")], Path("nowhere"))
    with pytest.raises(SymbackpropError, match=r"^'a\\nb' is no name for a job; expected printable text$"):
        serially([Job("a\nb", "1")], Path("nowhere"))
    with pytest.raises(SymbackpropError, match="two jobs are called 'print'"):
        serially([Job("print", "1")], Path("nowhere"), finish=[PRINT])


def test_what_is_made_of_all_may_fail(tmp_path: Path) -> None:
    def failing(made: Sequence[Made]) -> Mapping[str, bytes]:
        raise SymbackpropError(f"cannot join {len(made)} parts")

    finish = [Finish("book", "1", failing), PRINT]
    production = serially(jobs(2), tmp_path, finish=finish)
    assert production.failed == (Failure("book", "cannot join 2 parts"),)
    assert production.together == ("print.pdf",)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_what_is_made_of_all_may_be_a_function_of_the_moment(
    tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if method == "fork" and sys.platform != "linux":
        pytest.skip("processes are forked on Linux alone")
    monkeypatch.setattr("symbackprop.production.executors.start_method", lambda: method)
    monkeypatch.setattr("symbackprop.production.producing.start_method", lambda: method)
    finish = [Finish("one", "1", lambda made: {"count": b"%d" % len(made)}), PRINT]
    production = produce(jobs(3), make, tmp_path, finish=finish)
    assert production.together == ("count", "print.pdf") and production.complete
    assert (tmp_path / "count").read_bytes() == b"3"
    assert (tmp_path / "print.pdf").read_bytes() == b"".join(content(job, "sheet") for job in jobs(3))


def executors() -> dict[str, Callable[[], Executor | None]]:
    return {
        "serial": SerialExecutor,
        "threads": lambda: ThreadPoolExecutor(3),
        "processes": lambda: ProcessPoolExecutor(2, get_context("spawn")),
        "own": lambda: None,
    }


@pytest.mark.parametrize("chunk", [None, 1, 3])
@pytest.mark.parametrize("name", executors())
def test_the_bytes_are_the_same_in_any_executor_and_chunk(
    tmp_path: Path, name: str, chunk: int | None
) -> None:
    serially(jobs(7), tmp_path / "serial", finish=[PRINT], chunk=7)
    executor = executors()[name]()
    try:
        production = produce(
            jobs(7), make, tmp_path / "other", executor=executor, chunk=chunk, finish=[PRINT]
        )
    finally:
        if executor is not None:
            executor.shutdown()
    assert production.made == tuple(job.name for job in jobs(7))
    assert tree(tmp_path / "other") == tree(tmp_path / "serial")


def test_processes_are_started_in_a_way_that_the_engine_survives(tmp_path: Path) -> None:
    code = "from production.makers import typeset_twice; typeset_twice()"
    root = Path(symbackprop.__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["fork" if sys.platform == "linux" else "spawn", "serial", "spawn"]
    assert tree(tmp_path / "0") == tree(tmp_path / "1") == tree(tmp_path / "2")


def test_jobs_may_be_made_together(tmp_path: Path) -> None:
    log = tmp_path / "log"
    production = produce(jobs(7), Together(str(log)), tmp_path / "class", chunk=3, executor=SerialExecutor())
    assert production.complete and log.read_text().split("\n") == ["many 3", "many 3", "one", ""]
    log.unlink()
    spoilt = Together(str(log), "student-004")
    production = serially(jobs(7, "b"), tmp_path / "class", make=spoilt, chunk=3)
    assert production.failed == (Failure("student-004", "spoilt"),)
    assert log.read_text().split("\n") == ["many 3", "many 3", *["one"] * 4, ""]
    good = [job for job in jobs(7, "b") if job.name != "student-004"]
    assert {path: held for path, held in sheets(tmp_path / "class").items() if "004" not in path} == expected(
        good
    )


def test_a_broken_executor_of_the_callers(tmp_path: Path) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as executor:
        production = produce(jobs(6), Troubled(deadly=("student-002",)), tmp_path, executor=executor, chunk=1)
    assert "student-000" in production.made
    assert {failed.job for failed in production.failed} == {job.name for job in jobs(6)} - set(
        production.made
    )
    assert all("BrokenProcessPool" in failed.reason for failed in production.failed)
    assert sheets(tmp_path) == expected([job for job in jobs(6) if job.name in production.made])


def test_progress(tmp_path: Path) -> None:
    seen: list[Progress] = []
    serially(jobs(4), tmp_path, make=Troubled(refused=("student-001",)), chunk=2, progress=seen.append)
    assert [(one.done, one.total, one.failed) for one in seen] == [(2, 4, 1), (4, 4, 1)]
    assert seen[-1].left == 0.0
    assert Progress(10, 50, 0, 2.0).left == 8.0 and Progress(0, 50, 0, 2.0).left is None
    seen.clear()
    serially(jobs(4), tmp_path, chunk=2, progress=seen.append)
    assert [(one.done, one.total) for one in seen] == [(1, 1)]  # only what is to be made counts


def test_the_summary(tmp_path: Path) -> None:
    serially(jobs(6), tmp_path)
    (tmp_path / "keys/student-001.pdf").unlink()
    (tmp_path / "keys/student-002.pdf").write_bytes(b"mine")
    wanted = [*jobs(4), Job("student-004", "b"), Job("late", "a"), Job("later", "a")]
    production = serially(wanted, tmp_path, make=Troubled(refused=("late",)))
    first, *rest = production.summary().splitlines()
    assert first.startswith(f"3 made, 2 there already, 1 failed; in {tmp_path} after ")
    assert rest == [
        "failed: late: no draw of late meets the conditions",
        "changed by hand, left as it is: keys/student-002.pdf",
        "deleted, made again: student-001",
        "made anew, since what they are made from has changed: student-004",
        "no longer wanted, left where they are: keys/student-005.pdf, sheets/student-005.pdf",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"symbackprop manifest": 2}',
        '{"jobs": {}}',
        '{"symbackprop manifest": 1, "jobs": []}',
        "\0",
    ],
)
def test_a_manifest_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(SymbackpropError) as error:
        serially(jobs(1), tmp_path)
    assert str(error.value) == (
        f"{tmp_path}/manifest.json: this is no manifest of a class set, or it was changed; choose another "
        "folder, or remove it: files that are right are known by what they hold"
    )
    assert (tmp_path / "manifest.json").read_text() == text


def test_one_run_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from symbackprop.production import locking

    pytest.importorskip("fcntl", reason="this system has no such locks")
    monkeypatch.setattr(locking, "PATIENCE", 0.1)
    with locking.locked(tmp_path), pytest.raises(SymbackpropError) as error:
        serially(jobs(1), tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: another run is at work in this folder; wait for it, or choose another folder"
    )
    assert serially(jobs(1), tmp_path).complete


def test_files_are_readable_by_all(tmp_path: Path) -> None:
    serially(jobs(1), tmp_path)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()} == {0o644}


def test_dask_makes_the_same(tmp_path: Path) -> None:
    try:
        import distributed
    except ImportError:
        skip_or_fail("distributed", "Dask is not here: pip install 'symbackprop[cluster]'")
    serially(jobs(9), tmp_path / "serial", finish=[PRINT])
    options: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(**options) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as executor,
    ):
        production = produce(jobs(9), make, tmp_path / "dask", executor=executor, chunk=2, finish=[PRINT])
        refused = produce(
            jobs(9, "b"), Troubled(refused=("student-003",)), tmp_path / "b", executor=executor, chunk=2
        )
    assert production.made == tuple(job.name for job in jobs(9))
    assert tree(tmp_path / "dask") == tree(tmp_path / "serial")
    assert refused.failed == (Failure("student-003", "no draw of student-003 meets the conditions"),)


def test_the_default_pool_uses_the_processors_that_it_may(tmp_path: Path) -> None:
    from symbackprop.production.producing import processors

    assert processors() == len(os.sched_getaffinity(0))
