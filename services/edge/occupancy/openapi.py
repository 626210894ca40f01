"""What programs may ask of visitor sensing."""

from typing import Any

_PROBLEM: dict[str, Any] = {"$ref": "#/components/responses/Problem"}
_UNAVAILABLE: dict[str, Any] = {"$ref": "#/components/responses/Unavailable"}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
_FIGURE: dict[str, Any] = {"type": ["integer", "null"], "description": "null when withheld"}

_DAY: dict[str, Any] = {"type": "string", "format": "date"}
_SCALE: dict[str, Any] = {
    "type": ["number", "null"],
    "description": "Scale of the noise in it, null without.",
}
_STEPS: dict[str, Any] = {
    "type": "array",
    "items": {"type": "integer"},
    "description": "Seconds of the local day, in tens of minutes: until then equal parts of the"
    " devices, of k each at least, had been heard for the first or the last time.",
}
_JUDGED: dict[str, Any] = {
    "type": ["number", "null"],
    "description": "Every day judged by those before it; null where too few were counted.",
}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS: dict[str, Any] = {
    "SensingPrivacy": {
        "type": "object",
        "required": ["k", "retention_hours", "key_time_zone", "noise_added", "rounded_down_to"],
        "properties": {
            "k": {"type": "integer", "description": "No figure below this is released."},
            "retention_hours": {"type": "integer"},
            "key_time_zone": {"type": "string"},
            "noise_added": {"type": "boolean"},
            "rounded_down_to": {
                "type": "integer",
                "description": "Stays, pairs of zones and sums over zones are whole multiples of"
                " this: no difference of two of them is a count below k.",
            },
            "noise": {
                "type": ["object", "null"],
                "description": "Noise of differential privacy of today (exact discrete Laplace,"
                " drawn once per figure), null without. Levels carry none.",
                "properties": {
                    "epsilon_per_day": {
                        "type": "number",
                        "description": "Budget of a device and day that is in zone_hours hours of"
                        " zones at most.",
                    },
                    "epsilon_per_hour": {"type": "number"},
                    "zone_hours": {"type": "integer"},
                    "delta_per_figure": {"type": "number"},
                    "shown_from": {
                        "type": "integer",
                        "description": "Figures of hours below this are withheld.",
                    },
                    "within": {
                        "type": "integer",
                        "description": "Nine in ten figures of hours lie so near to what they were",
                    },
                },
            },
        },
    },
    "ZoneOccupancy": {
        "type": "object",
        "required": ["zone", "place", "name", "level", "as_of", "paused", "closed"],
        "properties": {
            "zone": {"type": "string"},
            "place": {"type": "string"},
            "name": {"type": "string"},
            "level": {"enum": ["unknown", "quiet", "normal", "busy", "crowded"]},
            "as_of": {"type": ["string", "null"], "format": "date-time"},
            "paused": {"type": "boolean"},
            "closed": {"type": "boolean", "description": "The place is closed to visitors."},
        },
    },
    "Occupancy": {
        "type": "object",
        "required": ["zones", "privacy"],
        "properties": {
            "zones": {"type": "array", "items": _ref("ZoneOccupancy")},
            "privacy": _ref("SensingPrivacy"),
        },
    },
    "ZoneHourVisitors": {
        "type": "object",
        "required": ["zone", "start", "kind", "estimate", "low", "high", "withheld"],
        "properties": {
            "zone": {"type": "string"},
            "start": _TIME,
            "kind": {"enum": ["devices", "visitors"]},
            "estimate": _FIGURE,
            "low": _FIGURE,
            "high": _FIGURE,
            "withheld": {"type": "boolean"},
            "method": {
                "enum": ["signature", "rate", "calibrated"],
                "description": "rate, in large crowds: devices present on average.",
            },
            "calibration": {
                "type": ["integer", "null"],
                "description": "Version of the calibration that made the figure.",
            },
            "key_date": {"type": "string", "format": "date"},
            "key_epochs": {
                "type": "array",
                "items": {"type": "integer"},
                "description": "More than one: a key was lost, some devices count twice.",
            },
            "noise_scale": _SCALE,
        },
    },
    "ZoneCalibration": {
        "type": "object",
        "description": "What a zone has learned from counted people, and whether it holds.",
        "required": ["zone", "version", "learned", "days", "hours", "drifted"],
        "properties": {
            "zone": {"type": "string"},
            "version": {"type": "integer"},
            "learned": _TIME,
            "days": {"type": "integer"},
            "hours": {"type": "integer"},
            "error_share": _JUDGED,
            "mean_error": _JUDGED,
            "coverage": _JUDGED,
            "later_hours": {"type": "integer"},
            "later_hours_outside": {"type": "integer"},
            "drifted": {
                "type": "boolean",
                "description": "Later counts lie outside of the interval too often: count again.",
            },
        },
    },
    "VisitorDays": {
        "type": "object",
        "required": [
            "closed",
            "dwell",
            "pairs",
            "devices",
            "directed",
            "moves",
            "meaning",
            "privacy",
        ],
        "properties": {
            "closed": {"type": "array", "items": _DAY},
            "dwell": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["zone", "date", "stays", "median_s"],
                    "properties": {
                        "zone": {"type": "string"},
                        "date": _DAY,
                        "stays": {"type": "integer"},
                        "first_quartile_s": {"type": "number"},
                        "median_s": {"type": "number"},
                        "third_quartile_s": {"type": "number"},
                        "noise_scale": _SCALE,
                        "came_s": _STEPS,
                        "left_s": _STEPS,
                    },
                },
            },
            "pairs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["date", "zones", "devices"],
                    "properties": {
                        "date": _DAY,
                        "zones": {"type": "array", "items": {"type": "string"}},
                        "devices": {"type": "integer"},
                    },
                },
            },
            "devices": {
                "type": "array",
                "description": "Different devices of a zone and day, rounded down to tens.",
                "items": {
                    "type": "object",
                    "required": ["zone", "date", "estimate", "low", "high"],
                    "properties": {
                        "zone": {"type": "string"},
                        "date": _DAY,
                        "estimate": {"type": "integer"},
                        "low": {"type": "integer"},
                        "high": {"type": "integer"},
                    },
                },
            },
            "directed": {
                "type": "array",
                "items": _DAY,
                "description": "Closed days on which moves were counted.",
            },
            "moves": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["date", "from", "to", "devices"],
                    "properties": {
                        "date": _DAY,
                        "from": {"type": "string"},
                        "to": {"type": "string"},
                        "devices": {"type": "integer"},
                        "noise_scale": _SCALE,
                    },
                },
            },
            "meaning": {"type": "string"},
            "privacy": _ref("SensingPrivacy"),
        },
    },
    "Visitors": {
        "type": "object",
        "required": ["hours", "totals", "meaning", "privacy"],
        "properties": {
            "hours": {"type": "array", "items": _ref("ZoneHourVisitors")},
            "totals": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["start", "estimate", "withheld"],
                    "properties": {
                        "start": _TIME,
                        "estimate": _FIGURE,
                        "withheld": {"type": "boolean"},
                        "kind": {"enum": ["devices", "visitors"]},
                    },
                },
            },
            "calibrations": {"type": "array", "items": _ref("ZoneCalibration")},
            "flawed": {
                "type": "array",
                "description": "Hours in which a sensor heard only in part: figures may be too low",
                "items": {
                    "type": "object",
                    "required": ["zone", "sensor", "start", "flaw", "amount"],
                    "properties": {
                        "zone": {"type": "string"},
                        "sensor": {"type": "string"},
                        "start": _TIME,
                        "flaw": {"enum": ["silent_minutes", "few_frames", "silent_channels"]},
                        "amount": {
                            "type": "integer",
                            "description": "minutes; percent of what was to be expected; channels",
                        },
                    },
                },
            },
            "meaning": {"type": "object", "additionalProperties": {"type": "string"}},
            "privacy": _ref("SensingPrivacy"),
        },
    },
}


def _answer(status: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {
        status: {"description": text, "content": content},
        "400": _PROBLEM,
        "503": _UNAVAILABLE,
    }


PATHS: dict[str, Any] = {
    "/api/v1/occupancy": {
        "get": {
            "operationId": "readOccupancy",
            "summary": "How crowded each zone is now",
            "tags": ["sensing"],
            "responses": _answer("200", "Levels, never numbers.", _ref("Occupancy")),
        }
    },
    "/api/v1/visitors": {
        "get": {
            "operationId": "readVisitors",
            "summary": "Counts per zone and finished hour, with interval",
            "tags": ["sensing"],
            "parameters": [
                {"name": "zone", "in": "query", "schema": {"type": "string"}},
                {"name": "from", "in": "query", "schema": _TIME,
                 "description": "Default: 24 hours ago."},
                {"name": "to", "in": "query", "schema": _TIME,
                 "description": "Default: now. At most 31 days after from."},
            ],
            "responses": _answer("200", "Figures below k are withheld.", _ref("Visitors")),
        }
    },
    "/api/v1/meraki/{sensor_id}": {
        "get": {
            "operationId": "readMerakiValidator",
            "summary": "The validator that Meraki asks for before it sends, as plain text",
            "tags": ["sensing"],
            "parameters": [
                {"name": "sensor_id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "responses": {
                "200": {
                    "description": "The validator.",
                    "content": {"text/plain": {"schema": {"type": "string"}}},
                },
                "404": _PROBLEM,
            },
        },
        "post": {
            "operationId": "receiveMeraki",
            "summary": "A post of the Meraki Scanning API, version 3",
            "description": "Handed on unread to the process that hashes its addresses. The secret"
            " inside is proved; the same body counts once.",
            "tags": ["sensing"],
            "parameters": [
                {"name": "sensor_id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "responses": {
                **_answer(
                    "200",
                    "Counted.",
                    {
                        "type": "object",
                        "required": ["observations"],
                        "properties": {"observations": {"type": "integer"}},
                    },
                ),
                "400": _PROBLEM,
                "403": _PROBLEM,
                "404": _PROBLEM,
                "409": _PROBLEM,
                "413": {"$ref": "#/components/responses/TooLarge"},
                "429": _PROBLEM,
            },
        },
    },
    "/api/v1/visitors/days": {
        "get": {
            "operationId": "readVisitorDays",
            "summary": "Dwell per zone and zones seen together, per finished day",
            "tags": ["sensing"],
            "parameters": [
                {"name": "from", "in": "query", "schema": _DAY,
                 "description": "Default: 30 days ago."},
                {"name": "to", "in": "query", "schema": _DAY,
                 "description": "Default: today. At most 400 days."},
            ],
            "responses": _answer("200", "Nothing below k is in it.", _ref("VisitorDays")),
        }
    },
    "/api/v1/sensors/{sensor_id}/observations": {
        "post": {
            "operationId": "recordObservations",
            "summary": "One signed batch of observations of an enrolled sensor",
            "description": "A SignedBySensor message around an ObservationBatch, as protobuf or in"
            " its JSON form; see proto/meguri/visitor_sense/v1. Sending it again is harmless.",
            "tags": ["sensing"],
            "parameters": [
                {"name": "sensor_id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/x-protobuf": {"schema": {"type": "string", "format": "binary"}},
                    "application/json": {"schema": {"type": "object"}},
                },
            },
            "responses": {
                **_answer(
                    "202",
                    "Stored; it will be counted.",
                    {
                        "type": "object",
                        "required": ["stored", "duplicate"],
                        "properties": {
                            "stored": {"type": "boolean"},
                            "duplicate": {"type": "boolean"},
                        },
                    },
                ),
                "403": _PROBLEM,
                "404": _PROBLEM,
                "413": {"$ref": "#/components/responses/TooLarge"},
                "415": _PROBLEM,
            },
        }
    },
}  # fmt: skip
