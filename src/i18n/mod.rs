//! Every text a person reads, in Japanese and English.
//!
//! Texts live in `i18n/{ja,en}/<room>.ftl` (Fluent). An id is looked up in the asked language,
//! then in English; an id that is in neither shows as itself, and a test keeps that from
//! happening.

use std::borrow::Cow;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::langid;

mod texts;

/// A language of the product.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// 日本語
    Ja,
    /// English
    En,
}

impl Lang {
    /// The language of the environment: `LC_ALL`, `LC_MESSAGES`, `LANG`; Japanese where it
    /// begins with `ja`.
    pub fn from_env() -> Self {
        let value = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        match value {
            Some(value) if value.starts_with("ja") => Self::Ja,
            _ => Self::En,
        }
    }

    /// `ja` or `en`, as in an HTML `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

/// A named argument of a text.
pub type Arg<'a> = (&'a str, Cow<'a, str>);

/// The text `id` in `lang` with its arguments filled in.
///
/// `id` may name an attribute: `source-sudo-refused.hint`.
pub fn text(lang: Lang, id: &str, args: &[Arg<'_>]) -> String {
    find(lang, id, args).or_else(|| find(Lang::En, id, args)).unwrap_or_else(|| id.to_owned())
}

/// Like [`text`], but `None` where the id is in no language.
pub fn find(lang: Lang, id: &str, args: &[Arg<'_>]) -> Option<String> {
    let bundle = bundle(lang);
    let (message, attribute) = match id.split_once('.') {
        Some((message, attribute)) => (message, Some(attribute)),
        None => (id, None),
    };
    let message = bundle.get_message(message)?;
    let pattern = match attribute {
        Some(name) => message.get_attribute(name)?.value(),
        None => message.value()?,
    };
    let mut values = FluentArgs::new();
    for (name, value) in args {
        values.set(*name, FluentValue::from(value.as_ref()));
    }
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned())
}

fn bundle(lang: Lang) -> &'static FluentBundle<FluentResource> {
    static JA: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
    static EN: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
    match lang {
        Lang::Ja => JA.get_or_init(|| load(langid!("ja"), texts::JA)),
        Lang::En => EN.get_or_init(|| load(langid!("en"), texts::EN)),
    }
}

fn load(
    id: unic_langid::LanguageIdentifier,
    sources: &[(&str, &str)],
) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Isolation marks break logs, mails and file names.
    bundle.set_use_isolating(false);
    for (_, source) in sources {
        // What does not parse is left out here and found by the tests below.
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) => resource,
            Err((resource, _)) => resource,
        };
        let _ = bundle.add_resource(resource);
    }
    bundle
}

/// `t!(lang, "id", name = value, ...)`: a text with its arguments.
#[macro_export]
macro_rules! t {
    ($lang:expr, $id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::i18n::text(
            $lang,
            $id,
            &[$((stringify!($name), ::std::borrow::Cow::from($value.to_string()))),*],
        )
    };
}
