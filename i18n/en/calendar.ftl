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
    .ok = { $source } was last read on { $read_at }
    .block = { $read_at ->
        [never] { $source } was never read
       *[other] { $source } was last read on { $read_at }, { $hours } hours ago; the limit is { $limit } hours
    }
    .hint = Read the notices again: `calendar read` for calendars that the program reads, `calendar import` for a new announcement, `calendar check --read-by NAME` where there is nothing new.

calendar-billing-days = production lies outside the billing days
    .ok = { $start } is after the { $until }th
    .warn = { $start } lies in the billing days, the 1st to the { $until }th
    .hint = Ask the clinic whether bills are still being made, or choose a later day.

calendar-month-end = production lies not at the end of a month
    .ok = { $start } is not at the end of a month
    .warn = the window beginning at { $start } lies at the end of a month
    .hint = Ask the clinic whether the month's closing work is affected, or choose another day.

# Pasted notices: what could not be counted, and how the rest was read.

calendar-notice-weekday-contradiction = the day of the week in `{ $words }` is not the date's
    .hint = Ask the sender which of the two is right. The window was not counted.

calendar-notice-no-such-date = `{ $words }` is no date of the calendar
    .hint = Ask the sender for the right date. The window was not counted.

calendar-notice-impossible-time = `{ $words }` names a time that does not exist
    .hint = Times are read up to 29:59. Ask the sender.

calendar-notice-ambiguous-time = the time in `{ $words }` can be read in two ways
    .hint = Such as 12 o'clock with 午前 or 午後, or `翌25:00`. Ask the sender.

calendar-notice-end-before-start = `{ $words }` ends before it begins
    .hint = If it ends on the next day, make sure of the date and enter the window by hand.

calendar-notice-year-contradiction = the two years in `{ $words }` are not the same
    .hint = Ask the sender for the right year.

calendar-notice-next-day-contradiction = `翌` (next day) and the date in `{ $words }` do not agree
    .hint = Ask the sender for the day on which it ends.

calendar-notice-end-missing = `{ $words }` states no end
    .hint = Ask the sender for the end and enter the window by hand. An end is never guessed.

calendar-notice-start-missing = `{ $words }` states no start
    .hint = Ask the sender for the start and enter the window by hand.

calendar-notice-date-without-time = no time was found for `{ $words }`
    .hint = Find out the times of this day and enter the window by hand.

calendar-notice-time-without-date = no date was found for `{ $words }`
    .hint = Find out which day is meant and enter the window by hand.

calendar-notice-month-unknown = the month of `{ $words }` is not stated
    .hint = Find out the month and enter the window by hand.

calendar-notice-vague-date = `{ $words }` is no exact date
    .hint = Read the notice again once the date is settled.

calendar-notice-relative-conflict = it is not certain which day `{ $words }` means
    .hint = The notice was not written on the day it was read ({ $read_on }). Make sure of the date.

calendar-notice-foreign-zone = `{ $words }` is not in Japan's time and was not converted
    .hint = Ask for the times in Japan. UTC and numeric offsets are converted.

calendar-notice-ambiguous-period = `{ $words }` may be one long window or one on each day
    .hint = Ask which of the two is meant and enter the windows by hand.

calendar-notice-rule-unread = the rule in `{ $words }` was not understood
    .hint = Find out the days and enter the windows by hand.

calendar-notice-unclear = `{ $words }` can be understood in more than one way
    .hint = Read the notice itself and enter the windows by hand.

calendar-notice-too-long = the notice is too long and was read in part only
    .hint = Paste only the part about the maintenance.

calendar-notice-too-many = there are too many windows or findings, and some were left out; the limit is { $limit }
    .hint = Read the notice in parts.

calendar-notice-relative-date = `{ $words }` is read as { $date }
    .hint = It is counted from { $read_on }, the day of reading.

calendar-notice-year-by-weekday = the year of `{ $words }` was chosen by the day of the week: { $date }
    .hint = Make sure of the year.

calendar-notice-far-from-reading = `{ $words }` is more than a year from the day of reading, { $read_on }
    .hint = Make sure that the year is no slip.

calendar-notice-next-day-assumed = the end of `{ $words }` is read as the next day
    .hint = Its time is earlier than the start's.

calendar-notice-late-night = the small hours in `{ $words }` are read as those after that day's night
    .hint = Make sure which side of midnight is meant.

calendar-notice-half-day-inherited = the end of `{ $words }` is read as afternoon, like its start
    .hint = The end names no half of the day.

calendar-notice-approximate = a time in `{ $words }` is approximate or only planned
    .hint = Leave room for it.

calendar-notice-end-from-length = the end of `{ $words }` was computed from a length
    .hint = No time of its end is stated.

calendar-notice-every-day-assumed = `{ $words }` is read as a window on each day of the period
    .hint = Make sure that it is not one long window.

calendar-notice-every-other = `{ $words }` does not say which of the weeks
    .hint = Every week is counted, to be on the safe side.

calendar-notice-rule-exception = there is an exception: `{ $words }`
    .hint = The excepted days are still counted.

calendar-notice-zone-converted = `{ $words }` was converted to Japan's time
    .hint = Check the offset.

calendar-notice-may-change = times may change: `{ $words }`
    .hint = Read the notices again on the day.

calendar-notice-done = left out as work that is over: `{ $words }`
    .hint = It was read as a report of completion.

calendar-notice-cancelled-without-time = `{ $words }` is cancelled, but no times are stated
    .hint = If the window was entered before, remove it by hand.

calendar-notice-cancelled-and-planned = `{ $words }` stands both as planned and as cancelled
    .hint = It was taken as cancelled. Make sure of it in the notice.

calendar-notice-not-a-window = times that were not taken for maintenance: `{ $words }`
    .hint = They were read as office hours, a deadline, past work or the like.

calendar-notice-inside-window = `{ $words }` lies within a window that was read already
    .hint = It was not counted as one of its own.

calendar-notice-date-left-aside = `{ $words }` was not taken for a day of maintenance
    .hint = Make sure that it is none.
calendar-import-errors = the announcement holds { $count } things that are not settled; nothing was kept
    .hint = Settle them in the text (year, weekday, end), or write the windows into the maintenance file by hand.
calendar-import-nothing = no window was found; nothing was kept
    .hint = Where the announcements were read and hold nothing new, write that down: `calendar check --read-by PERSON`.
calendar-import-unconfirmed = { $count } windows were understood; nothing was kept yet
    .hint = Hold each window against the announcement. If all are right, run the same command with `--confirm { $code }`.
calendar-no-reading = there is no reading { $number }
    .hint = `orca-cutover calendar list` shows the numbers.

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

calendar-ics-unreadable = the iCalendar text `{ $path }` has { $count } things that are not understood, the first on line { $line } (`{ $code }`)
    .hint = Nothing of it counts. Ask its sender to mend it, or copy its windows into the maintenance file by hand.

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
