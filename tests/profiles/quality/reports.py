"""Reports for tests of what is made of them."""

from datetime import UTC, datetime, timedelta

from profiles.quality.profiling import profile
from profiles.quality.reading import UndeclaredKey
from profiles.quality.report import Alarm, Imputed, Report, Volume
from profiles.quality.scores import Measures, Score

AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
_WEEK = [212, 240, 198, 205, 260, 310, 290]


def measured(attribute: str, source: str, score: float, unique: float | None = None) -> Score:
    return Score(source, attribute, 1200, score, Measures(0.82, score, unique, 0.91, None))


def a_report() -> Report:
    """A report with everything that a page can show, and names that are no markup."""
    odd = "<b>web</b>"
    counts = [*_WEEK * 5, 211, 233, 197, 260, 12, 140]
    return Report(
        at=AT,
        customers=120_345,
        looked_at=20_000,
        sources={"shop": 0.953, "pos": 0.741, "partner:Doorstep Data": 0.42},
        scores=[
            measured("email", "partner:Doorstep Data", 0.42, 0.99),
            measured("phone", "pos", 0.74),
            measured("email", "shop", 0.97, 1.0),
            measured("preferred_channel", "shop", 0.93),
        ],
        volumes=[
            Volume(odd, AT.date(), counts, 212.0, AT),
            Volume("shop", AT.date(), [0, 4, 9], None, AT - timedelta(hours=3)),
        ],
        laid_aside={"pos": 7},
        alarms=[
            Alarm("volume", odd, "2026-11-21", "12 events on 21 November; usual are 212.", AT),
            Alarm("score", "pos", "phone", "The score fell from 0.91 to 0.74.", AT - timedelta(hours=5)),
            Alarm("laid aside", "pos", "events", "7 could not be applied and wait to be replayed.", AT),
        ],
        imputed=[Imputed("language", "mode", 431), Imputed("preferred_channel", "neighbours", 1902)],
        undeclared=[UndeclaredKey("Order Completed", "gift_wrap", ["boolean"], ["shop"], 34, 1200)],
        columns=profile(
            [
                {"tier": "gold", "first_name": "Ann", "orders_total": n, "signed_up_at": AT, "odd": "<i>"}
                for n in range(40)
            ],
            {"first_name"},
        ),
    )


def a_history(days: int = 14) -> list[tuple[datetime, dict[str, float]]]:
    return [
        (AT - timedelta(days=days - 1 - day), {"shop": 0.95 - (day % 3) / 50, "pos": 0.9 - day / 90})
        for day in range(days)
    ]
