"""The wheel works where there is no checkout: templates and examples are inside it."""

from __future__ import annotations

import site
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (ROOT / "pyproject.toml").exists():
        pytest.skip("not run from a checkout")
    pytest.importorskip("hatchling", reason="building the wheel needs hatchling")
    pytest.importorskip("build", reason="building the wheel needs build")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_templates_examples_and_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "symbackprop/py.typed" in names
    assert "symbackprop/examples/two-output-sigmoid.yaml" in names
    assert "symbackprop/spec/starter.yaml" in names
    assert "symbackprop/roster/headings.txt" in names
    shipped = {
        name.removeprefix("symbackprop/") for name in names if name.startswith("symbackprop/templates/")
    }
    in_checkout = {str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*") if path.is_file()}
    assert shipped == in_checkout and shipped
    assert not any(name.startswith(("tests/", "outputs/")) for name in names)


def test_the_wheel_solves_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    python = home / "bin" / "python"
    (library,) = (home / "lib").glob("python*/site-packages")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", library, wheel],
        check=True,
    )
    # the dependencies are those that run these tests; symbackprop itself is the wheel's
    dependencies = {sysconfig.get_paths()["purelib"], *site.getsitepackages()}
    (library / "dependencies.pth").write_text("\n".join(sorted(dependencies)) + "\n")
    work = tmp_path / "work"
    work.mkdir()
    where = subprocess.run(
        [python, "-c", "import symbackprop; print(symbackprop.__file__)"],
        cwd=work, check=True, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert where.stdout.startswith(str(library))
    made = subprocess.run(
        [python, "-m", "symbackprop", "solve", "two-output-sigmoid", "--engine", "typst"],
        cwd=work, check=True, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert made.stdout.split() == ["outputs/two-output-sigmoid.tex", "outputs/two-output-sigmoid.pdf"]
    assert (work / "outputs/two-output-sigmoid.pdf").read_bytes().startswith(b"%PDF-")
