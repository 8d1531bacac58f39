"""Compiles the inner loops with numba where it is installed; without it the same functions run as plain Python.

Compiled code is kept on disk beside the source (or in the user's cache where that is not writable), so only the first
process after an installation compiles: ``python -m routing.solver.warm`` does it at set-up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

numba: Any
try:
    import numba
except ImportError:  # the tests take numba away in a process of their own
    numba = None

Ints = NDArray[np.int64]
Table = NDArray[np.int64]
"""Whole numbers in two dimensions."""
Cube = NDArray[np.int64]
"""Whole numbers in three dimensions."""

Function = TypeVar("Function", bound=Callable[..., Any])


def is_compiled() -> bool:
    """Whether the inner loops run as machine code."""
    return numba is not None and not numba.config.DISABLE_JIT


def compiled(function: Function) -> Function:
    """The function as machine code, or as it is."""
    return function if numba is None else _kept(function, nogil=True)


def inlined(function: Function) -> Function:
    """A small step of an inner loop: machine code put where it is called, or the function as it is."""
    return function if numba is None else _kept(function, nogil=True, forceinline=True)


def _kept(function: Function, **options: bool) -> Function:
    """Machine code that is kept on disk, or, where no folder may be written to, made anew in every process."""
    quick: Function
    try:
        quick = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found nowhere to keep it
        quick = numba.njit(**options)(function)
    return quick


def version() -> str | None:
    """The version of numba, ``None`` where loops run as plain Python."""
    return str(numba.__version__) if is_compiled() else None
