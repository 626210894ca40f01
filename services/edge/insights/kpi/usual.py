"""KPIs that plans of Japanese towns for ICT in tourism usually have, to begin a book with.

From the public plans that the ministry collected in 2018 to 2020; what they count is theirs, the
words are ours. Baselines and targets are each town's own and are not in here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from meguri.insights.v1 import kpi_service_pb2 as pb
from services.edge.insights.kpi.words import UNIT_OF

_NAMES: tuple[tuple[str, int, int, Mapping[str, str]], ...] = (
    ("foreign_entries", pb.KPI_MEASURE_FOREIGN_ENTRIES, 0, {
        "ja": "外国人の入場者数", "en": "Entries from abroad", "ko": "외국인 입장자 수",
        "zh-Hans": "外国游客入场人数", "zh-Hant": "外國遊客入場人數",
    }),
    ("foreign_stays", 0, pb.KPI_UNIT_NIGHTS, {
        "ja": "外国人の宿泊者数", "en": "Overnight stays from abroad", "ko": "외국인 숙박자 수",
        "zh-Hans": "外国游客住宿人数", "zh-Hant": "外國遊客住宿人數",
    }),
    ("survey_replies", pb.KPI_MEASURE_SURVEY_REPLIES, 0, {
        "ja": "アンケートの回答数", "en": "Replies to the survey", "ko": "설문 응답 수",
        "zh-Hans": "问卷回答数", "zh-Hant": "問卷回答數",
    }),
    ("site_views", 0, pb.KPI_UNIT_VIEWS, {
        "ja": "観光サイトの閲覧数", "en": "Views of the tourism site", "ko": "관광 사이트 조회 수",
        "zh-Hans": "旅游网站浏览量", "zh-Hant": "觀光網站瀏覽量",
    }),
    ("visitors", 0, pb.KPI_UNIT_PERSONS, {
        "ja": "観光客数", "en": "Visitors", "ko": "관광객 수",
        "zh-Hans": "游客人数", "zh-Hant": "遊客人數",
    }),
    ("goods_sales", 0, pb.KPI_UNIT_YEN, {
        "ja": "土産品の売上", "en": "Sales of local goods", "ko": "특산품 매출",
        "zh-Hans": "特产销售额", "zh-Hant": "特產銷售額",
    }),
    ("consumption", 0, pb.KPI_UNIT_YEN, {
        "ja": "観光消費額", "en": "Tourism consumption", "ko": "관광 소비액",
        "zh-Hans": "旅游消费额", "zh-Hant": "觀光消費額",
    }),
    ("goods_developed", 0, pb.KPI_UNIT_ITEMS, {
        "ja": "商品開発数", "en": "Goods developed", "ko": "상품 개발 수",
        "zh-Hans": "开发商品数", "zh-Hant": "開發商品數",
    }),
    ("guide_views", pb.KPI_MEASURE_GUIDE_VIEWS, 0, {
        "ja": "QRガイドの閲覧数", "en": "Pages of the QR guide", "ko": "QR 가이드 조회 수",
        "zh-Hans": "QR导览浏览量", "zh-Hant": "QR導覽瀏覽量",
    }),
    ("takings", pb.KPI_MEASURE_TAKINGS, 0, {
        "ja": "連携店舗の売上", "en": "Takings of the linked shops", "ko": "연계 점포 매출",
        "zh-Hans": "联网店铺营业额", "zh-Hant": "連線店鋪營業額",
    }),
)  # fmt: skip


def usual() -> Iterator[tuple[str, pb.KpiSettings]]:
    """Yields the id and settings of each usual KPI."""
    for kpi_id, measure, unit, names in _NAMES:
        codes: dict[str, Any] = {"measure": measure, "unit": UNIT_OF.get(measure, unit)}
        yield kpi_id, pb.KpiSettings(names=names, **codes)
