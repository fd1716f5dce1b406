//! What is decided about a report of illegal content. Nothing of it is ever shown to the public.

use super::codes::codes;
use super::response::{ResponseKind, ResponseState};

codes! {
    /// What the officer decides.
    ReportVerdict {
        /// It is illegal; given to the service that prosecutes it.
        Illegal = "illegal",
        /// It is not.
        NotIllegal = "not_illegal",
        /// Another authority decides: given to it.
        PassedOn = "passed_on",
        /// It reports nothing illegal but answers the appeal: it goes to the queue.
        NotAReport = "not_a_report",
    }
}

impl ReportVerdict {
    /// Where the response stands afterwards, and what it is.
    #[must_use]
    pub const fn leads_to(self) -> (ResponseState, ResponseKind) {
        match self {
            Self::Illegal | Self::PassedOn => (ResponseState::Transmitted, ResponseKind::IllegalContent),
            Self::NotIllegal => (ResponseState::NotUseful, ResponseKind::IllegalContent),
            Self::NotAReport => (ResponseState::New, ResponseKind::Tip),
        }
    }
}
