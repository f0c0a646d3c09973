"""The guide: a page for each topic, printed by `symbackprop guide TOPIC` and linked from the README."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).resolve().parent


def guide_topics() -> dict[str, str]:
    """Return the topics of the guide, each with its title."""
    return {
        path.stem: path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ").strip()
        for path in sorted(_FOLDER.glob("*.md"))
    }


def guide_page(topic: str) -> str:
    """Return the text of a page.

    Raises:
        KeyError: there is no such topic.
    """
    if topic not in guide_topics():
        raise KeyError(topic)
    return (_FOLDER / f"{topic}.md").read_text(encoding="utf-8")
