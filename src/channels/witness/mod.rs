//! Places outside the database that keep audit checkpoints: a file that only grows, a log host. The auditor's mailbox is
//! reached through the outbox of single mails. What is said there is `app::checkpoints`'.

pub mod file;
pub mod syslog;
