//! A small browser for the tests: real TLS with a client certificate, cookies, redirects, forms.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use reqwest::{Client, Response, StatusCode, Url};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use scraper::{Html, Selector};

use super::{LOG_IN, Stage};

pub(super) struct Visitor {
    pub(super) http: Client,
}

/// A page that was read.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) url: Url,
    pub(super) date: String,
    pub(super) html: String,
}

impl Visitor {
    pub(super) fn new(pki: &Path, certificate: Option<&str>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(pki.join("ca.crt")).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match certificate {
            Some(name) => {
                let chain = CertificateDer::pem_file_iter(pki.join(format!("{name}.crt")))
                    .unwrap()
                    .collect::<Result<Vec<_>, _>>()
                    .unwrap();
                let key = PrivateKeyDer::from_pem_file(pki.join(format!("{name}.key"))).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
            None => builder.with_no_client_auth(),
        };
        let mut client = Client::builder().tls_backend_preconfigured(config).cookie_store(true);
        for name in ["ctrl.cmo.orcamo.jp", "auth.cmo.orcamo.jp", "sms.orca.orcamo.jp"] {
            client = client.resolve(name, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        }
        Self { http: client.build().unwrap() }
    }

    pub(super) async fn get(&self, url: &str) -> Page {
        Page::read(self.http.get(url).send().await.unwrap()).await
    }

    pub(super) async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Page {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = self
            .http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish());
        Page::read(request.send().await.unwrap()).await
    }

    /// Fills in the log-in form that stands at `url`'s end.
    pub(super) async fn log_in(&self, stage: &Stage) -> Page {
        let form = self.get(&stage.site().control_url()).await;
        self.send_log_in(&form, LOG_IN.1).await
    }

    pub(super) async fn send_log_in(&self, form: &Page, password: &str) -> Page {
        let action = form.url.join(&form.attribute("form", "action")).unwrap();
        let token = form.attribute("form input[name=authenticity_token]", "value");
        let fields = [
            ("authenticity_token", token.as_str()),
            (form.field("ログインID").as_str(), LOG_IN.0),
            (form.field("パスワード").as_str(), password),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let fields: Vec<_> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        self.post(action.as_str(), &fields).await
    }

    /// Uploads `file` through the form at `db_imports/new`.
    pub(super) async fn import(
        &self,
        stage: &Stage,
        file: &Path,
        version: &str,
    ) -> Result<Page, reqwest::Error> {
        let form = self.get(&stage.tenant_url("/db_imports/new")).await;
        let token = form.attribute("form input[name=authenticity_token]", "value");
        let bytes = std::fs::read(file).unwrap();
        let part = reqwest::multipart::Part::bytes(bytes).file_name("orca.dump");
        let multipart = reqwest::multipart::Form::new()
            .text("authenticity_token", token)
            .part(form.field("ダンプファイル"), part)
            .text("db_import[version]", version.to_owned());
        let action = form.url.join(&form.attribute("form", "action")).unwrap();
        Ok(Page::read(self.http.post(action).multipart(multipart).send().await?).await)
    }

    /// Clicks a link with `data-method` as a browser's script would.
    pub(super) async fn click(&self, page: &Page, text: &str) -> Page {
        let document = Html::parse_document(&page.html);
        let links = Selector::parse("a[data-method]").unwrap();
        let link = document
            .select(&links)
            .find(|link| link.text().collect::<String>() == text)
            .unwrap_or_else(|| panic!("no {text} on {}", page.url));
        let url = page.url.join(link.attr("href").unwrap()).unwrap();
        let method = link.attr("data-method").unwrap().to_owned();
        let token = page.attribute("meta[name=csrf-token]", "content");
        let fields = [("_method", method.as_str()), ("authenticity_token", token.as_str())];
        self.post(url.as_str(), &fields).await
    }
}

impl Page {
    async fn read(response: Response) -> Self {
        let date = response.headers()["date"].to_str().unwrap().to_owned();
        let (status, url) = (response.status(), response.url().clone());
        Self { status, url, date, html: response.text().await.unwrap() }
    }

    /// The texts of all elements, inner blanks kept.
    pub(super) fn texts(&self, selector: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        let selector = Selector::parse(selector).unwrap();
        document.select(&selector).map(|e| e.text().collect::<String>()).collect()
    }

    pub(super) fn attribute(&self, selector: &str, name: &str) -> String {
        let document = Html::parse_document(&self.html);
        let wanted = Selector::parse(selector).unwrap();
        let element = document.select(&wanted).next();
        let element = element.unwrap_or_else(|| panic!("no {selector} in {}", self.html));
        element.attr(name).unwrap().to_owned()
    }

    /// The `name` of the field with this label.
    pub(super) fn field(&self, label: &str) -> String {
        let document = Html::parse_document(&self.html);
        let labels = Selector::parse("label").unwrap();
        let label = document
            .select(&labels)
            .find(|e| e.text().collect::<String>() == label)
            .unwrap_or_else(|| panic!("no label {label}"));
        self.attribute(&format!("#{}", label.attr("for").unwrap()), "name")
    }
}
