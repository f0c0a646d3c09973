"""A full disk, a folder that cannot be written: a clear error, whole files, and the next run goes on."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from symbackprop.production import SerialExecutor, produce
from symbackprop.writing import OutputError, sweep, write_files

from .makers import PRINT, jobs, make, times, tree


def run(folder: Path, count: int = 6) -> Any:
    return produce(jobs(count), make, folder, executor=SerialExecutor(), chunk=1, finish=[PRINT])


@pytest.fixture
def right(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("right")
    run(folder)
    return tree(folder)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a small disk of its own, which only the super-user may."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no disk may be mounted here")
        return folder

    yield mount
    with suppress(OSError):
        subprocess.run(["umount", str(folder)], check=False, capture_output=True)


@pytest.mark.parametrize("space", [0, 300, 5_000, 20_000, 40_000, 60_000, 80_000])
def test_a_disk_that_is_full_after_so_many_bytes(
    tmp_path: Path, right: dict[str, bytes], space: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, write = space, os.write

    def filling(handle: int, content: bytes) -> int:
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        part = min(left, len(content), 1000)
        left -= part
        return write(handle, content[:part])

    monkeypatch.setattr(os, "write", filling)
    with pytest.raises(OutputError) as error:
        run(tmp_path / "class")
    monkeypatch.undo()
    assert str(error.value).startswith(f"{tmp_path}/class/")
    assert str(error.value).endswith(
        ": cannot be written: No space left on device; free some space and run it again"
    )
    for path, held in tree(tmp_path / "class").items():
        if path == "manifest.json":
            json.loads(held)
        else:
            assert path == ".manifest.journal" or held == right[path]
    before = times(tmp_path / "class")
    assert run(tmp_path / "class").complete
    assert tree(tmp_path / "class") == right
    assert {path: when for path, when in times(tmp_path / "class").items() if path in before} == before | (
        {"manifest.json": (tmp_path / "class/manifest.json").stat().st_mtime_ns}
        if "manifest.json" in before
        else {}
    ) or ".manifest.journal" in before


def test_a_small_disk(mounted: Callable[[str], Path], right: dict[str, bytes]) -> None:
    disk = mounted("size=64k")
    with pytest.raises(OutputError, match=r"No space left on device; free some space and run it again$"):
        run(disk / "class")
    held = tree(disk / "class")
    assert held and all(
        content == right[path]
        for path, content in held.items()
        if path not in ("manifest.json", ".manifest.journal")
    )
    subprocess.run(["mount", "-o", "remount,size=1m", str(disk)], check=True)
    assert run(disk / "class").complete
    assert tree(disk / "class") == right


def test_the_processes_end_when_the_disk_is_full(mounted: Callable[[str], Path]) -> None:
    with pytest.raises(OutputError) as error:
        produce(jobs(400), make, mounted("size=64k") / "class", chunk=1)
    assert not multiprocessing.active_children()  # while the error is at hand
    assert "No space left on device" in str(error.value)


def test_a_disk_that_is_read_only(mounted: Callable[[str], Path], right: dict[str, bytes]) -> None:
    disk = mounted("size=1m")
    run(disk / "class")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert run(disk / "class").complete  # there is nothing to write
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    (disk / "class/print.pdf").unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for folder, file in (("class", "class/manifest.json"), ("other", "other")):
        with pytest.raises(OutputError) as error:
            run(disk / folder)
        if folder == "other":
            assert str(error.value) == (
                f"{disk}/{file}: cannot be written: Read-only file system; choose another folder with -o"
            )
        assert "Read-only file system" in str(error.value)
    assert {**tree(disk / "class"), "print.pdf": right["print.pdf"]} == right


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the super-user may write everywhere"
)
def test_a_folder_without_permission(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir(mode=0o555)
    with pytest.raises(OutputError) as error:
        run(tmp_path / "class")
    assert str(error.value) == (
        f"{tmp_path}/class/manifest.json: cannot be written: Permission denied; choose another folder with -o"
    )


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "class").write_text("mine")
    with pytest.raises(OutputError) as error:
        run(tmp_path / "class")
    assert str(error.value) == (
        f"{tmp_path}/class: cannot be written: File exists; choose another folder with -o"
    )
    assert (tmp_path / "class").read_text() == "mine"


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system has no such limits")
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2500, 2500))
        try:
            run(tmp_path / "class")
        except OutputError as error:
            os._exit(7 if "File too large" in str(error) else 1)
        except BaseException:
            os._exit(2)
        os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert not [path for path in tree(tmp_path / "class") if path.startswith(".partial")]
    assert run(tmp_path / "class").complete


def test_files_are_put_in_place_after_all_are_on_disk(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    contents = {tmp_path / name: name.encode() for name in ("a", "b/c")}
    written = write_files(contents, scratch=tmp_path, ready=lambda: seen.append(sorted(tree(tmp_path))))
    assert written == list(contents)
    assert len(seen[0]) == 2 and all(name.startswith(".partial-") for name in seen[0])
    assert tree(tmp_path) == {"a": b"a", "b/c": b"b/c"}


def test_nothing_is_put_in_place_when_it_is_not_wanted_after_all(tmp_path: Path) -> None:
    def refuse() -> None:
        raise RuntimeError

    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(RuntimeError):
        write_files({tmp_path / "a": b"new", tmp_path / "b": b"new"}, ready=refuse)
    assert tree(tmp_path) == {"a": b"old"}


def test_many_files_at_once(tmp_path: Path) -> None:
    contents = {tmp_path / str(number): b"%d" % number for number in range(100)}
    write_files(contents)
    assert tree(tmp_path) == {str(number): b"%d" % number for number in range(100)}


def test_sweeping_takes_only_what_is_unfinished(tmp_path: Path) -> None:
    for name in (".partial-x1.tmp", "a.tmp", ".partial", ".a.pdf.x1"):
        (tmp_path / name).touch()
    sweep(tmp_path)
    assert sorted(tree(tmp_path)) == [".a.pdf.x1", ".partial", "a.tmp"]
