# rehearsal
# site
rehearsal-site-file = cannot use the rehearsal's file `{ $path }`: { $kind }
    .hint = Check that the rehearsal's folder exists, belongs to you and has room.
rehearsal-site-certificate = cannot make or use the rehearsal's certificate for `{ $what }`: { $why }
    .hint = Remove the rehearsal's folder and start the rehearsal again.
rehearsal-site-openssl = `openssl` could not write the rehearsal's PKCS#12 file: { $why }
    .hint = Install `openssl` 3 with its legacy provider; the rehearsal needs it to make client certificates of the old kind.
rehearsal-site-no-randomness = the operating system gave no random bytes
    .hint = Start the rehearsal again; if it stays so, restart the machine.
rehearsal-site-listen = cannot listen on 127.0.0.1 for the rehearsal's host `{ $host }`: { $kind }
    .hint = Check that no firewall or container setting forbids listening on the loopback address.
rehearsal-site-state = the rehearsal's state `{ $path }` is damaged: { $why }
    .hint = Remove the rehearsal's folder and start the rehearsal again from its beginning.
rehearsal-site-no-program = cannot start `{ $program }`: { $kind }
    .hint = Install the PostgreSQL server package; the rehearsal's site needs its programs.
rehearsal-site-slow = `{ $program }` of the rehearsal's cloud database was stopped after { $secs } s
    .hint = Look whether the machine is overloaded, then start the rehearsal again.
rehearsal-site-program = `{ $program }` of the rehearsal's cloud database failed
    .hint = Read what it said above; the rehearsal's database cluster may have been stopped.

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

# world
rehearsal-world-file = `{ $path }` cannot be made or written: { $reason }
    .hint = Name a folder with `--dir` that you own and that every user may enter.
rehearsal-world-small-disk = a small file system for the fault `disk-full` cannot be mounted: { $reason }
    .hint = Run the rehearsal as root, or allow this user `sudo -n mount`.
rehearsal-world-not-empty = the folder `{ $path }` is not empty
    .hint = Name a new folder with `--dir`; nothing is overwritten.
rehearsal-world-shipped = the shipped file `{ $name }` cannot be used
    .hint = This is a defect of the program; please report it.
