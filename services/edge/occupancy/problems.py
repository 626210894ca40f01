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
    "PLACE_WITHOUT_ZONE": _l("Nothing is measured at this place."),
    "BUS_UNAVAILABLE": _l("This part is resting for a moment. Try again shortly."),
}
