"""The dashboard for Grafana, made from a table: nothing has to be clicked together."""

from dataclasses import dataclass
from typing import Any

UID, SOURCE_UID = "meguri", "meguri-prometheus"
_WIDE = 24  # columns of Grafana's grid
_GREEN, _AMBER, _RED = "green", "orange", "red"


@dataclass(frozen=True)
class Panel:
    """title: English and Japanese. queries: (PromQL, legend). unit: a unit of Grafana's.

    steps: (from value on, color), for lamps; a panel without them is a chart. wide: columns of 24.
    """

    title: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    steps: tuple[tuple[float | None, str], ...] = ()
    wide: int = 8


def _p(share: float, by: str, metric: str) -> str:
    return (f"histogram_quantile({share}, sum by (le{', ' + by if by else ''})"
            f" (rate({metric}_bucket[$__rate_interval])))")  # fmt: skip


def _rate(metric: str, by: str) -> str:
    return f"sum by ({by}) (rate({metric}[$__rate_interval]))"


_DAY = 86_400.0
_FAILED = (
    'sum(rate(meguri_edge_seconds_count{status=~"5.."}[$__rate_interval]))'
    " / sum(rate(meguri_edge_seconds_count[$__rate_interval]))"
)
_NOT_OK = 'sum by (service, code) (rate(meguri_rpc_seconds_count{code!="OK"}[$__rate_interval]))'
ROWS: tuple[tuple[str, tuple[Panel, ...]], ...] = (
    ("Is all well? / すべて動いていますか", (
        Panel("Parts / 部品", (("meguri_part_up", "{{part}}"),),
              steps=((None, _RED), (1, _GREEN)), wide=12),
        Panel("Room on the disk / ディスクの空き", (("meguri_disk_free_bytes", "{{of}}"),), "bytes",
              ((None, _RED), (200 * 1024**2, _AMBER), (2 * 1024**3, _GREEN)), wide=4),
        Panel("Since the last backup and copy / バックアップと写しから",
              (("meguri_backup_age_seconds", "{{of}}"),), "s",
              ((None, _GREEN), (2 * _DAY, _AMBER), (7 * _DAY, _RED)), wide=4),
        Panel("Left of the life of certificates / 証明書の残りの割合",
              (("meguri_certificate_left_seconds / meguri_certificate_life_seconds", "{{of}}"),),
              "percentunit", ((None, _RED), (1 / 15, _AMBER), (1 / 5, _GREEN)), wide=4),
    )),
    ("Pages / ページ", (
        Panel("Pages a second, by answer / 毎秒のページ数",
              ((_rate("meguri_edge_seconds_count", "status"), "{{status}}"),
               ("sum(rate(meguri_edge_cache_total[$__rate_interval]))", "ready pages")), "reqps"),
        Panel("Time to answer / 応答時間",
              tuple((_p(share, "", "meguri_edge_seconds"), f"p{round(100 * share)}")
                    for share in (0.5, 0.95, 0.99)), "s"),
        Panel("Slowest pages (p95) / 遅いページ",
              ((f"topk(8, {_p(0.95, 'route', 'meguri_edge_seconds')})", "{{route}}"),), "s"),
        Panel("Failed, share / 失敗の割合",
              ((_FAILED, "5xx"),),
              "percentunit"),
        Panel("Ready pages / 用意済みのページ",
              ((_rate("meguri_edge_cache_total", "outcome"), "{{outcome}}"),), "reqps"),
        Panel("Never counted / 数えられなかったもの",
              ((_rate("meguri_edge_views_lost_total", "reason"), "views {{reason}}"),
               (_rate("meguri_edge_strays_lost_total", "reason"), "codes {{reason}}")), "cps"),
    )),
    ("Services / サービス", (
        Panel("Calls a second / 毎秒の呼び出し",
              ((_rate("meguri_rpc_seconds_count", "service"), "{{service}}"),), "reqps"),
        Panel("Time to answer (p95) / 応答時間(95%)",
              ((_p(0.95, "service", "meguri_rpc_seconds"), "{{service}}"),), "s"),
        Panel("Slowest calls (p95) / 遅い呼び出し",
              ((f"topk(8, {_p(0.95, 'service, method', 'meguri_rpc_seconds')})",
                "{{service}} {{method}}"),), "s"),
        Panel("Calls by outcome other than OK / OK以外の結果",
              ((_NOT_OK, "{{service}} {{code}}"),), "reqps"),
        Panel("Asked again with the same request / 同じ依頼の繰り返し",
              (("sum(rate(meguri_requests_repeated_total[$__rate_interval]))", "repeated"),),
              "cps"),
        Panel("Over their term, removed / 期限を過ぎて消したもの",
              (("sum(increase(meguri_facts_removed_total[1d]))", "facts"),
               ("sum(increase(meguri_fact_parts_dropped_total[1d]))", "months")), wide=8),
    )),
    ("Events / 出来事", (
        Panel("Published a second / 毎秒の発信",
              ((_rate("meguri_events_published_total", "service"), "{{service}}"),
               (_rate("meguri_events_refused_total", "service"), "refused {{service}}")), "cps"),
        Panel("Heard a second, by outcome / 毎秒の受信",
              ((_rate("meguri_events_heard_total", "service, outcome"),
                "{{service}} {{outcome}}"),), "cps"),
        Panel("Waiting to be said / 発信待ち",
              (("max by (service) (meguri_outbox_pending)", "{{service}}"),)),
        Panel("Where hearing spends its time / 受信にかかる時間",
              ((_rate("meguri_hearing_seconds_total", "service, step"), "{{service}} {{step}}"),),
              "s", wide=12),
        Panel("Given up / 届けられなかったもの",
              (('sum by (service) (increase(meguri_events_heard_total{outcome="dead"}[1d]))',
                "{{service}}"),), wide=12),
    )),
)  # fmt: skip


def panels() -> tuple[Panel, ...]:
    """Returns all panels, in order."""
    return tuple(panel for _title, some in ROWS for panel in some)


def board() -> dict[str, Any]:
    """Returns the dashboard as Grafana reads it (schema 39, Grafana 11 and newer)."""
    made: list[dict[str, Any]] = []
    down = 0
    for title, some in ROWS:
        made.append({"id": len(made) + 1, "type": "row", "title": title, "collapsed": False,
                     "panels": [], "gridPos": {"h": 1, "w": _WIDE, "x": 0, "y": down}})  # fmt: skip
        down += 1
        across, high = 0, 8
        for panel in some:
            if across + panel.wide > _WIDE:
                across, down = 0, down + high
            made.append(_drawn(panel, len(made) + 1, across, down, high))
            across += panel.wide
        down += high
    return {
        "uid": UID, "title": "Meguri 巡り", "tags": ["meguri"], "schemaVersion": 39, "version": 1,
        "editable": True, "refresh": "30s", "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser", "templating": {"list": []}, "annotations": {"list": []},
        "panels": made,
    }  # fmt: skip


def _drawn(panel: Panel, number: int, across: int, down: int, high: int) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": SOURCE_UID}
    field: dict[str, Any] = {"unit": panel.unit}
    options: dict[str, Any] = {"legend": {"displayMode": "list", "placement": "bottom"},
                               "tooltip": {"mode": "multi"}}  # fmt: skip
    if panel.steps:
        field["thresholds"] = {"mode": "absolute", "steps": [
            {"value": value, "color": color} for value, color in panel.steps
        ]}  # fmt: skip
        options = {
            "colorMode": "background",
            "textMode": "value_and_name",
            "graphMode": "none",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        }
    else:
        field |= {"min": 0, "custom": {"fillOpacity": 10, "showPoints": "never"}}
    return {
        "id": number, "type": "stat" if panel.steps else "timeseries", "title": panel.title,
        "datasource": source, "gridPos": {"h": high, "w": panel.wide, "x": across, "y": down},
        "fieldConfig": {"defaults": field, "overrides": []}, "options": options,
        "targets": [
            {"refId": chr(65 + place), "datasource": source, "expr": query, "legendFormat": legend}
            for place, (query, legend) in enumerate(panel.queries)
        ],
    }  # fmt: skip
