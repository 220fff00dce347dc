journal-store = the journal `{ $path }` cannot be read or written: { $reason }
    .hint = Check the disk and the file's owner. Nothing is done that is not in the journal first; put this right and resume with `orca-cutover run --resume`.
journal-distrusted = the journal `{ $path }` is not written any more, since the disk failed: { $reason }
    .hint = What was acknowledged before is safe; nothing is done without a record. Look at the disk (`dmesg`, SMART), then start the program again: it reads what is there and goes on with `run --resume`.
journal-broken = journal record { $seq } does not follow from the record before it
    .hint = The file was damaged or changed. Keep it as it is, take a copy, and do not resume; the reports written so far show what was done.
journal-newer = the journal has format { $found }; this program knows { $known }
    .hint = Use the version of orca-cutover that wrote it, or a newer one.
journal-illegal = an event cannot follow from the journal's state: { $reason }
    .hint = Nothing was done. This is a defect of the program; please report it with `orca-cutover status --json`.
journal-unwritable = an event cannot be written: { $reason }
    .hint = Nothing was done. This is a defect of the program; please report it.
journal-no-run = there is no run in `{ $path }`
    .hint = Start one with `orca-cutover run PLAYBOOK --clinic CLINIC`.
journal-locked = another process runs this clinic (it holds `{ $path }`)
    .hint = Look at it with `orca-cutover status`. Never delete the lock file: it frees itself when that process ends.

journal-taken = another process wrote record { $seq } of the journal at the same moment
    .hint = Nothing was lost. Run the command again; where it comes back, look for a second program on this working folder.

journal-ledger-plan = there is no saved plan `{ $digest }`
    .hint = Name it by its file, or by at least 8 digits of its digest; `status` shows it. A new one is saved with `plan --save`.

journal-ledger-work = `{ $job }` cannot become { $wanted } now
    .hint = Another process was quicker. Look with `status` where the work stands.

journal-lease-held = `{ $operator }` runs this clinic on `{ $host }` (process { $pid }); its lease runs out in { $secs } s unless it is renewed
    .hint = Nothing was changed. Wait for that run, or look there what it does. Where its machine is lost, the clinic may be taken over with `run --resume` once the lease has run out.
journal-lease-lost = another process has taken this clinic over; this one stopped
    .hint = Nothing more was begun here and nothing was taken back. What this process had begun stands in the journal and is judged by the process that took over: see `status`.
journal-server-setting = the journal's database `{ $path }` has { $setting } = { $found }; it must be { $wanted }
    .hint = Nothing was done. With this setting the server could lose or garble records that it has acknowledged. Choose a database with `{ $setting } = { $wanted }`.
journal-damage-missing = record { $seq } of `{ $stream }` is missing
    .hint = A record was deleted, given another number, or moved. Keep the journal as it is, take a copy, and do not resume. What follows this place is no evidence; the mails and reports of the time are.
journal-damage-changed = record { $seq } of `{ $stream }` was changed, or the one before it
    .hint = Number, time, event or hash is not what was written. Keep the journal as it is, take a copy, and do not resume. What follows this place is no evidence; the mails and reports of the time are.
journal-damage-illegal = record { $seq } of `{ $stream }` cannot have happened
    .hint = It says what cannot follow from the records before it. Keep the journal as it is, take a copy, and do not resume; ask who wrote into it.
journal-damage-unreadable = a record of `{ $stream }` cannot be read (number { $seq }; 0: below one)
    .hint = The store holds a value that this program never writes. Keep the journal as it is, take a copy, and do not resume.
journal-head-missing = no record has the hash `{ $head }`
    .hint = That hash was kept outside, so the record was there: the end of the journal was cut off, or the journal was replaced by another. Where the hash was copied by hand, compare its digits first. Keep the journal as it is and do not resume.
journal-corrupt = the journal's file `{ $path }` is damaged: { $reason }
    .hint = Keep it as it is, take a copy, and do not resume. A copy of the disk, or the mails and reports written so far, show what was done.
