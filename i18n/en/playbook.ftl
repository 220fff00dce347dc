# Playbook and clinic file. Every finding: message, `.label` (what was expected), `.hint`.

playbook-syntax = this is not YAML: { $reason }
    .label = the reader stopped here
    .hint = { $shape ->
        [reference] Inside `{"{"}...{"}"}` and `[...]` a value with a `$` reference must stand in double quotes.
       *[other] Check indentation, colons and quotes on this line and the one before it.
    }

playbook-too-large = the file is larger than { $limit } bytes
    .hint = Check that the right file was named.

playbook-too-deep = more than { $limit } levels of nesting
    .label = too deep from here
    .hint = Check the indentation; no value needs so many levels.

playbook-alias = anchors (`&`) and aliases (`*`) are not allowed
    .label = a value written out
    .hint = Write the value out where it is needed, or use a variable.

playbook-tag = tags (`!...`) are not allowed
    .label = a plain value
    .hint = Leave the tag out.

playbook-documents = the file holds more than one YAML document
    .label = the second document begins here
    .hint = Put each document into a file of its own.

playbook-empty = the file is empty
    .hint = Start from a copy of the sample.

playbook-duplicate-key = `{ $key }` is given twice
    .label = already given on line { $line }
    .hint = Keep one of the two.

playbook-unknown-key = unknown key `{ $key }`
    .label = no such key here
    .hint = { $guess ->
        [none] Known here: { $known }.
       *[other] Did you mean `{ $guess }`?
    }

playbook-missing-key = `{ $key }` is missing
    .label = `{ $key }` is expected in this mapping
    .hint = Add `{ $key }` with a value.

playbook-wrong-type = a value of the wrong type
    .label = expected { $expected ->
        [mapping] keys with values
        [list] a list
        [filled-list] a list with at least one entry
        [filled-text] a text that is not blank
        [number] a whole number from { $least } to { $most }
        [number-or-auto] `auto` or a whole number from { $least } to { $most }
        [fraction] a number from { $least } to { $most }
        [flag] `true` or `false`
        [key] a plain text as key
       *[other] a text
    }
    .hint = { $expected ->
        [number] Write digits without quotes.
        [number-or-auto] Write `auto`, or digits without quotes.
        [fraction] Write a number without quotes.
        [flag] Write `true` or `false` without quotes.
       *[other] See the sample files for the form of this value.
    }

playbook-unknown-value = unknown value `{ $value }`
    .label = expected one of { $known }
    .hint = { $guess ->
        [none] Choose one of { $known }.
       *[other] Did you mean `{ $guess }`?
    }

playbook-bad-text = the text has control characters or more than { $limit } characters
    .label = a short text on one line
    .hint = Remove line breaks, tabs and other control characters.

playbook-time-without-offset = the time `{ $value }` has no offset
    .label = a time such as 2027-01-21T19:00:00+09:00
    .hint = Add the seconds and `+09:00` for Japan: a bare time means another moment on another machine.

playbook-bad-time = `{ $value }` is not a time
    .label = a time such as 2027-01-21T19:00:00+09:00
    .hint = Write date, `T`, time and offset.

playbook-bad-duration = `{ $value }` is not a duration
    .label = a number and `s`, `m`, `h` or `d`, from 1s to 60d
    .hint = Write for example `90s`, `5m`, `4h` or `60d`.

playbook-format = this version of the file's form is not known
    .label = expected { $known }
    .hint = Write `format: { $known }`, or use the version of this program that the file was made for.

playbook-secret-in-clear = a secret stands in the file in clear (`{ $key }`)
    .label = only the place of a secret may stand here
    .hint = Move it into a file with mode 0600 and write `{ $key }: {"{"}file: PATH{"}"}`; then change the secret, because it was readable.

playbook-clinic-id = `{ $value }` is no clinic id
    .label = `JPN` and twelve digits
    .hint = Look it up on the management site or in 日レセ's system settings (1001).

playbook-orcamo-id = `{ $value }` is no ORCAMO ID
    .label = nine digits, leading zeros included
    .hint = Copy it from the tenant's page on the management site.

playbook-bad-pg-version = `{ $value }` is no version of PostgreSQL
    .label = a version such as `9.6`, `9.6.24` or `15`
    .hint = Ask the cloud's support which PostgreSQL imports, or leave `server` out where nobody knows.

playbook-bad-upload-rate = `{ $value }` is no rate of a line
    .label = a number with `kbit/s`, `Mbit/s` or `Gbit/s`, such as `20Mbit/s`
    .hint = Write how fast the line sends (upload), or leave `upload_rate` out until the test import has measured it.

playbook-bad-name = `{ $value }` cannot be used as a name
    .label = a letter or `_`, then letters, digits, `_`, `-`, `.`, `$`
    .hint = Use the name as the operating system or the database knows it.

playbook-bad-host = `{ $value }` is no host name or address
    .label = a host name or an IP address
    .hint = Write the bare name, without `https://` and without a port.

playbook-bad-address = `{ $value }` is no address of the management site
    .label = `https://` and a host name, nothing after it
    .hint = Leave out paths, user names and query; `http://` is not allowed.

playbook-bad-mail-address = `{ $value }` is no mail address
    .label = an address such as `name@example.jp`
    .hint = Write one address; further addresses are further entries of the list.

playbook-mail-login = `user` and `password` belong together
    .label = the other of the two is missing
    .hint = Give both, or neither where the mail server asks for no log-in.

playbook-secret-place = a secret has exactly one place
    .label = exactly one of `file`, `env`, `credential`
    .hint = Keep one of the three.

playbook-window-backwards = `{ $after }` ({ $after_at }) does not lie after `{ $before }` ({ $before_at })
    .label = a time after { $before_at }
    .hint = Check date, time and offset of both.

playbook-bad-id = `{ $value }` cannot be an id
    .label = a small letter, then small letters, digits, `-`, `_`; at most 40
    .hint = Ids stand in tables and file names; write the readable name into `title`.

playbook-duplicate-id = the id `{ $id }` is given twice
    .label = { $what ->
        [phase] phase { $number } has this id
       *[other] a step has this id on line { $number }
    }
    .hint = Give each its own id.

playbook-too-many-steps = more than { $limit } steps
    .label = one step too many
    .hint = Split the playbook.

playbook-retry-waits = the first wait is longer than the longest wait
    .label = at most `longest_wait`
    .hint = Raise `longest_wait` or lower `first_wait`.

playbook-need-unknown = no step has the id `{ $id }`
    .label = the id of a step
    .hint = { $guess ->
        [none] Name a step of this phase or of an earlier one.
       *[other] Did you mean `{ $guess }`?
    }

playbook-need-later-phase = `{ $id }` belongs to a later phase
    .label = a step of this phase or an earlier one
    .hint = Move one of the two steps; a phase begins when the one before it has ended.

playbook-need-cycle = steps wait for each other: { $steps }
    .label = none of them could ever start
    .hint = Remove one of their `needs`.

playbook-open-reference = a `$` reference is not closed
    .label = a closing brace is missing
    .hint = Close it, or write `$$` where no reference is meant.

playbook-unknown-reference = `{ $name }` refers to nothing
    .label = `vars.NAME`, `clinic.PATH` or `steps.ID.archive`
    .hint = { $guess ->
        [none] Define it under `vars`, or refer to a value of the clinic file; secrets cannot be referred to.
       *[other] Did you mean `{ $guess }`?
    }

playbook-forward-reference = `{ $name }` refers to a step that has not surely ended
    .label = a step that ends before this one starts
    .hint = Add `{ $id }` to `needs`.

playbook-reference-loop = references go round in a ring or too deep at `{ $name }`
    .label = a reference that ends at a value
    .hint = Let the variable hold a plain value.

playbook-when = `when` cannot be read
    .label = { $wrong ->
        [operand] a value is missing
        [operator] `and`, `or`, `==` or `!=` is missing
        [parenthesis] a closing parenthesis is missing
        [reference] a reference is not closed
        [quote] a quote is not closed
        [word] a word that is no literal: texts stand in quotes
        [types] a number, a text and a flag cannot be compared with each other
        [deep] too many parentheses
       *[other] this is neither true nor false
    }
    .hint = Known: `==`, `!=`, `and`, `or`, `not`, parentheses, texts in quotes, numbers, `true`, `false` and references.

playbook-archive-name = `{ $value }` cannot be an archive's name
    .label = letters, digits, `.`, `_`, `-`, ending with `.dump`
    .hint = Write a bare file name; archives lie in the working folder.

playbook-archive-twice = `{ $archive }` is already written by `{ $id }`
    .label = a name of its own
    .hint = Give this archive another name: nothing may overwrite what was proved.

playbook-archive-unwritten = no earlier step writes `{ $archive }`
    .label = an archive that is there when this step starts
    .hint = { $guess ->
        [none] Add the step that writes it to `needs`, or put it into an earlier phase.
       *[other] Did you mean `{ $guess }`?
    }

playbook-compare-same = `{ $archive }` is compared with itself
    .label = the archive that came back
    .hint = Name what was sent in `expected` and what came back in `actual`.

playbook-import-unverified = `{ $archive }` is imported without having been verified
    .label = needs a `verify_archive` of this archive before it
    .hint = Add a `verify_archive` step and name it in `needs`: a damaged dump shows only when it is read through.

playbook-import-without-export = the tenant is overwritten without a fresh export
    .label = needs a `portal_export` before it, after any earlier import
    .hint = Add a `portal_export` step and name it in `needs`: it is the only way back.

playbook-import-without-window = the import's window is not checked
    .label = needs a `window_check` with `purpose: { $purpose }` before it, after the last `wait`
    .hint = Add a `window_check` step and name it in `needs`.

playbook-import-not-alone = `{ $other }` may run at the same time as the import `{ $id }`
    .label = nothing may run beside an import
    .hint = Let one of the two name the other in `needs`, or move it to another phase.

playbook-import-twice = there is already an import for `{ $purpose }` (`{ $id }`)
    .label = one import for each purpose
    .hint = Remove one of the two: each overwrites the whole tenant.

playbook-import-retried = an import is never repeated by itself
    .label = exactly 1
    .hint = Leave `retry` out: where the outcome is not known, a person decides.

playbook-import-test-archive = `{ $archive }` was the test's and is too old for production
    .label = a dump taken for production
    .hint = Take a dump of its own for the production import.

playbook-import-unproved = nothing proves what arrived
    .label = needs a `portal_export` afterwards and a `compare_archives` with `expected: { $archive }`
    .hint = Add both: a message on a page does not prove that every row arrived.

playbook-dump-unfenced = the final dump `{ $archive }` is taken while others may write
    .label = needs a `fence` with `mode: read-only` before it
    .hint = Add a `fence` step and name it in `needs`: what is written during the dump would be lost.

playbook-import-stale = nothing checks whether `{ $archive }` is still what the source holds
    .label = needs a `stale_check` of its dump before the import
    .hint = Add a `stale_check` step before the import.

playbook-closed-too-early = `{ $id }` cannot connect once `{ $fence }` has closed the database
    .label = a step before the database is closed
    .hint = Move this step before `{ $fence }`.

playbook-stale-check-dump = `{ $id }` is no dump that ended before this step
    .label = the id of an earlier `dump` step
    .hint = { $guess ->
        [none] Name the `dump` step here and in `needs`.
       *[other] Did you mean `{ $guess }`?
    }

playbook-database-name = `{ $value }` is no name for a database
    .label = small letters, digits and `_`, beginning with a letter, at most 63
    .hint = Write a name that needs no quotes anywhere, such as `orca_utf8`.

playbook-database-unused = a dump in the stream makes no database
    .label = only with `strategy: database`
    .hint = Add `strategy: database`, or leave the name out.

playbook-database-same = `{ $value }` is the clinic's own database
    .label = another name
    .hint = The UTF-8 database is made beside the clinic's, under a name of its own.

playbook-database-beside = `{ $id }` and `{ $other }` would make two databases at the same time
    .label = must wait for the other
    .hint = Name one of them in the `needs` of the other: the space is looked for once.

playbook-swap-without-database = `{ $id }` is no dump by way of a database that ended before this step
    .label = the id of an earlier `dump` with `strategy: database`
    .hint = { $guess ->
        [none] Give the dump `strategy: database`, and name it here and in `needs`.
       *[other] Did you mean `{ $guess }`?
    }

playbook-swap-open = the database is swapped while somebody may be connected
    .label = needs the service stopped and a `fence` with `mode: closed` before it
    .hint = Put the swap after `service_stop` and after the `fence` that closes the database to everyone.

playbook-swap-stale = nobody has looked whether anything was written since the dump `{ $dump }`
    .label = needs a `stale_check` of that dump before it
    .hint = Add a `stale_check` before the swap: what was written since would be missing in the new database.

playbook-swap-after-import = the swap does not end before the production import `{ $id }`
    .label = before the production import
    .hint = After that import nothing is taken back by itself: swap before it, or not at all.

playbook-swap-twice = `{ $id }` swaps the database already
    .label = one swap
    .hint = Remove one of the two steps.

playbook-bad-cron = `{ $value }` is no crontab expression: { $reason }
    .label = five fields as in crontab(5), or six with seconds first
    .hint = Write minute, hour, day of month, month and day of week, such as `30 2 * * *`, or `@daily`.

playbook-bad-zone = `{ $value }` is no time zone
    .label = a name such as `Asia/Tokyo`
    .hint = Use a name of the IANA time zone database.

playbook-schedule-twice = `{ $job }` is scheduled twice
    .label = the second one
    .hint = Keep one entry for each kind of work; its `cron` may name several times.

playbook-schedule-time = the time of `{ $job }` stands in `cutover`
    .label = not allowed here
    .hint = Leave `cron` and `before` out; `window` and `missed` may be set.

playbook-bad-hours = `{ $value }` are no opening hours
    .label = such as `09:00-18:30`
    .hint = Write from and to on one day, the first before the second; leave days out on which the clinic is closed.

playbook-override-nobody = `{ $name }` is not among the clinic file's people
    .label = a name of `people`
    .hint = Only people who are named with their role may do without a rule.

playbook-no-calendar = no source of maintenance announcements
    .label = `maintenance` or `feeds` is expected
    .hint = Name a file that people keep, or calendars that the program reads by itself.

playbook-bad-feed = not a file and not an https address
    .label = `https://host/path` without user, password and fragment, or a path
    .hint = Use the https address of an iCalendar file.

playbook-journal-place = the records' PostgreSQL is named by exactly one of `host` and `socket_dir`
    .hint = `host` for a server that several machines reach by TLS, `socket_dir` for one on this machine.
playbook-journal-lease = `lease` is for rehearsals only, and at least 1s
    .hint = Take it out. At a clinic a process is waited for a minute before another may take its run over.

playbook-age-recipient = not a public key of age
    .label = a public key that begins with `age1`
    .hint = Use the public key that `age-keygen` prints; the private key is kept in a safe place away from this machine.

playbook-age-twice = the same public key stands twice
    .label = it stands above already
    .hint = Check whether another person's key was meant: where the only private key is lost, nobody opens the files.
