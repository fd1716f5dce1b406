//! What went wrong at a platform: what to do next, and why in words of the catalogue. The platform's own words are kept for
//! the record; decisions rest on codes, because words change without notice.

use crate::domain::advert::Cents;
use crate::words::Words;
use std::time::Duration;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing happened: the same again, not sooner than the platform asked.
    Retry {
        /// What it asked for.
        after: Option<Duration>,
    },
    /// It may have happened: look for it before anything else.
    LookUp,
    /// Nothing happened, and nothing will until a person has acted outside this program.
    Person,
    /// Nothing happened, and the same request never will.
    Permanent,
}

/// Why; each has words in the catalogue, `ads-trouble-CODE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// No answer, or half of one.
    NoAnswer,
    /// The platform has an outage.
    Outage,
    /// Too many requests.
    TooMany,
    /// The token has expired or was revoked.
    Token,
    /// The account may not do this.
    Permission,
    /// The account is suspended.
    Suspended,
    /// The means of payment cannot pay.
    Funding,
    /// The budget is below the platform's least.
    BudgetTooLow,
    /// The reviewers reject it.
    Rejected,
    /// Something of this name or text exists already.
    Duplicate,
    /// Several circles in one ad set are refused: one circle each.
    OneCircleEach,
    /// The account's currency is not the euro.
    Currency,
    /// The platform's number for a language is not known: the set-up check was not made.
    SetUp,
    /// A declaration the European Union asks for is missing, here or on another campaign of the account.
    Declaration,
    /// It does not exist.
    NotFound,
    /// The platform refuses the request as such.
    Refused,
    /// The platform would not change a campaign that runs; it goes on as it was.
    ChangeRefused,
    /// Nobody can say whether the platform changed a campaign that runs.
    ChangeUnclear,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::NoAnswer,
        Self::Outage,
        Self::TooMany,
        Self::Token,
        Self::Permission,
        Self::Suspended,
        Self::Funding,
        Self::BudgetTooLow,
        Self::Rejected,
        Self::Duplicate,
        Self::OneCircleEach,
        Self::Currency,
        Self::SetUp,
        Self::Declaration,
        Self::NotFound,
        Self::Refused,
        Self::ChangeRefused,
        Self::ChangeUnclear,
    ];

    /// Why, and what to do, for a communication officer.
    #[must_use]
    pub fn in_words(self, words: Words) -> String {
        let said = match self {
            Self::NoAnswer => words.say("ads-trouble-no-answer"),
            Self::Outage => words.say("ads-trouble-outage"),
            Self::TooMany => words.say("ads-trouble-too-many"),
            Self::Token => words.say("ads-trouble-token"),
            Self::Permission => words.say("ads-trouble-permission"),
            Self::Suspended => words.say("ads-trouble-suspended"),
            Self::Funding => words.say("ads-trouble-funding"),
            Self::BudgetTooLow => words.say("ads-trouble-budget-too-low"),
            Self::Rejected => words.say("ads-trouble-rejected"),
            Self::Duplicate => words.say("ads-trouble-duplicate"),
            Self::OneCircleEach => words.say("ads-trouble-one-circle-each"),
            Self::Currency => words.say("ads-trouble-currency"),
            Self::SetUp => words.say("ads-trouble-set-up"),
            Self::Declaration => words.say("ads-trouble-declaration"),
            Self::NotFound => words.say("ads-trouble-not-found"),
            Self::Refused => words.say("ads-trouble-refused"),
            Self::ChangeRefused => words.say("ads-trouble-change-refused"),
            Self::ChangeUnclear => words.say("ads-trouble-change-unclear"),
        };
        said.into_owned()
    }

    /// What a reason written down before begins with: the words of [`Failed`] begin with the trouble's code.
    #[must_use]
    pub fn told(reason: &str) -> Option<Self> {
        let code = reason.split(':').next().unwrap_or_default();
        Self::ALL.into_iter().find(|trouble| trouble.code() == code)
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoAnswer => "no-answer",
            Self::Outage => "outage",
            Self::TooMany => "too-many",
            Self::Token => "token",
            Self::Permission => "permission",
            Self::Suspended => "suspended",
            Self::Funding => "funding",
            Self::BudgetTooLow => "budget-too-low",
            Self::Rejected => "rejected",
            Self::Duplicate => "duplicate",
            Self::OneCircleEach => "one-circle-each",
            Self::Currency => "currency",
            Self::SetUp => "set-up",
            Self::Declaration => "declaration",
            Self::NotFound => "not-found",
            Self::Refused => "refused",
            Self::ChangeRefused => "change-refused",
            Self::ChangeUnclear => "change-unclear",
        }
    }
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", trouble.code())]
pub struct Failed {
    /// What to do.
    pub next: Next,
    /// Why.
    pub trouble: Trouble,
    /// The platform's code and words, at most 500 characters.
    pub detail: String,
    /// The least budget a day, where the platform said it.
    pub least: Option<Cents>,
}

/// Words kept of an answer.
const KEPT: usize = 500;

impl Failed {
    /// A failure.
    #[must_use]
    pub fn new(next: Next, trouble: Trouble, detail: impl AsRef<str>) -> Self {
        Self { next, trouble, detail: detail.as_ref().chars().take(KEPT).collect(), least: None }
    }

    /// The same request never will.
    #[must_use]
    pub fn permanent(trouble: Trouble, detail: impl AsRef<str>) -> Self {
        Self::new(Next::Permanent, trouble, detail)
    }

    /// A person has to act.
    #[must_use]
    pub fn person(trouble: Trouble, detail: impl AsRef<str>) -> Self {
        Self::new(Next::Person, trouble, detail)
    }

    /// With the platform's least budget.
    #[must_use]
    pub const fn at_least(mut self, least: Option<Cents>) -> Self {
        self.least = least;
        self
    }

    /// With another consequence.
    #[must_use]
    pub const fn but(mut self, next: Next) -> Self {
        self.next = next;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Locale;

    #[test]
    fn every_trouble_is_said_in_every_language_and_known_by_its_reason() {
        for locale in Locale::ALL {
            for trouble in Trouble::ALL {
                assert!(Words::of(locale).knows(&format!("ads-trouble-{}", trouble.code())), "{locale:?} {trouble:?}");
                assert!(trouble.in_words(Words::of(locale)).chars().count() > 20, "{locale:?} {trouble:?}");
                let reason = Failed::permanent(trouble, "code 100: wrong").to_string();
                assert_eq!(Trouble::told(&reason), Some(trouble));
            }
        }
    }
}
