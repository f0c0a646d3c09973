"""TeX engines: LaTeX source to PDF, in a scratch folder, without shell escape, under a time limit."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from ..errors import RenderError

#: The engines, those that are taken first where several are found first.
ENGINES = ("latexmk", "pdflatex", "lualatex", "tectonic")

_COMMON = ("-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error")
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "pdflatex": ("pdflatex", *_COMMON, "sheet.tex"),
    "lualatex": ("lualatex", *_COMMON, "sheet.tex"),
    "latexmk": (
        "latexmk",
        "-norc",
        "-pdf",
        "-silent",
        *(f"-latexoption={option}" for option in _COMMON),
        "sheet.tex",
    ),
    "tectonic": ("tectonic", "--untrusted", "--keep-logs", "sheet.tex"),
}
_RUNS_ITSELF = frozenset({"latexmk", "tectonic"})  # as often as references need
_MOST_RUNS = 5

# 1980-01-01: PDF dates that never change
_EPOCH = "315532800"
_KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TEXMFHOME",
    "TEXMFVAR",
    "TEXMFCONFIG",
    "TEXMFCNF",
    "SYSTEMROOT",
    "TMPDIR",
)


def available_engines() -> tuple[str, ...]:
    """Return the TeX engines found on this machine, the preferred one first."""
    return tuple(engine for engine in ENGINES if shutil.which(engine))


def compile_tex(source: str, engine: str | None = None, *, timeout: float = 60) -> bytes:
    """Return the PDF of LaTeX source.

    Arguments:
        source: a whole document.
        engine: one of `ENGINES`; the first that is found if not given.
        timeout: seconds until the engine and all that it started are killed.

    Raises:
        RenderError: the engine is missing, failed (the text is its log's first error) or took too long.
    """
    return compile_with_log(source, engine, timeout=timeout)[0]


def compile_with_log(source: str, engine: str | None = None, *, timeout: float = 60) -> tuple[bytes, str]:
    """Return the PDF of LaTeX source and the log of the last run; see `compile_tex`."""
    return compile_files({"sheet.tex": source}, engine, timeout=timeout)


def compile_files(
    files: Mapping[str, str], engine: str | None = None, *, timeout: float = 60, once: bool = False
) -> tuple[bytes, str]:
    """Return the PDF of LaTeX source in several files, and the log of the last run.

    Arguments:
        files: their contents, by their names; `sheet.tex` is the one that is run.
        engine: one of `ENGINES`; the first that is found if not given.
        timeout: seconds until the engine and all that it started are killed.
        once: one run is enough, whatever it notes for another one.

    Raises:
        RenderError: the engine is missing, failed (the text is its log's first error) or took too long.
    """
    engine = _chosen(engine)
    deadline = time.monotonic() + timeout
    source = files["sheet.tex"]
    with tempfile.TemporaryDirectory(prefix="symbackprop-tex-") as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_text(content, encoding="utf-8", errors="surrogatepass")
        references = b""
        for _ in range(1 if once or engine in _RUNS_ITSELF else _MOST_RUNS):
            code, output = _run(_COMMANDS[engine], folder, deadline, engine, timeout)
            log = _read(folder / "sheet.log") or output
            if code:
                raise RenderError(f"{engine} failed: {first_error(log or output, source)}")
            before, references = references, _references(folder)
            if references == before:
                break
        try:
            return (folder / "sheet.pdf").read_bytes(), log
        except FileNotFoundError:
            raise RenderError(f"{engine} made no PDF; its log ends with: {_last_line(log)}") from None


def _chosen(engine: str | None) -> str:
    found = available_engines()
    if engine is None and found:
        return found[0]
    if engine in found:
        return engine
    if engine is not None and engine not in ENGINES:
        raise RenderError(f"{engine!r} is not a TeX engine; expected one of {', '.join(ENGINES)}")
    missing = f"{engine} was not found" if engine else "no TeX engine was found"
    there = (
        f"; found: {', '.join(found)}"
        if found
        else ""
        if engine is None
        else "; no other TeX engine was found either"
    )
    raise RenderError(f"{missing} on this machine{there}. The engine typst is built in and needs no TeX")


def _run(
    command: tuple[str, ...], folder: Path, deadline: float, engine: str, timeout: float
) -> tuple[int, str]:
    """Run a command in a folder, in a process group of its own that dies with it."""
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise RenderError(f"{engine} cannot be started: {error.strerror}") from None
    with process:
        try:
            output, _ = process.communicate(timeout=max(0.05, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise RenderError(f"{engine} took longer than {timeout:g} s and was stopped") from None
        finally:
            _kill(process)
    return process.returncode, output.decode("utf-8", "replace")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that is still running, with its whole group."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _environment() -> dict[str, str]:
    """Return what an engine may know: where programs and fonts are, a fixed date, no other files."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "openout_any": "p",
        "openin_any": "p",
        "shell_escape": "f",
        "SOURCE_DATE_EPOCH": _EPOCH,
        "FORCE_SOURCE_DATE": "1",
        "max_print_line": "1000",
        "error_line": "254",
        "half_error_line": "238",
        "TEXINPUTS": f".{os.pathsep}",
    }


_ERROR = re.compile(r"^(?:(?:\./)?(?P<file>[^:\n]+):(?P<line>\d+): |! )(?P<text>.+)$", re.MULTILINE)
_LINE = re.compile(r"^l\.(\d+) ?(.*)$", re.MULTILINE)
_HOLLOW = ("Emergency stop", " ==> Fatal", "==> Fatal")


def first_error(log: str, source: str = "") -> str:
    """Return the first real error of a TeX log, with the line of the source where it happened."""
    errors = [match for match in _ERROR.finditer(log) if not match["text"].startswith(_HOLLOW)]
    if not errors:
        return _last_line(log) or "no message"
    error = errors[0]
    text = error["text"].strip()
    where = _LINE.search(log, error.end())
    number = error["line"] or (where[1] if where else None)
    if number is None:
        return text
    lines = source.splitlines()
    index = int(number) - 1
    quoted = lines[index].strip() if error["file"] in (None, "sheet.tex") and index < len(lines) else ""
    if not quoted and where:
        quoted = where[2].strip()
    return f"{text} (line {number}{': ' + _short(quoted) if quoted else ''})"


def _short(text: str, limit: int = 100) -> str:
    return text if len(text) <= limit else f"{text[:limit]}..."


def _last_line(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _references(folder: Path) -> bytes:
    """Return what a run has noted for the next one: numbers of pages, widths of tables, bookmarks."""
    notes = (folder / f"sheet.{kind}" for kind in ("aux", "out", "toc"))
    return b"".join(note.read_bytes() for note in notes if note.is_file())


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
