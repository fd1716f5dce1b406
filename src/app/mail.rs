//! Contents into mails: the appeal, its correction, its closing word, the confirmation of a sign-up. Rendered once per
//! language when the plan is made; only the two links differ between recipients.

use super::{App, AppError, content};
use crate::channels::email::render::{
    AppealMail, ClosureMail, ConfirmSubscriptionMail, CorrectionMail, Ending, MailFact, MailPicture, NightMail,
    Rendered,
};
use crate::db::appeals::Appeal;
use crate::domain::ids::SubscriberId;
use crate::domain::kind::AppealKind;
use crate::domain::language::Language;
use crate::domain::outcome::Outcome;
use crate::domain::place::Country;
use crate::words::{Locale, Zone};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

fn broken(cause: impl std::fmt::Display) -> AppError {
    AppError::Broken(cause.to_string())
}

fn stored(rendered: &Rendered) -> Value {
    json!({"subject": rendered.subject, "text": rendered.text, "html": rendered.html})
}

/// Reads a stored mail back.
#[must_use]
pub fn read(content: &Value) -> Option<Rendered> {
    let text = |key: &str| content.get(key)?.as_str().map(str::to_owned);
    Some(Rendered { subject: text("subject")?, text: text("text")?, html: text("html")? })
}

fn text(page: &Value, key: &str) -> String {
    page.pointer(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(page: &Value, key: &str) -> Vec<String> {
    page.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The address of an appeal's page.
#[must_use]
pub fn page_url(app: &App, language: Language, slug: &str) -> String {
    format!("{}/{language}/a/{slug}", app.public_url)
}

/// The mail of an appeal in one language, from the finished content of its page.
pub fn appeal(app: &App, appeal: &Appeal, language: Language, page: &Value) -> Result<Value, AppError> {
    let (primary, secondary) = content::emergency(&app.rules, appeal.draft.country);
    let pixels = |key: &str| page.pointer(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
    let picture = page.pointer("/pictures/0/large/digest").and_then(Value::as_str).map(|digest| MailPicture {
        src: format!("{}/media/{digest}.jpg", app.public_url),
        width: pixels("/pictures/0/large/width"),
        height: pixels("/pictures/0/large/height"),
        alt: text(page, "/pictures/0/alt"),
    });
    let facts = page.get("facts").and_then(Value::as_array).into_iter().flatten();
    let rendered = AppealMail {
        locale: Locale::from(language),
        zone: Zone::from(appeal.draft.country),
        operator: app.config.server.operator.clone(),
        kind: AppealKind::parse(&text(page, "/kind")).ok_or_else(|| broken("kind"))?,
        title: text(page, "/title"),
        subtitle: None,
        lead: text(page, "/lead"),
        picture,
        last_seen: ["/last_seen/when", "/last_seen/place"]
            .iter()
            .map(|key| text(page, key))
            .filter(|line| !line.is_empty())
            .collect(),
        look_for: texts(page, "look_for"),
        facts: facts.map(|fact| MailFact { label: text(fact, "/label"), value: text(fact, "/value") }).collect(),
        body: texts(page, "body"),
        dangerous: appeal.draft.dangerous,
        emergency: primary.to_owned(),
        police: secondary.to_owned(),
        search_line: None,
        page_url: page_url(app, language, &appeal.slug),
        takes_answers: true,
        issued_by: text(page, "/issued_by"),
        authority: text(page, "/authority"),
        expires: page
            .get("expires")
            .and_then(Value::as_str)
            .and_then(|at| DateTime::parse_from_rfc3339(at).ok())
            .map_or(appeal.updated_at, |at| at.with_timezone(&Utc)),
    }
    .render()
    .map_err(broken)?;
    Ok(stored(&rendered))
}

/// The neutral word after a takedown.
pub fn correction(app: &App, appeal: &Appeal, language: Language) -> Result<Value, AppError> {
    let mail = CorrectionMail {
        locale: Locale::from(language),
        zone: Zone::from(appeal.draft.country),
        operator: app.config.server.operator.clone(),
        sent: appeal.updated_at,
    };
    Ok(stored(&mail.render().map_err(broken)?))
}

/// The closing word. "Found, thank you" only for an outcome that allows it.
pub fn closure(
    app: &App,
    appeal: &Appeal,
    language: Language,
    outcome: Option<Outcome>,
    _told_before: bool,
) -> Result<Value, AppError> {
    let found = outcome.is_some_and(Outcome::may_say_found) && appeal.draft.kind().is_missing();
    let mail = ClosureMail {
        locale: Locale::from(language),
        zone: Zone::from(appeal.draft.country),
        operator: app.config.server.operator.clone(),
        sent: appeal.updated_at,
        ending: if found { Ending::PersonFound } else { Ending::Ended },
    };
    Ok(stored(&mail.render().map_err(broken)?))
}

/// The mail that asks the owner of an address whether they signed up.
pub fn confirmation(app: &App, language: Language, token: &str, hours: u32) -> Result<Rendered, AppError> {
    ConfirmSubscriptionMail {
        locale: Locale::from(language),
        operator: app.config.server.operator.clone(),
        confirm_url: format!("{}/{language}/subscribe/confirm/{token}", app.public_url),
        hours,
    }
    .render()
    .map_err(broken)
}

/// The mail that says at night that nobody reads before the morning, in each of these languages.
pub(super) fn night(app: &App, languages: &[Language], country: Country) -> Result<Rendered, AppError> {
    let (primary, secondary) = content::emergency(&app.rules, country);
    NightMail {
        locales: languages.iter().copied().map(Locale::from).collect(),
        operator: app.config.server.operator.clone(),
        emergency: primary.to_owned(),
        police: secondary.to_owned(),
    }
    .render()
    .map_err(broken)
}

/// The one-click way out of a subscriber, signed so that nobody can remove somebody else.
#[must_use]
pub fn unsubscribe_url(app: &App, language: Language, subscriber: &SubscriberId) -> String {
    let signature = app.key.sign("unsubscribe", subscriber.as_str());
    format!("{}/{language}/unsubscribe/{subscriber}.{signature}", app.public_url)
}

/// Where a recipient of a mail answers; the mark tells reports which channel brought the response.
#[must_use]
pub fn respond_url(app: &App, language: Language, slug: &str) -> String {
    format!("{}/{language}/a/{slug}/respond?c=email", app.public_url)
}
