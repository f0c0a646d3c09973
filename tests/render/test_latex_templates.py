"""Templates: an author's own come first, run in a sandbox, and their errors name file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from latex_sample import HIDDEN, POLICY, document

from symbackprop.errors import RenderError
from symbackprop.render.environment import Source, environment, fill, shipped_templates
from symbackprop.render.latex import Latex, render_latex


def templates(folder: Path, **files: str) -> Path:
    """Write an author's templates and return their folder."""
    (folder / "latex").mkdir()
    for name, text in files.items():
        (folder / "latex" / f"{name}.tex.j2").write_text(text, encoding="utf-8")
    return folder


def filled(folder: Path, template: str, /, **context: object) -> str:
    """Fill a template."""
    jinja = environment("latex", templates(folder, mine=template), source_type=Latex)
    return str(fill(jinja, "mine.tex.j2", **context))


def test_an_authors_template_comes_first(tmp_path: Path) -> None:
    folder = templates(tmp_path, paragraph="PARAGRAPH ((( text )))\n")
    source = render_latex(document(blocks=(POLICY, HIDDEN)), templates=folder)
    assert "PARAGRAPH Numbers are shown to 9 decimals" in source
    assert r"\begin{derivation}" in source


def test_a_shipped_template_can_be_extended(tmp_path: Path) -> None:
    text = "% mine\n((* include 'shipped/paragraph.tex.j2' *))"
    source = render_latex(document(blocks=(POLICY,)), templates=templates(tmp_path, paragraph=text))
    assert "% mine\n\\remark{Numbers are shown" in source


def test_a_folder_without_latex_templates_changes_nothing(tmp_path: Path) -> None:
    assert render_latex(document(), templates=tmp_path) == render_latex(document())


def test_what_is_not_source_is_escaped(tmp_path: Path) -> None:
    text = (
        "((( text ))) ((( source ))) ((( number ))) ((( none ))) ((( text ~ source ))) "
        "((( [text, source] | join(' & ') ))) ((( text | upper )))"
    )
    found = filled(tmp_path, text, text="a_b", source=Latex("$a_b$"), number=0.5, none=None)
    assert found == r"a\_b $a_b$ 0.5  a\_b\$a\_b\$ a\_b \& $a_b$ A\_B"


def test_macros_blocks_and_captures_are_source(tmp_path: Path) -> None:
    text = (
        "((* macro bold(text) *))\\textbf{((( text )))}((* endmacro *))"
        "((* set kept *))\\emph{((( text )))}((* endset *))"
        "((( bold(text) ))) ((( kept )))((* block tail *)) \\tail((* endblock *))"
    )
    assert filled(tmp_path, text, text="a&b") == r"\textbf{a\&b} \emph{a\&b} \tail"


def test_formatting_does_not_smuggle_text_past_the_escape(tmp_path: Path) -> None:
    found = filled(
        tmp_path, "((( source.format(text) ))) ((( source % text )))", source=Latex("%s{}"), text="$"
    )
    assert "$" not in found.replace(r"\$", "")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("one\ntwo ((( missing )))\n", 2, "'missing' is undefined"),
        ("((( document.missing )))\n", 1, "'symbackprop.render.latex.document.Properties object' has no"),
        ("one\n\n((* if *))\n", 3, "Expected an expression"),
        ("((* for x in y *))\n", 1, "Unexpected end of template"),
        ("\n((( 1 / 0 )))\n", 2, "division by zero"),
        ("((( document.__class__ )))\n", 1, "access to attribute '__class__'"),
        ("\n\n((( [].append(1) )))\n", 3, "is unsafe"),
        ("((* for i in range(10000000) *))((* endfor *))\n", 1, "Range too big"),
        ("((* include 'title.tex.j2' *))\n", 1, "maximum recursion depth"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    folder = templates(tmp_path, title=text)
    with pytest.raises(RenderError) as error:
        render_latex(document(), templates=folder)
    place = f"{folder}/latex/title.tex.j2:{line}: template error: "
    assert str(error.value).startswith(place)
    assert message in str(error.value)


def test_a_template_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = templates(tmp_path, title="((* include 'nowhere.tex.j2' *))")
    with pytest.raises(RenderError) as error:
        render_latex(document(), templates=folder)
    assert str(error.value) == "template nowhere.tex.j2 not found (wanted by document.tex.j2)"


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="nowhere: no such folder of templates"):
        render_latex(document(), templates=tmp_path / "nowhere")


def test_a_template_that_is_not_text(tmp_path: Path) -> None:
    folder = templates(tmp_path)
    (folder / "latex" / "title.tex.j2").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RenderError, match=r"is not UTF-8 text"):
        render_latex(document(), templates=folder)


def test_markup_of_templates_in_an_authors_text_is_text() -> None:
    source = render_latex(document(title="((( 7 * 7 ))) {{ 7 * 7 }} ((* include 'x' *))"))
    assert r"\sheettitle{((( 7 * 7 ))) \{\{ 7 * 7 \}\} ((* include 'x' *))}" in source


def test_shipped_templates_hold_no_arithmetic() -> None:
    for file in (shipped_templates() / "latex").glob("*.j2"):
        text = file.read_text(encoding="utf-8")
        for piece in text.split("((")[1:]:
            inside = piece.split("))")[0].strip("(*- ")
            assert not any(mark in inside for mark in (" + ", " - ", " / ", " * ", "round", "abs")), file.name


def test_source_knows_its_format() -> None:
    with pytest.raises(NotImplementedError):
        Source.of("x")
