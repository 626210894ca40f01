"""What a mail says: names of what is proposed and where to read on.

A mail leaves the house and lies on servers of others, so it carries no figures of the area but
effects that are told; why, how sure and what to expect stand on the page.
"""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from services.insights.domain.effect import Verdict
from services.insights.domain.letter import Earlier, Letter, LetterKind
from services.insights.domain.proposal import Action, Proposal

Words = Mapping[str, str]

_JA: Words = {
    "month": "月次レター", "week": "週次レター", "of_month": "{0.year}年{0.month}月",
    "day": "{0.year}年{0.month}月{0.day}日", "subject": "{kind} {period}：提案{count}件",
    "lead": "{period}までの数値に基づく、次の一手の提案です。", "none": "今回の提案はありません。",
    "earlier": "これまでの提案の結果",
    "more": "1日あたり約{number}増（{low}～{high}の間）",
    "fewer": "1日あたり約{number}減（{low}～{high}の間）",
    "read": "理由・確かさ・見込みと、採用や見送りの記録はこちら：",
    "stop": "配信の停止や宛先の変更はこちら（ログインが必要です）：",
    "machine": "このメールは、地域の数値からコンピューターが作成しました。推計値を含みます。",
    "demo": "デモのデータです。実際の数値ではありません。",
    "test_subject": "Meguri 試験メール",
    "test": "次の一手のメールが届くことを確かめるための試験です。ご対応は不要です。",
    Action.ADD_LANGUAGE: "この言語の解説を用意する：{name}",
    Action.IMPROVE_TEXT: "解説文を書き直す：{name}", Action.SIGN_AT_STOP: "案内板を掲げる：{name}",
    Action.SHOW_SPOT: "知られていないスポットを紹介する：{name}",
    Action.LONGER_HOURS: "来訪者が望む時間に開ける", Action.MOVE_BUS: "バスの時刻を1本相談する",
    Action.OPEN_EARLIER: "入場口を開けている時間を見直す",
    Action.STAFF_TILL: "レジを開けている時間を見直す",
    Action.OFFER_BRAND: "決済が承認されない理由を調べる",
}  # fmt: skip
_EN: Words = {
    "month": "Letter of the month", "week": "Letter of the week", "of_month": "{0:%B %Y}",
    "day": "{0:%B} {0.day}, {0.year}", "subject": "{kind}, {period}: proposals: {count}",
    "lead": "What the figures until {period} propose to do next.",
    "none": "This letter proposes nothing.", "earlier": "What came of earlier proposals",
    "more": "about {number} more a day (between {low} and {high})",
    "fewer": "about {number} fewer a day (between {low} and {high})",
    "read": "Why, how sure, what to expect, and the form to accept or decline:",
    "stop": "To get no more of these, or at another address (needs a login):",
    "machine": "Written by the computer from the figures of the area. It holds estimates.",
    "demo": "Demo data. Not real figures.",
    "test_subject": "Meguri test mail",
    "test": "This tests that mails of the letter arrive. Nothing has to be done.",
    Action.ADD_LANGUAGE: "Have texts in this language: {name}",
    Action.IMPROVE_TEXT: "Write a text anew: {name}", Action.SIGN_AT_STOP: "Put up a sign: {name}",
    Action.SHOW_SPOT: "Bring a spot to light: {name}",
    Action.LONGER_HOURS: "Open when visitors wish to come",
    Action.MOVE_BUS: "Talk about one bus time",
    Action.OPEN_EARLIER: "Look at the hours of the gates",
    Action.STAFF_TILL: "Look at the hours of the tills",
    Action.OFFER_BRAND: "Find out why payments are declined",
}  # fmt: skip
_WORDS: Mapping[str, Words] = {"ja": _JA, "en": _EN}


@dataclass(frozen=True)
class MailText:
    """A mail without its addresses. html: the same as text."""

    subject: str
    text: str
    html: str


def letter_mail(letter: Letter, language: str, page_url: str) -> MailText:
    """Returns the mail of a letter."""
    words = _WORDS[language]
    first, last = date.fromisoformat(letter.first_date), date.fromisoformat(letter.last_date)
    month = letter.kind is LetterKind.MONTH
    until = words["day"].format(last)
    period = words["of_month"].format(first) if month else until
    subject = words["subject"].format(
        kind=words["month" if month else "week"], period=period, count=len(letter.proposals)
    )
    blocks: list[str | list[str]] = [words["lead"].format(period=until)]
    if letter.demo:
        blocks.insert(0, words["demo"])
    titles = [title(one, language) for one in letter.proposals]
    blocks.append(titles or words["none"])
    told = [line for one in letter.earlier for line in _told(one, language)]
    if told:
        blocks += [words["earlier"], told]
    blocks += [words["read"], f"{page_url}/{letter.number}", words["machine"], words["stop"]]
    return _mail(subject, [*blocks, f"{page_url}/mail"])


def check_mail(language: str, page_url: str) -> MailText:
    """Returns a mail that tests whether mails arrive."""
    words = _WORDS[language]
    return _mail(words["test_subject"], [words["test"], words["stop"], f"{page_url}/mail"])


def title(one: Proposal, language: str) -> str:
    """Returns what is proposed, in a line."""
    found = (one.names.get(tag) for tag in (language, "ja", "en"))
    name = next((each for each in found if each), one.subject)
    return _one_line(_WORDS[language][one.action].format(name=name))


def _told(one: Earlier, language: str) -> Iterator[str]:
    effect = one.effect
    if effect.verdict is Verdict.TOLD:
        ends = sorted(abs(each) for each in (effect.low, effect.high))
        said = _WORDS[language]["more" if effect.per_day > 0 else "fewer"].format(
            number=_amount(abs(effect.per_day)), low=_amount(ends[0]), high=_amount(ends[1])
        )
        yield f"{title(one.proposal, language)} – {said}"


def _amount(value: float) -> str:
    return f"{round(value):,}" if value >= 10 else f"{value:.1f}"


def _mail(subject: str, blocks: list[str | list[str]]) -> MailText:
    text, parts = [], []
    for block in blocks:
        if isinstance(block, list):
            text += [f"{number}. {each}" for number, each in enumerate(block, 1)]
            parts.append(f"<ol>{''.join(f'<li>{html.escape(each)}</li>' for each in block)}</ol>")
        else:
            text.append(block)
            shown = html.escape(block)
            is_link = block.startswith(("http://", "https://"))
            parts.append(f'<p><a href="{shown}">{shown}</a></p>' if is_link else f"<p>{shown}</p>")
        text.append("")
    return MailText(_one_line(subject), "\n".join(text), "\n".join(parts))


def _one_line(text: str) -> str:
    return " ".join(text.split())
