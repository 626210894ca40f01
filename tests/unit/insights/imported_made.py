"""Made-up files as the weather agency and towns really lay them out."""

import io
from collections.abc import Sequence
from datetime import date, timedelta

import openpyxl  # type: ignore[import-untyped] # it has none

TODAY = date(2026, 11, 30)
FISCAL = [f"{(month + 2) % 12 + 1}月" for month in range(1, 13)]
STATIONS = (("秋吉台", False), ("山口", True))  # with 現象なし情報 at staffed stations


def jma_daily(
    first: date = date(2025, 8, 1), days: int = 31, *, rain: str = "2.5", quality: str = "8"
) -> str:
    """A file of days at two stations: temperatures, rain, sunshine, snow and wind, which is not
    kept."""
    stations, elements, below = [""], ["年月日"], [""]
    for station, staffed in STATIONS:
        for element in ("平均気温(℃)", "最高気温(℃)", "最低気温(℃)"):
            stations += [station] * 3
            elements += [element] * 3
            below += ["", "品質情報", "均質番号"]
        for element in ("降水量の合計(mm)", "日照時間(時間)", "最深積雪(cm)"):
            more = ["現象なし情報"] if staffed else []
            stations += [station] * (3 + staffed)
            elements += [element] * (3 + staffed)
            below += ["", *more, "品質情報", "均質番号"]
        stations += [station] * 4
        elements += ["最大風速(m/s)"] * 4
        below += ["", "品質情報", "風向", "品質情報"]
    lines = [
        "ダウンロードした時刻：2026/05/20 12:49:53", "", ",".join(stations), ",".join(elements),
        ",".join(below),
    ]  # fmt: skip
    for day in range(days):
        on = first + timedelta(days=day)
        cells = [f"{on.year}/{on.month}/{on.day}"]
        for _, staffed in STATIONS:
            none = ["0"] if staffed else []
            cells += ["27.5", quality, "1", "32.4", quality, "1", "23.1", quality, "1"]
            cells += [rain, *none, quality, "1", "7.8", *none, quality, "1"]
            cells += ["", *([""] if staffed else []), "1", "1"]  # snow is not measured in summer
            cells += ["4.1", "8", "北西", "8"]
        lines.append(",".join(cells))
    return "\r\n".join(lines) + "\r\n"


def jma_hourly(on: date = date(2025, 8, 1), *, hours: int = 24) -> str:
    """A file of the hours of one day, the last of which is written as 0:00 of the next."""
    lines = [
        "ダウンロードした時刻：2026/05/20 12:49:53", "", ",秋吉台" * 9,
        "年月日時,気温(℃),気温(℃),気温(℃),降水量(mm),降水量(mm),降水量(mm),日照時間(時間),日照時間(時間),日照時間(時間)",
        ",,品質情報,均質番号,,品質情報,均質番号,,品質情報,均質番号",
    ]  # fmt: skip
    for hour in range(1, hours + 1):
        at = on + timedelta(days=hour == 24)
        sun = "0.5,8,1" if 6 < hour < 19 else ",8,1"  # AMeDAS leaves the night empty
        moment = f"{at.year}/{at.month}/{at.day} {hour % 24}:00:00"
        lines.append(f"{moment},{20 + hour / 10:.1f},8,1,0.5,8,1,{sun}")
    return "\r\n".join(lines) + "\r\n"


def spots(year: str = "令和７年度") -> list[list[object]]:
    """A town's sheet of visitors by spot: months in columns, wide digits, signs, sums, a note."""
    return [
        [f"{year}　観光地点別入込客数"],
        ["", "", "", "（単位：人）"],
        ["観光地点", *FISCAL, "計"],
        ["秋芳洞", *["１，０００"] * 12, "12,000"],
        ["秋吉台", *[200] * 11, "－", "2,200"],
        ["別府弁天池", "x", *[5] * 10, "…", "…"],
        ["合計", *[1_205] * 12, "99"],
        ["前年比", *["101.2%"] * 13],
        ["※速報値"],
    ]


def nights() -> list[list[object]]:
    """A survey of accommodation: months in rows, two measures below one another, sums of both."""
    return [
        ["訪日外国人宿泊客数"], ["【令和6年度】", "", "", "", "", "市町村名:", "美祢市"],
        ["月別", "人数", "中国", "韓国", "台湾", "計"],
        ["4月", "宿泊客数(人)", 3, "", 1, 4], ["", "宿泊客延数(人泊)", 5, "", 1, 6],
        ["5月", "宿泊客数(人)", 1, 1, 1, 3], ["", "宿泊客延数(人泊)", 2, 1, 1, 4],
        ["計", "宿泊客数(人)", 4, 1, 2, 7], ["", "宿泊客延数(人泊)", 7, 1, 2, 10],
        ["対前年比", "宿泊客数(人)", 1.1, 1, "-", 2],
    ]  # fmt: skip


def xlsx(
    rows: Sequence[Sequence[object]], *, title: str = "入込", merge: Sequence[str] = ()
) -> bytes:
    """The rows as a workbook."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    for each in merge:
        book.active.merge_cells(each)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def cells(rows: Sequence[Sequence[object]]) -> tuple[tuple[str, ...], ...]:
    """The rows as they are read."""
    return tuple(tuple(str(cell) for cell in row) for row in rows)


def as_csv(rows: Sequence[Sequence[object]], encoding: str = "cp932") -> bytes:
    """The rows as a spreadsheet saves them."""
    quoted = (",".join(f'"{cell}"' if cell != "" else "" for cell in row) for row in rows)
    return ("\r\n".join(quoted) + "\r\n").encode(encoding)
