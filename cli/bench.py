"""`./meguri bench NAME`: figures as ratios to a peer or limit measured in the same run."""

import argparse
import importlib
import json
import signal
import sys
from collections.abc import Callable
from typing import Any

from cli.words import N_, _, told

BENCHES = {
    "guide": "bench.guide.run",
    "hostile": "bench.hostile.run",
    "insights": "bench.insights.run",
    "itinerary": "bench.itinerary.run",
    "lighthouse": "bench.lighthouse.run",
    "pages": "bench.pages.run",
    "paint": "bench.paint.run",
    "payments": "bench.payments.run",
    "sense": "bench.sense.run",
}
# What benches tell while and after they measure. They run without a terminal too, in English.
SENTENCES = (
    N_("round %(number)s of %(rounds)s: %(name)s"),
    N_("%(count)s publications on %(workers)s workers"),
    N_("a publication while NATS stands still"),
    N_("an hour of visitors, so that no page is empty"),
    N_("%(role)s: %(count)s pages: %(pages)s"),
    N_("<= %(most)s: holds"),
    N_("<= %(most)s: does not hold"),
    # Whom each figure was measured of.
    N_("one worker, porch before granian: reads the wished languages, finds the page, "
       "counts a scan"),
    N_("one worker, gzip_static, the same bytes and headers, chosen by the whole header from a "
       "hash; no scan, no log"),
    N_("wrk, one thread, %(count)s connections, on the same machine as both"),
    N_("the same address with a locale in its query: past the ready pages, by Flask's view"),
    N_("per sale: request id, payment, entry with both postings, outbox; balances once a group; "
       "beyond pgbench's: its place for the close, its place for the seal, its link of the audit "
       "chain, its event published and marked, row-level security; through mTLS, token and checks"),
    N_("per sale: request id, payment, entry, 2 postings, 2 balances, outbox; nothing read, "
       "checked, sealed or published; a C client beside the server"),
    N_("the same rows, %(count)s sales a statement, made up inside the server"),
    N_("grpc.aio with mTLS and messages of the same size, no token, no database"),
    N_("nodes that axe-core found, by day and in the dark"),
    N_("elements that stick out 320 pixels wide, also mirrored for languages written from the "
       "right"),
    N_("errors in scripts"),
    N_("largest and first contentful paint, empty cache, 390 x 844, no TLS"),
    N_("installing Lighthouse"),
    N_("marks of 100 by Lighthouse, as of a phone on slow 4G, no TLS"),
    N_("%(down)s Mbit/s down, %(up)s up, %(latency)s ms a request"),
    N_("live figures at 10,000 observations a second"),
    N_("how right the figures are"),
    N_(">= %(least)s: holds"),
    N_(">= %(least)s: does not hold"),
    N_("frames in memory to signed batches, nothing remembered at the start"),
    N_("frames in memory to the same hashes by dpkt's objects; no batches"),
    N_("frames in memory to the same hashes by struct, remembering nothing; no batches"),
    N_("batches of 500 in JetStream to counts committed in PostgreSQL and shown in Valkey; every "
       "batch's signature is proved"),
    N_("the same batches fetched by a pull consumer and acknowledged; not looked at"),
    N_("from a frame heard by a sensor, which sends once a second, to a level that can be read, "
       "while other sensors hear 10,000 frames a second"),
    N_("inputs that made a reader raise what it does not promise, take more than five seconds or "
       "more than 3 GB"),
    N_("memory at the end over memory after the first tenth of the time, the worst reader, "
       "inputs damaged at random"),
    N_("hours of a simulated year that are still to come, foretold a week at a time by what was "
       "told before"),
    N_("the same hours, each as the same hour last week"),
    N_("how well hours to come are foretold"),
    N_("effects of actions whose truth is known"),
    N_("simulated series of an area with an action of known effect; seeds that the model was not "
       "made with"),
    N_("the same series, the mean of the days after less that of as many before, Welch's t"),
    N_("ruin and recreate with annealing, compiled, seed 1"),
    N_("PyVRP, prizes times 1000, history 50, restart after 5000 iterations"),
    N_("OR-Tools' routing solver, guided local search, scores times 1000"),
    N_("seconds of computing of the searching thread, in all programs"),
    N_("200 made-up requests of 30 to 70 places, one or two days, 50 ms, beside the best of long "
       "runs"),
    N_("requests of phone size"),
    N_("waiting for the compiled search"),
    N_("%(count)s plans"),
    N_("60 places, a day by car, four at a time through mTLS and token, every request another one; "
       "searched, kept and published; the client shares the machine"),
    N_("a second of computing of the service and its workers; the database has its own"),
    N_("the same plans read again, four at a time: what is left without the search"),
    N_("answers without a type, later than ten seconds, or plans that break a rule of the area, "
       "the wishes or the calendar, by a judge that shares nothing with the planner"),
    N_("equal wishes with equal seeds that were planned in two ways"),
    N_("instances: %(count)s of %(chosen)s, no time was left"),
    N_("instances: none in %(folder)s"),
    N_("peers: not installed: %(said)s"),
    N_("events of a busy day that lie in JetStream, heard by the service until facts, roll-ups and "
       "inbox are committed"),
    N_("the same messages fetched and acknowledged in one process; not looked at"),
    N_("the same rows of facts and inbox made up inside the server, 512 a transaction; no "
       "roll-ups"),
    N_("the same events heard anew by a store without a fact; its roll-ups are compared byte by "
       "byte"),
    N_("the same events said again, as ./meguri replay does after a loss of NATS, to a store that "
       "knows them; its roll-ups must not change by a byte"),
    N_("they are said again, to a store that knows them"),
    N_("facts of twelve months and their roll-ups, made inside the server; calls through mTLS and "
       "token, pages as an analyst's browser asks for them, one after the other"),
    N_("from a phone's report at the edge to the page of the running day that counts it, every 20 "
       "ms looked at"),
    N_("reports of phones until the live page counts them"),
    N_("%(count)s events are put into the streams"),
    N_("they are heard"),
    N_("rivals: fetch and acknowledge; batched SQL"),
    N_("they are heard anew, by a store without a fact"),
    N_("facts of %(month)s"),
    N_("roll-ups of the year are made anew from the facts"),
    N_("the tables are looked over for the planner, as by itself at night"),
    N_("1,000,000 phones, a burst of two frames each, to counts without SQL; few: 10,000"),
)  # fmt: skip
ROUNDS, SECONDS = 6, 4
WHOLE = ("insights", "itinerary")  # whose usual run is a sample


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `bench`."""
    parser = subcommands.add_parser("bench", help=_("measure against a peer in the same run"))
    parser.add_argument(
        "name", metavar="NAME", choices=BENCHES,
        help=_("one of: %(names)s") % {"names": ", ".join(BENCHES)},
    )  # fmt: skip
    often = _("how often each is measured (default: %(usual)s)") % {"usual": ROUNDS}
    parser.add_argument("--rounds", type=_number(1, 50), default=ROUNDS, metavar="N", help=often)
    long = _("of each measurement (default: %(usual)s)") % {"usual": SECONDS}
    parser.add_argument("--seconds", type=_number(1, 600), default=SECONDS, metavar="S", help=long)
    parser.add_argument(
        "--only", metavar="PART",
        help=_(
            "one part alone: of sense forecast, of insights live, stream, year or effects, of"
            " itinerary service or crowd, of hostile plans"
        ),
    )  # fmt: skip
    whole = _("everything instead of a sample (only: %(names)s)") % {"names": ", ".join(WHOLE)}
    parser.add_argument("--full", action="store_true", help=whole)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs one benchmark on servers of its own and shows what it found."""
    # Whoever ends it ends its servers too: they are taken down on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    module: Any = importlib.import_module(BENCHES[arguments.name])
    parts = getattr(module, "PARTS", {})
    if arguments.only and arguments.only not in parts:
        print(_("%(name)s has no part %(part)s") % {"name": arguments.name, "part": arguments.only},
              file=sys.stderr)  # fmt: skip
        return 2
    measure = parts.get(arguments.only, module.run)
    more = {"full": arguments.full} if arguments.name in WHOLE else {}
    answer = measure(arguments.rounds, arguments.seconds, _tell, **more)
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    for name, value in answer["ratios"].items():
        print(f"{name:<36}{value:>10}   {told(answer['limits'].get(name, ''), SENTENCES)}")
    for name, value in answer["figures"].items():
        print(f"  {name:<34}{value:>10,}")
    for name in ("faults", "skipped"):
        for text in answer.get(name, ()):
            print(f"  {name}: {told(text, SENTENCES)}")
    for name, text in answer["sides"].items():
        print(f"  {name}: {told(text, SENTENCES)}")
    rounds = _("%(count)s rounds; %(machine)s")
    print("  " + rounds % {"count": answer["runs"], "machine": answer["machine"]})
    return 0


def _tell(text: str) -> None:
    print(f"  {told(text, SENTENCES)}", file=sys.stderr, flush=True)


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                _("give a number from %(least)s to %(most)s") % {"least": least, "most": most}
            )
        return value

    return number
