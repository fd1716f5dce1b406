//! What was caught, within bounds, and the scripts that tell the server how to misbehave.

use super::storm::Tries;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::sync::Notify;

/// All mails together, beyond their number: 20,000 alerts of 10 KB fit, a flood of pictures does not fill the machine.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// A mail as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaughtMail {
    /// Position among all mails accepted, from 1. Never given twice.
    pub number: usize,
    /// When it was accepted.
    pub at: DateTime<Utc>,
    /// Envelope sender; empty for a report of non-delivery.
    pub from: String,
    /// Envelope recipients.
    pub to: Vec<String>,
    /// Headers and body, dots unstuffed.
    pub raw: Bytes,
    /// It came over TLS.
    pub is_encrypted: bool,
    /// Who logged in, if anybody.
    pub login: Option<String>,
}

/// What to do with mails to a recipient, instead of accepting them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Answer the recipient with 451, so many times.
    Later(u32),
    /// Answer the recipient with 550, always.
    Never,
    /// Answer the recipient with 421 and close, so many times.
    CloseAtRecipient(u32),
    /// Take the text and answer it with 452, so many times.
    LaterAfterData(u32),
    /// Take the text and answer it with 554, always.
    NeverAfterData,
    /// Take and keep the mail, then close the connection without an answer, so many times.
    HangUpAfterData(u32),
    /// Wait before answering the text.
    Slow(Duration),
    /// Wait before answering the recipient.
    SlowAtRecipient(Duration),
}

impl Script {
    const fn is_after_data(self) -> bool {
        matches!(self, Self::LaterAfterData(_) | Self::NeverAfterData | Self::HangUpAfterData(_) | Self::Slow(_))
    }

    fn is_used_up(mut self) -> bool {
        self.times_left().is_some_and(|left| *left == 0)
    }

    fn times_left(&mut self) -> Option<&mut u32> {
        match self {
            Self::Later(left)
            | Self::CloseAtRecipient(left)
            | Self::LaterAfterData(left)
            | Self::HangUpAfterData(left) => Some(left),
            Self::Never | Self::NeverAfterData | Self::Slow(_) | Self::SlowAtRecipient(_) => None,
        }
    }
}

/// A mail about to be kept: the number and the moment are the store's to give.
pub struct Arrival {
    pub from: String,
    pub to: Vec<String>,
    pub raw: Vec<u8>,
    pub is_encrypted: bool,
    pub login: Option<String>,
}

#[derive(Default)]
struct Shelf {
    mails: VecDeque<CaughtMail>,
    bytes: usize,
    accepted: usize,
    connections: usize,
    scripts: Vec<(String, Script)>,
    tries: Tries,
}

/// Shared by all conversations.
pub struct Store {
    kept: Mutex<Shelf>,
    most: usize,
    arrived: Notify,
}

impl Store {
    pub fn new(most: usize) -> Self {
        Self { kept: Mutex::default(), most: most.max(1), arrived: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn keep(&self, arrival: Arrival) -> usize {
        let mut kept = self.lock();
        let Arrival { from, to, raw, is_encrypted, login } = arrival;
        kept.accepted += 1;
        kept.bytes += raw.len();
        let number = kept.accepted;
        kept.mails.push_back(CaughtMail { number, at: Utc::now(), from, to, raw: raw.into(), is_encrypted, login });
        while kept.mails.len() > self.most || (kept.bytes > MOST_BYTES && kept.mails.len() > 1) {
            let dropped = kept.mails.pop_front().map_or(0, |mail| mail.raw.len());
            kept.bytes -= dropped;
        }
        drop(kept);
        self.arrived.notify_waiters();
        number
    }

    pub fn mails(&self) -> Vec<CaughtMail> {
        self.lock().mails.iter().cloned().collect()
    }

    /// Numbers are consecutive, so a mail's place follows from the first.
    pub fn mail(&self, number: usize) -> Option<CaughtMail> {
        let kept = self.lock();
        let first = kept.mails.front()?.number;
        kept.mails.get(number.checked_sub(first)?).cloned()
    }

    pub fn accepted(&self) -> usize {
        self.lock().accepted
    }

    pub async fn wait_for(&self, accepted: usize) {
        loop {
            let arrived = self.arrived.notified();
            if self.accepted() >= accepted {
                return;
            }
            arrived.await;
        }
    }

    pub fn connected(&self) {
        self.lock().connections += 1;
    }

    pub fn connections(&self) -> usize {
        self.lock().connections
    }

    /// Counts a try of an address; how many there were before.
    pub fn try_of(&self, recipient: &str) -> u32 {
        self.lock().tries.count(recipient)
    }

    pub fn tries_of(&self, recipient: &str) -> u32 {
        self.lock().tries.so_far(recipient)
    }

    pub fn script(&self, recipient: &str, script: Script) {
        self.lock().scripts.push((recipient.to_owned(), script));
    }

    /// The script that applies to a recipient now, counted down.
    pub fn scripted(&self, recipient: &str, is_after_data: bool) -> Option<Script> {
        let mut kept = self.lock();
        let due = kept.scripts.iter_mut().find(|(address, script)| {
            (address == "*" || address.eq_ignore_ascii_case(recipient))
                && script.is_after_data() == is_after_data
                && !script.is_used_up()
        });
        let (_, script) = due?;
        let now = *script;
        if let Some(left) = script.times_left() {
            *left -= 1;
        }
        Some(now)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    fn arrival(text: &str) -> Arrival {
        let to = vec!["anna@example.be".to_owned()];
        Arrival { from: String::new(), to, raw: text.as_bytes().to_vec(), is_encrypted: false, login: None }
    }

    #[test]
    fn the_oldest_are_dropped_and_still_counted() {
        let store = Store::new(3);
        for number in 1..=10 {
            assert_eq!(store.keep(arrival(&number.to_string())), number);
        }
        assert_eq!(store.accepted(), 10);
        assert_eq!(store.mails().iter().map(|mail| mail.number).collect::<Vec<_>>(), [8, 9, 10]);
        assert_eq!(store.mail(9).unwrap().raw, "9");
        assert_eq!((store.mail(7), store.mail(11), store.mail(0)), (None, None, None));
    }

    #[test]
    fn scripts_run_out_and_know_their_moment() {
        let store = Store::new(1);
        store.script("anna@example.be", Script::Later(1));
        store.script("*", Script::HangUpAfterData(1));
        assert_eq!(store.scripted("bruno@example.be", false), None);
        assert_eq!(store.scripted("Anna@example.be", false), Some(Script::Later(1)));
        assert_eq!(store.scripted("anna@example.be", false), None);
        assert_eq!(store.scripted("bruno@example.be", true), Some(Script::HangUpAfterData(1)));
        assert_eq!(store.scripted("bruno@example.be", true), None);
    }
}
