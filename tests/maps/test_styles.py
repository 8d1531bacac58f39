"""Vans can be told apart by colour, by shape, and by both for a long time."""

from __future__ import annotations

from itertools import combinations

from maps.styles import INK, route_style


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.1."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_seven_vans_share_neither_colour_nor_shape_nor_line() -> None:
    styles = [route_style(number) for number in range(7)]
    assert all(
        one.fill != other.fill and one.shape != other.shape and one.dash != other.dash
        for one, other in combinations(styles, 2)
    )


def test_forty_nine_vans_never_share_both_colour_and_shape() -> None:
    assert len({(route_style(number).fill, route_style(number).shape_key) for number in range(49)}) == 49


def test_every_number_reads_at_four_and_a_half_to_one() -> None:
    assert [
        number for number in range(7) if contrast(route_style(number).fill, route_style(number).writing) < 4.5
    ] == []


def test_the_outline_stands_out_from_the_paper() -> None:
    assert contrast(INK, "#ffffff") > 7


def test_a_badge_carries_its_number_once() -> None:
    assert [route_style(number).badge("12").count(">12</text>") for number in range(7)] == [1] * 7
