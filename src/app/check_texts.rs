//! The checks of texts and pictures (`lint`) over an appeal as it stands: gathers what they must know of the case, the
//! official contacts and the places, and keeps what must never leave it.

use super::audit::{self, Act};
use super::standing::Standing;
use super::{App, AppError, content, random};
use crate::area::Gazetteer;
use crate::db::access::Unit;
use crate::db::appeals::Appeal;
use crate::db::{Conn, appeals, picture_views, rules};
use crate::domain::actor::{Actor, Permission};
use crate::domain::authorisation::RequestedBy;
use crate::domain::document::{self, Reader};
use crate::domain::gate::Refusal;
use crate::domain::ids::{AppealId, MediaId, UnitId};
use crate::domain::kind::AppealKind;
use crate::domain::language::Language;
use crate::domain::media::Sharpness;
use crate::domain::place::{Country, PlaceCode};
use crate::domain::rules::{Change, ContactPurpose, RuleId, country_day};
use crate::domain::subject::Subject;
use crate::lint::{
    self, Checked, Contacts, Covered, Field, HashtagRegister, HiddenPerson, HoldBack, Lint, Majority, Moment, Picture,
    PlaceName, PlaceNames, Private, PublicName, Report, RuleError, Secret, Severity, Version, ViewedBy,
};
use crate::words::{Locale, Words};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::{LazyLock, OnceLock};

/// Checks that the gate makes itself, with the decision in its hand: it says them once, in its own words.
const THE_GATES_OWN: [&str; 5] = ["IC-02", "MI-02", "LA-01", "LA-06", "CL-03"];

/// The shipped checks: patterns take a moment to read, so they are read once a process, when first asked for.
pub fn lint() -> Result<&'static Lint, AppError> {
    static LINT: LazyLock<Result<Lint, RuleError>> = LazyLock::new(Lint::shipped);
    LINT.as_ref().map_err(|e| AppError::Broken(e.to_string()))
}

/// A unit's change of a rule, where the rule is one of the checks.
#[must_use]
pub fn changed_check(rule: &RuleId, change: &Change) -> Option<lint::Override> {
    let change = match change {
        Change::Off => lint::Change::Off,
        Change::Blocks(true) => lint::Change::Severity(Severity::Block),
        Change::Blocks(false) => lint::Change::Severity(Severity::Warn),
        _ => return None,
    };
    Some(lint::Override { rule: lint::RuleId::parse(rule.as_str())?, change })
}

/// The checks as a unit applies them. A change of what was locked since has no effect: the strict position stands.
fn lint_of(conn: &mut Conn, app: &App, unit: &UnitId) -> Result<Lint, AppError> {
    let shipped = lint()?;
    let mut book = shipped.book().clone();
    for change in rules::overrides_for(conn, unit)? {
        let changed = changed_check(&change.rule, &change.change).map(|changed| book.with(&[changed]));
        if let Some(Ok(changed)) = changed {
            book = changed;
        }
    }
    Ok(Lint::new(book, app.speller.clone()))
}

/// Every municipality's names, for the check that a text uses those of its language.
fn places(gazetteer: &'static Gazetteer) -> &'static PlaceNames {
    static PLACES: OnceLock<PlaceNames> = OnceLock::new();
    PLACES.get_or_init(|| {
        let codes = [Country::Be, Country::Fr]
            .into_iter()
            .flat_map(|country| gazetteer.municipalities(&PlaceCode::Whole(country)).unwrap_or_default());
        PlaceNames::new(codes.filter_map(|code| gazetteer.names(&code)).map(|names| {
            let of = |name: Option<String>| name.unwrap_or_default();
            PlaceName::new(&of(names.fr), &of(names.nl), &of(names.de))
        }))
    })
}

/// Every hint about an appeal's texts and pictures.
pub fn report(
    conn: &mut Conn,
    app: &App,
    appeal: &Appeal,
    unit: &Unit,
    standing: &Standing,
    now: DateTime<Utc>,
) -> Result<Report, AppError> {
    let home = standing.home(appeal, now).map(|stored| &stored.record.authorisation);
    let private = private(conn, app, appeal, standing)?;
    let contacts = contacts(app, appeal, unit, standing);
    let subject = &appeal.draft.subject;
    let plate = subject.vehicle().and_then(|vehicle| vehicle.plate.clone());
    let register = register(app, appeal);
    let seen = picture_views::of_appeal(conn, &appeal.id)?;
    let viewed = |media: &MediaId, turn: usize| {
        let mut of_picture = seen.iter().filter(|view| view.media == *media);
        of_picture.nth(turn).map(|view| ViewedBy { restraint: view.restraint })
    };
    let pictures = appeal.media.iter().map(|media| Picture {
        portrait: media.portrait,
        size: largest(media),
        luma: None,
        measured: media.sharpness.and_then(Sharpness::measured),
        alt: media.alt.clone(),
        in_scope: home.is_none_or(|decision| decision.scope.covered(&media.digest).is_some()),
        blurred: false,
        editor: viewed(&media.id, 0),
        second_viewer: viewed(&media.id, 1),
    });
    let checked = Checked {
        kind: appeal.draft.kind(),
        country: appeal.draft.country,
        today: country_day(appeal.draft.country, now),
        moment: Moment::Appeal,
        convicted: matches!(subject, Subject::WantedConvict(_, conviction) if conviction.is_final),
        majority: majority(subject),
        requested_by: home.is_none_or(|decision| decision.requested_by != RequestedBy::Administrative),
        dangerous: appeal.draft.dangerous,
        // Every decision has an end, and the closing texts stand in the catalogues in every language.
        has_end: true,
        has_closing: true,
        versions: appeal.draft.notices.values().map(|notice| version(appeal, unit, notice, standing)).collect(),
        languages_needed: appeal.area.iter().flat_map(|area| area.split.languages()).collect(),
        one_language_each: true,
        names: names(subject),
        vocabulary: subject.vehicle().and_then(|vehicle| vehicle.model.clone()).into_iter().collect(),
        covered: Covered {
            plate: home.is_none_or(|decision| decision.scope.vehicle_plate),
            plates: plate.into_iter().collect(),
            name: true,
        },
        pictures: pictures.collect(),
        channels: appeal.draft.channels.iter().map(|channel| (*channel).into()).collect(),
        private: &private,
        contacts: &contacts,
        places: places(app.gazetteer),
        hashtags: &register,
    };
    Ok(lint_of(conn, app, &appeal.unit)?.check(&checked))
}

/// What of a report keeps a plan from going out.
#[must_use]
pub fn refusals(report: &Report) -> Vec<Refusal> {
    let blocking = report.findings.iter().filter(|finding| finding.severity == Severity::Block);
    blocking
        .filter(|finding| !THE_GATES_OWN.contains(&finding.rule.as_str()))
        .map(|finding| Refusal::Check { rule: finding.rule.as_str(), language: finding.language })
        .collect()
}

fn largest(media: &crate::domain::media::Media) -> (u32, u32) {
    let pixels = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let sizes = media.renditions.iter().map(|rendition| (pixels(rendition.width), pixels(rendition.height)));
    sizes.max_by_key(|(width, _)| *width).unwrap_or_default()
}

fn majority(subject: &Subject) -> Majority {
    let kind = subject.kind();
    if kind.is_wanted() {
        return if subject.may_be_minor_suspect() { Majority::Unknown } else { Majority::Adult };
    }
    match (kind, subject.named().and_then(|named| named.age)) {
        (AppealKind::MissingMinor | AppealKind::ChildAlert, _) => Majority::Minor,
        (_, Some(age)) if age < 18 => Majority::Minor,
        _ => Majority::Adult,
    }
}

fn names(subject: &Subject) -> Vec<PublicName> {
    let public = |named: &crate::domain::subject::Named| PublicName {
        given: named.given_name.clone(),
        family: named.family_name.clone(),
    };
    subject.named().map(public).into_iter().collect()
}

/// The official hashtags of the places an appeal is about.
fn register(app: &App, appeal: &Appeal) -> HashtagRegister {
    match &appeal.area {
        Some(area) if !app.hashtags.is_empty() => {
            let places = app.gazetteer.municipalities_in(&area.cells);
            app.hashtags.of(places.iter().map(|share| &share.place))
        }
        _ => HashtagRegister::default(),
    }
}

/// Which dictionary each language is checked with, for whoever starts the service.
#[must_use]
pub fn dictionaries(app: &App) -> String {
    let told = Language::ALL.into_iter().map(|language| match app.speller.file(language) {
        Some(file) => format!("{language} {}", file.display()),
        None => format!("{language} not checked (no dictionary in lint.dictionaries)"),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// A notice with the lines that every channel renders around it: whom to call, and what to do near somebody dangerous.
fn version(appeal: &Appeal, unit: &Unit, notice: &crate::domain::notice::Notice, standing: &Standing) -> Version {
    let words = Words::of(Locale::from(notice.language));
    let (emergency, police) = content::emergency(&standing.rules, appeal.draft.country);
    let mut version = Version::of_notice(notice);
    let texts: Vec<String> = version.passages.iter().map(|(_, text)| text.clone()).collect();
    let tags: Vec<&str> = texts.iter().flat_map(|text| lint::hashtags_in(text)).collect();
    for (at, tag) in tags.into_iter().enumerate() {
        version = version.with(Field::Hashtag(at), tag);
    }
    for line in [unit.contact.as_str(), emergency, police] {
        version = version.with(Field::Contact, line);
    }
    if appeal.draft.dangerous {
        version = version.with(Field::Contact, words.say_with("danger-text", &[("number", emergency)]));
    }
    version
}

/// What a notice may name as a way to reach the authorities: the rules' contacts, the unit's own, this service's address.
fn contacts(app: &App, appeal: &Appeal, unit: &Unit, standing: &Standing) -> Contacts {
    let mut contacts = Contacts { phones: vec![unit.contact.clone()], ..Contacts::default() };
    for contact in standing.rules.contacts().iter().filter(|contact| contact.country == appeal.draft.country) {
        let list = match contact.purpose {
            ContactPurpose::SearchMail => &mut contacts.mails,
            _ => &mut contacts.phones,
        };
        list.push(contact.value.clone());
    }
    let host = app.public_url.split("://").last().unwrap_or_default();
    contacts.links.push(host.to_owned());
    contacts.links.extend(app.config.rules.official_links.iter().cloned());
    contacts.handles.extend(app.config.rules.official_handles.iter().cloned());
    contacts
}

/// What must not leave the case: what was named, and what the decisions themselves hold.
fn private(conn: &mut Conn, app: &App, appeal: &Appeal, standing: &Standing) -> Result<Private, AppError> {
    let mut private = match rules::secrets_of(conn, &appeal.id)? {
        None => Private::default(),
        Some(sealed) => {
            let broken = || AppError::Broken(format!("the secrets of {}", appeal.id));
            let open = app.key.open_sealed(&place(&appeal.id), &sealed).ok_or_else(broken)?;
            let value: Value = serde_json::from_slice(&open).map_err(|_| broken())?;
            document::read(&value, "", read).map_err(|_| broken())?
        }
    };
    for decision in standing.records.iter().map(|stored| &stored.record.authorisation) {
        private.references.push(Secret::new(&decision.case_reference));
        private.people.push(HiddenPerson {
            given: Some(Secret::new(&decision.magistrate.given_name)),
            family: Secret::new(&decision.magistrate.family_name),
        });
    }
    Ok(private)
}

/// The facts of an appeal that were never published, for answers that know them; none when nobody kept any.
pub(super) fn withheld(conn: &mut Conn, app: &App, id: &AppealId) -> Result<Vec<HoldBack>, AppError> {
    let Some(sealed) = rules::secrets_of(conn, id)? else { return Ok(Vec::new()) };
    let broken = || AppError::Broken(format!("the secrets of {id}"));
    let open = app.key.open_sealed(&place(id), &sealed).ok_or_else(broken)?;
    let value: Value = serde_json::from_slice(&open).map_err(|_| broken())?;
    let private = document::read(&value, "", read).map_err(|_| broken())?;
    Ok(private.hold_back)
}

/// What the seal is bound to, so that one appeal's secrets cannot be moved to another.
fn place(id: &AppealId) -> String {
    format!("appeal secrets {id}")
}

/// Reads what must not leave the case.
#[expect(clippy::unnecessary_wraps, reason = "the shape `document::read` takes")]
fn read(mut r: Reader<'_>) -> Option<Private> {
    let hold_back = r.objects("hold_back", 100, |mut fact| {
        let wordings = fact.texts("wordings", 20, 300);
        if wordings.is_empty() {
            fact.fault("wordings", "required");
        }
        fact.finish();
        Some(HoldBack { wordings: wordings.into_iter().map(Secret::new).collect() })
    });
    let people = r.objects("people", 200, |mut person| {
        let given = person.line("given_name", 1..=80).map(Secret::new);
        let family = person.needed_line("family_name", 2..=80).map(Secret::new);
        person.finish();
        Some(HiddenPerson { given, family: family? })
    });
    let references = r.texts("references", 100, 100).into_iter().map(Secret::new).collect();
    r.finish();
    Some(Private { hold_back, people, references })
}

/// Keeps what must not leave the case; how much of each. Never shown again, to anybody.
pub fn keep(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId, filed: &Value) -> Result<Value, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::WriteAppeals, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    let private = document::read(filed, "", read)?;
    let sealed = app
        .key
        .seal(&place(&appeal.id), filed.to_string().as_bytes(), random::bytes())
        .ok_or_else(|| AppError::Broken("sealing".to_owned()))?;
    rules::keep_secrets(conn, id, &sealed, now)?;
    let counts = json!({"hold_back": private.hold_back.len(), "people": private.people.len(),
        "references": private.references.len()});
    // The entry says that it happened; a digest of a held-back fact could be guessed.
    audit::record(conn, now, actor, &Act { action: "appeal.secrets_kept", object: id.as_str(), ..Act::default() })?;
    Ok(counts)
}
