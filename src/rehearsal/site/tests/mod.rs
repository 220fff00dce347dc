//! The site as a visitor with real TLS, real cookies and a real PostgreSQL finds it.

mod cluster;
mod imports;
mod pages;
mod switches;
mod visitor;

use std::sync::Arc;

use super::{CloudDb, Site, SiteConfig, SiteFaults, TenantSeed};
use crate::clock::Clock;
use crate::rehearsal::pki::Pki;
use crate::secret::SecretString;
use cluster::Cluster;
use visitor::Visitor;

const LOG_IN: (&str, &str) = ("tenant_admin452", "rehearsal&password=1");

/// A site over a cluster that the tests of this process share. Every test has its own tenant.
struct Stage {
    site: Option<Site>,
    cluster: Arc<Cluster>,
    dir: tempfile::TempDir,
    tenant: u32,
}

impl Stage {
    async fn new(tenant: u32, dumps_at_start: u32, faults: SiteFaults) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Pki::create(dir.path()).unwrap();
        let clock = Clock::Rehearsal(dir.path().join("clock"));
        clock.set(&(Clock::System.now() + chrono::TimeDelta::days(40))).unwrap();
        let cluster = Cluster::shared();
        let mut stage = Self { site: None, cluster, dir, tenant };
        stage.start(dumps_at_start, faults).await;
        stage
    }

    async fn start(&mut self, dumps_at_start: u32, faults: SiteFaults) {
        let dir = self.dir.path();
        let config = SiteConfig {
            dir: dir.join("site"),
            pki: Arc::new(Pki::open(dir).unwrap()),
            clock: Clock::Rehearsal(dir.join("clock")),
            cloud: CloudDb {
                socket_dir: self.cluster.dir().to_owned(),
                port: cluster::PORT,
                user: "postgres".into(),
                program_dir: cluster::PROGRAMS.into(),
            },
            tenant: TenantSeed {
                orcamo_id: format!("{:09}", self.tenant),
                name: "OSC用テナント".into(),
                hospital_id: "JPN000000000000".into(),
                dumps_at_start,
            },
            login: (LOG_IN.0.into(), SecretString::from(LOG_IN.1)),
            faults,
            import_seconds_min: 0.1,
        };
        self.site = Some(Site::start(config).await.unwrap());
    }

    fn site(&self) -> &Site {
        self.site.as_ref().unwrap()
    }

    fn visitor(&self, certificate: Option<&str>) -> Visitor {
        Visitor::new(self.dir.path(), certificate)
    }

    /// An address below the tenant's page of 日レセ management.
    fn tenant_url(&self, rest: &str) -> String {
        format!("{}tenants/{}{rest}", self.site().management_url(), self.tenant)
    }

    /// Runs SQL in the tenant's cloud database.
    fn cloud_sql(&self, sql: &str) -> String {
        self.cluster.sql(&format!("tenant_{}", self.tenant), sql)
    }
}
