"""What clients asked for against what they were told they got.

An answer that speaks of another sale agrees with all books where the service mixed two of them up:
only whoever asked knows. Pure. Amounts in whole yen.
"""

from collections.abc import Iterable, Sequence

from chaos.logs import Line

MONEY_MOVED = ("captured", "authorized")


def check_asked(intents: Iterable[Line], acks: Iterable[Line]) -> list[str]:
    """Compares each answer with the question of its key. Returns what is not what was asked."""
    wanted, found = {each["key"]: each for each in intents}, list[str]()
    for ack in acks:
        if ack.get("refused"):
            continue
        intent = wanted.get(ack["key"])
        if intent is None:
            found.append(f"{ack['step']} {ack['key']} was acknowledged and asked by nobody")
            continue
        found += [f"{intent['step']} {ack['key']}: {each}" for each in _differences(intent, ack)]
    return found


def taken(acks: Iterable[Line]) -> list[Line]:
    """Returns the sales among the answers that moved money or hold it."""
    return [each for each in acks
            if each["step"] == "take" and each.get("state") in MONEY_MOVED]  # fmt: skip


def _differences(intent: Line, ack: Line) -> Sequence[str]:
    asked_yen = intent["amount_yen"]
    if intent["step"] == "take":
        got = [("amount", asked_yen, ack["amount_yen"])]
        if intent.get("capture_at_once", True) and ack["state"] == "captured":
            got.append(("captured", asked_yen, ack["captured_yen"]))
        return _told(got)
    got = [("payment", intent["payment_id"], ack["payment_id"])]
    if intent["step"] == "capture":  # 0 asks for all of it
        got.append(("captured", asked_yen or ack["amount_yen"], ack["captured_yen"]))
    if intent["step"] == "refund":
        got.append(("given back", asked_yen, ack["refund_yen"]))
    if intent["step"] == "void":
        got.append(("state", "voided", ack["state"]))
    return _told(got)


def _told(compared: Iterable[tuple[str, object, object]]) -> list[str]:
    return [f"{name} {asked} was asked, {got} was acknowledged"
            for name, asked, got in compared if asked != got]  # fmt: skip
