"""What programs may ask about the area's numbers; each call needs a login of marketing staff."""

from typing import Any

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
_DATE = {
    "name": "on",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "date"},
}
_WITHHELD = "Counts are null where they are withheld; suppression_k says below how many."


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


def _object(text: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "description": text, "properties": properties}


_COUNT = {"type": "integer"}
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
        captured_count=_COUNT, captured_yen=_COUNT, voided_count=_COUNT, voided_yen=_COUNT,
        refunded_count=_COUNT, refunded_yen=_COUNT, net_yen=_COUNT, kept_count=_COUNT,
        declined_count=_COUNT, unknown_count=_COUNT, shop_count=_COUNT, by_tender=_BREAKDOWN,
        by_shop=_BREAKDOWN,
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
    "/api/v1/insights/agreement": _get(
        "insightsAgreement", "Totals to compare with their owners", "InsightsAgreement", _RANGE
    ),
}  # fmt: skip
