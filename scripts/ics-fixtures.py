#!/usr/bin/env python3
"""Writes what the tests of the iCalendar reader expect, by an independent reader.

Whole files are read by recurring-ical-events, random rules by dateutil (Debian: the packages
python3-recurring-ical-events, python3-icalendar, python3-dateutil). The results lie beside the files;
the tests need no Python.

    scripts/ics-fixtures.py
"""
import datetime as dt
import pathlib
import random
import signal
import zoneinfo

import icalendar
import recurring_ical_events
from dateutil import rrule

FOLDER = pathlib.Path(__file__).parent.parent / "tests/fixtures/ics"
TOKYO = zoneinfo.ZoneInfo("Asia/Tokyo")
SPANS = {
    "google": ("2026-12-20", "2027-02-10"),
    "outlook": ("2027-01-01", "2027-12-31"),
    "apple": ("2027-02-01", "2027-04-30"),
}


def moment(value):
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time(), TOKYO)
    return value.astimezone(dt.timezone.utc)


def whole_files():
    for name, (start, stop) in SPANS.items():
        text = (FOLDER / f"{name}.ics").read_text(encoding="utf-8-sig")
        lines = set()
        for calendar in icalendar.Calendar.from_ical(text, multiple=True):
            found = recurring_ical_events.of(calendar).between(
                dt.datetime.fromisoformat(start).replace(tzinfo=TOKYO),
                dt.datetime.fromisoformat(stop).replace(tzinfo=TOKYO),
            )
            for event in found:
                if event.get("STATUS") == "CANCELLED":
                    continue
                begin = moment(event["DTSTART"].dt)
                end = moment(event["DTEND"].dt)
                lines.add(f"{begin:%Y%m%dT%H%M%SZ} {end:%Y%m%dT%H%M%SZ} {event['SUMMARY']}")
        (FOLDER / f"{name}.expected").write_text(
            f"{start} {stop}\n" + "".join(f"{line}\n" for line in sorted(lines)), encoding="utf-8"
        )


DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def some(chance, make):
    return [make()] if random.random() < chance else []


def numbers(low, high, most=3, negative=False):
    picked = random.sample(range(low, high + 1), random.randint(1, most))
    return ",".join(str(-n if negative and random.random() < 0.4 else n) for n in picked)


def random_rule():
    freq = random.choice(["YEARLY", "MONTHLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"])
    parts = [f"FREQ={freq}"]
    parts += some(0.4, lambda: f"INTERVAL={random.randint(1, 5)}")
    by = []
    with_week = freq == "YEARLY" and random.random() < 0.15
    if with_week:
        by.append("BYWEEKNO=" + numbers(1, 53, negative=True))
    elif random.random() < 0.4:
        by.append("BYMONTH=" + numbers(1, 12))
    if freq != "WEEKLY" and not with_week:
        by += some(0.3, lambda: "BYMONTHDAY=" + numbers(1, 31, negative=True))
    if freq in ("YEARLY", "HOURLY") and not with_week:
        by += some(0.1, lambda: "BYYEARDAY=" + numbers(1, 366, negative=True))
    if random.random() < 0.5:
        days = random.sample(DAYS, random.randint(1, 3))
        if freq in ("MONTHLY", "YEARLY") and not with_week and random.random() < 0.5:
            days = [random.choice(["1", "2", "3", "4", "-1", "-2"]) + day for day in days]
        by.append("BYDAY=" + ",".join(days))
    by += some(0.2, lambda: "BYHOUR=" + numbers(0, 23))
    by += some(0.2, lambda: "BYMINUTE=" + numbers(0, 59))
    if by and freq != "HOURLY":
        by += some(0.3, lambda: "BYSETPOS=" + numbers(1, 3, 2, negative=True))
    parts += by
    if freq == "WEEKLY":
        parts += some(0.3, lambda: "WKST=" + random.choice(DAYS))
    parts += random.choice([[], [], [f"COUNT={random.randint(1, 40)}"], ["UNTIL"]])
    return parts


def too_long(_signal, _frame):
    raise TimeoutError


def rules():
    signal.signal(signal.SIGALRM, too_long)
    random.seed(20270121)
    lines = []
    while len(lines) < 600:
        year = random.choice([1950, 1999, 2015, 2026, 2027])
        start = dt.datetime(year, random.randint(1, 12), random.randint(1, 28))
        start += dt.timedelta(hours=random.randint(0, 23), minutes=random.choice([0, 30]))
        stop = dt.datetime(2028, 6, 30) if year > 2000 else dt.datetime(year + 2, 6, 30)
        parts = random_rule()
        if "UNTIL" in parts:
            until = start + dt.timedelta(days=random.randint(0, 700))
            parts[parts.index("UNTIL")] = f"UNTIL={until:%Y%m%dT%H%M%SZ}"
        text = ";".join(parts)
        # Everything in UTC: what a zone does to it is another test.
        # Rules that never come keep dateutil busy until the year 9999: a second is enough.
        signal.alarm(1)
        try:
            found = rrule.rrulestr(text.replace("Z", ""), dtstart=start)
            times = set(found.between(start, stop, inc=True))
        except (ValueError, TimeoutError):
            continue
        finally:
            signal.alarm(0)
        # DTSTART is a time of the series whatever the rule says.
        times.add(start)
        if len(times) > 1500:
            continue
        shown = sorted(times)
        few = ",".join(f"{at:%Y%m%dT%H%M%S}" for at in shown[:8] + shown[8:][-2:])
        lines.append(f"{start:%Y%m%dT%H%M%S} {stop:%Y%m%dT%H%M%S} {text} {len(shown)} {few}\n")
    (FOLDER / "rules.expected").write_text("".join(lines))


whole_files()
rules()
