//! A night's trouble at the management site: sessions that end, lines that break, other people.

use std::io::{Seek, SeekFrom, Write};
use std::time::Duration;

use super::on_twin::Stage;
use super::*;
use crate::diag::{Explain, Kind};
use crate::progress::Progress;
use crate::rehearsal::site::{ImportStatus, SiteFaults, VendorRefusal};
use crate::secret::SecretRef;

const MIB: u64 = 1024 * 1024;

async fn idle(stage: &Stage) {
    while stage.site.state().imports.iter().any(|row| row.status == ImportStatus::Running) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_session_that_ends_at_the_start_in_the_middle_or_after_an_upload_sends_nothing_twice() {
    let stage = Stage::new(730, SiteFaults::default()).await;
    let file = stage.archive();
    let mut session = stage.session().await;

    // Before the form is asked for: looking again logs in again, and the import is done.
    stage.site.end_sessions();
    session.import(&file, &Progress::default()).await.unwrap();
    assert_eq!(stage.site.state().uploads, 1);

    // Between the form and its upload: the answer is the log-in page, and nothing is said of the
    // file. It stays in doubt and is not sent again.
    stage.site.set_faults(SiteFaults { session_ends_at_form: true, ..SiteFaults::default() });
    let failure = session.import(&file, &Progress::default()).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::InDoubt, "{failure:?}");
    assert_eq!((stage.site.state().uploads, stage.site.state().imports.len()), (1, 1));

    // After the upload: the import goes on unseen.
    let ends = SiteFaults { session_ends_after_upload: true, ..SiteFaults::default() };
    stage.site.set_faults(ends);
    let failure = session.import(&file, &Progress::default()).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::InDoubt, "{failure:?}");
    idle(&stage).await;
    assert_eq!((stage.site.state().uploads, stage.site.state().imports.len()), (2, 2));

    // The session is of use again for the look that finds out.
    stage.site.set_faults(SiteFaults::default());
    session.dumps().await.unwrap();
}

#[tokio::test]
async fn an_upload_that_is_cut_at_any_mebibyte_is_in_doubt_and_sent_once() {
    let full = std::env::var("ORCA_FIGURES").is_ok_and(|size| size == "full");
    let mebibytes = if full { 100 } else { 10 };
    let stage = Stage::new(731, SiteFaults::default()).await;
    let path = stage.dir.path().join("large.dump");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(b"PGDMP").unwrap();
    file.seek(SeekFrom::Start(mebibytes * MIB - 1)).unwrap();
    file.write_all(b"x").unwrap();
    let mut session = stage.session().await;
    let mut cuts = 0;
    for cut in 0..=mebibytes {
        let connection_cut = Some((cut * MIB).max(1));
        stage.site.set_faults(SiteFaults { connection_cut, ..SiteFaults::default() });
        let failure = session.import(&path, &Progress::default()).await.unwrap_err();
        assert_eq!(failure.certainty, Certainty::InDoubt, "{cut} MiB: {failure:?}");
        cuts += 1;
        // One upload for each call, and nothing was imported from a half.
        let state = stage.site.state();
        assert_eq!((u64::from(state.uploads), state.imports.len()), (cuts, 0), "{cut} MiB");
    }
    let what = format!("cuts of a {mebibytes} MiB upload, none sent again");
    let command = "cargo nextest run cut_at_any_mebibyte";
    crate::figures::figure("R16", &what, format!("{cuts} of {cuts}"), command);
}

#[tokio::test]
async fn a_vendors_certificate_is_stopped_wherever_the_site_refuses_it() {
    for (tenant, vendor_refused, code, may) in [
        (732, VendorRefusal::InMenu, "portal-certificate-cannot-import", false),
        (733, VendorRefusal::InPlaceOfForm, "portal-page-unknown", false),
        (734, VendorRefusal::AfterUpload, "portal-certificate-cannot-import", true),
    ] {
        let stage =
            Stage::new(tenant, SiteFaults { vendor_refused, ..SiteFaults::default() }).await;
        let file = stage.archive();
        let mut config = stage.config();
        config.client_p12 = stage.dir.path().join("client324.p12");
        config.client_pass = SecretRef::in_file(stage.dir.path().join("client324.pass"));
        let mut vendor = Session::open(config).await.unwrap();
        assert_eq!(vendor.probe().await.unwrap().can_import, may, "{vendor_refused:?}");
        let failure = vendor.import(&file, &Progress::default()).await.unwrap_err();
        assert_eq!(failure.error.code(), code, "{vendor_refused:?}");
        assert_eq!(failure.certainty, Certainty::NotStarted, "{vendor_refused:?}");
        assert!(stage.site.state().imports.is_empty(), "{vendor_refused:?}");
    }
}

#[tokio::test]
async fn a_full_list_is_left_alone() {
    for (tenant, dumps) in [(735, 3), (736, 4), (737, 5)] {
        let stage = Stage::with_dumps(tenant, SiteFaults::default(), dumps).await;
        let found = stage.session().await.export_start().await.err();
        if dumps < 5 {
            assert!(found.is_none(), "{found:?}");
            continue;
        }
        assert!(matches!(found, Some(PortalError::SlotsFull { used: 5 })), "{found:?}");
        // Nothing was clicked: the site wrote no line about a dump.
        let state = stage.site.state();
        assert_eq!((state.dumps.len(), state.log.len()), (5, 0), "{:?}", state.log);
        assert_eq!(stage.site.posts(), 1, "the log-in's");
    }
}

/// Somebody starts one in the same moment: which of two new rows is ours is not guessed.
#[tokio::test]
async fn of_two_new_dumps_none_is_taken_for_ours() {
    let faults = SiteFaults { two_new_dumps: true, ..SiteFaults::default() };
    let stage = Stage::with_dumps(738, faults, 3).await;
    let found = stage.session().await.export_start().await.unwrap_err();
    assert!(matches!(found, PortalError::DumpNotOne { count: 2 }), "{found:?}");
}

#[tokio::test]
async fn another_persons_work_at_the_dumps_is_noticed_and_not_touched() {
    let stage = Stage::new(739, SiteFaults::default()).await;
    let (mut ours, mut theirs) = (stage.session().await, stage.session().await);
    let row = ours.export_start().await.unwrap();
    ours.export_wait(&row, Duration::from_secs(30)).await.unwrap();

    // Another person's dump that comes later is not taken for ours.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let other = theirs.export_start().await.unwrap();
    theirs.export_wait(&other, Duration::from_secs(30)).await.unwrap();
    let dest = stage.dir.path().join("ours.dump");
    ours.download(&row, &dest, &Progress::default(), None).await.unwrap();

    // Somebody deletes a dump in the moment in which ours is deleted.
    stage.site.set_faults(SiteFaults { other_deletes: true, ..SiteFaults::default() });
    let surprise = ours.delete_dump(&row).await.unwrap_err();
    assert!(matches!(surprise, PortalError::DeleteSurprise { ours: 0, others: 1 }), "{surprise:?}");
    stage.site.set_faults(SiteFaults::default());
    assert!(ours.dumps().await.unwrap().iter().any(|left| left.is(&other)));

    // Theirs is gone: whoever waits for it is told so, and no other row is taken instead.
    ours.delete_dump(&other).await.unwrap();
    let gone = theirs.export_wait(&other, Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(gone.code(), "portal-dump-gone");
    let late = theirs.download(&other, &dest, &Progress::default(), None).await.unwrap_err();
    assert_eq!(late.code(), "portal-dump-gone");
}

#[tokio::test]
async fn a_site_that_is_away_is_looked_for_again_and_nothing_is_sent_to_it() {
    let stage = Stage::new(740, SiteFaults::default()).await;
    let file = stage.archive();
    let config = stage.config();
    let mut session = stage.session().await;
    let row = session.export_start().await.unwrap();
    session.export_wait(&row, Duration::from_secs(30)).await.unwrap();
    let away = stage.leave().await;

    // Each look says that the site cannot be reached: a step that only looks is tried again.
    let gone = session.dumps().await.unwrap_err();
    assert_eq!((gone.code(), gone.kind()), ("portal-unreachable", Kind::Environment));
    let gone = Session::open(config).await.unwrap_err();
    assert_eq!((gone.code(), gone.kind()), ("portal-unreachable", Kind::Environment));
    let failure = session.import(&file, &Progress::default()).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::NotStarted, "{failure:?}");

    // It is back: the same session goes on, with the same dump.
    let stage = away.back().await;
    session.export_wait(&row, Duration::from_secs(30)).await.unwrap();
    assert_eq!(stage.site.state().uploads, 0);
    session.import(&file, &Progress::default()).await.unwrap();
    assert_eq!(stage.site.state().uploads, 1);
}
