# Maintenance file, cron expressions, and the rules of an import's window.
# What any file can have wrong is said as for a playbook.

calendar-syntax = { playbook-syntax }
    .label = { playbook-syntax.label }
    .hint = { playbook-syntax.hint }

calendar-too-large = { playbook-too-large }
    .hint = { playbook-too-large.hint }

calendar-too-deep = { playbook-too-deep }
    .label = { playbook-too-deep.label }
    .hint = { playbook-too-deep.hint }

calendar-alias = { playbook-alias }
    .label = { playbook-alias.label }
    .hint = { playbook-alias.hint }

calendar-tag = { playbook-tag }
    .label = { playbook-tag.label }
    .hint = { playbook-tag.hint }

calendar-documents = { playbook-documents }
    .label = { playbook-documents.label }
    .hint = { playbook-documents.hint }

calendar-empty = { playbook-empty }
    .hint = { playbook-empty.hint }

calendar-duplicate-key = { playbook-duplicate-key }
    .label = { playbook-duplicate-key.label }
    .hint = { playbook-duplicate-key.hint }

calendar-unknown-key = { playbook-unknown-key }
    .label = { playbook-unknown-key.label }
    .hint = { playbook-unknown-key.hint }

calendar-missing-key = { playbook-missing-key }
    .label = { playbook-missing-key.label }
    .hint = { playbook-missing-key.hint }

calendar-wrong-type = { playbook-wrong-type }
    .label = { playbook-wrong-type.label }
    .hint = { playbook-wrong-type.hint }

calendar-unknown-value = { playbook-unknown-value }
    .label = { playbook-unknown-value.label }
    .hint = { playbook-unknown-value.hint }

calendar-bad-text = { playbook-bad-text }
    .label = { playbook-bad-text.label }
    .hint = { playbook-bad-text.hint }

calendar-time-without-offset = { playbook-time-without-offset }
    .label = { playbook-time-without-offset.label }
    .hint = { playbook-time-without-offset.hint }

calendar-bad-time = { playbook-bad-time }
    .label = { playbook-bad-time.label }
    .hint = { playbook-bad-time.hint }

calendar-bad-duration = { playbook-bad-duration }
    .label = { playbook-bad-duration.label }
    .hint = { playbook-bad-duration.hint }

calendar-format = { playbook-format }
    .label = { playbook-format.label }
    .hint = { playbook-format.hint }

calendar-secret-in-clear = { playbook-secret-in-clear }
    .label = { playbook-secret-in-clear.label }
    .hint = { playbook-secret-in-clear.hint }

calendar-too-many-windows = more than { $limit } windows
    .label = one window too many
    .hint = Remove windows that are long past.

calendar-window-backwards = the window ends ({ $to }) before it begins ({ $from })
    .label = a time after { $from }
    .hint = Check date, time and offset of both.

calendar-cron-fields = `{ $expression }` is no cron expression
    .hint = Write five fields (minute, hour, day, month, day of week), six with the second first, or `@daily`, `@hourly`, `@weekly`, `@monthly`, `@yearly`.

calendar-cron-part = `{ $part }` is not possible as { $field ->
        [second] a second (0-59)
        [minute] a minute (0-59)
        [hour] an hour (0-23)
        [day] a day of the month (1-31)
        [month] a month (1-12, jan-dec)
       *[other] a day of the week (0-7, sun-sat)
    }
    .hint = Numbers, names, ranges such as `1-5`, lists such as `1,3` and steps such as `*/15` or `0-30/10` are known.

# Rules of an import's window: the rule, then what it says.

calendar-window-order = the window ends after it begins
    .ok = from { $start } to { $end }
    .block = the window begins at { $start } and ends at { $end }, which is not later
    .hint = Correct `window_end` in the clinic file.

calendar-start-past = the start lies ahead
    .ok = the start, { $start }, lies ahead
    .block = the start, { $start }, is past; it is { $now }
    .hint = Set a new time in the clinic file and have the plan approved again.

calendar-not-before-19 = production starts at or after 19:00
    .ok = { $start } is not before 19:00
    .block = { $start } is before 19:00
    .hint = Start at or after 19:00 JST. A start after midnight and before 05:00 counts as the same night.

calendar-test-import-too-late = a test import was proved at least 7 x 24 hours before
    .ok = the test import was proved on { $proved }
    .block = { $proved ->
        [none] no test import has been proved
       *[other] the test import was proved on { $proved }, less than 7 x 24 hours before { $start }
    }
    .hint = Do the test import with its comparison, or move the production import to a later day.

calendar-maintenance-overlap = no maintenance of the cloud overlaps or touches the window
    .ok = no announced maintenance between { $start } and { $end }
    .block = maintenance is announced from { $from } to { $to }: { $title }
    .hint = Move the import so that it does not even touch the maintenance.

calendar-stale = the maintenance notices were read recently
    .ok = the notices were last read on { $read_at }
    .warn = the notices were last read on { $read_at }, { $hours } hours ago; the limit is { $limit } hours
    .hint = Read the notices again, then update `read_at`, `read_by` and the windows of the maintenance file.

calendar-billing-days = production lies outside the billing days
    .ok = { $start } is after the { $until }th
    .warn = { $start } lies in the billing days, the 1st to the { $until }th
    .hint = Ask the clinic whether bills are still being made, or choose a later day.

calendar-month-end = production lies not at the end of a month
    .ok = { $start } is not at the end of a month
    .warn = the window beginning at { $start } lies at the end of a month
    .hint = Ask the clinic whether the month's closing work is affected, or choose another day.

# iCalendar: what is not understood, then what should be known (`note`).

calendar-ics-too-large = the calendar is larger than { $limit } bytes
    .hint = Is it the right file? A calendar of maintenance is small.

calendar-ics-no-calendar = this is no iCalendar file
    .label = `BEGIN:VCALENDAR` is expected here
    .hint = Fetch the address in a browser: a page to log in or an error page may stand there instead of the calendar.

calendar-ics-line = `{ $line }` is no line of a calendar
    .label = a name, a colon and a value are expected
    .hint = The file may be damaged or cut off; fetch it again.

calendar-ics-structure = { $what ->
        [deep] components are nested too deeply
        [unfinished] the calendar ends in the middle
       *[end] this `END` does not belong to the component that is open
    }
    .label = here
    .hint = The file may be damaged or cut off; fetch it again.

calendar-ics-too-many-events = the calendar has more than { $limit } events
    .label = one event too many
    .hint = Use a calendar that holds maintenance only.

calendar-ics-too-many-windows = more than { $limit } windows lie in the span that is asked about
    .label = one window too many comes from here
    .hint = Use a calendar that holds maintenance only, or ask about a shorter span.

calendar-ics-missing = the event has no `{ $property }`
    .label = this event
    .hint = Ask whoever publishes the calendar; without a beginning the event says nothing.

calendar-ics-twice = `{ $property }` stands twice
    .label = the second one
    .hint = Remove one of them, or ask whoever publishes the calendar.

calendar-ics-time = `{ $text }` is no date or time
    .label = like `20270121T190000` or `20270121`
    .hint = Correct the value, or ask whoever publishes the calendar.

calendar-ics-duration = `{ $text }` is no duration
    .label = like `PT2H30M` or `P1D`
    .hint = Correct the value, or ask whoever publishes the calendar.

calendar-ics-zone = the time zone `{ $zone }` is unknown
    .label = a name such as `Asia/Tokyo`
    .hint = Add its `VTIMEZONE` to the file, or write a name of the IANA database.

calendar-ics-zone-definition = the definition of this time zone is not understood
    .label = this zone
    .hint = Each of its parts needs `DTSTART`, `TZOFFSETFROM` and `TZOFFSETTO`. Or use a name of the IANA database.

calendar-ics-end = the event ends before it begins, or lasts for years
    .label = this end
    .hint = Correct the end, or ask whoever publishes the calendar.

calendar-ics-kinds = a day stands where a time is expected, or a time where a day is
    .label = its kind differs from `DTSTART`
    .hint = Write both as days or both as times.

calendar-ics-rule = the rule is not understood: `{ $part }`
    .label = this rule
    .hint = Correct the rule after RFC 5545, or list the times one by one with `RDATE`.

calendar-ics-rule-never = the rule names no further time
    .label = this rule
    .hint = It asks for a day that does not exist, such as 30 February; correct it.

calendar-ics-rule-dense = the rules come so often that they cannot be those of maintenance
    .label = here the limit is passed
    .hint = Give the rule a later beginning or an end, or use a calendar that holds maintenance only.

calendar-ics-this-and-future = "this and all following" (`RANGE=THISANDFUTURE`) is not supported
    .label = this change
    .hint = End the old series with `UNTIL` and publish the changed times as a series of their own.

calendar-ics-unsupported = `{ $text }` is not supported
    .label = not supported
    .hint = Write the event without it; guessing might lose a window.

calendar-ics-note-floating = a time without a zone is taken as Japanese time
    .label = no zone
    .hint = Where that is wrong, have the calendar published with a zone (`TZID`) or in UTC.

calendar-ics-note-no-length = an event has no length
    .label = this event
    .hint = A day is taken as a whole day, a time as that moment only. Ask how long the work lasts.

calendar-ics-note-excluded-day = a whole day is left out of a series that has times
    .label = this day
    .hint = Every time of the series on that day is left out. Check that it was meant.

# National holidays, in the Cabinet Office's words

calendar-holiday-new-year = New Year's Day
calendar-holiday-coming-of-age = Coming of Age Day
calendar-holiday-foundation = National Foundation Day
calendar-holiday-emperor = the Emperor's Birthday
calendar-holiday-vernal-equinox = Vernal Equinox Day
calendar-holiday-showa = Showa Day
calendar-holiday-constitution = Constitution Memorial Day
calendar-holiday-greenery = Greenery Day
calendar-holiday-children = Children's Day
calendar-holiday-marine = Marine Day
calendar-holiday-mountain = Mountain Day
calendar-holiday-aged = Respect for the Aged Day
calendar-holiday-autumnal-equinox = Autumnal Equinox Day
calendar-holiday-health-sports = Health and Sports Day
calendar-holiday-sports = Sports Day
calendar-holiday-culture = Culture Day
calendar-holiday-labour-thanksgiving = Labour Thanksgiving Day
calendar-holiday-substitute = a day off beside a holiday
calendar-holiday-treated = a day off treated as a holiday
