journal-store = the journal `{ $path }` cannot be read or written: { $reason }
    .hint = Check the disk and the file's owner. Nothing is done that is not in the journal first; put this right and resume with `orca-cutover run --resume`.
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
