"""What programs may ask of the planner."""

from typing import Any

INTERESTS = ["cave", "nature", "view", "history", "science", "food", "bath", "animals", "shopping",
             "activity", "art"]  # fmt: skip
PARTY = ("adults", "junior_high", "children", "infants")
CLOCK = {"type": "string", "pattern": "^([01]?[0-9]|2[0-9]):[0-5][0-9]$", "examples": ["09:30"]}
COUNT = {"type": "integer", "minimum": 0, "maximum": 500}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _array(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def _json(schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


_TIME = {"type": "string", "format": "date-time"}
_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_KEY = {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{8,100}$"}
_FLAG = {"type": "boolean"}
_MAYBE_NUMBER = {"type": ["integer", "null"]}
_MAYBE_TEXT = {"type": ["string", "null"]}
_NAME = {"name": _TEXT, "locale": _TEXT, "requested_locale": _TEXT, "fallback": _FLAG}
_NAMED = {"type": "object", "properties": _NAME}
_MAYBE_TIME = {"type": ["string", "null"], "format": "date-time"}
_END = {
    "type": "object",
    "properties": {
        "place_id": _MAYBE_TEXT,
        **_NAME,
        "location": {"type": ["object", "null"]},
        "closure_reason": {
            **_MAYBE_TEXT,
            "description": "Why it is closed at that time; null: open.",
        },
    },
}
_LOCATION = {
    "oneOf": [
        {"type": "object", "required": ["place_id"], "properties": {"place_id": _TEXT}},
        {
            "type": "object",
            "required": ["latitude", "longitude"],
            "properties": {"latitude": {"type": "number"}, "longitude": {"type": "number"}},
        },
    ]
}
SCHEMAS: dict[str, Any] = {
    "TripRequest": {
        "type": "object",
        "required": ["visit_date", "start", "start_time", "end_time"],
        "properties": {
            "visit_date": {"type": "string", "format": "date"},
            "start": _LOCATION,
            "end": {**_LOCATION, "description": "Where the day ends; the start when left out."},
            "start_time": {**CLOCK, "description": "Earliest departure, wall clock of the area."},
            "end_time": {**CLOCK, "description": "Latest arrival at the end."},
            "mode": {"enum": ["car", "foot", "bus", "cycle"], "default": "car"},
            "own_cycle": {
                "type": "boolean", "default": False,
                "description": "By cycle: false begins and ends the day at the rental place nearest"
                " to the start, where the area knows one; true leaves it as it is asked for.",
            },
            "pace": {"enum": ["quick", "normal", "unhurried"], "default": "normal"},
            "party": {
                "type": ["object", "null"],
                "additionalProperties": False,
                "description": "How many people; one adult when left out or null.",
                "properties": dict.fromkeys(PARTY, COUNT),
            },
            "interests": _array({"enum": INTERESTS}),
            "must": _array(_TEXT, maxItems=8, description="POIs to visit at any price."),
            "never": _array(_TEXT, description="POIs to leave out."),
            "quieter": {"type": "boolean", "default": False,
                        "description": "Rather places and times with few people."},
            "budget_yen": {
                "type": ["integer", "null"], "minimum": 0,
                "description": "For all admissions and, by bus, the known fares of the party.",
            },
            "walking": {
                "type": ["object", "null"],
                "additionalProperties": False,
                "description": "Most minutes on foot, by bus and on foot; null: no limit.",
                "properties": {
                    "stretch_minutes": {"type": ["integer", "null"], "minimum": 10, "maximum": 90},
                    "day_minutes": {"type": ["integer", "null"], "minimum": 10, "maximum": 600},
                },
            },
            "ease": {
                "enum": ["any", "gentle", "wheelchair"], "default": "any",
                "description": "gentle: few steps, nothing steep. What is not known is left out.",
            },
            "lunch": {
                "description": "false: none. Left out, null or true: between 11:00 and 14:00 where"
                " the day lasts from 11:30 or earlier to 13:30 or later.",
                "oneOf": [
                    {"type": ["boolean", "null"]},
                    {"type": "object", "required": ["from", "until"],
                     "properties": {"from": CLOCK, "until": CLOCK}},
                ],
            },
            "seed": {"type": "integer", "default": 0},
            "request_id": _KEY,
        },
    },
    "Itinerary": {
        "type": "object",
        "required": ["itinerary_id", "status", "visits", "legs", "left_out", "conflicts",
                     "effects"],
        "properties": {
            "itinerary_id": {"type": "string", "format": "uuid"},
            "version": _NUMBER,
            "url": _TEXT,
            "status": {"enum": ["planned", "conflict"]},
            "trip": {"type": "object"},
            "start": _END,
            "end": _END,
            "depart_time": _TIME,
            "finish_time": _TIME,
            "total_score": _NUMBER,
            "total_fee_yen": _NUMBER,
            "total_fare_yen": _NUMBER,
            "fare_unknown": _FLAG,
            "total_travel_minutes": _NUMBER,
            "total_walk_minutes": _NUMBER,
            "visits": _array(_ref("PlannedVisit")),
            "legs": _array(_ref("Leg")),
            "left_out": _array({
                "type": "object",
                "properties": {"poi_id": _TEXT, **_NAME, "why": _TEXT,
                               "missing_minutes": _MAYBE_NUMBER, "same_as_poi_id": _MAYBE_TEXT,
                               "closure_reason": _MAYBE_TEXT, "score": _NUMBER,
                               "must_visit": _FLAG, "other_date": _MAYBE_TEXT},
            }),
            "conflicts": _array({
                "type": "object",
                "properties": {"kind": _TEXT, "poi_ids": _array(_TEXT), "why_out": _MAYBE_TEXT,
                               "missing_minutes": _MAYBE_NUMBER, "missing_yen": _MAYBE_NUMBER,
                               "closure_reason": _MAYBE_TEXT},
            }),
            "effects": _array({
                "type": "object",
                "description": "Closures that have hit the plan since.",
                "properties": {"poi_id": _TEXT, "closure_id": _TEXT, "reason": _TEXT,
                               "from_time": _TIME,
                               "until_time": _MAYBE_TIME},
            }),
            "ride_effects": _array(
                _ref("RideEffect"), description="What no longer holds of its rides."
            ),
            "needs_repair": {
                **_FLAG, "description": "Whether the rest of it would be planned again now.",
            },
            "operator_messages": _array({
                "type": "object", "description": "What operators tell on the day itself.",
                "properties": {"timetable_id": _TEXT, "title": _NAMED, "text": _NAMED},
            }),
            "live": _array({
                "type": "object",
                "description": "Feeds that tell of delays; stale: too long ago to be used.",
                "properties": {"timetable_id": _TEXT, "told_time": _MAYBE_TIME, "stale": _FLAG},
            }),
            "plan_b": {
                "type": ["object", "null"],
                "description": "What is left when the last ride is missed.",
                "properties": {
                    "slack_minutes": _NUMBER, "next_depart_time": _MAYBE_TIME,
                    "next_arrive_time": _MAYBE_TIME, "taxi_distance_m": _MAYBE_NUMBER,
                    "taxis": _array({
                        "type": "object",
                        "properties": {**_NAME, "phone": _TEXT, "estimated_yen": _MAYBE_NUMBER},
                    }),
                },
            },
            "rental": {
                "type": ["object", "null"],
                "description": "Where the cycles of the day are rented; it begins and ends there.",
                "properties": {
                    "poi_id": _TEXT, "place_id": _TEXT, **_NAME, "phone": _MAYBE_TEXT,
                    "from_start_m": {**_NUMBER, "description": "From the start that was chosen,"
                                     " in a straight line; getting there is not in the plan."},
                    "open": _array({"type": "object", "properties": {"from": CLOCK,
                                                                     "until": CLOCK}}),
                    "back_by_time": {**_MAYBE_TIME, "description": "null: hours not known."},
                    "estimated_fields": _array(_TEXT),
                },
            },
            "latest_change": {
                "type": ["object", "null"],
                "description": "What the latest change did; null: as it was planned first.",
                "properties": {
                    "cause": {"enum": ["closure", "wish", "undo", "timetable", "delay", "late"]},
                    "added_poi_ids": _array(_TEXT), "dropped_poi_ids": _array(_TEXT),
                    "moved_poi_ids": _array(_TEXT), "closures": _array({"type": "object"}),
                    "rides": _array(_ref("RideEffect")), "late_minutes": _MAYBE_NUMBER,
                    "undoable": _FLAG,
                },
            },
            "proven_best": _FLAG,
            "search_stopped_early": _FLAG,
            "create_time": _TIME,
            "time_zone": _TEXT,
        },
    },
    "PlannedVisit": {
        "type": "object",
        "properties": {
            "poi_id": _TEXT, "place_id": _TEXT, **_NAME, "category": _TEXT,
            "location": {"type": ["object", "null"]}, "arrive_time": _TIME, "start_time": _TIME,
            "end_time": _TIME, "waiting_minutes": _NUMBER, "slack_minutes": _NUMBER,
            "fee_yen": _NUMBER, "fee_unknown": _FLAG, "score": _NUMBER,
            "reasons": _array({"type": "object",
                               "properties": {"why": _TEXT, "interest": _MAYBE_TEXT,
                                              "note": {"type": ["object", "null"]}}}),
            "crowd": {
                "type": ["object", "null"],
                "description": "How full it is expected to be; null where nothing is known.",
                "properties": {
                    "level": {"enum": ["quieter_time", "full", "busy_now"]},
                    "quieter_from_time": {"type": ["string", "null"], "format": "date-time"},
                },
            },
            "status": _TEXT, "phone": _MAYBE_TEXT, "estimated_fields": _array(_TEXT),
        },
    },
    "Leg": {
        "type": "object",
        "properties": {
            "from_place_id": _MAYBE_TEXT, "to_place_id": _MAYBE_TEXT, "depart_time": _TIME,
            "arrive_time": _TIME, "travel_minutes": _NUMBER, "distance_m": _NUMBER,
            "from_estimated_point": _FLAG, "on_road_network": _FLAG,
            "climb_m": {**_MAYBE_NUMBER, "description": "How much higher it ends; null: unknown."},
            "rides": _array(_ref("Ride"), description="By bus, in order; empty for a walk."),
            "last_walk_minutes": _NUMBER,
        },
    },
    "RideEffect": {
        "type": "object",
        "properties": {
            "trouble": {"enum": ["gone", "suspended", "canceled", "earlier", "later", "missed",
                                 "unconfirmed"]},
            "leg": _NUMBER, "ride": _NUMBER, "timetable_id": _TEXT, "line": _NAMED,
            "from": _NAMED, "to": _NAMED, "planned_depart_time": _TIME,
            "depart_time": {**_MAYBE_TIME, "description": "As it goes now; null: it does not."},
            "arrive_time": _MAYBE_TIME, "minutes": _MAYBE_NUMBER,
            "holds": {**_FLAG, "description": "The day can be followed all the same."},
            "poi_id": {**_MAYBE_TEXT, "description": "The visit for which it comes too late."},
            "live": {**_FLAG, "description": "From what the operator tells today."},
            "note": {**_NAMED, "description": "Why the line is suspended; empty: nobody said."},
        },
    },
    "Ride": {
        "type": "object",
        "properties": {
            "timetable_id": _TEXT, "line": _NAMED, "headsign": _MAYBE_TEXT,
            "operator": _MAYBE_TEXT,
            "operator_names": {"type": "object", "additionalProperties": _TEXT},
            "phone": _MAYBE_TEXT, "from": _NAMED, "to": _NAMED,
            "depart_time": _TIME, "arrive_time": _TIME, "walk_minutes": _NUMBER,
            "basis": {
                "enum": ["confirmed", "recorded", "guessed"],
                "description": "What the times rest on. Only confirmed ones can be relied on.",
            },
            "as_of": _MAYBE_TEXT, "fare_yen": _MAYBE_NUMBER,
            "child_fare_yen": _MAYBE_NUMBER, "call_ahead": _FLAG,
            "ask_driver": _FLAG, "next_depart_time": _MAYBE_TIME,
        },
    },
}  # fmt: skip


def _open_data(operation: str, summary: str, kind: str) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string" if kind == "text/csv" else "object"}}}
    return {
        "get": {
            "operationId": operation, "summary": summary, "tags": ["itinerary"],
            "responses": {
                "200": {"description": "All of the area.", "content": content},
                "304": {"description": "Nothing has changed since the ETag that was sent."},
                "503": {"$ref": "#/components/responses/Unavailable"},
            },
        }
    }  # fmt: skip


PATHS: dict[str, Any] = {
    "/api/v1/pois.csv": _open_data(
        "poisAsCsv", "Points of interest in the columns of 観光施設一覧", "text/csv"
    ),
    "/api/v1/pois.geojson": _open_data(
        "poisAsGeoJson", "Points of interest that have a point, as GeoJSON", "application/geo+json"
    ),
    "/api/v1/pois.jsonld": _open_data(
        "poisAsJsonLd", "Points of interest in the words of schema.org", "application/ld+json"
    ),
    "/api/v1/itineraries": {
        "post": {
            "operationId": "planItinerary",
            "summary": "Plans a day; contradicting demands are a plan with status conflict",
            "tags": ["itinerary"],
            "parameters": [
                {"name": "Idempotency-Key", "in": "header", "schema": _KEY,
                 "description": "A repeat with the same key and body returns the first plan."},
            ],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _ref("TripRequest")}},
            },
            "responses": {
                "201": _json(_ref("Itinerary"), "The kept plan."),
                "400": {"$ref": "#/components/responses/Refused"},
                # The request id is of a day that was deleted since.
                "404": {"$ref": "#/components/responses/NotFound"},
                "409": {"$ref": "#/components/responses/Refused"},
                "503": {"$ref": "#/components/responses/Unavailable"},
            },
        }
    },
    "/api/v1/itineraries/{itinerary_id}/late": {
        "post": {
            "operationId": "reportLateness",
            "summary": "Plans the rest of a day under way again for a party that is late",
            "tags": ["itinerary"],
            "parameters": [
                {"name": "itinerary_id", "in": "path", "required": True,
                 "schema": {"type": "string", "format": "uuid"}},
                {"name": "Idempotency-Key", "in": "header", "schema": _KEY,
                 "description": "A repeat with the same key and body returns the first answer."},
            ],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {
                    "type": "object",
                    "required": ["version"],
                    "anyOf": [{"required": ["late_minutes"]}, {"required": ["leaving"]}],
                    "properties": {
                        "version": {**_NUMBER, "description": "As it was read."},
                        "late_minutes": {"type": "integer", "minimum": 0, "maximum": 240},
                        "leaving": {**_FLAG, "description": "The visit it is at ends now."},
                    },
                }}},
            },
            "responses": {
                "200": _json(_ref("Itinerary"), "The plan as it is now."),
                "400": {"$ref": "#/components/responses/Refused"},
                "404": {"$ref": "#/components/responses/NotFound"},
                "409": {"$ref": "#/components/responses/Refused"},
                "503": {"$ref": "#/components/responses/Unavailable"},
            },
        }
    },
    "/api/v1/itineraries/{itinerary_id}": {
        "get": {
            "operationId": "getItinerary",
            "summary": "A kept plan, with the closures that hit it now",
            "tags": ["itinerary"],
            "parameters": [
                {"name": "itinerary_id", "in": "path", "required": True,
                 "schema": {"type": "string", "format": "uuid"}},
            ],
            "responses": {
                "200": _json(_ref("Itinerary"), "The plan."),
                "404": {"$ref": "#/components/responses/NotFound"},
                "503": {"$ref": "#/components/responses/Unavailable"},
            },
        }
    },
}  # fmt: skip
