//! Looks sentences up in the embedded Fluent catalogues. That every key exists in every language is proved by tests
//! (`checks`), so a lookup cannot fail in a build that passed them; should it, the key itself is said and logged.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::{LanguageIdentifier, langid};

use super::Locale;

type Bundle = FluentBundle<FluentResource>;

static FR: LazyLock<Bundle> = LazyLock::new(|| bundle(langid!("fr"), Locale::Fr));
static NL: LazyLock<Bundle> = LazyLock::new(|| bundle(langid!("nl"), Locale::Nl));
static DE: LazyLock<Bundle> = LazyLock::new(|| bundle(langid!("de"), Locale::De));
static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(langid!("en"), Locale::En));

/// The catalogue of one language.
#[derive(Clone, Copy)]
pub struct Words {
    locale: Locale,
    bundle: &'static Bundle,
}

/// A variable of a sentence. Numbers choose plural forms; text never does.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// Shown as given.
    Text(&'a str),
    /// Shown in digits without grouping.
    Number(i64),
}

impl Words {
    /// The catalogue of `locale`.
    #[must_use]
    pub fn of(locale: Locale) -> Self {
        let bundle = match locale {
            Locale::Fr => &*FR,
            Locale::Nl => &*NL,
            Locale::De => &*DE,
            Locale::En => &*EN,
        };
        Self { locale, bundle }
    }

    /// Which language this is.
    #[must_use]
    pub const fn locale(&self) -> Locale {
        self.locale
    }

    /// A sentence without variables.
    #[must_use]
    pub fn say(&self, key: &str) -> Cow<'static, str> {
        self.format(key, None)
    }

    /// A sentence with its variables: `&str` or numbers, or [`Value`] where both meet.
    #[must_use]
    pub fn say_with<'a, V>(&self, key: &str, values: &[(&'a str, V)]) -> Cow<'static, str>
    where
        V: Into<FluentValue<'a>> + Copy,
    {
        let args: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, (*value).into())).collect();
        Cow::Owned(self.format(key, Some(&args)).into_owned())
    }

    /// Whether the catalogue has `key`: for tests of other modules that build keys at run time.
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        self.bundle.get_message(key).is_some_and(|message| message.value().is_some())
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Cow<'static, str> {
        let bundle = self.bundle;
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, locale = self.locale.code(), "the catalogue has no such sentence");
            return Cow::Owned(key.to_owned());
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, args, &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(key, locale = self.locale.code(), ?errors, "a sentence lacks a variable");
        }
        Cow::Owned(text)
    }
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Words").field(&self.locale).finish()
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Number(i64::from(number))
    }
}

impl<'a> From<Value<'a>> for FluentValue<'a> {
    fn from(value: Value<'a>) -> Self {
        match value {
            Value::Text(text) => text.into(),
            Value::Number(number) => number.into(),
        }
    }
}

/// The catalogue's text as it stands in the repository.
pub(crate) const fn source(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => concat!(
            include_str!("locales/fr.ftl"),
            "\n",
            include_str!("locales/fr.problems.ftl"),
            "\n",
            include_str!("locales/fr.rules.ftl"),
            "\n",
            include_str!("locales/fr.lint.ftl")
        ),
        Locale::Nl => concat!(
            include_str!("locales/nl.ftl"),
            "\n",
            include_str!("locales/nl.problems.ftl"),
            "\n",
            include_str!("locales/nl.rules.ftl"),
            "\n",
            include_str!("locales/nl.lint.ftl")
        ),
        Locale::De => concat!(
            include_str!("locales/de.ftl"),
            "\n",
            include_str!("locales/de.problems.ftl"),
            "\n",
            include_str!("locales/de.rules.ftl"),
            "\n",
            include_str!("locales/de.lint.ftl")
        ),
        Locale::En => concat!(
            include_str!("locales/en.ftl"),
            "\n",
            include_str!("locales/en.problems.ftl"),
            "\n",
            include_str!("locales/en.rules.ftl"),
            "\n",
            include_str!("locales/en.lint.ftl")
        ),
    }
}

fn bundle(language: LanguageIdentifier, locale: Locale) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Isolation marks around variables would end up in mail subjects and tel: links.
    bundle.set_use_isolating(false);
    // A test parses every catalogue strictly; what could be read is the best that is left here.
    let resource = FluentResource::try_new(source(locale).to_owned()).unwrap_or_else(|(partial, errors)| {
        tracing::error!(locale = locale.code(), ?errors, "the catalogue is malformed");
        partial
    });
    if let Err(errors) = bundle.add_resource(resource) {
        tracing::error!(locale = locale.code(), ?errors, "the catalogue says a key twice");
    }
    bundle
}
