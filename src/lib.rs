//! Tocsin: judicially authorised appeals, broadcast to exactly the people who can help.
//!
//! # The map, in dependency order
//! | module | what it is |
//! |---|---|
//! | [`domain`] | the rules: kinds, authorisation, gate, stages, plan. Pure: no I/O, no clock, no SQL |
//! | [`words`] | every sentence a person reads, in FR, NL, DE and EN |
//! | [`area`] | places and geometry in, H3 cells and languages out |
//! | [`lint`] | texts and pictures checked against the rules of presumption, secrecy, privacy and language |
//! | [`media`] | pictures cleaned and kept by digest behind one door |
//! | [`sealing`] | what the public answers, closed to everybody but the appeal's readers |
//! | [`db`] | SQLite and PostgreSQL from one query text |
//! | [`channels`] | the outside: e-mail, paid advertising platforms |
//! | [`smtp`] | the server side of a mail conversation: lines, texts, patience |
//! | [`simulators`] | advertising platforms on this machine: strict, with a ledger, reaching nobody |
//! | [`app`] | one use case a file, one transaction each |
//! | [`worker`] | claims due deliveries, sends, records |
//! | [`mailbox`] | LMTP and SMTP listeners for what the public answers by mail |
//! | [`http`] | API and public pages |
//! | [`cli`] | the command line |
//!
//! # Invariants
//! - Nothing leaves without a [`domain::gate`] verdict on database time; a dispatch is built from a value that proves it.
//! - The decision, its audit entry and its outbox rows commit together; nothing external happens inside a transaction.
//! - Only [`db`] knows which database it is; only [`channels`] talks to the outside.
//! - A subscriber's place is one H3 cell of resolution 10, never a coordinate.

/// An answer or a mail is hundreds of small values that live for microseconds: with glibc's allocator every tenth moment of a
/// rush went into finding room for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod app;
pub mod area;
pub mod catcher;
pub mod channels;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod http;
pub mod lint;
pub mod mailbox;
pub mod media;
pub mod sealing;
pub mod simulators;
pub mod smtp;
pub mod words;
pub mod worker;
