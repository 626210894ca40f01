"""What the terminal says: in Japanese where the terminal speaks Japanese, in English elsewhere.

Which language it is, gettext reads from LANGUAGE, LC_ALL, LC_MESSAGES and LANG, as for any other
program. JSON answers are for programs and stay in English.
"""

import gettext
import re
import shlex
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "translations"
CATALOG = FOLDER / "ja" / "LC_MESSAGES" / "messages.po"
_ = gettext.gettext
# A command of ours in a sentence, up to where its options begin.
_COMMAND = re.compile(
    r"\./meguri (?:(?:area|payments|guide|sense|itinerary|insights) [a-z][a-z-]*|[a-z][a-z-]*)"
    r"(?![\w-])"
)
_surroundings = {"data": ""}
_HOLE = re.compile(r"%\((\w+)\)s")


def N_(text: str) -> str:
    """Marks a text that is translated where it is printed."""
    return text


# Refusals are made where no terminal is, and are finished sentences by the time they get here.
SENTENCES = (
    N_("Meguri is running on %(data)s already (process %(process)s); see ./meguri status, end it "
       "with ./meguri down"),
    N_("Meguri does not run on %(data)s; start it with ./meguri up"),
    N_("%(file)s, row %(row)s, column %(column)s: %(value)s is none of %(words)s"),
    N_("%(file)s, row %(row)s, column %(column)s: %(value)s is no number"),
    N_("%(file)s, row %(row)s, column %(column)s: %(value)s is no row of times such as"
       " 09:05;09:50"),
    N_("%(file)s, row %(row)s, column %(column)s: %(value)s is there twice"),
    N_("%(file)s, row %(row)s, column %(column)s: %(value)s cannot be used: %(why)s"),
    N_("%(file)s has no column %(column)s: its first line names the columns"),
    N_("Port %(port)s is used by another program; choose one with --port"),
    N_("Only root may use port %(port)s of this computer. Allow it once for all: docs/install.md"
       " has the two lines to type below the public address"),
    N_("%(file)s, line %(number)s: write one of %(names)s"),
    N_("%(name)s does not start; see %(file)s"),
    N_("%(name)s has started but does not get to work within %(seconds)s s; see %(file)s, then try "
       "again, or start it alone with ./meguri up --only %(again)s"),
    N_("%(file)s is damaged; put it back from a backup"),
    N_("%(folder)s is there already and not empty; name another folder"),
    N_("there is no day that is over with any event"),
    N_("the first day is after the last one that is over, %(day)s"),
    N_("the PostgreSQL at port %(port)s has databases of Meguri already; nothing was changed. To"
       " throw them away, say --really"),
    N_("no PostgreSQL of this backup answers at port %(port)s: %(why)s"),
    N_("--hub is missing: under which name is this machine found from there?"),
    N_("this data folder was never started; run ./meguri up first"),
    N_("%(file)s is missing; make it with ./meguri leaf NAME --hub HOST"),
    N_("the message server does not start; is port %(port)s taken?"),
    N_("MEGURI_NATS_LEAVES: %(name)s: a place is named by 2 to 20 letters a-z and digits"),
    N_("%(name)s: a place is named by 2 to 20 letters a-z and digits"),
    N_("%(text)s names %(count)s places; say one, such as cave: each has a folder of its own"),
    N_("%(problem)s: is Meguri running? Start it with ./meguri up"),
    N_("there is no area %(area)s; make one with ./meguri area create"),
    N_("there is an area %(area)s already"),
    N_("an area's name is 2 to 31 lower-case letters, digits or _"),
    N_("%(area)s is the area that Meguri starts with; it stays"),
    N_("--really repeats the name of the area, which is %(area)s"),
    N_("payments were taken in %(area)s, and books are kept by law: the area stays"),
    N_("%(area)s is no demo area; one made by mistake goes, while nothing was sold in it, by "
       "./meguri area drop %(again)s --really %(name)s"),
    N_("there is no terminal to ask in; give %(options)s, or --yes for the usual answers"),
    N_("there is no time zone %(zone)s; give one such as Asia/Tokyo"),
    N_("a name has 1 to %(limit)s letters"),
    N_("a phone number has at most %(limit)s characters"),
    N_("languages are some of %(locales)s, the source language first"),
    N_("there is no component %(name)s; there are %(names)s"),
    N_("--public-url begins with https://"),
    N_("--acme-directory begins with https://"),
    N_("--certificate and --key go together"),
    N_("%(file)s is not a file"),
    N_("%(file)s may not be opened by you"),
    N_("no data folder can be made at %(data)s; choose another with --data"),
    N_("there is no file or folder %(name)s; name tests such as tests/unit/infra"),
    N_("a port is a number from 0 to 65535"),
    N_("a day is written like 2026-11-28"),
    N_("give a number from 1 to 5,000"),
    N_("it was stopped"),
    N_("%(file)s is not a file that can be read"),
    N_("%(file)s is not a backup of Meguri"),
    N_("%(file)s is cut or damaged; nothing was changed. Use another backup, or copy this one "
       "again from where it was made"),
    N_("%(file)s was made by another release of Meguri, newer than this one (%(what)s); nothing "
       "was changed. Install that release, then restore"),
    N_("%(data)s holds data already; nothing was changed. To replace it by the backup, say "
       "--really: what is there now is then kept beside"),
    N_("%(data)s is a disk of its own and cannot be kept beside; choose a folder on it with "
       "--data"),
    N_("The backup needs %(size)s MB at %(folder)s; nothing was changed. Make room, or choose "
       "another disk with --data"),
    N_("Meguri is running on %(data)s (process %(process)s); end it with ./meguri down, then "
       "restore"),
    N_("The backup cannot be used: %(said)s; nothing was changed. Use another backup"),
    N_("The disk of %(folder)s filled up on the way; nothing was changed and what was begun is "
       "removed. Make room, or choose another disk with --data"),
    N_("The databases cannot be made: %(said)s"),
    N_("To move the databases %(size)s MB are needed beside the backup, at %(folder)s; nothing was "
       "changed. Make room, or copy the backup to another disk first"),
    N_("The databases at port %(port)s are not whole: %(said)s. Mend that, then say it again with "
       "--really"),
    N_("There is no room for the backup at %(folder)s"),
    N_("The disk of %(folder)s takes no file of this size: format it anew as exFAT"),
    N_("%(file)s cannot be used: %(said)s"),
    N_("The databases cannot be read: %(said)s"),
    N_("There is no data of Meguri in %(folder)s"),
    N_("%(folder)s was made with other keys and passwords than those of %(data)s; nothing was "
       "changed. Name a folder that is not there yet; or, if nothing runs with these keys, delete "
       "%(secrets)s and say it again"),
    N_("Name a file in a folder that is there, not %(file)s"),
    N_("A backup inside %(folder)s would be lost with it: name a file on another disk"),
    N_("give 1 to %(count)s areas"),
    N_("the numbers of %(area)s cannot be"),
    N_("an area is named twice"),
    N_("%(name)s is %(value)s and cannot be"),
    N_("%(text)s is not AREA:VISITORS[:SHOPS[:SIGNS]], such as mine:8000:61:36"),
    N_("name a file, or say --nightly for one beside the data"),
    N_("There is no backup in %(folder)s: name a file"),
    N_("A backup of %(size)s MB would fill the disk of %(folder)s: make room there"),
    N_("%(folder)s is not there: put the medium in"),
    N_("%(folder)s is on the same disk as %(data)s: put the medium in, or name a folder on one"),
    N_("%(folder)s is no folder; put the medium in, then name a folder on it"),
    N_("What runs has no database; end it with ./meguri down, then try again"),
    N_("PostgreSQL does not start: %(said)s"),
    N_("The disk is full: %(said)s"),
    N_("%(program)s failed on %(database)s: %(said)s"),
    N_("%(file)s is damaged; put it back from a backup, or delete it and say --domain and --area "
       "once more with ./meguri up"),
    N_("%(file)s is damaged, so the first passwords cannot be shown; delete it, start with "
       "./meguri up --detach, then make new ones with ./meguri area password"),
    N_("%(file)s is damaged; end what runs with ./meguri down, then start it with ./meguri up"),
    N_("%(file)s has more than %(size)s MB"),
    N_("%(file)s is empty"),
    N_("%(file)s is neither UTF-8 nor Shift_JIS: save it as one of them"),
    # Of the guide, where the signs are to be printed; the address comes as an example.
    N_("The area has no public address yet: its codes would lead nowhere. Give it one with "
       "./meguri up --domain %(name)s (your own name), or where a tunnel or proxy of others gives "
       "it, with ./meguri up --public-url %(address)s [%(reason)s]"),
    N_("Visitors' phones cannot reach this address: it is this machine or a local network. Give it "
       "one with ./meguri up --domain %(name)s (your own name), or where a tunnel or proxy of "
       "others gives it, with ./meguri up --public-url %(address)s [%(reason)s]"),
    N_("No name on the internet ends with .%(ending)s, so visitors' phones cannot find this "
       "address: is it spelled right? Give it one with ./meguri up --domain %(name)s (your own "
       "name), or where a tunnel or proxy of others gives it, with ./meguri up --public-url "
       "%(address)s [%(reason)s]"),
    N_("%(host)s is the ending of other names, not a name of yours: what stands before it? Give it "
       "one with ./meguri up --domain %(name)s (your own name), or where a tunnel or proxy of "
       "others gives it, with ./meguri up --public-url %(address)s [%(reason)s]"),
    N_("Only devices that were let into its private network reach this address; visitors' phones "
       "do not. Give it one with ./meguri up --domain %(name)s (your own name), or where a tunnel "
       "or proxy of others gives it, with ./meguri up --public-url %(address)s [%(reason)s]"),
    N_("Visitors' phones cannot reach this address: no host can be written so. Give it one with "
       "./meguri up --domain %(name)s (your own name), or where a tunnel or proxy of others gives "
       "it, with ./meguri up --public-url %(address)s [%(reason)s]"),
    N_("The address begins with http: no phone would keep the guide. Give it one with ./meguri up "
       "--domain %(name)s (your own name), or where a tunnel or proxy of others gives it, with "
       "./meguri up --public-url %(address)s [%(reason)s]"),
    N_("there is no login %(login)s in %(area)s"),
    N_("%(login)s has no second step; a new password is made by ./meguri area password %(area)s"
       " %(name)s"),
    N_("there is no role %(role)s; there are %(roles)s"),
    # Of the office: a provider's file, and the count of a drawer.
    N_("The file is neither UTF-8 nor Shift_JIS. Save it as CSV UTF-8 and send it again."
       " [%(reason)s]"),
    N_("The file is no table: %(detail)s. [%(reason)s]"),
    N_("The file is empty. [%(reason)s]"),
    N_("A file has at most %(most)s lines. Split it by day. [%(reason)s]"),
    N_("The file has no column %(columns)s. [%(reason)s]"),
    N_("This day has not begun yet. [%(reason)s]"),
    N_("%(shop)s is not set up for payments. [%(reason)s]"),
    N_("reason: the count differs by %(yen)s yen: write why [%(reason)s]"),
    # Of sensors.
    N_("there is no sensor %(sensor)s on this machine; ./meguri sense sensors lists those of the"
       " area; one is added by ./meguri sense enroll %(again)s --zone ZONE"),
    N_("NATS does not answer. Batches already made wait on disk."),
    N_("NATS does not store. Batches already made wait on disk."),
    N_("The service does not answer. Batches already made wait on disk."),
    N_("The service gives no day key: %(reason)s"),
    N_("The file holds no frame."),
    N_("The gzip file is cut off."),
    N_("The file is cut off after %(count)s bytes. Repair it (for example with editcap) or capture "
       "again."),
    N_("This is neither a pcap nor a pcapng file."),
    N_("Link type %(number)s is not Wi-Fi in monitor mode (105 or 127)."),
    N_("Cannot be opened: %(said)s"),
    N_("Cannot read %(file)s: %(said)s"),
    N_("%(file)s is not a sensor credential"),
    N_("%(file)s, row %(row)s: start_epoch, end_epoch and occupancy are numbers"),
    N_("%(file)s, row %(row)s: times go on, people are 0 or more"),
    N_("%(file)s has no capture %(capture)s beside it"),
    N_("%(days)s days and %(windows)s windows with people were counted; %(least)s days and"
       " %(most)s windows are the least"),
    N_("%(days)s days and %(windows)s windows with people were counted; %(least)s days and"
       " %(most)s windows are the least [%(reason)s]"),
    N_("give a FOLDER of captures or --zone ZONE, not both"),
    N_("%(file)s, row %(row)s: hour_start with its offset from UTC, and persons"),
    N_("No zone has this id. [%(reason)s]"),
    N_("Give the address as 00:11:22:aa:bb:cc. [%(reason)s]"),
    N_("The phone made this address up and will use another one soon, so the list cannot find it "
       "again. Switching Wi-Fi off is the sure way. [%(reason)s]"),
    N_("This is an address of many devices, or of none. [%(reason)s]"),
    N_("The opt-out list has no room left. [%(reason)s]"),
    N_("give 1 to %(most)s visitors"),
    # Of load.
    N_("the visitors left no samples: %(said)s"),
    N_("the visitors did not set out: %(said)s"),
    N_("the sensors did not get ready: %(said)s"),
    N_("the sensors failed: %(said)s"),
    N_("%(day)s needs areas or people of its own; kill parts on another day"),
    N_("the platform of its own does not run"),
    N_("the edge was not back within %(seconds)s s"),
    N_("give 0.05 to 20"),
    N_("Nothing leaves the outbox of %(service)s: do the service and NATS run?"),
)  # fmt: skip


def prepare() -> None:
    """Makes the catalog known, to argparse too, which asks the same domain for its own words."""
    gettext.bindtextdomain("messages", str(FOLDER))


def in_language(locale: str, text: str) -> str:
    """Returns a text in a language, whatever the terminal speaks; English where it is not known."""
    return gettext.translation("messages", str(FOLDER), [locale], fallback=True).gettext(text)


def told(text: str, sentences: Iterable[str] = SENTENCES) -> str:
    """Returns a finished English sentence as this terminal says it; unknown ones as they are."""
    for sentence in sentences:
        found = _pattern(sentence).fullmatch(text)
        if found:
            return hinted(_(sentence) % found.groupdict())
    return hinted(text)


def speak_of(data: str) -> None:
    """Has the commands that are advised name a data folder, "" for the usual one."""
    _surroundings["data"] = data


def hinted(text: str) -> str:
    """Returns a sentence whose commands can be typed as they stand: on the data folder that this
    command was given."""
    data = _surroundings["data"]
    if not data:
        return text
    return _COMMAND.sub(lambda found: f"{found[0]} --data {shlex.quote(data)}", text)


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = _HOLE.split(sentence)
    texts = [
        f"(?P<{part}>.+)" if position % 2 else re.escape(part)
        for position, part in enumerate(parts)
    ]
    return re.compile("".join(texts), re.DOTALL)
