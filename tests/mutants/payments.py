"""Mistakes in payments: sales, signatures, closes, receipts."""

from tests.mutants.mutant import Mutant, chaos, pytest

MUTANTS = {
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
        '_query(f"{begin}; select',
        '_query(f"{begin}; set local synchronous_commit = off; select',
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
        'spoken.warning("call failed", code=error.code().name, path=_route())',
        'spoken.warning("call failed", code=error.code().name, path=request.path)',
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
    "a till offers a refund while a void is awaited": Mutant(
        "services/payments/domain/payment.py",
        "settled = self.state is State.CAPTURED and self.pending is None",
        "settled = self.state is State.CAPTURED",
        pytest("tests/unit/payments/test_money_back.py"),
    ),
}
