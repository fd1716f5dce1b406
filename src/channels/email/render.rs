//! Texts of e-mails: views in; subject, plain text and HTML out. One text per language serves all its recipients;
//! what differs between them are marks that [`Rendered::splice`] replaces. Headers, transport and pace are not here.

mod appeal;
#[cfg(test)]
mod checks;
mod digest;
mod duty;
mod notices;
mod splice;

pub use appeal::{AppealMail, MailFact, MailPicture};
pub use digest::{DigestLine, DigestMail};
pub use duty::{DutyMail, Matter};
pub use notices::{ClosureMail, ConfirmSubscriptionMail, CorrectionMail, Ending, NightMail};
pub use splice::{Links, Mail, RESPOND_MARK, RenderError, Rendered, UNSUBSCRIBE_MARK};
