//! The mail to whoever is on duty: something is late. It names an id and a moment, never a person or a word of an appeal.

use super::notices::Notice;
use super::splice::{RenderError, Rendered};
use crate::words::{Locale, Words, Zone};
use chrono::{DateTime, Utc};

/// What is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// The review after an emergency.
    ReviewOverdue,
    /// A takedown without proof.
    TakedownOverdue,
    /// The paper of an oral decision.
    OralDue,
    /// The same, with little time left.
    OralLapsing,
    /// A channel account's credential.
    CredentialEnding,
    /// A campaign's money or limits are not as ordered.
    MoneyDrift,
    /// A webhook was switched off.
    WebhookOff,
    /// Answers will be erased soon.
    RetentionEnding,
    /// Reports of illegal content wait.
    ReportWaits,
}

impl Matter {
    /// How the audit names it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReviewOverdue => "review.overdue",
            Self::TakedownOverdue => "takedown.overdue",
            Self::OralDue => "oral.due",
            Self::OralLapsing => "oral.lapsing",
            Self::CredentialEnding => "credential.ending",
            Self::MoneyDrift => "money.differs",
            Self::WebhookOff => "webhook.off",
            Self::RetentionEnding => "retention.ending",
            Self::ReportWaits => "report.waits",
        }
    }
}

/// Something is late.
#[derive(Clone, Debug)]
pub struct DutyMail {
    /// The mail's only language.
    pub locale: Locale,
    /// Whose wall clock the moment follows.
    pub zone: Zone,
    /// Who runs the service, in that language.
    pub operator: String,
    /// What is late.
    pub matter: Matter,
    /// Of which object: an id.
    pub object: String,
    /// Since or until when.
    pub at: DateTime<Utc>,
}

impl DutyMail {
    /// The finished mail; nothing is left to splice.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let w = Words::of(self.locale);
        let at = w.moment(self.at, self.zone);
        let (object, at) = (self.object.as_str(), at.as_str());
        let text = match self.matter {
            Matter::ReviewOverdue => w.say_with("duty-review-overdue", &[("object", object), ("at", at)]),
            Matter::TakedownOverdue => w.say_with("duty-takedown-overdue", &[("object", object), ("at", at)]),
            Matter::OralDue => w.say_with("duty-oral-due", &[("object", object), ("at", at)]),
            Matter::OralLapsing => w.say_with("duty-oral-lapsing", &[("object", object), ("at", at)]),
            Matter::CredentialEnding => w.say_with("duty-credential-ending", &[("object", object), ("at", at)]),
            Matter::MoneyDrift => w.say_with("duty-money-drift", &[("object", object), ("at", at)]),
            Matter::WebhookOff => w.say_with("duty-webhook-off", &[("object", object), ("at", at)]),
            Matter::RetentionEnding => w.say_with("duty-retention-ending", &[("object", object), ("at", at)]),
            Matter::ReportWaits => w.say_with("duty-report-waits", &[("object", object), ("at", at)]),
        };
        Notice {
            operator: &self.operator,
            heading: w.say_with("duty-subject", &[("object", object)]).into_owned(),
            paragraphs: vec![text.into_owned(), w.say("duty-silence").into_owned()],
            button: None,
            after: Vec::new(),
            subscribed: false,
        }
        .render(w)
    }
}
