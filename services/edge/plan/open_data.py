"""`/api/v1/pois.csv`, `.geojson`, `.jsonld`: the area's points of interest for everybody to use.

The CSV has the columns of the recommended data set of the Digital Agency (観光施設一覧), so that it
goes where municipal files go, and back into `./meguri itinerary sights`; GeoJSON is RFC 7946, the
other one schema.org's TouristAttraction. A position that is only estimated is left out of the CSV
and of JSON-LD, which cannot say so, and is labelled in GeoJSON, which can.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, make_response, request

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.parts import area
from services.edge.plan import as_json, spots
from services.edge.spreadsheet import text_of

KEEP_S = 300
HEADINGS = (
    "都道府県コード又は市区町村コード", "NO", "都道府県名", "市区町村名", "名称", "名称_カナ",
    "名称_英語", "POIコード", "住所", "方書", "緯度", "経度", "利用可能曜日", "開始時間",
    "終了時間", "利用可能日時特記事項", "料金(基本)", "料金(詳細)", "説明", "説明_英語",
    "アクセス方法", "駐車場情報", "バリアフリー情報", "連絡先名称", "連絡先電話番号",
    "連絡先内線番号", "画像", "画像_ライセンス", "URL", "備考",
)  # fmt: skip
WEEK = {"Mo": "月", "Tu": "火", "We": "水", "Th": "木", "Fr": "金", "Sa": "土", "Su": "日"}
# Hours that the columns can say: every day the same, some weekdays closed.
_DAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_TIME = "([0-9]{2}:[0-9]{2})"
_SIMPLE = re.compile(rf"(24/7|{_TIME}-{_TIME})(?:; ({_DAY}(?:,{_DAY})*) off)?")
KNOWN = (pb.POINT_QUALITY_SOURCE, pb.POINT_QUALITY_ADJACENT)

blueprint = Blueprint("open_data", __name__, url_prefix="/api/v1")


@blueprint.get("/pois.csv")
def as_csv() -> Response:
    """The POIs as a municipal list of sights."""
    lines = (
        [line.get(name, "") for name in HEADINGS] for line in map(_line, range(1, 10_000), _pois())
    )
    return _answer(text_of(HEADINGS, lines), "text/csv; charset=utf-8", "pois.csv")


@blueprint.get("/pois.geojson")
def as_geojson() -> Response:
    """The POIs that have a point, with how well it is known."""
    features = [_feature(poi) for poi in _pois() if poi.location.HasField("point")]
    document = {"type": "FeatureCollection", "features": features}
    return _answer(_text(document), "application/geo+json", "pois.geojson")


@blueprint.get("/pois.jsonld")
def as_jsonld() -> Response:
    """The POIs in the words of schema.org."""
    graph = [_attraction(poi) for poi in _pois()]
    document = {"@context": "https://schema.org", "@graph": graph}
    return _answer(_text(document), "application/ld+json", "pois.jsonld")


def _pois() -> Sequence[pb.Poi]:
    """Returns what is offered: ids are told, places to park, sleep or change too."""
    return spots.load("").pois


def _answer(text: str, kind: str, name: str) -> Response:
    response = make_response(text)
    response.content_type = kind
    response.headers["Content-Disposition"] = f'inline; filename="{area().area}-{name}"'
    response.headers["Cache-Control"] = f"public, max-age={KEEP_S}"
    response.headers["Access-Control-Allow-Origin"] = "*"  # open data is for pages of others too
    response.add_etag()
    response.make_conditional(request)
    return response


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _line(number: int, poi: pb.Poi) -> dict[str, object]:
    record, texts = poi.record, poi.record.texts
    said = [f"出典: {record.source}"] if record.source else []
    if record.estimated_fields:
        said.append(f"推定: {', '.join(record.estimated_fields)}")
    line: dict[str, object] = {
        "NO": number, "名称": _name(poi, "ja"), "名称_英語": poi.names.get("en", ""),
        "POIコード": record.poi_id, "料金(基本)": _yen(record.fees),
        "料金(詳細)": texts.fee_note.get("ja", ""), "説明": texts.summary.get("ja", ""),
        "説明_英語": texts.summary.get("en", ""), "アクセス方法": texts.access_note.get("ja", ""),
        "連絡先電話番号": record.phone, "備考": "。".join(said), **_hours(record),
    }  # fmt: skip
    if _known(poi):
        line |= {"緯度": poi.location.point.latitude, "経度": poi.location.point.longitude}
    return line


def _hours(record: pb.PoiRecord) -> dict[str, str]:
    """Returns the columns of opening hours; what they cannot say stands in the remark."""
    remark = [record.texts.closed_note.get("ja", "")]
    found = _SIMPLE.fullmatch(record.opening)
    columns = {}
    if found:
        closed = (found[4] or "").split(",")
        columns = {
            "利用可能曜日": "".join(sign for day, sign in WEEK.items() if day not in closed),
            "開始時間": found[2] or "00:00", "終了時間": found[3] or "00:00",
        }  # fmt: skip
    elif record.opening:
        remark.insert(0, f"opening_hours: {record.opening}")
    if record.last_entry:
        remark.append(_last_entry(record.last_entry))
    return columns | {"利用可能日時特記事項": "。".join(each for each in remark if each)}


def _last_entry(text: str) -> str:
    minutes = re.fullmatch(r"-([0-9]+)min", text)
    return f"入場は閉館の{minutes[1]}分前まで" if minutes else f"入場は{text}まで"


def _yen(fees: pb.Fees) -> str:
    if not fees.HasField("adult_amount_yen"):
        return ""
    return f"{fees.adult_amount_yen}円" if fees.adult_amount_yen else "無料"


def _name(poi: pb.Poi, locale: str) -> str:
    return poi.names.get(locale, "") or next(iter(poi.names.values()), poi.record.poi_id)


def _known(poi: pb.Poi) -> bool:
    return poi.location.HasField("point") and poi.location.quality in KNOWN


def _feature(poi: pb.Poi) -> dict[str, Any]:
    record, point = poi.record, poi.location.point
    return {
        "type": "Feature", "id": record.poi_id,
        "geometry": {"type": "Point", "coordinates": [point.longitude, point.latitude]},
        "properties": {
            "names": dict(poi.names), "opening": record.opening, "last_entry": record.last_entry,
            "category": as_json.word(pb.PoiCategory, "POI_CATEGORY", record.category),
            "fees_yen": {
                field.name.removesuffix("_amount_yen"): value
                for field, value in record.fees.ListFields()
            },
            "stay_minutes": [record.stay_min_minutes, record.stay_max_minutes],
            "point_quality": as_json.word(pb.PointQuality, "POINT_QUALITY", poi.location.quality),
            "error_m": poi.location.error_m, "hidden_spot": record.hidden_spot,
            "estimated_fields": list(record.estimated_fields), "source": record.source,
        },
    }  # fmt: skip


def _attraction(poi: pb.Poi) -> dict[str, Any]:
    record = poi.record
    found: dict[str, Any] = {
        "@type": "TouristAttraction", "identifier": record.poi_id, "name": _tongues(poi.names),
    }  # fmt: skip
    if record.texts.summary:
        found["description"] = _tongues(record.texts.summary)
    if record.phone:
        found["telephone"] = record.phone
    if record.fees.HasField("adult_amount_yen"):
        found["isAccessibleForFree"] = record.fees.adult_amount_yen == 0
    if _known(poi):
        point = poi.location.point
        found["geo"] = {
            "@type": "GeoCoordinates", "latitude": point.latitude, "longitude": point.longitude,
        }  # fmt: skip
    if hours := list(_schema_hours(record.opening)):
        found["openingHours"] = hours
    return found


def _tongues(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@language": locale, "@value": text} for locale, text in sorted(texts.items())]


def _schema_hours(opening: str) -> Iterator[str]:
    """Gives hours as schema.org writes them, where they are the same all year."""
    found = _SIMPLE.fullmatch(opening)
    if found:
        closed = (found[4] or "").split(",")
        days = ",".join(day for day in WEEK if day not in closed)
        yield f"{days} {found[2] or '00:00'}-{found[3] or '23:59'}"
