"""A process remembers so many things and forgets the longest unused first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from outreach.services._memory import Memory


def test_the_longest_unused_is_forgotten_first() -> None:
    memory: Memory[int] = Memory(most=2)
    for number in (1, 2):
        memory.keep(number, number * 10)
    assert memory.get(1) == 10  # used just now, so 2 goes
    memory.keep(3, 30)
    assert [memory.get(number) for number in (1, 2, 3)] == [10, None, 30]


def test_what_is_kept_again_takes_the_place_of_what_was_there() -> None:
    memory: Memory[str] = Memory(most=1)
    memory.keep("day", "before")
    assert memory.keep("day", "after") == "after"
    assert memory.get("day") == "after"


def test_threads_that_forget_for_one_another_never_fail() -> None:
    memory: Memory[int] = Memory(most=3)

    def use(seed: int) -> int:
        wrong = 0
        for step in range(2000):
            key = (seed * 7 + step) % 11
            memory.keep(key, key)
            wrong += memory.get((key + 1) % 11) not in (None, (key + 1) % 11)
        return wrong

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(use, range(8))) == [0] * 8
