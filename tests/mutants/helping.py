"""Mistakes in what becomes of a visitor's message."""

from tests.mutants.mutant import Mutant, pytest

UNIT = pytest("tests/unit/multilingual/test_help.py")
SERVICE = pytest("tests/service/multilingual/test_helping.py")
PAGES = pytest("tests/pages/edge/test_help.py")
INBOX = pytest("tests/pages/studio/test_help_inbox.py")
BROWSER = pytest("tests/system/browser/test_help.py")

MUTANTS = {
    "a message with a card's number is kept": Mutant(
        "services/multilingual/api/helping.py",
        "    except texts.CardNumberTyped:\n        typed_card = True\n",
        "    except texts.CardNumberTyped:\n        typed_card = False\n",
        SERVICE,
    ),
    "the secret of an answer is kept as it is": Mutant(
        "services/multilingual/domain/help.py",
        'return hashlib.sha256(b"help answer\\0" + secret.encode()).digest()',
        'return (hashlib.sha256(b"").digest() and secret.encode())',
        UNIT,
    ),
    "a message that is repeated arrives twice": Mutant(
        "services/multilingual/store/help.py",
        "(tx.area, each.help_id, each.secret_sha256, ",
        '(tx.area, __import__("uuid").uuid4(), __import__("os").urandom(32), ',
        SERVICE,
    ),
    "an answer goes out with a placeholder": Mutant(
        "services/multilingual/domain/help.py",
        "if step.act is Act.ANSWER and holds_placeholder(text):",
        "if step.act is Act.NOTE and holds_placeholder(text):",
        UNIT,
    ),
    "what is over is read until something erases it": Mutant(
        "services/multilingual/app/helping.py",
        "if found is None or found.is_gone(desk, now):\n",
        "if found is None:\n",
        SERVICE,
    ),
    "an answer is read for ever": Mutant(
        "services/multilingual/app/helping.py",
        " or now >= found.link_expire_time():",
        ":",
        SERVICE,
    ),
    "a visitor reads the notes of the staff": Mutant(
        "services/multilingual/app/helping.py",
        "tuple(each for each in steps if each.act is Act.ANSWER)",
        "tuple(steps)",
        SERVICE,
    ),
    "a contact is kept as long as its message": Mutant(
        "services/multilingual/domain/help.py",
        "CONTACT_DAYS = 2 ",
        "CONTACT_DAYS = 30 ",
        UNIT,
    ),
    "an answered message stays for ever": Mutant(
        "services/multilingual/store/help.py",
        "((state = %s and answer_time <= %s) or",
        "((state = %s and answer_time > %s) or",
        SERVICE,
    ),
    "the day a message comes counts as a day to answer in": Mutant(
        "services/multilingual/domain/help_desk.py",
        "day, left = now.astimezone(place).date(), self.answer_days\n",
        "day, left = now.astimezone(place).date(), self.answer_days - 1\n",
        UNIT,
    ),
    "whoever saw an older state acts all the same": Mutant(
        "services/multilingual/domain/help.py",
        "    if version != standing.version:\n",
        "    if version > standing.version:\n",
        SERVICE,
    ),
    "a machine's template goes out as a person's words": Mutant(
        "services/edge/studio/help_inbox.py",
        "said.machine_draft, template.template_id",
        "False, template.template_id",
        INBOX,
    ),
    "a visitor is promised a day too many": Mutant(
        "services/edge/visitor/templates/visitor/help_answer.html",
        "last_day(found.due_time)",
        "moment(found.due_time)",
        PAGES,
    ),
    "a page kept on phones holds the secret of one message": Mutant(
        "services/edge/visitor/pack_pages.py",
        "help_page.Draft()",
        'help_page.Draft("7b0cf1de-26c5-4f5e-9f9c-0a4b8f5e6d11", "s" * 43)',
        PAGES,
    ),
    "a message stays on the phone after it has arrived": Mutant(
        "services/edge/visitor/static/help_waiting.js",
        "{ help_id, secret, topic, write_time, waiting: false }",
        "{ ...each, waiting: false }",
        BROWSER,
    ),
    "the limit of messages is raised": Mutant(
        "services/edge/visitor/batches.py",
        '"help_requests": 120',
        '"help_requests": 130',
        pytest("tests/pages/edge/test_rate_guard.py"),
    ),
}
