//! The decision as it is filed and stored: one reader for both, every fault at once.

use super::consent::Consent;
use super::record::{Authorisation, DecisionForm, DocumentProof, Magistrate, RequestedBy, SignatureKind};
use crate::domain::authority::AuthorityType;
use crate::domain::document::{self, Reader, moment};
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, AuthorisationId, PersonId};
use crate::domain::kind::AppealKind;
use crate::domain::media::MediaDigest;
use crate::domain::place::Country;
use crate::domain::rules::{RuleBook, RuleId, country_day};
use crate::domain::scope::Scope;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

impl Authorisation {
    /// The stored form, without id, appeal and recorder: these are columns.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let consents: Vec<_> = self.consents.iter().map(Consent::to_document).collect();
        let m = &self.magistrate;
        json!({
            "country": self.country.code(),
            "authority_type": self.authority.code(),
            "magistrate": {"family_name": m.family_name, "given_name": m.given_name, "function": m.function,
                "office_code": m.office_code, "office": m.office, "contact": m.contact},
            "case_reference": self.case_reference,
            "decision": {"form": self.form.code(), "at": moment(self.decided_at)},
            "valid_from": moment(self.valid_from),
            "valid_until": moment(self.valid_until),
            "review_at": moment(self.review_at),
            "legal_basis": self.legal_basis.iter().map(RuleId::as_str).collect::<Vec<_>>(),
            "requested_by": self.requested_by.code(),
            "document": self.document.as_ref().map(DocumentProof::to_document),
            "scope": self.scope.to_document(),
            "consents": consents,
            "conditions": self.conditions,
            "previous_id": self.previous.as_ref().map(AuthorisationId::as_str),
        })
    }

    /// Reads a decision as it is recorded, under the rules of the day: they fill in an end and a reminder where the
    /// magistrate named none. Every fault at once.
    pub fn file(
        value: &Value,
        id: AuthorisationId,
        appeal: AppealId,
        entered_by: PersonId,
        rules: (&RuleBook, AppealKind),
    ) -> Result<Self, Vec<Fault>> {
        Self::read(value, id, appeal, entered_by, Some(rules))
    }

    /// Reads the stored form. Rules may have changed since; whether the decision still holds is the gate's to say.
    pub fn from_document(
        value: &Value,
        id: AuthorisationId,
        appeal: AppealId,
        entered_by: PersonId,
    ) -> Result<Self, Vec<Fault>> {
        Self::read(value, id, appeal, entered_by, None)
    }

    fn read(
        value: &Value,
        id: AuthorisationId,
        appeal: AppealId,
        entered_by: PersonId,
        rules: Option<(&RuleBook, AppealKind)>,
    ) -> Result<Self, Vec<Fault>> {
        document::read(value, "", |mut r| {
            let decision = read(&mut r, id, appeal, entered_by, rules);
            r.finish();
            decision
        })
    }
}

fn read_magistrate(mut m: Reader<'_>) -> Option<Magistrate> {
    let family_name = m.needed_line("family_name", 1..=80);
    let given_name = m.needed_line("given_name", 1..=80);
    let function = m.needed_line("function", 2..=120);
    let office_code = m.needed_line("office_code", 2..=60);
    let office = m.needed_line("office", 2..=160);
    let contact = m.needed_line("contact", 5..=120);
    m.finish();
    Some(Magistrate {
        family_name: family_name?,
        given_name: given_name?,
        function: function?,
        office_code: office_code?,
        office: office?,
        contact: contact?,
    })
}

impl DocumentProof {
    /// The stored form.
    #[must_use]
    pub fn to_document(&self) -> Value {
        json!({"sha256": self.sha256, "bytes": self.bytes, "mime": self.mime, "signature_kind": self.signature.code()})
    }

    /// Reads the paper behind a decision.
    #[must_use]
    pub fn read(mut d: Reader<'_>) -> Option<Self> {
        let sha256 = d.required("sha256", |d, key| d.choice(key, |t| MediaDigest::parse(t).map(|x| x.to_string())));
        let bytes = d.required("bytes", |d, key| d.integer(key, 1..=1_000_000_000));
        let mime = d.needed_line("mime", 3..=100);
        let signature = d.required("signature_kind", |d, key| d.choice(key, SignatureKind::parse));
        d.finish();
        Some(Self { sha256: sha256?, bytes: bytes?, mime: mime?, signature: signature? })
    }
}

/// How long a decision lasts by default, and at most.
type Span = (Option<TimeDelta>, Option<TimeDelta>);

/// End and reminder, with their defaults: the kind's span, and half of it.
fn read_span(
    r: &mut Reader<'_>,
    from: Option<DateTime<Utc>>,
    (lasts, at_most): Span,
) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let until = match lasts {
        Some(lasts) => r.time("valid_until").or_else(|| Some(from? + lasts)),
        None => r.required("valid_until", Reader::time),
    };
    let review_at = r.time("review_at").or_else(|| Some(from? + (until? - from?) / 2));
    if let (Some(from), Some(until), Some(review_at)) = (from, until, review_at) {
        if until <= from {
            r.fault("valid_until", "before-start");
        } else if review_at < from || review_at > until {
            r.fault("review_at", "outside-validity");
        }
        if let Some(most) = at_most
            && until - from > most
        {
            r.note(Fault::at(r.pointer("valid_until"), "lasts-too-long").with("hours", most.num_hours()));
        }
    }
    (until, review_at)
}

/// The laws the decision names; under `rules` each must be one a decision can rest on, of its own country and in force.
fn read_bases(
    r: &mut Reader<'_>,
    country: Option<Country>,
    rules: Option<&RuleBook>,
    from: Option<DateTime<Utc>>,
) -> Vec<RuleId> {
    let named = r.parsed("legal_basis", 10, |code| {
        let id = RuleId::parse(code)?;
        (rules.is_none_or(|rules| rules.basis(code).is_some())).then_some(id)
    });
    if named.is_empty() {
        r.fault("legal_basis", "required");
    }
    for law in named.iter().filter_map(|id| rules?.law(id)) {
        if country.is_some_and(|country| law.country != country) {
            r.note(Fault::at(r.pointer("legal_basis"), "basis-of-other-country").with("value", &law.id));
        } else if from.is_some_and(|from| !law.effective.holds(country_day(law.country, from))) {
            r.note(Fault::at(r.pointer("legal_basis"), "basis-not-in-force").with("value", &law.id));
        }
    }
    named
}

fn read(
    r: &mut Reader<'_>,
    id: AuthorisationId,
    appeal: AppealId,
    entered_by: PersonId,
    rules: Option<(&RuleBook, AppealKind)>,
) -> Option<Authorisation> {
    let country = r.required("country", |r, key| r.choice(key, Country::parse));
    let authority = r.required("authority_type", |r, key| r.choice(key, AuthorityType::parse));
    if let (Some(country), Some(authority)) = (country, authority)
        && authority.country() != Some(country)
    {
        r.note(Fault::at(r.pointer("authority_type"), "authority-of-other-country").with("country", country.code()));
    }
    let magistrate = r.needed_object("magistrate").and_then(read_magistrate);
    let case_reference = r.needed_line("case_reference", 3..=64);
    let decision = r.needed_object("decision").and_then(|mut d| {
        let form = d.required("form", |d, key| d.choice(key, DecisionForm::parse));
        let at = d.required("at", Reader::time);
        d.finish();
        Some((form?, at?))
    });
    let valid_from = r.time("valid_from").or(decision.map(|(_, at)| at));
    let span = match (rules, country, valid_from) {
        (Some((rules, kind)), Some(country), Some(from)) => {
            let on = country_day(country, from);
            (rules.lasts(kind, country, on), rules.at_most(kind, country, on))
        }
        // What was not read is a fault of its own; a missing end would be one more that says nothing.
        (Some(_), _, _) => (Some(TimeDelta::zero()), None),
        (None, _, _) => (None, None),
    };
    let (valid_until, review_at) = read_span(r, valid_from, span);
    let legal_basis = read_bases(r, country, rules.map(|(rules, _)| rules), valid_from);
    let requested_by = r.required("requested_by", |r, key| r.choice(key, RequestedBy::parse));
    let document = r.object("document").and_then(DocumentProof::read);
    if let Some((form, _)) = decision
        && form != DecisionForm::OralConfirmed
        && document.is_none()
    {
        r.fault("document", "required");
    }
    let scope = r.needed_object("scope").and_then(Scope::read);
    let book = rules.map(|(rules, _)| rules);
    let consents = r.objects("consents", 20, |c| Consent::read(c, book));
    for (i, consent) in consents.iter().enumerate() {
        if consents.iter().take(i).any(|earlier| earlier.kind == consent.kind) {
            r.note(Fault::at(r.pointer("consents"), "named-twice").with("value", consent.kind));
        }
    }
    let conditions = r.text("conditions", 0..=4000).unwrap_or_default();
    let previous = r.choice("previous_id", |text| AuthorisationId::parse(text).ok());
    let (form, decided_at) = decision?;
    Some(Authorisation {
        id,
        appeal,
        country: country?,
        authority: authority?,
        magistrate: magistrate?,
        case_reference: case_reference?,
        form,
        decided_at,
        valid_from: valid_from?,
        valid_until: valid_until?,
        review_at: review_at?,
        legal_basis,
        requested_by: requested_by?,
        document,
        scope: scope?,
        consents,
        conditions,
        entered_by,
        previous,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::domain::samples;
    use proptest::prelude::*;

    fn read_value(value: &Value, kind: AppealKind) -> Result<Authorisation, Vec<Fault>> {
        let now = samples::now();
        let id = AuthorisationId::from_parts(now, [1; 10]);
        let appeal = AppealId::from_parts(now, [2; 10]);
        Authorisation::file(value, id, appeal, samples::person(samples::RECORDER), (samples::rules(), kind))
    }

    fn faults(value: &Value, kind: AppealKind) -> Vec<(String, &'static str)> {
        let mut found: Vec<_> =
            read_value(value, kind).err().unwrap_or_default().into_iter().map(|f| (f.pointer, f.code)).collect();
        found.sort();
        found
    }

    #[test]
    fn every_kind_in_both_countries_survives_its_stored_form() {
        for kind in AppealKind::ALL {
            for country in [Country::Be, Country::Fr] {
                let first = read_value(&samples::decision(*kind, country), *kind).unwrap();
                assert_eq!(read_value(&first.to_document(), *kind).unwrap(), first, "{kind} {country:?}");
            }
        }
    }

    #[test]
    fn an_end_and_a_reminder_are_filled_in_by_kind() {
        let mut value = samples::decision(AppealKind::MissingMinor, Country::Be);
        value["valid_until"] = Value::Null;
        value["review_at"] = Value::Null;
        let decision = read_value(&value, AppealKind::MissingMinor).unwrap();
        assert_eq!(decision.valid_until - decision.valid_from, TimeDelta::days(14));
        assert_eq!(decision.review_at - decision.valid_from, TimeDelta::days(7));
    }

    #[test]
    fn every_fault_is_named_at_once_even_when_nothing_can_be_read() {
        let mut value = samples::decision(AppealKind::ChildAlert, Country::Be);
        value["authority_type"] = json!("fr_pr");
        value["magistrate"]["contact"] = json!("x");
        value["case_reference"] = json!("ab");
        value["valid_until"] = json!("2026-12-24T00:00:00Z");
        value["legal_basis"] = json!(["FR-AE", "LAW-1"]);
        value["document"] = Value::Null;
        value["scope"]["lots"] = json!([0]);
        value["scope"]["colour"] = json!(1);
        value["consents"] = json!([
            {"kind": "alert_consulted", "at": "2026-11-20T10:00:00Z", "not_required": {"reason": "busy", "by": "Chief"}},
            {"kind": "parents", "at": "2026-11-20T10:00:00Z"},
            {"kind": "owner", "at": "2026-11-20T10:00:00Z", "given_by": "One"},
            {"kind": "owner", "at": "2026-11-20T10:00:00Z", "given_by": "Two"},
        ]);
        value["nonsense"] = json!(true);
        let expected = [
            ("/authority_type", "authority-of-other-country"),
            ("/case_reference", "too-short"),
            ("/consents", "named-twice"),
            ("/consents/0/not_required", "cannot-be-waived"),
            ("/consents/1/given_by", "given-or-not-required"),
            ("/document", "required"),
            ("/legal_basis", "basis-of-other-country"),
            ("/legal_basis/1", "unknown-value"),
            ("/magistrate/contact", "too-short"),
            ("/nonsense", "unknown-key"),
            ("/scope/colour", "unknown-key"),
            ("/scope/lots/0", "wrong-type"),
            ("/valid_until", "lasts-too-long"),
        ];
        assert_eq!(faults(&value, AppealKind::ChildAlert), expected.map(|(p, c)| (p.to_owned(), c)));
    }

    #[test]
    fn nothing_at_all_is_a_list_of_what_is_required() {
        let found = faults(&json!({}), AppealKind::Witness);
        for key in [
            "country",
            "authority_type",
            "magistrate",
            "case_reference",
            "decision",
            "legal_basis",
            "requested_by",
            "scope",
        ] {
            assert!(found.contains(&(format!("/{key}"), "required")), "{key} in {found:?}");
        }
    }

    proptest! {
        #[test]
        fn any_decision_survives_its_stored_form(
            reference in "[A-Za-z0-9./-]{3,64}", conditions in "[a-z]{0,80}", hours in 2_i64..700, review in 0_i64..3600,
            cents in proptest::option::of(0_i64..100_000_000), written in any::<bool>(), micros in 0_i64..1_000_000,
        ) {
            let mut value = samples::decision(AppealKind::Witness, Country::Fr);
            let until = samples::now() + TimeDelta::hours(hours) + TimeDelta::microseconds(micros);
            value["case_reference"] = json!(reference);
            value["conditions"] = json!(conditions);
            value["valid_until"] = json!(moment(until));
            value["review_at"] = json!(moment(samples::now() + TimeDelta::seconds(review)));
            value["scope"]["paid_ads_cents"] = json!(cents);
            if !written {
                value["decision"]["form"] = json!("oral_confirmed");
                value["document"] = Value::Null;
            }
            let first = read_value(&value, AppealKind::Witness).unwrap();
            let text = first.to_document().to_string();
            prop_assert_eq!(read_value(&serde_json::from_str(&text).unwrap(), AppealKind::Witness).unwrap(), first);
        }
    }
}
