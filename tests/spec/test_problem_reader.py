"""What may be read at all: files, encodings, YAML and JSON."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from symbackprop.errors import ProblemError, SymbackpropError
from symbackprop.spec import example_names, load_problem, read_problem
from symbackprop.spec.text import yaml_text as yaml_text_module
from symbackprop.spec.text.json_text import parse_json
from symbackprop.spec.text.reader import LARGEST_FILE, parse_text
from symbackprop.spec.text.yaml_text import parse_yaml

SMALL = """\
title: Small
network:
  inputs: [0.50]
  targets: [1]
  layers:
    - {units: 1, activation: tanh, weights: [[1/3]]}
"""


@pytest.fixture(params=["C", "Python"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of PyYAML's two parsers."""
    if request.param == "C":
        pytest.importorskip("yaml._yaml")
    else:
        monkeypatch.setattr(yaml_text_module, "_LOADER", yaml.SafeLoader)
    return str(request.param)


def refusal(text: str | bytes, file: str = "p.yaml") -> str:
    """Return the text of the error that a problem raises."""
    with pytest.raises(ProblemError) as caught:
        read_problem(text, file)
    return str(caught.value)


@pytest.mark.usefixtures("loader")
def test_scalars_keep_their_text_and_every_field_its_line() -> None:
    written = parse_yaml("a: 0.40\nb:\n  - 1e-3\n  - '0.10'\nc: {d: yes, e: null, f: true}\n")
    assert written.data == {"a": "0.40", "b": ["1e-3", "0.10"], "c": {"d": "yes", "e": None, "f": True}}
    assert written.lines == {
        (): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4,
        ("c",): 5, ("c", "d"): 5, ("c", "e"): 5, ("c", "f"): 5,
    }  # fmt: skip


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2", "p.yaml:2: a: written twice, first in line 1; expected each field once"),
        (
            "a: {b: 1,\n b: 2}",
            "p.yaml:2: a.b: written twice, first in line 1; expected each field once",
        ),
        ("a: 1\n---\nb: 1", "p.yaml:2: a second document starts here; expected one document in a file"),
        (
            "a: &x 1\nb: *x",
            "p.yaml:1: a: anchors are not supported; given &x; expected the value written out",
        ),
        ("a: 1\nb: *x", "p.yaml:2: b: aliases are not supported; given *x; expected the value written out"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "p.yaml:1: a: tags are not supported; given !!python/object/apply:os.system; "
            "expected the value without a tag",
        ),
        (
            "a: " + "[" * 30 + "]" * 30,
            "p.yaml:1: a[1][1][1][1][1][1][1]...: nested too deeply; expected at most 20 levels",
        ),
        ("? [a]\n: 1", "p.yaml:1: a list or mapping stands where a field name is expected"),
        (
            "- 1\n- 2",
            "p.yaml:1: the top level is not a mapping; given a list; "
            "expected fields such as `title:` and `network:`",
        ),
        ("hello", "p.yaml:1: the top level is not a mapping; given a single value; expected fields such as"),
        (
            "",
            "p.yaml: the file is empty; expected a problem. `symbackprop new` writes a file to start from.",
        ),
        ("# x\n", "p.yaml: there is nothing but comments; expected a problem."),
        ("a: 1\nb: \x07", "p.yaml:2: holds the control character U+0007; expected printable text"),
    ],
)
def test_refused_yaml(text: str, expected: str) -> None:
    assert refusal(text).startswith(expected)


@pytest.mark.usefixtures("loader")
def test_syntax_errors_name_line_and_column() -> None:
    message = refusal("title: x\nnetwork: a: b")
    assert message.startswith("p.yaml:2: not valid YAML at column 11: mapping values are not allowed")
    assert message.endswith("put a text that holds a colon between quotation marks.")
    assert "Indent with spaces" in refusal("network:\n\tinputs: [1]")
    assert refusal("title: 'x").startswith("p.yaml:1: not valid YAML at column ")


@pytest.mark.usefixtures("loader")
def test_an_alias_bomb_is_refused_at_once() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    start = time.perf_counter()
    assert "anchors are not supported" in refusal(bomb)
    assert time.perf_counter() - start < 0.5


@pytest.mark.usefixtures("loader")
def test_deep_nesting_is_no_recursion_error() -> None:
    for text in ("[" * 200_000, "{a: " * 200_000, "- " * 200_000, '{"a":' * 200_000):
        assert "nested too deeply" in refusal(text)


def test_json_has_lines_too_and_tabs_are_white_space() -> None:
    text = '{\n\t"title": "T\\u00e9",\n\t"network":\t{"inputs": [0.50, -1E-3],\n\t"targets": null}}'
    written = parse_json(text, "p.json")
    assert written.data == {"title": "Té", "network": {"inputs": ["0.50", "-1E-3"], "targets": None}}
    assert written.lines[("network", "inputs", 1)] == 3
    assert written.lines[("network", "targets")] == 4


def test_json_is_read_whatever_the_file_is_called() -> None:
    text = '{"title": "T",\t"network": {"inputs": [1], "targets": [1], "layers": [\n'
    text += '{"units": 1, "activation": "tanh", "weights": [[1]]}]}}'
    assert read_problem(text, "p.yaml").title == read_problem(text, "p.json").title == "T"


def test_a_yaml_mapping_in_braces_is_still_yaml() -> None:
    text = "{title: T, network: {inputs: [1], targets: [1],\n"
    text += "  layers: [{units: 1, activation: tanh, weights: [[1]]}]}}"
    assert read_problem(text).title == "T"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,\n "a": 2}', "p.json:2: a: written twice, first in line 1; expected each field once"),
        ('{"a": 1,}', "p.json:1: not valid JSON at column 9: a field name is missing; given }"),
        ('{"a": [1,]}', "p.json:1: a[2]: not valid JSON at column 10: a value is missing or not valid"),
        ('{"a" 1}', "p.json:1: not valid JSON at column 6: something is missing; given 1}; expected a colon"),
        ('{"a": 1', "p.json:1: not valid JSON at column 8: the text ends too early"),
        ('{"a": 1} x', "p.json:1: not valid JSON at column 10: text after the end of the document; given x"),
        ('{"a": "x', "p.json:1: not valid JSON at column 7: unterminated string starting"),
        ("a: 1", "p.json:1: not valid JSON at column 1: a value is missing or not valid; given a: 1"),
    ],
)
def test_refused_json(text: str, expected: str) -> None:
    assert refusal(text, "p.json").startswith(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfea\x00", "p.yaml: encoded in UTF-16; expected text in UTF-8. Save the file as UTF-8."),
        (b"a: 1\n\x00\x01", "p.yaml:2: holds NUL bytes, so it is a binary file; expected text in UTF-8"),
        (b"a: 1\nb: \xe9", "p.yaml:2: byte 0xe9 is not UTF-8 text; expected text in UTF-8. Save the file"),
        (b"\x89PNG\r\n\x1a\n", "p.yaml:1: byte 0x89 is not UTF-8 text"),
    ],
)
def test_refused_bytes(content: bytes, expected: str) -> None:
    assert refusal(content).startswith(expected)


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load_problem(file).title == "Small"


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    with file.open("wb") as stream:
        stream.truncate(50_000_000)
    start = time.perf_counter()
    with pytest.raises(ProblemError) as caught:
        load_problem(file)
    assert time.perf_counter() - start < 0.1
    assert str(caught.value) == (
        f"{file}: the file is too large; given 50 000 000 bytes; expected at most 4 000 000 bytes"
    )
    assert "too large" in refusal("#" * (LARGEST_FILE + 1))


def test_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(SMALL)
    with pytest.raises(ProblemError) as caught:
        load_problem(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: this is a directory; expected a problem file. It holds net.yaml."
    )


def test_a_device_and_an_unreadable_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if Path("/dev/zero").exists():
        with pytest.raises(
            ProblemError, match=r"^/dev/zero: this is not a regular file; expected a problem file$"
        ):
            load_problem("/dev/zero")
    file = tmp_path / "secret.yaml"
    file.write_text(SMALL)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ProblemError) as caught:
        load_problem(file)
    assert str(caught.value) == f"{file}: no permission to read this file"


@pytest.mark.parametrize(
    ("argument", "near"),
    [("two-output", "two-output-sigmoid"), ("XOR", "xor"), ("xor.yaml", "xor"), ("or_gate", "or-gate")],
)
def test_an_unknown_name_lists_the_examples(argument: str, near: str) -> None:
    with pytest.raises(ProblemError) as caught:
        load_problem(argument)
    assert str(caught.value) == (
        f"neither a file nor a built-in example; given {argument}; "
        f"expected a problem file, or one of the examples {', '.join(example_names())}. Did you mean {near}?"
    )


@pytest.mark.parametrize("argument", ["", "a\0b", "x" * 5000, "/no/such/file.yaml"])
def test_strange_arguments(argument: str) -> None:
    with pytest.raises(ProblemError, match=r"^neither a file nor a built-in example"):
        load_problem(argument)


def test_a_file_wins_over_an_example_and_an_example_over_a_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "xor").mkdir()
    assert load_problem("xor").epochs == 10000
    (tmp_path / "or-gate").write_text(SMALL)
    assert load_problem("or-gate").title == "Small"


def test_errors_are_meant_for_users() -> None:
    with pytest.raises(SymbackpropError):
        parse_text("")
