"""Jinja environments: where templates are found, how they are written, what they print unescaped.

Escaping goes by type. A renderer marks what is already source text of its format with a subclass of
`Source`; whatever else a template prints is escaped on the way out. No filter has to be remembered.

Delimiters do for all formats: `((* if x *))` a statement, `((( x )))` an expression, `((= x =))` a
comment; a bracket beside one of them needs a space between. A user's folder is searched before the
shipped one, a folder per format; from inside it the shipped template of the same name is
`shipped/NAME`, so that it can be extended.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..errors import RenderError
from .stamps import SYMBOL_SIDE


class Source(str):
    """Text in the source language of a format, printed by templates as it is."""

    __slots__ = ()

    @classmethod
    def escape(cls, text: str) -> Self:
        """Return source text that prints this plain text."""
        raise NotImplementedError

    @classmethod
    def of(cls, value: object) -> Self:
        """Return the value as source text, escaped unless it is source text already."""
        return value if isinstance(value, cls) else cls.escape("" if value is None else str(value))

    @classmethod
    def joined(cls, parts: Iterable[object], separator: str = "") -> Self:
        """Join parts into source text, escaping those that are not; the separator is source text."""
        return cls(separator.join(cls.of(part) for part in parts))


class Environment(ImmutableSandboxedEnvironment):
    """A sandbox whose macros, blocks and captures return source text of one format."""

    def __init__(self, source_type: type[Source], loader: jinja2.BaseLoader) -> None:
        """Set the delimiters, the strictness and the escaping."""
        super().__init__(
            loader=loader,
            block_start_string="((*",
            block_end_string="*))",
            variable_start_string="(((",
            variable_end_string=")))",
            comment_start_string="((=",
            comment_end_string="=))",
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            undefined=jinja2.StrictUndefined,
            finalize=source_type.of,
        )
        self.source_type = source_type
        self.concat = lambda parts: source_type("".join(parts))  # type: ignore[method-assign]
        self.filters["join"] = lambda parts, separator="": source_type.joined(
            parts, source_type.of(separator)
        )
        self.filters["source"] = source_type
        self.filters["indent"] = lambda text, width=2: _indented(source_type, text, width)
        del self.globals["lipsum"]
        self.globals["symbol_side"] = f"{SYMBOL_SIDE:g}mm"

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Format in the sandbox; the outcome counts as plain text, for it may hold plain parts."""
        wrapped = super().wrap_str_format(value)
        return None if wrapped is None else lambda *args, **named: str(wrapped(*args, **named))


def _indented(source_type: type[Source], text: object, width: int) -> Source:
    """Indent every line but empty ones."""
    lines = source_type.of(text).split("\n")
    return source_type("\n".join(" " * width + line if line else line for line in lines))


@lru_cache(maxsize=16)
def environment(format: str, templates: Path | None = None, *, source_type: type[Source]) -> Environment:
    """Return the environment of a format's templates.

    Arguments:
        format: the name of the templates' folder, such as "latex".
        templates: a user's folder whose subfolder of that name is searched first.
        source_type: the type that marks the format's source text, with its escaping.
    """
    shipped = jinja2.FileSystemLoader(shipped_templates() / format)
    loaders: list[jinja2.BaseLoader] = [
        shipped,
        jinja2.PrefixLoader({"shipped": shipped}),
    ]
    if templates is not None:
        if not templates.is_dir():
            raise RenderError(f"{templates}: no such folder of templates")
        loaders.insert(0, jinja2.FileSystemLoader(templates / format))
    return Environment(source_type, jinja2.ChoiceLoader(loaders))


def read_templates(environment: Environment) -> None:
    """Read all templates, before processes are started that would each read them.

    What is wrong with one is told where it is used.
    """
    for name in environment.list_templates(filter_func=lambda name: "/" not in name and name.endswith(".j2")):
        with suppress(jinja2.TemplateError):
            environment.get_template(name)


def shipped_templates() -> Path:
    """Return the folder of the templates that come with the package: in a wheel or in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "templates", package.parent / "templates"):
        if folder.is_dir():
            return folder
    raise RenderError("the templates that come with symbackprop are missing; please reinstall it")


def fill(environment: Environment, template: str, **context: object) -> Any:
    """Render a template to source text of the environment's format.

    Raises:
        RenderError: the template is missing or wrong; the text names its file and line.
    """
    try:
        return environment.source_type(environment.get_template(template).render(context))
    except jinja2.TemplateSyntaxError as error:
        raise _failed(error.filename or error.name or template, error.lineno, error) from None
    except jinja2.TemplateNotFound as error:
        message = f"template {error.name} not found"
        raise RenderError(
            f"{message} (wanted by {template})" if error.name != template else message
        ) from None
    except RenderError:
        raise
    except UnicodeDecodeError as error:
        raise RenderError(f"template {template} is not UTF-8 text: {error.reason}") from None
    except Exception as error:
        file, line = _place(error, environment, template)
        raise _failed(file, line, error) from None


def _failed(file: str, line: int | None, error: Exception) -> RenderError:
    place = file if line is None else f"{file}:{line}"
    text = str(error) or type(error).__name__
    return RenderError(f"{place}: template error: {text.splitlines()[0]}")


def _place(error: Exception, environment: Environment, template: str) -> tuple[str, int | None]:
    """Find the innermost template line in the traceback of an error."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.endswith(".j2"):
            return frame.filename, frame.lineno
    return template, None
