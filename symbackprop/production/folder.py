"""The folder that files are made in: which of them stand as they were made, and new ones put in place."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path, PurePosixPath

from ..writing import OutputError, write_files
from .jobs import Failure
from .manifest import (
    FAILED,
    JOURNAL,
    MANIFEST,
    PENDING,
    Entry,
    Note,
    append_notes,
    manifest_text,
    read_journal,
    read_manifest,
    remove_journal,
)


class Standing(Enum):
    """How a file stands, beside what was written of it."""

    WHOLE = "whole"
    MISSING = "missing"
    CHANGED = "changed"


class Folder:
    """An output folder, with what is known of each job's files in it.

    Only one run may use it at a time; see `locked`.
    """

    def __init__(self, path: Path, overwrite: bool = False) -> None:
        """Take in the manifest, and what a killed run has left.

        Arguments:
            path: the folder, which is there.
            overwrite: whether files may be replaced that were changed by hand or not made here.
        """
        self.path, self.overwrite = path, overwrite
        self.entries = _recovered(path)
        self._wanted: frozenset[str] = frozenset()
        self._owners = {path.casefold(): name for name, entry in self.entries.items() for path in entry.files}
        self._folders: set[str] = set()

    def standing(self, name: str) -> dict[str, Standing]:
        """Return how each known file of a job stands."""
        entry = self.entries.get(name)
        return {path: self._standing(path, {digest}) for path, digest in entry.files.items()} if entry else {}

    def holdings(self, name: str, changed: Sequence[str]) -> list[tuple[str, str | None]]:
        """Return the SHA-256 of what each file of a job holds now, where some were changed by hand."""
        return [
            (path, _digest_of(self.path / path) if path in changed else digest)
            for path, digest in sorted(self.entries[name].files.items())
        ]

    def want(self, entries: Mapping[str, Entry]) -> None:
        """Set the entries of the jobs that are wanted, in their order; those of others come after them."""
        others = {name: entry for name, entry in self.entries.items() if name not in entries}
        self.entries = {**entries, **dict(sorted(others.items()))}
        self._wanted = frozenset(entries)

    def unwanted(self) -> list[str]:
        """Return the files that are there, were made here, and belong to no job that is wanted."""
        files = {
            path
            for name, entry in self.entries.items()
            for path in (entry.former if name in self._wanted else {**entry.files, **entry.former})
        }
        wanted = {path for name in self._wanted for path in self.entries[name].files}
        return sorted(path for path in files - wanted if (self.path / path).exists())

    def put(self, made: Sequence[tuple[str, str, Mapping[str, bytes]]]) -> list[Failure]:
        """Put the files of some jobs in place, all that are not there already; return what could not be.

        Arguments:
            made: name, identity and files of each job.

        Raises:
            OutputError: the disk is full or the folder cannot be written. The journal knows what is in place.
        """
        failures: list[Failure] = []
        batch: list[tuple[Note, Mapping[str, bytes]]] = []
        for name, identity, files in made:
            note = Note(name, identity, {path: _digest(content) for path, content in files.items()})
            obstacle = self._obstacle(note)
            if obstacle:
                failures.append(Failure(name, obstacle))
            else:
                self._take_over(note)
                batch.append((note, files))
        try:
            self._write(batch)
        except OutputError as error:
            if error.code not in _OF_ONE_FILE:
                raise
            if len(batch) == 1:
                return [*failures, Failure(batch[0][0].name, str(error))]
            for note, files in batch:
                failures += self.put([(note.name, note.identity, files)])
        return failures

    def fail(self, failed: Failure, identity: str) -> None:
        """Note that a job failed; its files of an earlier identity stay known."""
        earlier = self.entries.get(failed.job)
        files, former = (earlier.files, earlier.former) if earlier else ({}, {})
        self.entries[failed.job] = Entry(identity, FAILED, files, _writable(failed.reason), former)

    def save(self) -> None:
        """Write the manifest if it has changed; the journal is then of no more use.

        Raises:
            OutputError: it cannot be written; the journal keeps what the manifest lacks.
        """
        path = self.path / MANIFEST
        content = manifest_text(self.entries).encode()
        if self._standing(MANIFEST, {_digest(content)}) is not Standing.WHOLE:
            write_files({path: content}, scratch=self.path)
        remove_journal(self.path)

    def _standing(self, path: str, digests: set[str]) -> Standing:
        found = _digest_of(self.path / path)
        return Standing.MISSING if found is None else Standing.WHOLE if found in digests else Standing.CHANGED

    def _obstacle(self, note: Note) -> str:
        """Return what keeps the files of a job from being put in place, "" if nothing does."""
        own = self.entries.get(note.name)
        for path, digest in note.files.items():
            if path.casefold() in (MANIFEST, JOURNAL):
                return f"{path} is the name of the manifest"
            owner = self._owners.get(path.casefold(), note.name)
            for taken in (path, *_folders_of(path)):
                other = self._owners.get(taken.casefold(), note.name)
                if other != note.name and other in self._wanted:
                    return f"{taken} is a file of {other} already"
            if path.casefold() in self._folders:
                return f"{path} is a folder already"
            if self.overwrite or (own and path in own.files):
                continue
            known = (
                {digest, self.entries[owner].files.get(path, digest)} if owner in self.entries else {digest}
            )
            if self._standing(path, known) is Standing.CHANGED:
                return (
                    f"{path} is already there and was not made here; "
                    "move it away, choose another folder, or overwrite it"
                )
        return ""

    def _take_over(self, note: Note) -> None:
        """Make the files of a note its job's own, also those of a job that is no longer wanted."""
        for path in note.files:
            owner = self._owners.get(path.casefold(), note.name)
            if owner != note.name:
                entry = self.entries[owner]
                kept = {name: digest for name, digest in entry.files.items() if name != path}
                self.entries[owner] = replace(entry, files=kept)
            self._owners[path.casefold()] = note.name
            self._folders.update(map(str.casefold, _folders_of(path)))

    def _write(self, batch: Sequence[tuple[Note, Mapping[str, bytes]]]) -> None:
        """Write what is not there yet; the notes of it are on disk before the first file is in place."""
        contents = {
            self.path / path: files[path]
            for note, files in batch
            for path, digest in note.files.items()
            if self._standing(path, {digest}) is not Standing.WHOLE
        }
        notes = [note for note, _ in batch]
        write_files(contents, scratch=self.path, ready=lambda: append_notes(self.path, notes))
        for note in notes:
            earlier = self.entries.get(note.name, Entry(note.identity))
            self.entries[note.name] = earlier.followed_by(note.identity, note.files)


def _recovered(folder: Path) -> dict[str, Entry]:
    """Return the entries of the manifest, with the notes of a killed run held against what is there."""
    entries = read_manifest(folder)
    notes: dict[str, list[Note]] = {}
    for note in read_journal(folder):
        notes.setdefault(note.name, []).append(note)
    return entries | {name: _after(folder, entries.get(name), own) for name, own in notes.items()}


def _after(folder: Path, entry: Entry | None, notes: Sequence[Note]) -> Entry:
    """Return what is true of a job whose run was killed: each file may be the old, the new, or none."""
    entry = entry or Entry(notes[-1].identity)
    known: dict[str, list[str]] = {path: [digest] for path, digest in entry.files.items()}
    for note in notes:
        for path, digest in note.files.items():
            known.setdefault(path, []).append(digest)
    last = notes[-1]
    there = {path: _digest_of(folder / path) for path in known}
    # what is none of those was changed by hand since; with the last digest beside it, that will be seen
    files = {
        path: digest if digest in known[path] else known[path][-1]
        for path, digest in there.items()
        if digest is not None
    }
    if all(there[path] == digest for path, digest in last.files.items()):
        return replace(entry, files=files).followed_by(last.identity, last.files)
    return Entry(last.identity, PENDING, files, former=entry.former)


def _digest_of(path: Path) -> str | None:
    """Return the SHA-256 of a file, None if there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        # a folder, or no permission: there is something, and it is not what was made
        return None if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG) else "unreadable"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _folders_of(path: str) -> list[str]:
    """Return the folders that a relative path leads through."""
    return [str(folder) for folder in PurePosixPath(path).parents][:-1]


def _writable(text: str) -> str:
    """Return text that UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()


#: What is wrong with the path of one file, and not with the disk or the folder.
_OF_ONE_FILE = frozenset(
    (
        errno.ENAMETOOLONG,
        errno.EISDIR,
        errno.ENOTDIR,
        errno.EEXIST,
        errno.EINVAL,
        errno.EILSEQ,
        errno.ENOTEMPTY,
    )
)
