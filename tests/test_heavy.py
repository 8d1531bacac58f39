"""A normal run takes some variants of a heavy test by the seed, the same in every worker; a soak run takes all."""

from __future__ import annotations

from tests.conftest import taken

TEST = "tests/test_a.py::test_b"
VARIANTS = [f"{TEST}[{name}]" for name in ("ja-320", "ja-200", "en-320", "en-200")]


def test_a_normal_run_takes_so_many_of_the_variants() -> None:
    for take in (1, 2, 3, 4):
        chosen = taken(TEST, VARIANTS, take, everything=False)
        assert (len(chosen), chosen <= set(VARIANTS)) == (take, True)


def test_the_order_in_which_they_are_collected_does_not_matter() -> None:
    assert taken(TEST, VARIANTS, 1, everything=False) == taken(TEST, reversed(VARIANTS), 1, everything=False)


def test_a_soak_run_takes_all() -> None:
    assert taken(TEST, VARIANTS, 1, everything=True) == set(VARIANTS)


def test_of_one_that_was_named_that_one_is_taken() -> None:
    assert taken(TEST, VARIANTS[2:3], 2, everything=False) == {VARIANTS[2]}


def test_another_test_with_the_same_variants_may_take_another() -> None:
    chosen = {
        variant.partition("[")[2]
        for number in range(40)
        for variant in taken(
            f"{TEST}{number}", [f"{TEST}{number}{one.removeprefix(TEST)}" for one in VARIANTS], 1, everything=False
        )
    }
    assert len(chosen) == len(VARIANTS)
