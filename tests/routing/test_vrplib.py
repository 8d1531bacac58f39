"""The reader of Solomon's files, and his days as days of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import solomon
from benchmarks.case import Answer
from benchmarks.evaluate import Judged, judge
from benchmarks.rivals import proof
from benchmarks.vrplib import Customer, case_of, distance, instance_at, read_cost, read_instance, read_routes

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "solomon"

SMALL = """SMALL

VEHICLE
NUMBER     CAPACITY
   2          20

CUSTOMER
CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME   DUE DATE   SERVICE TIME

    0          0          0          0          0         200          0
    1          3          4         10         10          50         10
    2          1          1         15          0         100         10
"""


def test_a_file_is_read() -> None:
    instance = read_instance(SMALL)
    assert (instance.name, instance.vans, instance.capacity) == ("SMALL", 2, 20)
    assert instance.depot == Customer(0, 0, 0, 0, 0, 200, 0)
    assert instance.customers[0] == Customer(1, 3, 4, 10, 10, 50, 10)


def test_distances_are_cut_off_after_one_decimal() -> None:
    one, two = read_instance(SMALL).customers
    assert distance(read_instance(SMALL).depot, one) == 50
    assert distance(read_instance(SMALL).depot, two) == 14  # the root of 2 is 1.41...
    assert distance(one, two) == 36  # the root of 13 is 3.60...


def test_a_case_has_its_first_customers_in_tenths() -> None:
    case = case_of(read_instance(SMALL), 1)
    (visit,) = case.problem.visits
    assert (case.name, visit.service_s, visit.required) == ("SMALL.1", 100, True)
    assert (visit.windows[0].opens_s, visit.windows[0].closes_s) == (100, 500)
    assert case.problem.travel_s == ((0, 50), (50, 0))
    assert len(case.problem.shifts) == 2


def test_goods_keep_two_customers_on_two_vans() -> None:
    case = case_of(read_instance(SMALL), 2)
    answer = proof.solve(case, 5)
    assert answer.bound_s == 2 * 50 + 2 * 14
    assert judge(case, answer) == Judged(128, 0, 0, 0, 0)
    assert judge(case, Answer({"van-1": ("c1", "c2")})).dropped == 1


def test_a_solution_file_is_read() -> None:
    text = "Route #1: 5 3 \nRoute #2: 1\nCost 617.1\n"
    assert (read_cost(text), read_routes(text)) == (6171, [(5, 3), (1,)])


@pytest.mark.parametrize(
    ("text", "wrong"), [("", "the heads"), (SMALL.replace("    1     ", "    7     "), "numbered from 0")]
)
def test_what_is_no_such_file_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        read_instance(text)


def test_a_solution_without_a_cost_is_refused() -> None:
    with pytest.raises(ValueError, match="Cost"):
        read_cost("Route #1: 1\n")


@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data, which is not here")
def test_the_best_known_days_cost_here_what_their_files_say() -> None:
    for path in sorted(DATA.glob("*.sol")):
        text = path.read_text(encoding="ascii")
        orders = {f"van-{n + 1}": tuple(f"c{c}" for c in route) for n, route in enumerate(read_routes(text))}
        case = case_of(instance_at(DATA, path.stem), 100)
        assert judge(case, Answer(orders)) == Judged(read_cost(text), 0, 0, 0, 0), path.stem


def test_without_the_files_the_run_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert solomon.main(["--folder", str(tmp_path / "nothing")]) == 0
    assert capsys.readouterr().out == f"skipped: no Solomon files at {tmp_path / 'nothing'}\n"
