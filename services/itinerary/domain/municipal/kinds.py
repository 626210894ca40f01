"""What a sight probably is, by its name, and how long one stays there: for a person to correct.

No column of the data set says either. What is proposed here is marked as estimated wherever it
goes.
"""

from collections.abc import Mapping

from services.itinerary.domain.poi import Category, Interest

# The first word that stands in the name decides, so that 記念館 comes before 公園 and 温泉.
_WORDS: Mapping[str, Category] = {
    "観光案内所": Category.VISITOR_CENTER, "ビジターセンター": Category.VISITOR_CENTER,
    "ネイチャーセンター": Category.VISITOR_CENTER, "道の駅": Category.ROADSIDE_STATION,
    "鍾乳洞": Category.CAVE, "洞窟": Category.CAVE,
    "資料館": Category.MUSEUM, "博物館": Category.MUSEUM,
    "記念館": Category.MUSEUM, "展示館": Category.MUSEUM, "水族館": Category.MUSEUM,
    "美術館": Category.CULTURE, "文庫": Category.MUSEUM, "民俗": Category.MUSEUM,
    "動物園": Category.ZOO, "サファリ": Category.ZOO, "牧場": Category.ZOO,
    "足湯": Category.HOT_SPRING, "温泉": Category.HOT_SPRING, "の湯": Category.HOT_SPRING,
    "キャンプ場": Category.LODGING, "ホテル": Category.LODGING, "駐車場": Category.PARKING,
    "城": Category.HERITAGE, "神社": Category.HERITAGE, "寺": Category.HERITAGE,
    "古墳": Category.HERITAGE, "遺跡": Category.HERITAGE, "旧宅": Category.HERITAGE,
    "住宅": Category.HERITAGE, "屋敷": Category.HERITAGE, "武家": Category.HERITAGE,
    "町並み": Category.HERITAGE, "跡": Category.HERITAGE, "陣屋": Category.HERITAGE,
    "展望": Category.VIEWPOINT, "灯台": Category.VIEWPOINT, "滝": Category.NATURE,
    "湧水": Category.NATURE, "源水": Category.NATURE, "海岸": Category.NATURE,
    "ビーチ": Category.NATURE, "浜": Category.NATURE, "池": Category.NATURE,
    "梅": Category.NATURE, "水路": Category.NATURE,
    "公園": Category.PARK, "公苑": Category.PARK, "庭園": Category.PARK, "植物園": Category.PARK,
    "フラワー": Category.PARK, "広場": Category.PARK, "パーク": Category.PARK,
    "体験": Category.ACTIVITY, "直売所": Category.SHOPPING, "まーと": Category.SHOPPING,
    "市場": Category.SHOPPING, "物産": Category.SHOPPING, "観光センター": Category.SHOPPING,
    "レストラン": Category.FOOD, "食堂": Category.FOOD, "駅": Category.TRANSPORT,
    "富士": Category.HIKE, "山": Category.HIKE, "コース": Category.HIKE, "ロード": Category.HIKE,
}  # fmt: skip
# Shortest sensible and longest usual visit in minutes; ours, from the POIs of Mine.
STAYS: Mapping[Category, tuple[int, int]] = {
    Category.CAVE: (30, 60), Category.VIEWPOINT: (15, 30), Category.NATURE: (20, 45),
    Category.PARK: (20, 45), Category.MUSEUM: (30, 60), Category.VISITOR_CENTER: (15, 40),
    Category.HERITAGE: (20, 40), Category.ZOO: (60, 150), Category.HOT_SPRING: (40, 90),
    Category.ACTIVITY: (60, 120), Category.SCENIC_DRIVE: (20, 40), Category.HIKE: (90, 180),
    Category.SHOPPING: (15, 40), Category.FOOD: (30, 60), Category.ROADSIDE_STATION: (20, 45),
    Category.CULTURE: (30, 60), Category.LODGING: (720, 960), Category.TRANSPORT: (5, 20),
    Category.PARKING: (5, 5), Category.OCCASION: (60, 180),
}  # fmt: skip
INTERESTS: Mapping[Category, Interest] = {
    Category.CAVE: Interest.CAVE, Category.VIEWPOINT: Interest.VIEW,
    Category.NATURE: Interest.NATURE, Category.PARK: Interest.NATURE,
    Category.MUSEUM: Interest.HISTORY, Category.VISITOR_CENTER: Interest.SCIENCE,
    Category.HERITAGE: Interest.HISTORY, Category.ZOO: Interest.ANIMALS,
    Category.HOT_SPRING: Interest.BATH, Category.ACTIVITY: Interest.ACTIVITY,
    Category.SCENIC_DRIVE: Interest.VIEW, Category.HIKE: Interest.ACTIVITY,
    Category.SHOPPING: Interest.SHOPPING, Category.FOOD: Interest.FOOD,
    Category.ROADSIDE_STATION: Interest.SHOPPING, Category.CULTURE: Interest.ART,
}  # fmt: skip


def category_of(name: str, *, is_occasion: bool = False) -> Category | None:
    """Returns what a sight of this name most likely is; None where its name tells nothing."""
    if is_occasion:
        return Category.OCCASION
    return next((category for word, category in _WORDS.items() if word in name), None)
