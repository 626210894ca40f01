"""What clients asked for against what they were told they got.

An answer that speaks of another sale agrees with all books where the service mixed two of them up:
only whoever asked knows. Pure. Amounts in whole yen.
"""

from collections.abc import Iterable, Sequence

from chaos.logs import Line

WITHOUT_ACQUIRER = ("cash_record", "other_device")
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


def by_acquirer(acks: Iterable[Line]) -> list[Line]:
    """Returns the outcomes of sales that the acquirer has a say in."""
    return [each for each in acks
            if each["step"] == "take" and each.get("tender") not in WITHOUT_ACQUIRER]  # fmt: skip


def taken(acks: Iterable[Line]) -> list[Line]:
    """Returns those of by_acquirer that moved money or hold it."""
    return [each for each in by_acquirer(acks) if each.get("state") in MONEY_MOVED]


def taken_share(acks: Iterable[Line]) -> float:
    """Returns how many of the sales of by_acquirer were taken, 1 for none. One that expired was
    taken anew, one that was refused is another's to judge."""
    ended = [each for each in by_acquirer(acks)
             if not each.get("refused") and each.get("state") != "expired"]  # fmt: skip
    return len(taken(ended)) / len(ended) if ended else 1.0


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
