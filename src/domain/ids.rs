//! Identifiers: made by us, prefixed by what they name, sortable by time, the same text on both databases.

use super::crockford;
use chrono::{DateTime, Utc};

/// The text is not an identifier of this kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id like {1}_ followed by 26 characters")]
pub struct MalformedId(pub String, pub &'static str);

/// 48 bits of milliseconds and 80 random bits, so that ids sort by time and cannot be guessed.
fn body(at: DateTime<Utc>, random: [u8; 10]) -> String {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0).to_be_bytes();
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(millis.iter().skip(2).chain(&random)) {
        *to = *from;
    }
    crockford::encode(&bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Builds an id from a moment and ten random bytes.
            #[must_use]
            pub fn from_parts(at: DateTime<Utc>, random: [u8; 10]) -> Self {
                Self(format!("{}_{}", $prefix, body(at, random)))
            }

            /// Reads an id.
            pub fn parse(text: &str) -> Result<Self, MalformedId> {
                let body = text.strip_prefix(concat!($prefix, "_")).unwrap_or("");
                if body.len() == 26 && body.bytes().all(crockford::is_digit) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(MalformedId(text.chars().take(64).collect(), $prefix))
                }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// A force, zone or department.
    UnitId "unt",
    /// An account.
    UserId "usr",
    /// A natural person behind accounts.
    PersonId "prs",
    /// A token for programs.
    TokenId "tok",
    /// An interactive session.
    SessionId "ses",
    /// An appeal.
    AppealId "apl",
    /// A magistrate's decision as recorded.
    AuthorisationId "aut",
    /// A picture.
    MediaId "med",
    /// An object of a catalogue.
    LotId "lot",
    /// Questions answered before an appeal.
    AssessmentId "asm",
    /// Something found out about an appeal after it was filed.
    DiscoveryId "dsc",
    /// A review after an emergency.
    ReviewId "rev",
    /// A unit's change of a rule.
    OverrideId "ovr",
    /// A level of validation held by a user.
    SeatId "sea",
    /// Cold appeals validated together.
    WeekId "wek",
    /// One person's yes or no.
    ValidationId "val",
    /// A validated plan being carried out.
    DispatchId "dsp",
    /// One notice on one channel, or one shard of its recipients.
    DeliveryId "dlv",
    /// One try.
    AttemptId "att",
    /// A change of a campaign that is out.
    ChangeId "chg",
    /// An entry of the money ledger.
    LedgerId "led",
    /// An answer of the public.
    ResponseId "rsp",
    /// A file of a response.
    AttachmentId "atc",
    /// A claim on a lot.
    ClaimId "clm",
    /// A note about a response.
    NoteId "nte",
    /// A response being handed on.
    TransferId "trf",
    /// A message in a response's thread.
    MessageId "msg",
    /// Where a unit's mails lie that name no appeal.
    LetterboxId "lbx",
    /// A mail that names no appeal.
    LetterId "ltr",
    /// Somebody who asked for alerts.
    SubscriberId "sub",
    /// The way back on one channel.
    TakedownId "tkd",
    /// A right given to an account, or asked for.
    GrantId "grt",
    /// An account on an outside platform.
    ChannelId "chn",
    /// A name in the register of account names.
    ChannelNameId "cnm",
    /// A passkey of an account.
    PasskeyId "psk",
    /// A passkey's challenge that waits for its answer.
    CeremonyId "pkc",
    /// Something that happened and is to be told.
    EventId "evt",
    /// An address of a program that is told what happens.
    WebhookId "whk",
    /// A message to such a program.
    MessageOutId "whm",
    /// What is said of the person sought.
    StatementId "stm",
    /// A victim or owner who was identified.
    IdentificationId "idn",
    /// An account's person at an identity provider.
    BindingId "oib",
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn ids_sort_by_time_and_do_not_mix() {
        let early = AppealId::from_parts(DateTime::from_timestamp(1_000, 0).unwrap(), [255; 10]);
        let late = AppealId::from_parts(DateTime::from_timestamp(1_001, 0).unwrap(), [0; 10]);
        assert!(early < late);
        assert_eq!(AppealId::parse(early.as_str()).unwrap(), early);
        assert!(UnitId::parse(early.as_str()).is_err());
        assert!(AppealId::parse("apl_short").is_err());
    }
}
