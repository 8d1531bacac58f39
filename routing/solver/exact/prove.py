"""Brings a day to its best plan and proves it: a bound from below, better days from above, until they meet.

The story: columns and cuts give a bound at the root; SCIP joins the routes seen into a better day; when the gap is
small, all routes inside it are listed and SCIP finishes on the list; where the list would be too long, the day is
branched. Every bound and every better day on the way is kept, so stopping early gives both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from routing.solver.exact.columns import Columns
from routing.solver.exact.integer import choose
from routing.solver.exact.labels import MOST_VISITS
from routing.solver.exact.master import Master
from routing.solver.exact.network import Network, Routes
from routing.solver.spending import Spending
