"""Sentences for the refusals of visitor sensing."""

from flask_babel import lazy_gettext as _l

PROBLEMS = {
    "ZONE_UNKNOWN": _l("There is no such zone here."),
    "SENSOR_UNKNOWN": _l("This sensor is not enrolled here."),
    "SENSOR_REVOKED": _l("This sensor was revoked. Enroll it again under a new name."),
    "SENSOR_EXISTS": _l("This sensor name is taken. Choose another."),
    "SIGNATURE_INVALID": _l("The batch is not signed by this sensor."),
    "TOO_FEW_COUNTS": _l(
        "Too little was counted to learn from. Count on more days, or hours with more people."
    ),
    "BATCH_MALFORMED": _l("The batch cannot be read. Nothing was counted."),
    "SENSOR_MISMATCH": _l("The batch is of another sensor than the address."),
    "AREA_MISMATCH": _l("The batch is of another area than the address."),
    "SECRET_WRONG": _l("The secret is not that of this network. Nothing was counted."),
    "BODY_MALFORMED": _l("This cannot be read. Nothing was counted."),
    "RELAY_BUSY": _l("Too much is waiting. Send it again in a moment."),
    "SITE_PAUSED": _l("Counting is paused at this place."),
    "ADDRESS_MALFORMED": _l("Write the address as 00:11:22:aa:bb:cc."),
    "ADDRESS_MADE_UP": _l(
        "The phone made this address up and will change it: the list cannot help."
    ),
    "ADDRESS_OF_NOBODY": _l("This is an address of many devices, or of none."),
    "OPT_OUT_LIST_FULL": _l("The opt-out list is full."),
    "PLACE_WITHOUT_ZONE": _l("Nothing is measured at this place."),
    "BUS_UNAVAILABLE": _l("This part is resting for a moment. Try again shortly."),
}
