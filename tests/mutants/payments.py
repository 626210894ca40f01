"""Mistakes in payments: sales, signatures, closes, receipts."""

from tests.mutants.mutant import Mutant, chaos, pytest

MUTANTS = {
    "a line of a provider's file that was wrong once is a duplicate for good": Mutant(
        "services/payments/app/office/reconcile.py",
        "[each.line for each in result.matches]\n",
        "found.lines\n",
        pytest("tests/service/payments/office/test_reconcile.py"),
    ),
    "a sale refunded in full counts as kept": Mutant(
        "services/payments/store/sale_counts.py",
        "bool_or(taken_yen > voided_yen + refunded_yen) over sale as sale_stands",
        "bool_or(taken_yen > voided_yen) over sale as sale_stands",
        pytest("tests/service/payments/test_sale_counts.py"),
    ),
    "of equal sales the first of the day is taken": Mutant(
        "services/payments/domain/matching.py",
        "    left = work.at_the_same_moment(left)\n",
        "",
        pytest("tests/unit/payments/office/test_matching.py"),
    ),
    "what nobody can tell apart is told as certain": Mutant(
        "services/payments/domain/alike.py",
        "replace(each, alike_count=near.count(each))",
        "replace(each, alike_count=min(near.count(each), 0))",
        pytest("tests/unit/payments/office/test_matching.py"),
    ),
    "a display's stream holds up the server that ends": Mutant(
        "services/edge/till/display.py",
        "while time.monotonic() < ends and not leaving.told():",
        "while time.monotonic() < ends:",
        pytest("tests/pages/till/test_paired_display.py", "-k", "ends_with_its_server"),
    ),
    "the kept counter passes for another page": Mutant(
        "services/edge/till/static/sw.js",
        "AT_COUNTER.has(address.pathname) ? text :",
        "address.pathname ? text :",
        pytest("tests/system/payments/test_offline_till_in_a_browser.py", "-k", "cannot_be_had"),
    ),
    "a repeat is a new sale": Mutant(
        "services/payments/app/commit.py",
        "elif payment_id != take.payment_id:",
        "elif False:",
        pytest("tests/service/payments/test_take.py"),
    ),
    "a key may come with another body": Mutant(
        "services/payments/app/commit.py",
        "if body_sha256 != take.key.body_sha256:",
        "if False:",
        pytest("tests/service/payments/test_take.py"),
    ),
    "acknowledged before it is committed": Mutant(
        "services/payments/app/steps.py",
        "    result = await deps.writer.submit(payment.area, answered)\n",
        "    from services.payments.domain.settle import settle\n"
        "    asyncio.ensure_future(deps.writer.submit(payment.area, answered))\n"
        "    result: Payment | Known\n"
        "    result = settle(payment, order.key, answer, deps.clock.now()).payment\n",
        pytest("tests/service/payments/test_take.py"),
    ),
    "acknowledged before it is on disk": Mutant(
        "kit/db.py",
        'scope = f"{begin}; select',
        'scope = f"{begin}; set local synchronous_commit = off; select',
        ("-m", "cli", "chaos", "--scenario", "payments-kill-postgres"),
    ),
    "a repeat is a new sale, in the history too": Mutant(
        "services/payments/app/commit.py",
        "elif payment_id != take.payment_id:",
        "elif False:",
        chaos("payments-same-key"),
    ),
    "a webhook may act again": Mutant(
        "services/payments/app/webhook.py",
        "if await webhooks.is_known(tx, provider, tidings.event_id):",
        "if False:",
        chaos("payments-webhooks"),
    ),
    "a close that is asked for again is another one": Mutant(
        "services/payments/app/office/close.py",
        "close_id = await once(tx, key, str, close)",
        "close_id = await close()",
        chaos("payments-daily-close"),
    ),
    "the log says what callers wrote": Mutant(
        "services/edge/errors.py",
        'log.get("edge").warning("call failed", code=error.code().name, path=_route())',
        'log.get("edge").warning("call failed", code=error.code().name, path=request.path)',
        chaos("payments-card-data"),
    ),
    "any signature is believed": Mutant(
        "services/edge/payments_api/signatures.py",
        '        raise Problem(401, "bad_signature", str(error)) from error\n',
        "        given = request.headers.get('Signature-Input', '').partition('keyid=')[2]\n"
        "        device = devices.read(g.area.area, (given.split(chr(34)) + ['', ''])[1])\n"
        "        if device is None:\n"
        '            raise Problem(401, "bad_signature") from error\n'
        "        shops = frozenset({device.place_id})\n"
        "        act_as(Caller(g.area.area, device.device_id, frozenset({Role.DEVICE}), shops))\n"
        "        return device\n",
        pytest("tests/system/payments/test_api.py", "-k", "byte"),
    ),
    "tax is rounded line by line": Mutant(
        "services/payments/domain/receipt.py",
        "            tax_yen=tax_inside(amount_yen, rate, rounding),\n",
        "            tax_yen=sum(\n"
        "                tax_inside(item.amount_yen, rate, rounding)\n"
        "                for item in items if item.tax_rate_percent == rate\n"
        "            ) if items else tax_inside(amount_yen, rate, rounding),\n",
        pytest("tests/unit/payments/test_receipt.py"),
    ),
    "a closed gate asks nobody whether a sale was taken before": Mutant(
        "services/edge/till/tickets.py",
        "return is_closed_for(gate_place_id, valid_date) and not asked_before.is_known(request_id)",
        "return is_closed_for(gate_place_id, valid_date)",
        pytest("tests/pages/gate/test_closed_gate.py"),
    ),
    "a closed gate believes a form that says it was sent before": Mutant(
        "services/edge/till/tickets.py",
        "return is_closed_for(gate_place_id, valid_date) and not asked_before.is_known(request_id)",
        'return is_closed_for(gate_place_id, valid_date) and not request.form.get("sent_before")',
        pytest("tests/pages/gate/test_closed_gate.py"),
    ),
    "a first part passes a closed gate": Mutant(
        "services/edge/first_parts.py",
        "    if not may_go_on(found) and not asked_before.is_known(wanted.request_id):\n",
        "    if False:\n",
        pytest("tests/pages/gate/test_ticket_split.py"),
    ),
    "a party of the wrong size is told after the cash": Mutant(
        "services/edge/till/tickets.py",
        "        if sale.asks_for_cash(request.form, gateway) and _quoted_yen(wanted) != told:\n",
        "        if False:\n",
        pytest("tests/pages/gate/test_party.py"),
    ),
    "a part that is being taken back pays": Mutant(
        "services/payments/domain/split_sale.py",
        "part.state is State.CAPTURED and not part.is_being_voided",
        "part.state is State.CAPTURED",
        pytest("tests/unit/payments/test_split_sale.py"),
    ),
    "a receipt's code leads a phone to itself": Mutant(
        "services/edge/own_address.py",
        'return "" if is_this_computer(base) else base',
        "return base",
        pytest("tests/pages/till/test_linked.py"),
    ),
    "what was taken before the sign-in is sent again": Mutant(
        "services/edge/till/resume.py",
        "        if address := _taken(kept):\n",
        '        if address := "":\n',
        pytest("tests/pages/till/test_resume.py"),
    ),
    "a part taken back before is handed over again": Mutant(
        "services/edge/till/hand_back.py",
        "        if part.update_time.ToNanoseconds() < since:\n",
        "        if part.update_time.ToNanoseconds() < 0:\n",
        pytest("tests/pages/till/test_hand_back.py"),
    ),
    "the cash of a canceled sale stays in the drawer": Mutant(
        "services/edge/till/hand_back.py",
        '{"cash_record": Way.DRAWER, "other_device": Way.DEVICE}',
        '{"other_device": Way.DEVICE}',
        pytest("tests/pages/till/test_hand_back.py"),
    ),
    "a close forgets what is half paid": Mutant(
        "services/payments/domain/split_sale.py",
        "return self.state in (SplitState.OPEN, SplitState.GIVING_BACK) and self.held_yen > 0",
        "return self.state is SplitState.GIVING_BACK and self.held_yen > 0",
        pytest("tests/service/payments/office/test_unfinished.py"),
    ),
    "a sentence of payments reaches the office in English": Mutant(
        "services/edge/office/said.py",
        '    ("The file is empty.", _l("The file is empty.")),\n',
        "",
        pytest("tests/pages/edge/test_office_said.py"),
    ),
    "a till offers a refund while a void is awaited": Mutant(
        "services/payments/domain/payment.py",
        "settled = self.state is State.CAPTURED and self.pending is None",
        "settled = self.state is State.CAPTURED",
        pytest("tests/unit/payments/test_money_back.py"),
    ),
    "a payout is expected a closing too early": Mutant(
        "services/payments/domain/payout_terms.py",
        "if sold <= _day(year, month, each.closing_day)",
        "if sold < _day(year, month, each.closing_day)",
        pytest("tests/unit/payments/office/test_payout_terms.py"),
    ),
    "a file of any Japanese encoding is taken for Shift_JIS": Mutant(
        "services/payments/domain/file_text.py",
        "if chosen == SHIFT_JIS and not _is_sure(",
        "if chosen == SHIFT_JIS and _is_sure is None and not _is_sure(",
        pytest("tests/unit/payments/office/test_file_text.py"),
    ),
    "a shop's practice sales are counted as another's": Mutant(
        "services/payments/store/sale_counts.py",
        "await of_day(tx, day, [shop_place_id])",
        "await of_day(tx, day, [])",
        pytest("tests/service/payments/office/test_unconfirmed.py"),
    ),
    "a new shop takes over another's short name": Mutant(
        "services/edge/office/setup.py",
        'is_taken = known is not None and "new" in request.form',
        "is_taken = known is not None and False",
        pytest("tests/pages/edge/test_office_owner.py"),
    ),
}
