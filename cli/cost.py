"""`./meguri cost AREA:VISITORS …`: what it costs a year, before anything is installed."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from cli import terminal
from cli.cost_model import Area, Costs, Prices, reckon, whole
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
        _show(costs, prices)
    return 0


def read(text: str) -> Area:
    """Reads an area as it is given. Errors: ValueError."""
    name, *numbers = text.split(":")
    whole = all(each.isascii() and each.isdecimal() and len(each) <= 8 for each in numbers)
    if not name or not 1 <= len(numbers) <= 3 or not whole:
        raise ValueError(f"{text} is not AREA:VISITORS[:SHOPS[:SIGNS]], such as mine:8000:61:36")
    return Area(name, *(int(each) for each in numbers))


def _answer(costs: Costs, prices: Prices) -> dict[str, Any]:
    lines, shares = _whole(costs)
    return {
        "yen_a_year": round(costs.total), "yen_at_first": round(costs.first_yen),
        "machines": costs.machines,
        "lines": [
            {**asdict(line), "yen_a_year": yen}
            for line, yen in zip(costs.lines, lines, strict=True)
        ],
        "shares": [
            {"area": share.area.name, "yen_a_year": yen,
             "yen_alone": round(share.alone),
             "yen_a_shop": None if share.a_shop is None else round(share.a_shop)}
            for share, yen in zip(costs.shares, shares, strict=True)
        ],
        "assumptions": asdict(prices),
    }  # fmt: skip


def _whole(costs: Costs) -> tuple[list[int], list[int]]:
    """Returns the lines and the shares in whole yen: each adds up to the year's."""
    return (
        whole([line.yen_a_year for line in costs.lines], round(costs.total)),
        whole([share.yen for share in costs.shares], round(costs.total)),
    )


def _show(costs: Costs, prices: Prices) -> None:
    lines, shares = _whole(costs)
    rows = [(_(_LINES[line.name]), _yen(yen)) for line, yen in zip(costs.lines, lines, strict=True)
            if yen]  # fmt: skip
    _table([(_("what for"), _("yen a year")), *rows, (_("together"), _yen(sum(lines)))])
    text = _("%(yen)s yen a year, %(month)s a month, on %(count)s machine(s). To be bought before"
             " the first day, and in the sum by its share: %(first)s yen.")  # fmt: skip
    known = {"yen": _yen(costs.total), "month": _yen(costs.total / 12), "count": costs.machines,
             "first": _yen(costs.first_yen)}  # fmt: skip
    print("\n" + text % known + "\n")
    table = [(_("area"), _("its share a year"), _("alone"), _("a shop"))]
    for share, yen in zip(costs.shares, shares, strict=True):
        a_shop = "" if share.a_shop is None else _yen(share.a_shop)
        table.append((share.area.name, _yen(yen), _yen(share.alone), a_shop))
    if len(shares) > 1:
        alone = sum(round(share.alone) for share in costs.shares)
        table.append((_("together"), _yen(sum(shares)), _yen(alone), ""))
    _table(table)
    print("\n" + _assumed(prices))


def _assumed(prices: Prices) -> str:
    """Returns what the sums rest on, and what is not in them."""
    text = _("Reckoned with: a machine of %(machine)s yen for %(years)s years, %(watts)s W,"
             " %(kwh)s yen a kWh, %(line)s yen a month for the line. Each price can be given"
             " (--help names them); all of it are estimates.")  # fmt: skip
    told_with = {"machine": _yen(prices.machine), "years": f"{prices.machine_years:g}",
                 "watts": f"{prices.watts:g}", "kwh": f"{prices.kwh:g}",
                 "line": _yen(prices.line_month)}  # fmt: skip
    left_out = _("Not in it: fees of payment providers (they are in their contracts), tablets and"
                 " registers of shops (those that are there do).")  # fmt: skip
    if not prices.hour:
        left_out += " " + _("Nor the work of the staff, about %(minutes)s minutes a week and area:"
                            " --hour 1500 adds it.") % {
                                "minutes": f"{60 * prices.hours_week:g}"}  # fmt: skip
    fair = _("The share of an area is what it adds to the costs, in the mean over all orders in"
             " which the areas could have joined (the Shapley value): nobody pays more than"
             " alone.")  # fmt: skip
    return "\n".join((text % told_with, left_out, fair))


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
