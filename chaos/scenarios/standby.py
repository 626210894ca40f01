"""The primary of PostgreSQL is lost and its synchronous standby takes over, while registers sell.

The fault proxy is the address that floats: it leads every service to whoever is primary. The lost
primary is started again by the supervisor, as in life by whoever means well; nobody is led to it,
and since it waits for a standby that is gone it could not acknowledge anything either.
"""

import time
from functools import partial

import psycopg

from chaos import servers
from chaos.crowd import Crowd
from chaos.sales import make_sales
from chaos.scenarios.kills import BACK_WITHIN_S, strike
from chaos.servers import Server
from chaos.stage import Broken, Size, Stage, slack_now
from infra.local import home as homes
from infra.local import postgres

ROUNDS, ROUNDS_FULL = 2, 5
CUT_OFF_S = 1.5
SALES_AGAIN_S = 10.0  # after the blow: take over, connect, sell


def promoted(stage: Stage, size: Size) -> None:
    """Loses one primary after the other; each standby that took over gets one of its own. Errors:
    Broken."""
    password = homes.ensure_passwords(homes.Home(stage.platform.data)).postgres
    rounds = ROUNDS_FULL if size.full else ROUNDS
    port, primary = stage.platform.port("postgres"), None
    again_s: list[float] = []
    proxy = stage.ways.proxy
    with Crowd(stage, size, make_sales(size.payments, size.seed)) as crowd:
        crowd.start()
        for number in range(1, rounds + 1):
            crowd.allow((number + 0.8) / (rounds + 1))
            link = f"standby {number}"
            copied_from = proxy.add(link, partial(int, port))
            standby, standby_port = servers.standby(
                stage.folder / f"standby-{number}", copied_from, password
            )
            standby.start()
            stage.beside.callback(standby.stop)
            servers.wait_for_sync(port, password)
            if not crowd.wait_for_share((number + 0.3) / (rounds + 1)):
                break
            # What the primary cannot tell its standby any more it may not acknowledge: it dies
            # with it.
            proxy.cut(link)
            time.sleep(CUT_OFF_S)
            again_s.append(_take_over(stage, crowd, primary, standby_port, password))
            proxy.refuse(link)
            port, primary = standby_port, standby
        crowd.allow(1)
        crowd.finish()
    stage.figures |= {"promoted": len(again_s), "sales_again_s": round(max(again_s, default=0), 2)}
    if len(again_s) < rounds:
        raise Broken(f"the sales were over after {len(again_s)} of {rounds} promotions")
    if max(again_s) > SALES_AGAIN_S * slack_now():
        raise Broken(f"sales went on only {max(again_s):.1f} s after the primary was lost")
    _retire(stage, password)


def _take_over(
    stage: Stage, crowd: Crowd, primary: Server | None, standby_port: int, password: str
) -> float:
    """Kills the primary and promotes its standby. Returns seconds until the next sale."""
    stage.fault("primary")
    began = time.monotonic()
    if primary is None:
        strike(stage, "postgres")
    else:
        primary.kill()
    stage.ways.lead("postgres", 0)  # nobody may reach the old one, should it come back
    servers.promote(standby_port, password)
    stage.ways.lead("postgres", standby_port)
    before = crowd.done
    while crowd.done == before:
        if not crowd.working or time.monotonic() - began > BACK_WITHIN_S:
            raise Broken(f"no sale within {time.monotonic() - began:.0f} s of the promotion")
        time.sleep(0.01)
    return time.monotonic() - began


def _retire(stage: Stage, password: str) -> None:
    """The first primary runs again and waits for a standby for ever: lets the search for card data
    work on it. What was sold since is not in it. Errors: Broken where it went on by itself."""
    address = postgres.url(stage.platform.port("postgres"), password, database="payments")
    count = b"select count(*) from payments"
    with psycopg.connect(address, autocommit=True, connect_timeout=10) as old:
        row = old.execute(count).fetchone()
        old.execute("alter system reset synchronous_standby_names")
        old.execute("select pg_reload_conf()")
    stage.figures["in_old_primary"] = row[0] if row else 0
    if row and row[0] >= len({each["payment_id"] for each in stage.lines("acks")}):
        raise Broken("the lost primary holds all sales: nobody was led away from it")
