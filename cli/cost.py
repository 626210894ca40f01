"""`./meguri cost AREA:VISITORS …`: what it costs a year, before anything is installed."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from cli import terminal
from cli.cost_model import Area, Costs, Prices, reckon
from cli.words import N_, _, told

_LINES = {
    "machine": N_("machine, power backup, sticks"), "power": N_("electricity"),
    "line": N_("line"), "domain": N_("domain names"), "signs": N_("signs"),
    "work": N_("work of the staff"),
}  # fmt: skip
_PRICES = {
    "machine": N_("price of a machine"), "machine_years": N_("years a machine lasts"),
    "uninterruptible": N_("price of a power backup"), "stick": N_("price of two USB sticks"),
    "watts": N_("mean power of a machine"), "kwh": N_("price of a kWh"),
    "line_month": N_("price of the line a month"), "domain_year": N_("price of a domain a year"),
    "sign": N_("price of a sign"), "sign_years": N_("years a sign lasts"),
    "hour": N_("price of an hour of work; 0 leaves work out"),
    "hours_week": N_("hours of work a week and area"),
}  # fmt: skip


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `cost`."""
    parser = subcommands.add_parser(
        "cost", help=_("what it costs a year, and the fair share of each area")
    )
    parser.add_argument(
        "areas", metavar="AREA:VISITORS[:SHOPS[:SIGNS]]", nargs="+",
        help=_("such as mine:8000:61:36 (visitors of the main sight on the busiest day)"),
    )  # fmt: skip
    for each in fields(Prices):
        usual = f"{each.default:g}"
        parser.add_argument(
            f"--{each.name.replace('_', '-')}", type=float, default=each.default, metavar="N",
            help=f"{_(_PRICES[each.name])} ({usual})",
        )  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tells the costs. Returns 2 where what was given cannot be."""
    prices = Prices(**{each.name: getattr(arguments, each.name) for each in fields(Prices)})
    try:
        costs = reckon([read(text) for text in arguments.areas], prices)
    except ValueError as error:
        print(f"meguri cost: {told(str(error))}", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(_answer(costs, prices), ensure_ascii=False))
    else:
        _show(costs)
    return 0


def read(text: str) -> Area:
    """Reads an area as it is given. Errors: ValueError."""
    name, *numbers = text.split(":")
    whole = all(each.isascii() and each.isdecimal() and len(each) <= 8 for each in numbers)
    if not name or not 1 <= len(numbers) <= 3 or not whole:
        raise ValueError(f"{text} is not AREA:VISITORS[:SHOPS[:SIGNS]], such as mine:8000:61:36")
    return Area(name, *(int(each) for each in numbers))


def _answer(costs: Costs, prices: Prices) -> dict[str, Any]:
    return {
        "yen_a_year": round(costs.total), "machines": costs.machines,
        "lines": [{**asdict(line), "yen_a_year": round(line.yen_a_year)} for line in costs.lines],
        "shares": [
            {"area": share.area.name, "yen_a_year": round(share.yen),
             "yen_alone": round(share.alone),
             "yen_a_shop": None if share.a_shop is None else round(share.a_shop)}
            for share in costs.shares
        ],
        "assumptions": asdict(prices),
    }  # fmt: skip


def _show(costs: Costs) -> None:
    _table([(_(_LINES[line.name]), _yen(line.yen_a_year)) for line in costs.lines
            if line.yen_a_year])  # fmt: skip
    text = _("%(yen)s yen a year, %(month)s a month, on %(count)s machine(s)")
    print("\n" + text % {"yen": _yen(costs.total), "month": _yen(costs.total / 12),
                         "count": costs.machines} + "\n")  # fmt: skip
    rows = [(_("area"), _("its share a year"), _("alone"), _("a shop"))]
    for share in costs.shares:
        a_shop = "" if share.a_shop is None else _yen(share.a_shop)
        rows.append((share.area.name, _yen(share.yen), _yen(share.alone), a_shop))
    _table(rows)
    print("\n" + _("All of it are estimates from prices that can be given (--help names them). Fees"
                   " of payment providers are in their contracts and not in here. The share of an"
                   " area is what it adds to the costs, in the mean over all orders in which the"
                   " areas could have joined."))  # fmt: skip


def _yen(value: float) -> str:
    return f"{round(value):,}"


def _table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(terminal.width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first = row[0] + " " * (widths[0] - terminal.width(row[0]))
        rest = (
            " " * (size - terminal.width(text)) + text
            for text, size in zip(row[1:], widths[1:], strict=True)
        )
        print("  ".join((first, *rest)).rstrip())
