//! The rules in words: what an appeal of a kind needs in a country and why; and a unit's changes of them.

use super::places::locale;
use crate::app::{App, AppError, rules, standing};
use crate::domain::actor::Role;
use crate::domain::document;
use crate::domain::ids::OverrideId;
use crate::domain::kind::AppealKind;
use crate::domain::place::Country;
use crate::domain::response::ResponseKind;
use crate::domain::rules::{Change, CriteriaSet, Law, MinorSuspect, Need, Override, RuleBook, RuleId, country_day};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, text};
use crate::words::{Locale, Words};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// A rule of the book in words.
pub struct Told<'a> {
    book: &'a RuleBook,
    words: Words,
}

impl<'a> Told<'a> {
    /// In a language.
    #[must_use]
    pub fn new(book: &'a RuleBook, locale: Locale) -> Self {
        Self { book, words: Words::of(locale) }
    }

    fn list<T>(&self, family: &str, items: &[T], code: impl Fn(&T) -> &str) -> String {
        let words: Vec<_> =
            items.iter().map(|item| self.words.say(&format!("rule-{family}-{}", code(item))).into_owned()).collect();
        words.join(", ")
    }

    /// What a row asks, one sentence a thing.
    #[must_use]
    pub fn sentences(&self, need: &Need) -> Vec<String> {
        let w = &self.words;
        let mut told: Vec<String> =
            need.when.iter().map(|when| w.say(&format!("rule-when-{when}")).into_owned()).collect();
        let mut listed = |key: &str, list: String| {
            if !list.is_empty() {
                told.push(w.say_with(key, &[("list", list.as_str())]).into_owned());
            }
        };
        listed("rule-authorities", self.list("authority", &need.authorities, |a| a.code()));
        listed("rule-bases", need.bases.iter().map(RuleId::as_str).collect::<Vec<_>>().join(", "));
        listed("rule-consents", self.list("consent", &need.consents, |c| c.code()));
        listed("rule-criteria", need.criteria.as_ref().map(ToString::to_string).unwrap_or_default());
        listed("rule-requested-by", self.list("request", &need.requested_by, |r| r.code()));
        for group in &need.scope {
            listed("rule-scope", self.list("part", group, |part| part.code()));
        }
        if let Some(MinorSuspect::With(consent)) = need.minor_suspect {
            listed("rule-minor-with", self.list("consent", &[consent], |c| c.code()));
        }
        if need.minor_suspect == Some(MinorSuspect::Never) {
            told.push(w.say("rule-minor-never").into_owned());
        }
        if let Some(conviction) = need.conviction {
            told.push(w.say_with("rule-conviction", &[("years", conviction.years.to_string().as_str())]).into_owned());
        }
        for (key, span) in [("rule-lasts", need.lasts), ("rule-at-most", need.at_most), ("rule-in-all", need.in_all)] {
            if let Some(span) = span {
                told.push(w.say_with(key, &[("hours", span.num_hours().to_string().as_str())]).into_owned());
            }
        }
        told
    }

    /// A source of law.
    #[must_use]
    pub fn law(&self, law: &Law) -> Value {
        json!({
            "id": law.id.as_str(), "country": law.country.code(), "mark": law.mark.code(),
            "mark_means": self.words.say(&format!("rule-mark-{}", law.mark)), "source": law.source,
            "text": law.text.of(self.words.locale().code()), "basis": law.is_basis,
            "effective_from": law.effective.from, "effective_to": law.effective.to,
        })
    }

    /// A row with what it asks and why.
    #[must_use]
    pub fn need(&self, need: &Need) -> Value {
        json!({
            "id": need.id.as_str(), "country": need.country.code(), "mark": need.mark.code(), "locked": need.locked,
            "asks": self.sentences(need),
            "because": need.because.iter().filter_map(|id| self.book.law(id)).map(|law| self.law(law)).collect::<Vec<_>>(),
            "effective_from": need.effective.from, "effective_to": need.effective.to,
        })
    }

    fn criteria(&self, set: &CriteriaSet) -> Value {
        let language = self.words.locale().code();
        let question = |q: &crate::domain::rules::Question| json!({"question": q.code, "text": q.text.of(language)});
        json!({
            "id": set.id.as_str(), "needs": set.needs.code(), "mark": set.mark.code(),
            "questions": set.questions.iter().map(question).collect::<Vec<_>>(),
        })
    }
}

/// Which appeal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleQuery {
    kind: String,
    country: String,
}

fn unknown(pointer: &str, value: &str) -> AppError {
    AppError::Faults(vec![crate::domain::faults::Fault::at(pointer, "unknown-value").with("value", value)])
}

/// Say what an appeal of a kind needs in a country, and why
///
/// With the unit's own changes. Each rule carries its source and its mark: C confirmed by an official text, S from a
/// secondary source, U not confirmed (the strict position applies), D our own choice.
#[utoipa::path(tag = "rules", params(("kind" = String, Query), ("country" = String, Query)), responses((status = 200), (status = 422)))]
#[get("/rules")]
pub async fn explain(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    query: web::Query<RuleQuery>,
) -> Result<HttpResponse, ApiError> {
    let kind = AppealKind::parse(&query.kind).ok_or_else(|| unknown("/kind", &query.kind))?;
    let country = Country::parse(&query.country).ok_or_else(|| unknown("/country", &query.country))?;
    let context = app.clone();
    let (book, changes, now) = request::read(&app, move |conn| {
        let changes = crate::db::rules::overrides_for(conn, &caller.actor.unit)?;
        Ok((standing::rules_of(conn, &context, &caller.actor.unit)?, changes, context.clock.now(conn)?))
    })
    .await?;
    let locale = locale(&request);
    let told = Told::new(&book, locale);
    let on = country_day(country, now);
    let needs: Vec<&Need> = book.needs(kind, country, on).collect();
    let criteria = needs.iter().filter_map(|need| book.criteria(need.criteria.as_ref()?.as_str()));
    let (sensitivity, levels) = book.chain(kind, &[]);
    let words = Words::of(locale);
    let level = |level: &crate::domain::rules::Level| json!({"level": level.code(), "name": words.say(&format!("rule-level-{level}"))});
    let contacts = book.contacts().iter().filter(|contact| contact.country == country).map(|contact| {
        json!({"id": contact.id.as_str(), "purpose": contact.purpose.code(), "value": contact.value,
            "mark": contact.mark.code(), "source": contact.source})
    });
    let triage = ResponseKind::ALL.iter().map(|response| {
        let arrival = book.arrival(*response, kind, country, on);
        let rules: Vec<_> = book.triage(*response, kind, country, on).map(|row| row.id.as_str()).collect();
        json!({"response": response.code(), "rules": rules, "urgency": arrival.urgency, "weight": arrival.weight,
            "tags": arrival.tags.iter().map(|tag| tag.code()).collect::<Vec<_>>(),
            "due_minutes": arrival.due_within.map(|span| span.num_minutes()),
            "lock_minutes": arrival.lock.num_minutes(), "officers": arrival.officers, "readers": arrival.readers,
            "receiver": arrival.receiver.map(Role::code)})
    });
    let view = json!({
        "triage": triage.collect::<Vec<_>>(),
        "kind": kind.code(), "country": country.code(), "day": on, "version": book.version(),
        "needs": needs.iter().map(|need| told.need(need)).collect::<Vec<_>>(),
        "criteria": criteria.map(|set| told.criteria(set)).collect::<Vec<_>>(),
        "chain": {"sensitivity": sensitivity.code(), "levels": levels.iter().map(level).collect::<Vec<_>>(),
            "emergency_path": book.emergency(kind).is_some(), "may_be_validated_for_a_week": book.is_cold(kind)},
        "contacts": contacts.collect::<Vec<_>>(),
        "changes": changes.iter().map(changed).collect::<Vec<_>>(),
    });
    Ok(Answer::ok(view).respond())
}

fn changed(of: &Override) -> Value {
    json!({
        "id": of.id.as_str(), "unit": of.unit.as_str(), "rule": of.rule.as_str(),
        "change": of.change.to_document(), "reason": of.reason, "by": of.by.as_str(), "at": of.at,
    })
}

/// Change a rule for the own unit and those below it; the legal officer's, with a reason
///
/// Exactly one of `off`, `without_consent`, `lasts_hours`, `levels`. What is locked and who may authorise cannot be changed.
#[utoipa::path(tag = "rules", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 403), (status = 409), (status = 422)))]
#[post("/rules/{id}/changes")]
pub async fn change(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let rule = RuleId::parse(&path).ok_or(AppError::NotFound)?;
    let body = body.into_inner();
    let reason = text(&body, "reason");
    let mut asked = body.clone();
    if let Some(object) = asked.as_object_mut() {
        object.remove("reason");
    }
    let asked = document::read(&asked, "", Change::read).map_err(AppError::Faults)?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let done = rules::change(conn, &context, &actor, &rule, asked, &reason)?;
        Ok(Answer::created(format!("/api/v1/rules/changes/{}", done.id), changed(&done)))
    })
    .await
}

/// End a change: the rule applies again as it stands
#[utoipa::path(tag = "rules", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 403), (status = 404)))]
#[delete("/rules/changes/{id}")]
pub async fn restore(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(OverrideId::parse, &path)?;
    let body = body.into_inner();
    let reason = text(&body, "reason");
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        rules::end(conn, &context, &actor, &id, &reason)?;
        Ok(Answer::ok(json!({"id": id.as_str(), "ended": true})))
    })
    .await
}
