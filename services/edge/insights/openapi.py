"""What programs may ask about the area's numbers; each call needs a login of marketing staff."""

from typing import Any

from services.edge.insights.query import api as query
from services.edge.insights.query import openapi as questions

_RANGE = [
    {
        "name": name,
        "in": "query",
        "schema": {"type": "string", "format": "date"},
        "description": text,
    }
    for name, text in (
        ("from", "First day; 30 days before the last one when not given."),
        ("until", "Last day, included; today when not given. At most 400 days."),
    )
]
_SENSED = [
    {"name": "span", "in": "query", "schema": {"enum": ["day", "week", "month"]},
     "description": "week when not given; weeks begin on Monday."},
    {"name": "on", "in": "query", "schema": {"type": "string", "format": "date"},
     "description": "A day of the period; today when not given."},
    {"name": "zone", "in": "query", "schema": {"type": "string"},
     "description": "One zone; all when not given."},
]  # fmt: skip
_DATE = {
    "name": "on",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "date"},
}
_WITHHELD = (
    "Counts are null where they are withheld; suppression_k says below how many. Sales are null"
    " where the login does not keep the books and they are neither of three shops or more with none"
    " above 70 % nor consented to; reach says how far they are told: 1 all, 2 total, 3 nothing."
)


def _get(
    operation: str, summary: str, schema: str, parameters: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "description": _WITHHELD,
            "tags": ["insights"],
            "security": [{"session": []}],
            "parameters": parameters,
            "responses": {
                "200": {
                    "description": summary,
                    "content": {
                        "application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}
                    },
                },
                "304": {"description": "Nothing changed since the ETag given."},
                "400": {"$ref": "#/components/responses/Refused"},
                "401": {"$ref": "#/components/responses/Problem"},
                "403": {"$ref": "#/components/responses/Problem"},
                "503": {"$ref": "#/components/responses/Unavailable"},
            },
        }
    }


def _entities(operation: str, summary: str, description: str, schema: str) -> dict[str, Any]:
    found = _get(operation, summary, schema, _SENSED)
    get = found["get"]
    get["description"] = description
    del get["responses"]["304"]
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}
    get["responses"]["200"]["content"] = {"application/ld+json": {"schema": items}}
    return found


def _entity(text: str, **properties: str) -> dict[str, Any]:
    own = {
        name: {"type": "object", "description": said, "properties": {"type": {"const": "Property"}}}
        for name, said in properties.items()
    }
    common = {
        "id": {"type": "string", "format": "uri"},
        "type": {"type": "string"},
        "location": {"type": "object", "description": "GeoProperty; absent without a point."},
        "@context": {"type": "array", "items": {"type": "string"}},
    }
    return _object(text, **common, **own)


def _object(text: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "description": text, "properties": properties}


_COUNT = {"type": "integer"}
_SALES = {"type": ["integer", "null"]}
_BREAKDOWN = {"$ref": "#/components/schemas/InsightsBreakdown"}
_PAYMENTS = {"$ref": "#/components/schemas/InsightsPayments"}

SCHEMAS: dict[str, Any] = {
    "InsightsBreakdown": _object(
        "A count split by one attribute.",
        cells={
            "type": "array",
            "items": _object(
                "One value; count and amount are null when withheld.",
                value={"type": "string"},
                names={"type": "object", "additionalProperties": {"type": "string"}},
                count={"type": ["integer", "null"]},
                amount_yen={"type": ["integer", "null"]},
                withheld={"type": "boolean"},
            ),
        },
        n={"type": "integer", "description": "Facts behind all cells; 0 where withheld."},
        suppression_k={"type": "integer", "description": "0 when not about people."},
        withheld={"type": "boolean"},
    ),
    "InsightsPayments": _object(
        "One book of payments.",
        captured_count=_SALES, captured_yen=_SALES, voided_count=_SALES, voided_yen=_SALES,
        refunded_count=_SALES, refunded_yen=_SALES, net_yen=_SALES, kept_count=_SALES,
        declined_count=_SALES, unknown_count=_SALES, shop_count=_COUNT, by_tender=_BREAKDOWN,
        by_shop=_BREAKDOWN, reach={"type": "integer"}, other_shop_count=_COUNT,
        other_shops_yen=_SALES,
        shop_takings={
            "type": "array",
            "items": _object(
                "A shop that stands alone, by its consent, where not all is told.",
                shop_place_id={"type": "string"},
                names={"type": "object", "additionalProperties": {"type": "string"}},
                net_yen=_COUNT,
            ),
        },
    ),
    "InsightsDay": _object(
        "Everything about one day.",
        date={"type": "string", "format": "date"},
        time_zone={"type": "string"},
        over={"type": "boolean"},
        demo={"type": "boolean", "description": "True: nothing here is a KPI."},
        scans=_object(
            "Stop pages opened.",
            count=_COUNT, offline_count=_COUNT, other_language_count=_COUNT,
            by_locale_asked=_BREAKDOWN, by_locale_served=_BREAKDOWN, by_locale_missed=_BREAKDOWN,
            by_stop=_BREAKDOWN,
        ),
        live_payments=_PAYMENTS,
        practice_payments=_PAYMENTS,
        visitors={"type": "object"},
        plans=_object(
            "Day plans made.",
            count=_COUNT, person_count=_COUNT, repaired_count=_COUNT, by_chosen=_BREAKDOWN,
            by_left_out_reason=_BREAKDOWN,
        ),
        hours={"type": "array", "items": {"type": "object"}},
        sources={"type": "array", "items": {"type": "object"}},
        as_of_time={"type": ["string", "null"], "format": "date-time"},
        late_count=_COUNT,
    ),
    "InsightsRange": _object(
        "Totals of each day.",
        days={"type": "array", "items": {"type": "object"}},
        demo={"type": "boolean"},
        first_date={"type": "string"},
        as_of_time={"type": ["string", "null"], "format": "date-time"},
    ),
    "InsightsFeedback": _object(
        "What visitors said in a month: ratings of narrations and the survey.",
        month={"type": "string", "examples": ["2026-05"]},
        over={"type": "boolean"},
        demo={"type": "boolean"},
        rating_count={"type": ["integer", "null"]},
        ratings_withheld={"type": "boolean"},
        reply_count={"type": "integer",
                     "description": "Surveys filled in, told in whole groups of ten."},
        stops={
            "type": "array",
            "items": _object(
                "Ratings of a stop, by language. liking: how many say it was good: 1 hardly anyone,"
                " 2 few, 3 about half, 4 most, 5 nearly all; with a little chance in it.",
                stop_code={"type": "string"},
                names={"type": "object", "additionalProperties": {"type": "string"}},
                count={"type": ["integer", "null"]},
                withheld={"type": "boolean"},
                languages={"type": "array", "items": {"type": "object"}},
            ),
        },
        questions={
            "type": "array",
            "items": _object(
                "Answers to one question: about how many chose each, in whole tens with a little"
                " chance in them. What about ten or fewer chose is left out; n is reply_count.",
                question_id={"type": "string"}, answers=_BREAKDOWN,
            ),
        },
        suppression_k=_COUNT,
        as_of_time={"type": ["string", "null"], "format": "date-time"},
    ),
    "TourismPresenceObserved": _entity(
        "An hour of a zone as NGSI-LD, after the smart data model of that name. Differences: the"
        " model requires nationality and visitorCount, which are not always known here.",
        dateObserved="Middle of the hour, UTC.",
        hour="Hour of the day in the area, 0 to 23.",
        visitorCount="People, only of a calibrated zone; low and high are its 90 % interval.",
        deviceCount="Devices, instead of visitorCount, with low and high. Not people.",
        withheld="True: below suppressionThreshold, or would give such a figure away; no count.",
        suppressionThreshold="No figure below it is told.",
        countMethod="signature, rate (devices on average) or calibrated.",
        calibrationVersion="What the zone had learned.",
        aggregationType="Always hourly_estimate.",
        nationality="Always ZZ: not known.",
        locationCode="Place of directory.", locationName="Name of the zone.",
        locationQuality="published or estimate.",
    ),
    "TourismDwellTimeObserved": _entity(
        "A finished day of a zone as NGSI-LD, after the smart data model of that name. Differences:"
        " hour and visitorCount, which the model requires, are not in it: dwell is of a day and of"
        " a sample of devices that keep their address.",
        dateObserved="Noon of the day, UTC.",
        dwellTimeRange="Minutes in which the middle half of the stays lie, such as 8-28.",
        dwellTimeMedian="Minutes.",
        sampledStays="Stays of the sample, at least ten.",
        nationality="Always ZZ: not known.",
        locationCode="Place of directory.", locationName="Name of the zone.",
        locationQuality="published or estimate.",
    ),
    **questions.SCHEMAS,
    "InsightsAgreement": _object(
        "Exact totals per business date.",
        days={"type": "array", "items": {"type": "object"}},
    ),
}  # fmt: skip

PATHS: dict[str, Any] = {
    "/api/v1/insights/today": _get("insightsToday", "The running day", "InsightsDay", []),
    "/api/v1/insights/days/{on}": _get("insightsDay", "One day", "InsightsDay", [_DATE]),
    "/api/v1/insights/days": _get("insightsDays", "Day by day", "InsightsRange", _RANGE),
    "/api/v1/insights/feedback": _get(
        "insightsFeedback", "What visitors said in a month", "InsightsFeedback",
        [{"name": "month", "in": "query", "schema": {"type": "string"},
          "description": "YYYY-MM; the running month when not given."}],
    ),
    "/api/v1/insights/visitors/presence": _entities(
        "insightsPresence", "Counts per zone and hour for FIWARE",
        "Released figures only: a withheld hour carries no count.", "TourismPresenceObserved",
    ),
    "/api/v1/insights/visitors/dwell": _entities(
        "insightsDwell", "Dwell per zone and finished day for FIWARE",
        "Zones with fewer than ten stays are left out.", "TourismDwellTimeObserved",
    ),
    query.ADDRESS: _get("insightsAsk", "A question", "InsightsAnswer", questions.ASK),
    f"{query.ADDRESS}/together": _get(
        "insightsRelate", "Whether two figures go together", "InsightsTogether", questions.RELATE
    ),
    "/api/v1/insights/agreement": _get(
        "insightsAgreement", "Totals to compare with their owners", "InsightsAgreement", _RANGE
    ),
}  # fmt: skip
