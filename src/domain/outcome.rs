//! How an appeal ended. What the public is told never says where, why or in what state.

use super::codes::codes;

codes! {
    /// The outcome a closure needs (appeals-and-law §1).
    Outcome {
        /// Found safe.
        FoundSafe = "found_safe",
        /// Found dead.
        FoundDeceased = "found_deceased",
        /// A minor was located.
        LocatedMinor = "located_minor",
        /// Arrested.
        Arrested = "arrested",
        /// Gave themselves up.
        Surrendered = "surrendered",
        /// Identified.
        Identified = "identified",
        /// The owner was found.
        OwnerFound = "owner_found",
        /// Partly returned.
        PartlyReturned = "partly_returned",
        /// The alert ended and the person is still sought.
        AlertEndedNotFound = "alert_ended_not_found",
        /// The authority withdrew.
        WithdrawnByAuthority = "withdrawn_by_authority",
        /// The authorisation expired.
        AuthorisationExpired = "authorisation_expired",
        /// The same as another appeal.
        Duplicate = "duplicate",
        /// The chain decided that it is not published.
        NotPublished = "not_published",
        /// Should never have been.
        EnteredInError = "entered_in_error",
    }
}

impl Outcome {
    /// Whether the closing text may say "found, thank you". A death is never told this way, and never by us.
    #[must_use]
    pub const fn may_say_found(self) -> bool {
        matches!(self, Self::FoundSafe | Self::LocatedMinor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_is_said_only_of_the_living() {
        let said: Vec<_> = Outcome::ALL.iter().filter(|outcome| outcome.may_say_found()).collect();
        assert_eq!(said, [&Outcome::FoundSafe, &Outcome::LocatedMinor]);
    }
}
