"""The paused collector: it runs again afterwards, and nothing is lost to it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from symbackprop import collector
from symbackprop.collector import collector_paused


class Knot:
    """An object that only the collector can free."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def running() -> Iterator[None]:
    gc.collect()
    gc.enable()
    yield
    gc.unfreeze()
    gc.enable()


def test_it_is_paused_inside_and_runs_again() -> None:
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_runs_again_after_an_error() -> None:
    with pytest.raises(KeyError), collector_paused():
        raise KeyError
    assert gc.isenabled()


def test_who_has_switched_it_off_finds_it_off() -> None:
    gc.disable()
    with collector_paused():
        pass
    assert not gc.isenabled()


def test_what_was_made_is_not_looked_through_at_once_but_in_time() -> None:
    with collector_paused():
        knot = Knot()
    assert not any(item is knot for item in gc.get_objects(generation=0))
    watched = weakref.ref(knot)
    del knot
    assert watched() is not None
    gc.collect()
    assert watched() is None


def test_the_knots_of_many_pauses_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "MOST_UNSEEN", 5000)
    watched = []
    for _ in range(20):
        with collector_paused():
            knots = [Knot() for _ in range(1000)]
            watched.append(weakref.ref(knots[0]))
            del knots
    assert sum(reference() is not None for reference in watched) < 10


def test_what_a_program_has_frozen_stays_frozen() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    with collector_paused():
        pass
    assert gc.get_freeze_count() == frozen > 0
