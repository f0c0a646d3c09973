"""Fonts cut down: what is left of a Type 1 program, and what a page's content says of its fonts."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.engines.tex import compile_tex
from symbackprop.production.charstrings import Calls, UnknownFont, find_calls, renumbered
from symbackprop.production.contents import ContentReader, has_inline_image, read_any
from symbackprop.production.splitting import split_pdf
from symbackprop.production.type1 import Program, cut, decrypted, encrypted, read_program


def font_file(name: str) -> Path:
    """Return where TeX has a font, in the two parts that a PDF has too."""
    if not shutil.which("kpsewhich"):
        pytest.skip("kpsewhich is not on this machine")
    done = subprocess.run(["kpsewhich", f"{name}.pfb"], capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        pytest.skip(f"{name}.pfb is not on this machine")
    return Path(done.stdout.strip())


def parts_of(file: Path) -> list[bytes]:
    """Return the segments of a printer font binary, each behind a head of six bytes."""
    data, found, at = file.read_bytes(), [], 0
    while data[at + 1] in (1, 2):
        length = int.from_bytes(data[at + 2 : at + 6], "little")
        found.append(data[at + 6 : at + 6 + length])
        at += 6 + length
    return found


@pytest.fixture(scope="module")
def program() -> Program:
    head, body, _ = parts_of(font_file("lmr10"))
    return read_program(head + body, len(head), len(body))


def drawn(data: bytes, letters: str) -> bytes:
    """Return how FreeType draws letters of a font program."""
    with pymupdf.open() as document:
        page = document.new_page(width=500, height=60)
        writer = pymupdf.TextWriter(page.rect)
        font = pymupdf.Font(fontbuffer=data)
        for place, letter in enumerate(letters):  # each where it belongs, whatever its width is
            writer.append((10 + 20 * place, 40), letter, font=font, fontsize=20)
        writer.write_text(page)
        return bytes(page.get_pixmap(dpi=110).samples)


# --- programs -------------------------------------------------------------------------------------


def test_the_key_of_the_format_is_used() -> None:
    """The program key is 55665: the first plain byte is the cipher's with 0xD9, the high byte of that."""
    assert decrypted(b"\x00", 55665) == b"\xd9"
    # 0x11: with this cipher byte the key becomes ((0 + 55665) * 52845 + 22719) mod 65536
    key = (55665 * 52845 + 22719) % 65536
    assert decrypted(b"\x00\x00", 55665)[1] == key >> 8


@given(st.binary(max_size=200), st.integers(0, 0xFFFF))
def test_what_is_encrypted_is_read_again(data: bytes, key: int) -> None:
    assert decrypted(encrypted(data, key), key) == data


def test_a_whole_font_is_read(program: Program) -> None:
    assert {".notdef", "A", "a", "zero", "adieresis", "lslash"} <= program.glyphs.keys()
    assert len(program.glyphs) > 700  # Latin Modern has some 820


@given(
    st.sets(st.sampled_from(["A", "b", "zero", "adieresis", "lslash", "ffi", "germandbls", "Q"]), min_size=1)
)
def test_what_is_cut_is_the_same_from_more_and_from_less(program: Program, glyphs: set[str]) -> None:
    encoding = dict(enumerate(sorted(glyphs), start=65))
    once = cut(program, glyphs, "ABCDEF+Font", encoding)
    larger = read_program(*cut(program, {*glyphs, "B", "one", "Odieresis", "w"}, "Other", {}))
    assert cut(larger, glyphs, "ABCDEF+Font", encoding) == once
    again = read_program(*once)
    assert set(again.glyphs) == {*glyphs, ".notdef"} and again.encoding == encoding
    assert len(once[0]) == once[1] + once[2] < 20_000


@pytest.mark.parametrize("name", ["lmr10", "lmbx12", "lmmi10", "lmsy10", "cmr10", "cmsy10"])
def test_glyphs_look_as_before(name: str) -> None:
    file = font_file(name)
    parts = parts_of(file)
    program = read_program(parts[0] + parts[1], len(parts[0]), len(parts[1]))
    letters = "BDFGHKQRSXZ" + "abdgkmqrsxz" * ("a" in program.glyphs)
    less = cut(program, letters, "ABCDEF+Font", dict(enumerate(letters, start=65)))
    assert len(less[0]) < len(parts[0] + parts[1])
    assert drawn(less[0], letters) == drawn(file.read_bytes(), letters)
    assert drawn(less[0], letters) != drawn(less[0], letters[::-1])


def test_a_program_written_otherwise_is_not_touched() -> None:
    body = encrypted(b"0000dup /Private 1 dict /lenIV -1 def", 55665)
    with pytest.raises(UnknownFont):
        read_program(b"head" + body, 4, len(body))
    body = encrypted(b"0000nothing", 55665)
    with pytest.raises(UnknownFont):
        read_program(b"head" + body, 4, len(body))


# --- charstrings ----------------------------------------------------------------------------------

#: 139 + n is a small number n; 10 calls a subroutine, 11 returns, 14 ends; 12 16 hands over, 12 17 takes
#: back.
CODES = {
    "A": bytes([139 + 7, 10, 14]),
    "B": bytes([139 + 9, 139 + 1, 139 + 3, 12, 16, 12, 17, 10, 14]),  # 9, by way of the interpreter
    "C": bytes([139, 139, 139, 139 + 65, 139 + 66, 12, 6]),  # composed of the letters 65 and 66
    "D": bytes([139 + 4, 139 + 2, 12, 12, 10, 14]),  # calls number 4 / 2
    7: bytes([139 + 8, 10, 11]),
    8: bytes([13, 11]),
    9: bytes([11]),
}


def test_calls_are_found_through_subroutines_and_the_interpreter() -> None:
    calls: dict[object, Calls] = {}
    assert find_calls("A", CODES.__getitem__, calls) == ([], [7, 8])  # type: ignore[arg-type]
    assert find_calls("B", CODES.__getitem__, calls) == ([], [9])  # type: ignore[arg-type]
    assert find_calls("C", CODES.__getitem__, calls) == (["A", "B"], [])  # type: ignore[arg-type]
    assert renumbered(CODES["A"], calls["A"], {7: 300}) == bytes(
        [247, 192, 10, 14]
    )  # 300 = 0 * 256 + 192 + 108
    assert renumbered(CODES["B"], calls["B"], {9: 4}) == bytes([143, 140, 142, 12, 16, 12, 17, 10, 14])


@pytest.mark.parametrize("glyph", ["D", "E"])
def test_a_call_that_is_not_understood_is_said(glyph: str) -> None:
    with pytest.raises(UnknownFont):
        find_calls(glyph, CODES.__getitem__, {})  # type: ignore[arg-type]


# --- contents -------------------------------------------------------------------------------------


def test_a_content_says_which_codes_are_shown_in_which_font() -> None:
    content = rb"BT /F1 9 Tf [(A\050)-20(B)]TJ q /F2 10 Tf (\\x) Tj Q <4344> Tj ET /Fm1 Do (/F9 1 Tf) Tj"
    read = ContentReader().read(content)
    assert read.names == [("/Font", b"F1"), ("/Font", b"F2"), ("/XObject", b"Fm1")]
    assert read.shown == {b"F1": set(b"A(BCD/F9 1Tf"), b"F2": set(rb"\x")}
    assert read.renamed({name: b"New" + name[1] for name in read.names}) == (
        content.replace(b"/F1 ", b"/NewF1 ").replace(b"/F2", b"/NewF2").replace(b"/Fm1", b"/NewFm1")
    )


def test_pairs_of_brackets_stand_in_a_string_as_they_are() -> None:
    read = ContentReader().read(rb"BT /F1 9 Tf (a(b(c)\)d)e)Tj /F2 9 Tf [(f)-20(()g)]TJ ET")
    assert read.shown == {b"F1": set(b"a(b(c))d)e"), b"F2": set(b"f()g")}


NAMES = st.sampled_from(
    [b"/F1 9 Tf", b"/F2 10.5 Tf", b"/X Do", b"q", b"Q", b"1 0 0 rg", b"BT", b"ET", b"\nET\n"]
)
STRINGS = st.binary(max_size=8).map(
    lambda data: (
        b"(" + b"".join(b"\\%03o" % byte if byte in b"()\\\n\r" else bytes([byte]) for byte in data) + b")Tj"
    )
)


@given(st.lists(NAMES | STRINGS, max_size=30))
def test_any_content_is_written_as_it_was_under_the_same_names(parts: list[bytes]) -> None:
    content = b"\n".join(parts)
    read = ContentReader().read(content)
    assert read.renamed({name: name[1] for name in read.names}) == content
    assert (read.names, read.shown) == (read_any(content).names, read_any(content).shown)


def test_pictures_inside_a_content_are_seen() -> None:
    assert has_inline_image(b"q BI /W 1 /H 1 ID \x00(\x01 EI Q")
    assert not has_inline_image(b"(BI) Tj /ID gs")


def test_fonts_of_other_kinds_come_as_they_are() -> None:
    from symbackprop.engines.typst import compile_typst

    whole = compile_typst('#set document(title: "T")\nOne #pagebreak() Two')
    parts = split_pdf(whole, [1, 1], ["One", "Two"])
    for part, word in zip(parts, ("One", "Two"), strict=True):
        with pymupdf.open(stream=part) as document:
            assert document[0].get_text().strip() == word


def test_a_part_says_what_its_letters_mean_and_no_others(tex_engine: str) -> None:
    whole = compile_tex(
        r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{lmodern}\begin{document}"
        r"abc ä\newpage xyz fi\end{document}",
        tex_engine,
    )
    first, second = split_pdf(whole, [1, 1], ["a", "b"])
    for part, words in ((first, "abc ä"), (second, "xyz fi")):
        with pymupdf.open(stream=part) as document:
            assert document[0].get_text().split("\n")[0].replace("ﬁ", "fi") == words
    if tex_engine == "pdflatex":
        with pikepdf.open(io.BytesIO(second)) as opened:
            (font,) = {
                str(font.FontDescriptor.CharSet)
                for font in opened.pages[0].Resources.Font.values()
                if "Roman" in str(font.BaseFont)
            }
        assert font == "/fi/two/x/y/z"  # the page's number too
