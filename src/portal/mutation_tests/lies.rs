//! Pages that lie in one place: each is refused by its own guard, and nothing wrong is sent.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::super::on_twin::Stage;
use super::super::session::Session;
use super::{ARCHIVE, OLD, PortalError, ours, quick, reset, stage};
use crate::diag::Explain;
use crate::progress::Progress;
use crate::rehearsal::site::Retouch;

/// A lie: on which page, what it does to it, and what the client says of it.
struct Lie {
    page: &'static str,
    tell: fn(&str) -> String,
    code: &'static str,
    /// True where the lie is about what comes after the import.
    after_import: bool,
}

const LABEL: &str = "<label for=\"db_import_dump_file\">";

fn hidden(html: &str, name: &str, value: &str) -> String {
    let field = format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">{LABEL}");
    html.replace(LABEL, &field)
}

static LIES: [Lie; 10] = [
    Lie {
        page: "/db_imports/new",
        tell: |html| html.replace("action=\"/tenants/761/", "action=\"/tenants/762/"),
        code: "portal-other-tenant",
        after_import: false,
    },
    Lie {
        page: "/db_imports/new",
        tell: |html| html.replace("<option value=\"15\">", "<option value=\"9.6\">"),
        code: "portal-version-missing",
        after_import: false,
    },
    Lie {
        page: "/db_imports/new",
        tell: |html| hidden(html, "_method", "delete"),
        code: "portal-page-unknown",
        after_import: false,
    },
    Lie {
        page: "/db_imports/new",
        tell: |html| hidden(html, "db_import[version]", "9.6"),
        code: "portal-label-not-unique",
        after_import: false,
    },
    Lie {
        page: "/db_imports/new",
        tell: |html| html.replace("<button ", "<button formaction=\"/session\" "),
        code: "portal-needs-browser",
        after_import: false,
    },
    Lie {
        page: "/db_dumps",
        tell: |html| {
            let button = "data-method=\"post\" href=\"/tenants/761/";
            html.replace(&format!("{button}db_dumps"), &format!("{button}db_imports"))
        },
        code: "portal-page-unknown",
        after_import: false,
    },
    Lie {
        page: "/db_dumps",
        tell: |html| html.replace("data-method=\"post\"", "data-method=\"delete\""),
        code: "portal-page-unknown",
        after_import: false,
    },
    // All links of the new row lead to a dump that was there before.
    Lie {
        page: "/db_dumps",
        tell: |html| {
            (3..100).fold(html.to_owned(), |html, number| {
                let own = |end: &str| format!("/db_dumps/{number}{end}");
                html.replace(&own("\""), "/db_dumps/1\"").replace(&own("/"), "/db_dumps/1/")
            })
        },
        code: "portal-dump-gone",
        after_import: false,
    },
    Lie {
        page: "/db_dumps",
        tell: |html| {
            let link = "data-method=\"delete\" href=\"/tenants/";
            html.replace(&format!("{link}761/"), &format!("{link}762/"))
        },
        code: "portal-other-tenant",
        after_import: true,
    },
    // A password must not go into an address.
    Lie {
        page: "/sessions/new",
        tell: |html| html.replace("method=\"post\"", "method=\"get\""),
        code: "portal-page-unknown",
        after_import: false,
    },
];

/// Tells a lie, and counts how often, and how many uploads came.
struct Liar {
    lie: &'static Lie,
    told: AtomicUsize,
    uploads: AtomicUsize,
}

impl Retouch for Liar {
    fn came(&self, _host: &str, method: &str, target: &str, _body: &[u8]) {
        if method != "GET" && target.ends_with("/db_imports") {
            self.uploads.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn page(&self, _host: &str, path: &str, html: String) -> String {
        if !path.ends_with(self.lie.page) {
            return html;
        }
        let lie = (self.lie.tell)(&html);
        if lie != html {
            self.told.fetch_add(1, Ordering::Relaxed);
        }
        lie
    }
}

async fn through(stage: &Stage) -> Result<(), PortalError> {
    let mut session = Session::open(stage.config()).await?;
    quick(&mut session);
    let row = session.export_start().await?;
    session.export_wait(&row, Duration::from_secs(5)).await?;
    let dest = stage.dir.path().join("lie.dump");
    session.download(&row, &dest, &Progress::default(), None).await?;
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join(ARCHIVE);
    session.import(&archive, &Progress::default()).await.map_err(|failure| failure.error)?;
    session.delete_dump(&row).await
}

#[tokio::test]
async fn each_lie_of_a_page_is_refused_by_its_own_guard() {
    let folder = tempfile::tempdir().unwrap();
    let stage = stage(761, folder.path()).await;
    through(&stage).await.unwrap();
    for (number, lie) in LIES.iter().enumerate() {
        reset(&stage.site);
        let liar = Arc::new(Liar { lie, told: AtomicUsize::new(0), uploads: AtomicUsize::new(0) });
        stage.site.set_retouch(Some(liar.clone()));
        let code = through(&stage).await.err().map(|error| error.code());
        assert_eq!(code, Some(lie.code), "lie {number}");
        assert!(liar.told.load(Ordering::Relaxed) > 0, "lie {number} was not told");
        let uploads = usize::from(lie.after_import);
        assert_eq!(liar.uploads.load(Ordering::Relaxed), uploads, "lie {number}");
        let left = stage.site.state().dumps;
        assert!(OLD.iter().all(|old| left.iter().any(|dump| dump.id == *old)), "lie {number}");
        assert_eq!(lie.after_import, !stage.site.state().imports.is_empty(), "lie {number}");
        assert!(ours(&stage.site).len() <= 1, "lie {number}");
    }
}
