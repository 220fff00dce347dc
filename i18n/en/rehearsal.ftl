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
