# portal
portal-secret = cannot read the { $what } of the management site: { $reason }
    .hint = Check the secret's place in the clinic file; its file must exist and be readable by its owner only (mode 0600).
portal-ca = cannot use the pinned root certificate `{ $path }`: { $reason }
    .hint = Use the `ca.crt` that came with the clinic's certificates, as PEM; checking the server cannot be switched off.
portal-p12 = cannot use the client certificate `{ $path }`: { $reason }
    .hint = Use the clinic's `client*.p12` as it was handed out.
portal-p12-password = the password does not open the client certificate `{ $path }`
    .hint = It was tried as it stands and without blanks at its ends; compare it with the clinic's `client*.pass`.
portal-certificate-ended = the client certificate `{ $cn }` ended on { $not_after }
    .hint = Ask the clinic's vendor for the renewed certificate and name it in the clinic file.
portal-profile = the portal profile cannot be used: { $reason }
    .hint = Compare the file with the built-in profile; every label and page of it must be there.
portal-address = `{ $address }` is not an https address of the management site
    .hint = Write `https://host` in the clinic file, with a port only where it is not 443.
portal-file = the file `{ $path }` cannot be used: { $reason }
    .hint = Check the path, its permissions and the free space.
portal-unreachable = the management site's host `{ $host }` cannot be reached: { $reason }
    .hint = Check the VPN, name resolution and the firewall, then run the step again.
portal-timeout = the management site's host `{ $host }` was silent for { $secs } seconds
    .hint = Check the VPN and the line, then run the step again.
portal-tls = { $reason ->
        [expired] the server certificate of `{ $host }` has expired
        [not-yet-valid] the server certificate of `{ $host }` is not valid yet
        [other-name] the server certificate is for another name than `{ $host }`
        [unknown-issuer] the server certificate of `{ $host }` was not issued by the pinned root
        [old-protocol] `{ $host }` offers only outdated TLS versions or ciphers
       *[other] the TLS connection to `{ $host }` failed
    }
    .hint = Check this machine's clock, that `ca.crt` is the production one, and that no proxy stands in between; checking cannot be switched off.
portal-certificate-refused = `{ $host }` refused the client certificate ({ $alert })
    .hint = Check that the certificate is the clinic's, is not revoked and has not ended.
portal-redirect-foreign = the management site led to the foreign host `{ $host }` (step `{ $step }`)
    .hint = Nothing was sent there; check that the clinic file names the three hosts of one way of connection, VPN or TLS service.
portal-redirect-loop = the management site's redirects do not end (step `{ $step }`)
    .hint = Log in with a browser and the same certificate; if that works, report this.
portal-login-refused = the management site refused the log-in ({ $attempts } attempts)
    .hint = Compare log-in id and password with the clinic's `tenant_admin*.txt`; the tool does not try again, so that the account is not locked.
portal-session-lost = the management site asked for the log-in again (step `{ $step }`)
    .hint = Run the step again; if it happens again, log in with a browser and look for a notice.
portal-maintenance = the management site is under maintenance (step `{ $step }`)
    .hint = Read the maintenance notices, add the window to the calendar, and run the step after it.
portal-status = the management site answered with HTTP { $status } (step `{ $step }`)
    .hint = Look at the page with a browser; run the step again once it shows.
portal-forbidden = { $marker ->
        [certificate] the management site does not permit this certificate (step `{ $step }`)
        [user] the log-in is not a user of this tenant (step `{ $step }`)
        [on-premises] the tenant has no 日レセクラウド contract (step `{ $step }`)
       *[other] the management site forbids the page (step `{ $step }`)
    }
    .hint = Check that certificate, log-in and tenant belong to the same clinic.
portal-certificate-cannot-import = this client certificate may not import databases
    .hint = A vendor's certificate cannot import; name the clinic's own certificate in the clinic file.
portal-page-too-large = a page of the management site is larger than a page can be (step `{ $step }`)
    .hint = Look at the page with a browser.
portal-page-unknown = the management site's page was not understood (step `{ $step }`): expected `{ $expected }`, seen: { $seen }
    .hint = Nothing further was clicked. If the label was renamed, add the new word to the portal profile; otherwise do the step by hand.
portal-label-not-unique = `{ $label }` is on the management site's page { $count } times (step `{ $step }`)
    .hint = Nothing further was clicked. Do the step by hand, and name the right label in the portal profile.
portal-needs-browser = the management site's page works only in a browser (step `{ $step }`)
    .hint = Nothing further was clicked. Do the step by hand; the result is proved afterwards as usual.
portal-other-tenant = { $proof ->
        [address] the page's address is for another tenant: expected `{ $expected }`, seen `{ $seen }`
        [orcamo-id] the page shows another ORCAMO ID: expected `{ $expected }`, seen `{ $seen }`
       *[name] the page shows another tenant's name: expected `{ $expected }`, seen `{ $seen }`
    }
    .hint = Nothing was clicked. Check the tenant in the clinic file, and whose log-in this is.
portal-confirm = the confirmation of step `{ $step }` says something else than expected (`{ $expected }`): `{ $seen }`
    .hint = Nothing was clicked. Read the page with a browser, and mend the portal profile if the text is right.
portal-version-missing = the import form does not offer version { $version }; it offers: { $offered }
    .hint = Set `import_version` in the clinic file to an offered version and convert the archive for it.
portal-slots-full = all dump slots of the management site are taken ({ $used } dumps)
    .hint = Delete a dump that is no longer needed, on the management site, after somebody has agreed; the tool deletes only dumps it made itself.
portal-dump-not-one = { $count } new dumps stand in the list after the click, not exactly one
    .hint = Look at the list with a browser: another person may be working there. Start over once the list is quiet.
portal-dump-failed = the management site says that the dump failed: `{ $state }`
    .hint = Look at the tenant log of the management site, delete the failed dump, and run the step again.
portal-dump-state-unknown = the dump stands at `{ $state }` after { $secs } seconds, which is not known as an end
    .hint = Look at the list with a browser. If the dump is done, add the word to the portal profile.
portal-dump-gone = our dump stands in the list { $count } times, not exactly once
    .hint = Look at the list with a browser: another person may have deleted it. Run the export again.
portal-delete-surprise = after the deletion the list is not as expected: ours still there { $ours }, others missing { $others }
    .hint = Look at the list with a browser before anything else is done.
portal-download-short = the download has { $got } bytes instead of { $expected }
    .hint = Run the step again; the dump is still on the management site.
portal-not-archive = what the management site sent is not a custom-format archive
    .hint = Run the step again; if it happens again, download the dump with a browser.
portal-clock-skew = the clock of `{ $host }` and this machine's clock differ by { $secs } seconds
    .hint = Set this machine's clock by NTP; with more than 60 seconds no import is started.
portal-import-refused = the management site refused the upload with HTTP { $status }; no import began
    .hint = { $status ->
        [413] The file is larger than the site accepts; ask the support of 日レセクラウド.
       *[other] Look at the import page with a browser before another try.
    }
portal-import-failed = the management site says that the import failed; its log has { $lines } lines
    .hint = The tenant's data may be damaged: read the redacted log, remove the cause, and import again or roll back.
portal-import-in-doubt = it is not known whether the import took place: { $cause ->
        [portal-session-lost] the site asked for the log-in after the upload
        [portal-timeout] the site was silent after the upload had begun
        [portal-unreachable] the connection broke after the upload had begun
        [portal-maintenance] the site went into maintenance
        [portal-status] the site answered with an error page
        [still-running] the import had not ended within the time allowed
        [other-tenant] the last page is not our tenant's
        [contradiction] the page tells of an end and of a failure
        [unclear] the page tells neither of an end nor of a failure (seen: { $seen })
       *[other] the answer was not understood ({ $cause })
    }
    .hint = Do not import again. Export the tenant's database and compare it with what was sent, or decide by looking at the tenant log.
