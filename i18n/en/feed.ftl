# Fetching a text from an address or a file.

feed-address = { $reason ->
        [empty] no address or file is named
        [scheme] the address at `{ $host }` does not begin with `https://`
        [user] the address at `{ $host }` names a user or password
        [fragment] the address at `{ $host }` has a part after `#`
       *[unreadable] the address cannot be read
    }
    .hint = Write `https://host/path`, or the path of a file on this machine.

feed-file = the file `{ $path }` cannot be read: { $reason }
    .hint = Check the path and that this program may read it.

feed-ca = cannot use the root certificate `{ $path }`: { $reason }
    .hint = Name a file with the root certificate as PEM; checking the server cannot be switched off.

feed-system-roots = this system has no root certificates: { $reason }
    .hint = Install the package `ca-certificates`, or name a root certificate.

feed-unreachable = `{ $host }` cannot be reached: { $reason }
    .hint = Check the line, name resolution and the firewall, then try again.

feed-timeout = `{ $host }` did not answer within { $secs } seconds
    .hint = Check the line, then try again; or save the text to a file and name that.

feed-tls = { $reason ->
        [expired] the server certificate of `{ $host }` has expired
        [not-yet-valid] the server certificate of `{ $host }` is not valid yet
        [other-name] the server certificate is for another name than `{ $host }`
        [unknown-issuer] nobody that is trusted has issued the server certificate of `{ $host }`
        [old-protocol] `{ $host }` offers only outdated TLS versions or ciphers
       *[other] the TLS connection to `{ $host }` failed
    }
    .hint = Check this machine's clock and that no proxy stands in between. A private authority's root certificate has to be named.

feed-redirect = { $reason ->
        [too-many] the redirects of `{ $host }` do not end
        [insecure] `{ $host }` leads to an address without encryption
        [user] `{ $host }` leads to an address with a user or password
       *[unreadable] `{ $host }` leads to an address that cannot be read
    }
    .hint = Open the address in a browser and name the one it ends at.

feed-status = `{ $host }` answered with HTTP status { $status }
    .hint = Check that the address is still valid and public; a calendar's secret address changes when it is reset.

feed-html = `{ $place }` is a web page, not the text itself
    .hint = Open it in a browser: a page to log in may stand there. Name the address of the file, often ending in `.ics`.

feed-encoding = `{ $place }` is not UTF-8 but { $encoding ->
        [binary] binary data
       *[other] { $encoding }
    }
    .hint = Have it published as UTF-8, or convert it and name the file.

feed-too-large = `{ $place }` is larger than { $limit } bytes
    .hint = Is it the right address or file? Name one that holds only what is needed.
