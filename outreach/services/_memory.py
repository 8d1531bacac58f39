"""Remembers what was worked out: so many things, the longest unused forgotten first, by as many threads as like."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """A store in the process of at most ``most`` values. Whoever asks says whether what is remembered still holds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()  # between finding a value and moving it to the end another thread may forget it

    def get(self, key: Hashable) -> Value | None:
        """What is remembered, used just now; ``None``: nothing."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def keep(self, key: Hashable, value: Value) -> Value:
        """Remember ``value`` in the place of what was there; returns it."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value
