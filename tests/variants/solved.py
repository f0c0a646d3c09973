"""Two ledgers held against each other, key by key."""

from __future__ import annotations

from symbackprop.derivation.ledger import Ledger


def assert_same(found: Ledger, expected: Ledger) -> None:
    """The same quantities in the same order, each with the same formula, value and printed digits."""
    assert list(found.all_keys()) == list(expected.all_keys())
    for key in expected.all_keys():
        assert found.formulas.get(key) == expected.formulas.get(key), key
        assert found.given(key) == expected.given(key), key
        assert found.known(key) == expected.known(key), key
        if key in expected.formulas:
            assert found.simplified(key) == expected.simplified(key), key
            assert found.uses(key) == expected.uses(key), key
        if expected.known(key):
            assert found.shown(key) == expected.shown(key), key
            assert found.exact(key) == expected.exact(key), key
            assert found.significant(key) == expected.significant(key), key
            substituted = (ledger.substituted(ledger.term(key)) for ledger in (found, expected))
            assert len(set(substituted)) == 1, key
            if key in expected.formulas:
                assert found.substituted(found.simplified(key)) == expected.substituted(
                    expected.simplified(key)
                ), key
    for key in expected.policy.again:
        if expected.known(key.partition("~")[0]):
            assert found.shown_again(key) == expected.shown_again(key), key
