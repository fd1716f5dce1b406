//! Against a server that refuses, stumbles and hangs up at random: what the client believes is what the server did.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may")]
use super::*;
use std::collections::BTreeMap;

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % most
    }
}

/// A server: reads commands out of bytes, strictly in order.
struct Server {
    dice: Dice,
    bytes: Vec<u8>,
    /// Of a hundred answers so many are refusals.
    trouble: u64,
    /// It wants a text even when it accepted no recipient.
    is_lax: bool,
    from: bool,
    to: Option<String>,
    in_text: bool,
    accepted: BTreeMap<String, Vec<Vec<u8>>>,
    /// Writes seen: round trips of a client that waits between them.
    reads: usize,
}

impl Server {
    fn line(&mut self) -> Option<Vec<u8>> {
        let mark: &[u8] = if self.in_text { b"\r\n.\r\n" } else { b"\r\n" };
        if self.in_text && self.bytes.starts_with(b".\r\n") {
            self.bytes.drain(..3);
            return Some(Vec::new());
        }
        let at = self.bytes.windows(mark.len()).position(|window| window == mark)?;
        let line = self.bytes.drain(..at).collect();
        self.bytes.drain(..mark.len());
        Some(line)
    }

    fn struck(&mut self) -> Option<u16> {
        (self.dice.below(100) < self.trouble).then(|| if self.dice.below(2) == 0 { 450 } else { 550 })
    }

    /// The answers to what was written; none: it hangs up instead of this answer.
    fn answer(&mut self, hang_up: u64) -> (Vec<Reply>, bool) {
        let mut replies = Vec::new();
        self.reads += 1;
        while let Some(line) = self.line() {
            let struck = self.struck();
            let code = if self.in_text {
                self.in_text = false;
                self.from = false;
                match (self.to.take(), struck) {
                    (None, _) => 554,
                    (Some(_), Some(code)) => code,
                    (Some(to), None) => {
                        self.accepted.entry(to).or_default().push(line);
                        250
                    }
                }
            } else {
                let line = String::from_utf8(line).unwrap();
                if line == "RSET" {
                    (self.from, self.to) = (false, None);
                    250
                } else if line.starts_with("MAIL FROM:<") {
                    assert!(!self.from, "a second MAIL in one transaction");
                    self.from = struck.is_none();
                    struck.unwrap_or(250)
                } else if let Some(to) = line.strip_prefix("RCPT TO:<") {
                    if self.from && struck.is_none() {
                        self.to = Some(to.trim_end_matches('>').to_owned());
                        250
                    } else {
                        struck.unwrap_or(503)
                    }
                } else {
                    assert_eq!(line, "DATA");
                    self.in_text =
                        self.to.is_some() && struck.is_none() || self.to.is_none() && self.is_lax && self.from;
                    assert!(!self.in_text || self.bytes.is_empty(), "something was written behind DATA");
                    if self.in_text { 354 } else { struck.unwrap_or(503) }
                }
            };
            if self.dice.below(1000) < hang_up {
                return (replies, true);
            }
            replies.push(Reply { code, text: String::new() });
        }
        (replies, false)
    }
}

fn items(count: usize) -> Vec<Item> {
    let text = |n: usize| format!("Subject: {n}\r\n\r\n.first\r\n..second {n}\r\n.").into_bytes();
    (0..count).map(|n| Item { from: "a@b.example".to_owned(), to: format!("p{n}@c.example"), text: text(n) }).collect()
}

fn said(reply: &Reply) -> String {
    reply.code.to_string()
}

/// Plays one connection, `share` mails a conversation; what the client believes of each mail it took, and the server.
fn play(seed: u64, pipelines: bool, trouble: u64, hang_up: u64, share: usize) -> (Vec<(usize, Fate)>, Server, usize) {
    let items = items(20);
    let mut server = Server {
        dice: Dice(seed * 2 + 1),
        bytes: Vec::new(),
        trouble,
        is_lax: seed.is_multiple_of(2),
        from: false,
        to: None,
        in_text: false,
        accepted: BTreeMap::new(),
        reads: 0,
    };
    server.dice.below(3);
    let (mut exchange, mut fates, mut taken) = (Exchange::new(&items, pipelines), Vec::new(), 0);
    let mut most = share;
    loop {
        let mut out = Vec::new();
        let mut next = || (taken < most.min(20)).then(|| (taken, taken += 1).0);
        exchange.write(&mut out, &mut next, &|| true);
        server.bytes.extend_from_slice(&out);
        fates.extend(exchange.fates());
        if exchange.is_finished() {
            if exchange.is_lost() || taken == 20 {
                return (fates, server, taken);
            }
            // The same connection, another conversation.
            exchange = Exchange::new(&items, pipelines);
            most += share;
            continue;
        }
        let (replies, is_gone) = server.answer(hang_up);
        assert!(is_gone || !replies.is_empty(), "seed {seed}: both wait");
        for reply in replies {
            exchange.hear(&reply, said);
        }
        if is_gone {
            exchange.lose("gone");
        }
    }
}

#[test]
fn what_the_client_believes_is_what_the_server_did() {
    for seed in 0..4_000 {
        for pipelines in [true, false] {
            let (fates, server, taken) = play(seed, pipelines, 20, 10, 3);
            let mut seen: Vec<usize> = fates.iter().map(|(item, _)| *item).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..taken).collect::<Vec<_>>(), "seed {seed}: each mail taken has one fate");
            for (item, fate) in fates {
                let got = server.accepted.get(&format!("p{item}@c.example")).map_or(0, Vec::len);
                match fate {
                    Fate::Accepted => assert_eq!(got, 1, "seed {seed} {pipelines} {item}"),
                    Fate::Unknown(_) => assert!(got <= 1),
                    _ => assert_eq!(got, 0, "seed {seed} {pipelines} {item}: {fate:?}"),
                }
            }
        }
    }
}

#[test]
fn a_pipelined_mail_costs_one_round_trip_and_a_lock_step_one_four() {
    let (fates, server, _) = play(1, true, 0, 0, 20);
    assert!(fates.iter().all(|(_, fate)| *fate == Fate::Accepted) && fates.len() == 20);
    assert_eq!(server.reads, 21);
    let (_, server, _) = play(1, false, 0, 0, 20);
    assert_eq!(server.reads, 80);
}

#[test]
fn dots_are_doubled_and_the_text_ends() {
    let (_, server, _) = play(3, true, 0, 0, 20);
    let text = &server.accepted["p7@c.example"][0];
    assert_eq!(String::from_utf8_lossy(text), "Subject: 7\r\n\r\n..first\r\n...second 7\r\n..");
}

#[test]
fn whoever_lost_the_right_to_send_sends_no_text() {
    let items = items(2);
    let (mut exchange, mut out, mut taken) = (Exchange::new(&items, true), Vec::new(), 0);
    let mut next = || (taken < 2).then(|| (taken, taken += 1).0);
    exchange.write(&mut out, &mut next, &|| false);
    for code in [250, 250, 354] {
        exchange.hear(&Reply { code, text: String::new() }, said);
    }
    let before = out.len();
    exchange.write(&mut out, &mut next, &|| false);
    assert_eq!(out.len(), before);
    assert!(exchange.is_finished() && matches!(exchange.fates()[..], [(0, Fate::Later(_))]));
}
