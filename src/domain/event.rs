//! What happens and is told to people and programs: a kind, ids and counts, never a word of what somebody said. Who is told
//! by which way is `app::tell`'s.

use super::actor::Permission;
use super::codes::codes;
use super::ids::{AppealId, UnitId};
use chrono::{DateTime, TimeDelta, Utc};

codes! {
    /// What happened. The codes are those of webhooks: noun, full stop, what became of it.
    EventKind {
        /// Answers of the public came in; many at once are one event with a count.
        ResponseReceived = "response.received",
        /// An answer that somebody must look at now: distress, or a fact that was never published.
        ResponseRaised = "response.raised",
        /// An answer was not opened within the time the rules give it.
        ResponseOverdue = "response.overdue",
        /// Illegal content was reported and routed to whoever looks at such reports.
        ReportReceived = "report.received",
        /// A report of illegal content was decided.
        ReportDecided = "report.decided",
        /// An answer is offered to another officer.
        TransferOffered = "transfer.offered",
        /// The other officer took it.
        TransferAccepted = "transfer.accepted",
        /// A lot is claimed.
        ClaimMade = "claim.made",
        /// A claim was accepted, refused or given up.
        ClaimDecided = "claim.decided",
        /// A lot was handed over.
        LotReturned = "lot.returned",
        /// That the person sought is dead or found waits for a second officer.
        StatementProposed = "statement.proposed",
        /// A second officer said so too, or did not.
        StatementDecided = "statement.decided",
        /// A victim or an owner was identified.
        IdentificationMade = "identification.made",
        /// An appeal was taken down.
        AppealTakenDown = "appeal.taken_down",
        /// An appeal ended.
        AppealClosed = "appeal.closed",
        /// A takedown on one channel is proven.
        TakedownProven = "takedown.proven",
        /// A takedown on one channel was given up: somebody must look.
        TakedownFailed = "takedown.failed",
        /// Every takedown of a closed appeal is proven.
        TakedownFinished = "takedown.finished",
        /// The answers of a closed appeal will be erased soon.
        RetentionWarning = "retention.warning",
        /// They were.
        RetentionErased = "retention.erased",
        /// A webhook was switched off because it did not answer for days.
        WebhookDisabled = "webhook.disabled",
        /// Somebody tries a webhook out.
        WebhookTest = "webhook.test",
    }
}

impl EventKind {
    /// Who of a unit is told by mail: whoever may do this. None: nobody, it is for one program.
    #[must_use]
    pub const fn told_to(self) -> Option<Permission> {
        use EventKind as K;
        match self {
            K::ResponseReceived
            | K::ResponseRaised
            | K::ResponseOverdue
            | K::TransferOffered
            | K::TransferAccepted
            | K::ClaimMade
            | K::ClaimDecided
            | K::LotReturned
            | K::StatementProposed
            | K::StatementDecided
            | K::IdentificationMade => Some(Permission::ReadResponses),
            K::ReportReceived | K::ReportDecided => Some(Permission::HandleReports),
            K::AppealTakenDown
            | K::AppealClosed
            | K::TakedownProven
            | K::TakedownFailed
            | K::TakedownFinished
            | K::RetentionWarning
            | K::RetentionErased => Some(Permission::ReadAppeals),
            K::WebhookDisabled => Some(Permission::ManageWebhooks),
            K::WebhookTest => None,
        }
    }

    /// Whether somebody who asked for it is told at once.
    #[must_use]
    pub const fn is_urgent(self) -> bool {
        matches!(
            self,
            Self::ResponseRaised
                | Self::ResponseOverdue
                | Self::ReportReceived
                | Self::StatementProposed
                | Self::TakedownFailed
                | Self::RetentionWarning
                | Self::WebhookDisabled
        )
    }

    /// Whether it reaches its readers at once also when they asked for a mail a day: its time is set by a rule.
    #[must_use]
    pub const fn is_timed(self) -> bool {
        matches!(self, Self::RetentionWarning)
    }

    /// Whether many of an appeal are one message with a count: what the public does comes in thousands.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::ResponseReceived | Self::ResponseRaised | Self::ReportReceived | Self::ClaimMade)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// In which unit's matters.
    pub unit: UnitId,
    /// To which appeal, where there is one.
    pub appeal: Option<AppealId>,
    /// The id of the first thing it is about.
    pub object: String,
    /// The id of the last one; the same when it is one.
    pub latest: String,
    /// How many.
    pub count: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// How an id is called in a message, by its prefix.
#[must_use]
pub fn noun(id: &str) -> &'static str {
    match id.split('_').next().unwrap_or_default() {
        "rsp" => "response",
        "clm" => "claim",
        "tkd" => "takedown",
        "stm" => "statement",
        "idn" => "identification",
        "apl" => "appeal",
        "whk" => "webhook",
        "trf" => "transfer",
        _ => "object",
    }
}

/// Retries of one message: five seconds to a day, as Standard Webhooks proposes; the last one again until it is given up.
const RETRIES: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// A message that found nobody for so long is given up, and its webhook with it (security-and-ops §9).
pub const GIVE_UP: TimeDelta = TimeDelta::days(5);

/// When to try again after so many tries that failed: the schedule with up to a fifth more by chance, and never before the
/// other side asked to be asked. Nothing any more once [`GIVE_UP`] has passed since the first one could go.
#[must_use]
pub fn next_try(
    tries: u32,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    asked: Option<TimeDelta>,
    jitter: u8,
) -> Option<DateTime<Utc>> {
    let index = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX).min(RETRIES.len() - 1);
    let base = RETRIES.get(index).copied().unwrap_or(86_400);
    let wait = TimeDelta::milliseconds(base * 1_000 + base * i64::from(jitter) * 1_000 / (5 * 255));
    // Whoever asks for a year is asked tomorrow.
    let asked = asked.unwrap_or_default().min(TimeDelta::days(1));
    (now - since < GIVE_UP).then(|| now + wait.max(asked))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;

    #[test]
    fn a_message_is_tried_for_five_days_and_then_given_up() {
        let since = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (mut now, mut tries, mut waits) = (since, 1, Vec::new());
        while let Some(next) = next_try(tries, since, now, None, 0) {
            waits.push((next - now).num_seconds());
            (now, tries) = (next, tries + 1);
        }
        assert_eq!(waits[..9], RETRIES);
        assert!(now - since >= GIVE_UP && now - since < GIVE_UP + TimeDelta::days(1), "{waits:?}");
    }

    #[test]
    fn chance_stretches_and_the_other_side_may_ask_for_more_but_not_for_ever() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let wait = |asked, jitter| (next_try(2, now, now, asked, jitter).unwrap() - now).num_seconds();
        assert_eq!((wait(None, 0), wait(None, 255)), (300, 360));
        assert_eq!(wait(Some(TimeDelta::hours(2)), 0), 7_200);
        assert_eq!(wait(Some(TimeDelta::seconds(1)), 0), 300);
        assert_eq!(wait(Some(TimeDelta::days(400)), 0), 86_400);
    }

    #[test]
    fn what_comes_in_thousands_is_counted_and_what_cannot_wait_is_urgent() {
        for kind in EventKind::ALL {
            assert!(!kind.is_timed() || kind.is_urgent(), "{kind}");
            assert_eq!(kind.code().split('.').count(), 2, "{kind}");
            assert_eq!(kind.told_to().is_none(), *kind == EventKind::WebhookTest, "{kind}");
        }
        assert!(EventKind::ResponseReceived.is_counted() && !EventKind::ResponseReceived.is_urgent());
    }
}
