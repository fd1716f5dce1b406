//! The mail that tells an officer what happened since the last one: for each kind of event and appeal an id and a count,
//! never a person or a word of what somebody said.

use super::notices::Notice;
use super::splice::{RenderError, Rendered};
use crate::domain::event::EventKind;
use crate::words::{Locale, Words};
use std::borrow::Cow;

/// What happened, so many times.
#[derive(Clone, Debug)]
pub struct DigestLine {
    /// What.
    pub kind: EventKind,
    /// The appeal's id, or that of what it is about.
    pub object: String,
    /// How many.
    pub count: i64,
}

/// What happened since the last mail.
#[derive(Clone, Debug)]
pub struct DigestMail {
    /// The mail's only language.
    pub locale: Locale,
    /// Who runs the service, in that language.
    pub operator: String,
    /// Most urgent first.
    pub lines: Vec<DigestLine>,
}

/// What an event is called; none for what nobody is mailed.
fn name(w: Words, kind: EventKind) -> Cow<'static, str> {
    use EventKind as K;
    match kind {
        K::ResponseReceived => w.say("event-response-received"),
        K::ResponseRaised => w.say("event-response-raised"),
        K::ResponseOverdue => w.say("event-response-overdue"),
        K::ReportReceived => w.say("event-report-received"),
        K::ReportDecided => w.say("event-report-decided"),
        K::TransferOffered => w.say("event-transfer-offered"),
        K::TransferAccepted => w.say("event-transfer-accepted"),
        K::ClaimMade => w.say("event-claim-made"),
        K::ClaimDecided => w.say("event-claim-decided"),
        K::LotReturned => w.say("event-lot-returned"),
        K::StatementProposed => w.say("event-statement-proposed"),
        K::StatementDecided => w.say("event-statement-decided"),
        K::IdentificationMade => w.say("event-identification-made"),
        K::AppealTakenDown => w.say("event-appeal-taken-down"),
        K::AppealClosed => w.say("event-appeal-closed"),
        K::TakedownProven => w.say("event-takedown-proven"),
        K::TakedownFailed => w.say("event-takedown-failed"),
        K::TakedownFinished => w.say("event-takedown-finished"),
        K::RetentionWarning => w.say("event-retention-warning"),
        K::RetentionErased => w.say("event-retention-erased"),
        K::WebhookDisabled => w.say("event-webhook-disabled"),
        K::WebhookTest => w.say("event-webhook-test"),
    }
}

impl DigestMail {
    /// The finished mail; nothing is left to splice.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let w = Words::of(self.locale);
        let mut paragraphs = vec![w.say("digest-opening").into_owned()];
        for line in &self.lines {
            let (what, count) = (name(w, line.kind), line.count.to_string());
            let (what, count, object) = (what.as_ref(), count.as_str(), line.object.as_str());
            let said = w.say_with("digest-line", &[("what", what), ("count", count), ("object", object)]);
            paragraphs.push(said.into_owned());
        }
        paragraphs.push(w.say("duty-silence").into_owned());
        let count = self.lines.iter().map(|line| line.count).sum::<i64>().to_string();
        let count = count.as_str();
        Notice {
            operator: &self.operator,
            heading: w.say_with("digest-subject", &[("count", count)]).into_owned(),
            paragraphs,
            button: None,
            after: Vec::new(),
            subscribed: false,
        }
        .render(w)
    }
}
