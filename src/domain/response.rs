//! What the public sends back, as far as it is not sealed (appeals-and-law §8): kind, state, and how states move.

use super::codes::codes;

codes! {
    /// What a response is.
    ResponseKind {
        /// A piece of information.
        Tip = "tip",
        /// Somebody or something was seen.
        Sighting = "sighting",
        /// A lot is claimed.
        Claim = "claim",
        /// Somebody is recognised.
        Identification = "identification",
        /// The missing person writes.
        SelfReport = "self_report",
        /// Somebody needs help now.
        Distress = "distress",
        /// Illegal content is reported.
        IllegalContent = "illegal_content",
        /// A complaint.
        Complaint = "complaint",
        /// Thanks.
        Thanks = "thanks",
        /// Unwanted.
        Spam = "spam",
        /// Belongs elsewhere.
        OutOfScope = "out_of_scope",
    }
}

impl ResponseKind {
    /// What the public form offers; the other kinds are found while reading.
    pub const OFFERED: [Self; 7] = [
        Self::Tip,
        Self::Sighting,
        Self::Identification,
        Self::Claim,
        Self::SelfReport,
        Self::Distress,
        Self::IllegalContent,
    ];
}

codes! {
    /// Where the work on a response stands.
    ResponseState {
        /// Nobody opened it.
        New = "new",
        /// The sender was told it arrived and is being read.
        Acknowledged = "acknowledged",
        /// Judged.
        Triaged = "triaged",
        /// Given to somebody.
        Assigned = "assigned",
        /// Being checked.
        InCheck = "in_check",
        /// It helped.
        Useful = "useful",
        /// It did not.
        NotUseful = "not_useful",
        /// Given to another service.
        Transmitted = "transmitted",
        /// Done.
        Closed = "closed",
    }
}

codes! {
    /// Who may read a note. What the sender reads is a message of the thread.
    NoteVisibility {
        /// Everybody of the unit who may read the response.
        Unit = "unit",
        /// Whoever wrote it.
        Own = "own",
    }
}

codes! {
    /// How two responses belong together.
    LinkKind {
        /// They tell of the same event.
        SameEvent = "same_event",
        /// One confirms the other.
        Confirms = "confirms",
        /// One speaks against the other.
        Contradicts = "contradicts",
        /// One sender wrote both.
        SameSender = "same_sender",
    }
}

codes! {
    /// The vocabulary of tags: what a response is good for, the same words in every unit.
    Tag {
        /// A person was seen.
        Person = "person",
        /// A vehicle is described.
        Vehicle = "vehicle",
        /// A place worth looking at.
        Place = "place",
        /// An object or a lot is recognised.
        Object = "object",
        /// Something seen online.
        Online = "online",
        /// Pictures or recordings exist.
        Footage = "footage",
        /// Somebody is named.
        Name = "name",
        /// The sender wants to be called back.
        CallBack = "call_back",
        /// A direct witness.
        Witness = "witness",
        /// Hearsay.
        Hearsay = "hearsay",
        /// Belongs to another case as well.
        OtherCase = "other_case",
        /// Not to be handled by one person alone.
        Sensitive = "sensitive",
    }
}

impl ResponseState {
    /// Whether the work may move there. Forward in any stride, back to checking from a result, out of `closed` never.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use ResponseState as S;
        let result = matches!(self, S::Useful | S::NotUseful | S::Transmitted);
        match (self, next) {
            (S::Closed, _) | (_, S::New) => false,
            (from, to) if from == to => false,
            (_, S::InCheck) if result => true,
            (from, to) => to > from || (result && matches!(to, S::Useful | S::NotUseful | S::Transmitted)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_moves_forward_and_a_closed_response_stays_closed() {
        for (from, to, may) in [
            (ResponseState::New, ResponseState::Acknowledged, true),
            (ResponseState::New, ResponseState::Useful, true),
            (ResponseState::Triaged, ResponseState::Acknowledged, false),
            (ResponseState::Useful, ResponseState::InCheck, true),
            (ResponseState::Useful, ResponseState::NotUseful, true),
            (ResponseState::Transmitted, ResponseState::Closed, true),
            (ResponseState::Closed, ResponseState::InCheck, false),
            (ResponseState::InCheck, ResponseState::New, false),
        ] {
            assert_eq!(from.may_become(to), may, "{from} -> {to}");
        }
    }
}
