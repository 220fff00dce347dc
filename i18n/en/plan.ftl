plan-of-test-import = test import: { $text }
plan-test-import-planned = test import planned for { $proved }, production for { $start } (whether it was proved is checked in the run)
plan-source-known = the clinic's server was looked at
    .hint = Run `plan` again on the clinic's server, without `--offline`.
plan-portal-known = the management site was looked at
    .hint = Run `plan` again where the management site can be reached, without `--offline`.
plan-fits-window = everything ends before the latest start of a roll-back
    .measured = expected end { $ends }, with { $minutes } min of margin; latest { $latest }
    .hint = Start earlier, or make the window longer.
plan-clinic-id = the database is this clinic's
    .hint = The clinic id in the database differs from the clinic file or could not be read. Check that this is the right server.
plan-disk-space = there is room for dumps
    .measured = { $free } free, { $wanted } wanted ({ $factor } times the database's { $database })
    .hint = Free space in the working folder's file system, or name another `work_dir`.
plan-source-encoding = the database's encoding can be converted
    .hint = EUC_JP and UTF8 can be converted; SQL_ASCII needs a look at each column first.
plan-pg-dump-version = pg_dump is at least as new as the database server
    .measured = pg_dump { $program }, server { $server }
    .hint = Install the client programs of the server's version.
plan-target-version = the PostgreSQL that imports at the management site is known
    .measured = { $from ->
        [clinic-file] { $target }, by the clinic file
        [form] { $target }, the entry chosen in the import form
        [not-seen] { $target } by the clinic file's `import_version`; the site's form was not looked at
        [disagree] { $target } by the clinic file, yet `{ $entry }` is chosen in the import form
       *[nobody] not known: the import form's entry `{ $entry }` is no version
    }
    .hint = { $from ->
        [disagree] The archive is written for { $target }. Ask support which of the two imports, then correct `portal.tenant.server` or `portal.import_version`.
        [not-seen] Run `plan` again where the management site can be reached.
       *[nobody] Ask support which PostgreSQL imports and write it into the clinic file as `portal.tenant.server`.
    }
plan-archive-version = the target can read the archive
    .measured = { $case ->
        [kept] pg_dump { $program } writes { $writes }, which the target's { $target } reads (up to { $reads })
        [rewritten] pg_dump { $program } writes { $writes }; rewritten to { $written }, which the target's { $target } reads
        [target-unknown] pg_dump { $program } writes { $writes }; { $written } is sent, which PostgreSQL { $readers } and newer read; the target's version is not known
        [as-it-is] pg_dump { $program } writes { $writes }, and the target's { $target } reads up to { $reads }; `strategy: database` sends it as it is
        [too-old] the target's { $target } reads archives up to { $reads }; the oldest that is written is { $oldest }
        [newer] pg_dump { $program } is newer than { $newest }, the newest version whose archives are known
        [not-looked] the clinic's server was not looked at; at most { $written } is sent
       *[source-unknown] what pg_dump { $program } writes is not known; at most { $written } is sent
    }
    .hint = { $case ->
        [as-it-is] Use `strategy: stream`, which writes the archive for the target, or a pg_dump that the target can read from.
        [too-old] Only PostgreSQL 9.0 and newer can be written for. Check `portal.tenant.server`; if it is right, ask the cloud's support for a newer target.
        [newer] Use a newer version of this program, or the pg_dump of the server's own version.
        [target-unknown] Ask support which PostgreSQL imports and write it into the clinic file as `portal.tenant.server`. A test import shows it as well.
       *[source-unknown] Run `plan` again on the clinic's server; the dump itself looks at the archive's header.
    }
plan-pg-restore-mended = the pg_restore that is used here is not open to crafted archives
    .measured = pg_restore { $program }
    .hint = Install 18.7, 17.12, 16.16, 15.20, 14.25 or newer. Until then give this pg_restore no archive from elsewhere, such as an export of the tenant; `archive inspect` reads those without it.
plan-target-not-older = the target is not older than the clinic's server
    .measured = server { $server }, target { $target }
    .hint = What the older target does not know is rewritten where that loses nothing, or stops the test dump with its name. Look at the test import closely.
plan-level = the compression with which dump and upload together end soonest
    .measured = { $from ->
        [measured] level { $level } for { $rate }/s as an import's upload was measured: { $length } { $unit } (level { $usual }: { $usual_length } { $unit })
        [stated] level { $level } for { $rate }/s as the clinic file states: { $length } { $unit } (level { $usual }: { $usual_length } { $unit })
       *[unknown] level { $level }, because the upload rate is not known yet; the test import measures it for the final dump
    }
plan-pages-understood = the pages of the management site are as expected
    .hint = The site has changed. Nothing is clicked there: mend the labels in the portal profile (`portal.profile`), or ask for a newer version.
plan-certificate-imports = the client certificate may import
    .measured = certificate { $certificate }
    .hint = A vendor's certificate cannot import. Use the clinic's own client*.p12.
plan-certificate-ends = the client certificate outlasts the window by 30 days
    .measured = valid until { $ends }
    .hint = Ask for a new certificate before the cutover.
plan-free-slots = the tenant has free places for { $wanted } dumps
    .measured = { $free } free, { $freed } freed by planned deletions, { $wanted } wanted
    .hint = Name dumps in `portal.release_dumps`, or delete old dumps on the management site after they were downloaded.
plan-import-version = the import form offers the configured version
    .measured = configured { $wanted }, offered { $offered }
    .hint = Set `portal.import_version` to an entry of the form's select that can read the archive.
plan-clock-skew = this machine's clock and the management site's agree
    .measured = { $skew } s apart
    .hint = Set up time synchronisation (chrony or systemd-timesyncd) on this machine.
plan-database-name = the name `{ $database }` is free for the UTF-8 database
    .hint = There is a database of this name already; it will not be touched. Name another one in the playbook, or drop it if nobody needs it.
plan-database-room = the server's disk has room for a second database
    .measured = { $free } free, { $wanted } wanted
    .hint = Make room where the server keeps its data, or name that folder in `source.data_dir` if it could not be found out; `strategy: stream` needs no room there.
plan-characters-scanned = every character of the database was looked at, and none needs a decision
    .measured = { $case ->
        [never] never scanned
        [other-rules] scanned on { $at }, with other rules than those that count now
        [undecided] { $undecided } of { $values } rows' characters need a decision (scanned on { $at })
       *[clean] { $values } rows, nothing to decide (scanned on { $at }; { $lossy } places by rules that change a character for good)
    }
    .hint = Run `orca-cutover scan --clinic CLINIC`, decide what it lists in the mapping file, and scan again.
plan-mail-proved = mail arrives
    .measured = { $case ->
        [unreached] { $host } cannot be reached, refuses TLS or the log-in
        [taken] { $host } answers and took this clinic's last mail ({ $at })
       *[reached] { $host } answers and takes the log-in; the run's first step sends a test mail
    }
    .hint = { $case ->
        [unreached] Check `mail` in the clinic file, the certificate and the password.
       *[other] The test mail is sent by the run's preflight, or every night by `preflight`; nothing goes on where nobody takes it.
    }
plan-tenant-not-live = nobody works with the tenant's data yet, which the import overwrites
    .measured = { $case ->
        [nothing] the clinic file says: no patients
        [trial-data] the clinic file says: trial data that may be lost
        [live-data] the clinic file says: in use
       *[unsaid] the clinic file does not say
    }
    .hint = Look at the tenant, and say in the clinic file's `portal.tenant.holds`: nothing, trial-data or live-data. A tenant in use is not imported over.
plan-people-named = the people are named, with telephone
    .measured = { $missing ->
        [none] { $people } people, { $without } without a telephone number
       *[other] { $people } people; no { $missing }
    }
    .hint = Name operator, the one who decides, a deputy and the clinic's contact in the clinic file's `people`, each with `phone`.
plan-override = rules that people do without are named as they must be
    .measured = { $case ->
        [unused] `{ $rule }` is no rule of this plan
       *[one-name] `{ $rule }` needs two names
    }
    .hint = Mend `overrides` in the clinic file.
plan-evidence-server = the server was looked at
plan-evidence-site = the site was looked at
plan-evidence-mail-server = the mail server was asked
plan-evidence-calendar = announcements read
plan-evidence-clinic-file = clinic file
plan-evidence-journal = journal
plan-evidence-scan = scan
plan-evidence-reckoned = worked out
plan-part-playbook = playbook
plan-part-clinic = clinic file
plan-part-calendar = maintenance near the imports
plan-part-mapping = mapping file
plan-part-profile = portal profile
plan-part-identity = database and certificate
plan-part-tool = program version
plan-overridden = done without: { $by } — { $reason }
plan-deletions = dumps that are to be deleted are there and named
    .measured = { $missing ->
        [none] { $found }
       *[other] not there once: { $missing }
    }
    .hint = { $step ->
        [no] The playbook has no step `portal_release`: nothing would be deleted.
       *[yes] Name each dump by the time the management site shows for it (`portal.release_dumps`). It is downloaded and read through before it is deleted.
    }
slots-open-late = the clinic closes too late to begin on the same evening
slots-opens-before = the clinic opens again { $opens }, before everything has ended with an hour to spare ({ $end })
slots-certificate = the client certificate ends { $ends }; it must last until { $needed }
slots-no-test-import = no test import is planned
slots-test-import = the test import was proved { $tested }; production at the earliest { $first }
slots-test-import-planned = the test import is planned to be proved { $tested }; production at the earliest { $first }
slots-holiday = national holiday ({ $name })
slots-holidays-unknown = whether it is a national holiday is not known: the list ends with { $year }
slots-hours-unknown = the clinic file does not say when the clinic is open (`hours`)
