"""The manifest of a folder: what was made, from what, and the SHA-256 of every file.

`manifest.json` is replaced as a whole when a run begins and when it ends. Between, each batch of files adds
its lines to a journal beside it before the files are put in place, so that a run that is killed leaves
behind what it was about to do; the cost of a batch does not grow with the class.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import SymbackpropError
from ..writing import OutputError

#: The names of the manifest and of its journal.
MANIFEST, JOURNAL = "manifest.json", ".manifest.journal"

MADE, FAILED, PENDING = "made", "failed", "pending"

_VERSION = 1


@dataclass(frozen=True)
class Entry:
    """What is known of a job: files by their relative path, with the SHA-256 of what this program wrote.

    A job that failed or is pending may have files of an earlier identity; `former` are files that an earlier
    identity had and the present one has not.
    """

    identity: str
    state: str = PENDING
    files: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    former: Mapping[str, str] = field(default_factory=dict)

    def followed_by(self, identity: str, files: Mapping[str, str]) -> Entry:
        """Return the entry of the job once it is made with these files."""
        former = {path: digest for path, digest in {**self.former, **self.files}.items() if path not in files}
        return Entry(identity, MADE, files, former=former)


def manifest_text(entries: Mapping[str, Entry]) -> str:
    """Return the JSON text of a manifest, the same for the same entries."""
    data = {
        "symbackprop manifest": _VERSION,
        "jobs": {name: _entry_data(entry) for name, entry in entries.items()},
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def read_manifest(folder: Path) -> dict[str, Entry]:
    """Return the entries of a folder's manifest by the name of the job, none if there is no manifest.

    Raises:
        SymbackpropError: there is a file of that name that is no manifest, or that cannot be read.
    """
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["symbackprop manifest"] != _VERSION:
            raise ValueError(f"version {data['symbackprop manifest']}")
        return {name: _entry(item) for name, item in data["jobs"].items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SymbackpropError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SymbackpropError(
            f"{path}: this is no manifest of a class set, or it was changed; choose another folder, or "
            "remove it: files that are right are known by what they hold"
        ) from None


@dataclass(frozen=True)
class Note:
    """A line of the journal: the files that are about to be put in place."""

    name: str
    identity: str
    files: Mapping[str, str]


def read_journal(folder: Path) -> Iterator[Note]:
    """Yield the notes that a killed run has left, up to the line at which it was killed.

    Raises:
        SymbackpropError: the journal cannot be read.
    """
    path = folder / JOURNAL
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise SymbackpropError(f"{path}: cannot be read: {error.strerror or error}") from None
    *lines, _ = content.split(b"\n")
    for line in lines:
        try:
            data = json.loads(line)
            yield Note(data["name"], data["identity"], dict(data["files"]))
        except (ValueError, KeyError, TypeError):
            return


def append_notes(folder: Path, notes: list[Note]) -> None:
    """Add notes to the journal and wait until they are on disk; a note that does not fit leaves no trace.

    Raises:
        OutputError: the journal cannot be written.
    """
    path = folder / JOURNAL
    content = b"".join(json.dumps(vars(note)).encode() + b"\n" for note in notes)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        try:
            before = os.lseek(handle, 0, os.SEEK_END)
            try:
                view = memoryview(content)
                while view:
                    view = view[os.write(handle, view) :]
                os.fsync(handle)
            except BaseException:
                os.ftruncate(handle, before)
                raise
        finally:
            os.close(handle)
    except OSError as error:
        raise OutputError(path, error) from None


def remove_journal(folder: Path) -> None:
    """Remove the journal, if there is one.

    Raises:
        OutputError: the folder cannot be written.
    """
    path = folder / JOURNAL
    try:
        path.unlink()
    except FileNotFoundError:
        pass
    except OSError as error:
        if path.exists():  # on a disk that is read-only, what is not there cannot be removed either
            raise OutputError(path, error) from None


def _entry_data(entry: Entry) -> dict[str, object]:
    data: dict[str, object] = {"identity": entry.identity, "state": entry.state}
    if entry.reason:
        data["reason"] = entry.reason
    data["files"] = dict(sorted(entry.files.items()))
    if entry.former:
        data["former files"] = dict(sorted(entry.former.items()))
    return data


def _entry(data: Mapping[str, Any]) -> Entry:
    files, former = data["files"], data.get("former files", {})
    return Entry(
        str(data["identity"]),
        str(data["state"]),
        {str(path): str(digest) for path, digest in files.items()},
        str(data.get("reason", "")),
        {str(path): str(digest) for path, digest in former.items()},
    )
