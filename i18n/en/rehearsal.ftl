# rehearsal

rehearsal-cluster-server-missing = no PostgreSQL server is installed under `{ $root }`
    .hint = Install the package `postgresql`; the rehearsal makes a cluster of its own and leaves others alone.
rehearsal-cluster-path-too-long = the path of the server's socket, `{ $path }`, has { $length } bytes; { $limit } is the most
    .hint = Choose a shorter folder for the rehearsal, such as `/var/tmp/oc`.
rehearsal-cluster-folder-closed = the folder `{ $path }` cannot be entered by every user
    .hint = The rehearsal's server runs as another user. Choose a folder outside of home folders, or make this one enterable with `chmod o+x`.
rehearsal-cluster-sudo-lacking = `sudo` does not let this user become `{ $user }` without a password
    .hint = Run the rehearsal as root, or add a `NOPASSWD` line for this user to sudoers.
rehearsal-cluster-start-failed = the rehearsal's PostgreSQL server did not start
    .hint = Read the end of its log below; a full disk is the usual cause.
rehearsal-clinic-id = the synthetic clinic's id is not `JPN` and 12 digits
    .hint = Write it like `JPN000000000452`.
rehearsal-clinic-no-patients = the synthetic clinic has no patients
    .hint = Ask for at least 1; 2000 make a small clinic.
rehearsal-clinic-words-lost = the server did not convert the sample words
    .hint = The rehearsal's database must have the encoding EUC_JP; make the cluster anew.
rehearsal-clinic-schema = line { $line } of the synthetic clinic's schema is not understood
    .hint = This is a defect of the program; please report it.
rehearsal-clinic-script = the service's script `{ $path }` cannot be written: { $reason }
    .hint = Check that this user may write into the rehearsal's folder.
