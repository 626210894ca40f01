"""Named refusals of visitor sensing; api.py maps each to a code and a stable reason."""

from kit.pure.errors import Refusal


class UnknownZone(Refusal):
    """The zone does not exist in this area."""


class UnknownSensor(Refusal):
    """No such sensor is enrolled in this area."""


class SensorExists(Refusal):
    """The sensor id is taken by a sensor with other keys. Choose another id."""


class SensorRevoked(Refusal):
    """The sensor was revoked. Enroll it again under a new id."""


class SignatureInvalid(Refusal):
    """The message was not signed by the sensor it names."""


class BatchMalformed(Refusal):
    """The batch cannot be read: columns differ in length, or a field is out of range."""


class NothingToPause(Refusal):
    """No zone belongs to this place."""


class DayOutOfRange(Refusal):
    """Day keys are given for today and yesterday only."""


class ClockSkewed(Refusal):
    """The sensor's clock is more than ten minutes off."""


class RequestMalformed(Refusal):
    """The request cannot be read, or its nonce is not 16 bytes."""


class EpochsExhausted(Refusal):
    """Too many keys were asked for of a day gone by. Wait until tomorrow."""


class SitePaused(Refusal):
    """Observing is paused at this place."""


class CountsTooFew(Refusal):
    """Too little was counted to learn from. Count on more days, or hours with more people."""


class BusUnavailable(Refusal):
    """The message bus does not answer. Try again."""


class AddressMalformed(Refusal):
    """This is not the address of a device."""


class AddressMadeUp(Refusal):
    """The phone made the address up and will change it."""


class AddressOfNobody(Refusal):
    """The address is that of many devices, or of none."""


class ListFull(Refusal):
    """The opt-out list has no room left."""


class SecretWrong(Refusal):
    """The secret is not that of this network."""


class BodyMalformed(Refusal):
    """The body is not what the interface promises."""


class RelayBusy(Refusal):
    """Too much is waiting, or took too long. Send it again."""


class ReportMalformed(Refusal):
    """The report of a gadget cannot be read."""


class ReportsTooMany(Refusal):
    """The gadget sends more than it can have to say."""


class PasswordWrong(Refusal):
    """The password is not that of this gadget."""
