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
    /// Bytes of a chunk still to come, and whether they are wanted.
    chunk: Option<(usize, bool)>,
    /// Writes seen: round trips of a client that waits between them.
    reads: usize,
}

impl Server {
    fn line(&mut self) -> Option<Vec<u8>> {
        if let Some((size, _)) = self.chunk {
            return (self.bytes.len() >= size).then(|| self.bytes.drain(..size).collect());
        }
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
            let code = if let Some((_, is_wanted)) = self.chunk.take() {
                match (is_wanted, struck, self.to.take()) {
                    (false, ..) | (.., None) => 503,
                    (true, Some(code), _) => code,
                    (true, None, Some(to)) => {
                        self.from = false;
                        self.accepted.entry(to).or_default().push(line);
                        250
                    }
                }
            } else if self.in_text {
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
                } else if let Some(size) = line.strip_prefix("BDAT ").and_then(|rest| rest.strip_suffix(" LAST")) {
                    // Its answer comes after its bytes.
                    self.chunk = Some((size.parse().unwrap(), self.to.is_some()));
                    continue;
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
fn play(seed: u64, manner: Manner, trouble: u64, hang_up: u64, share: usize) -> (Vec<(usize, Fate)>, Server, usize) {
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
        chunk: None,
        reads: 0,
    };
    server.dice.below(3);
    let (mut exchange, mut fates, mut taken) = (Exchange::new(&items, manner), Vec::new(), 0);
    let mut most = share;
    loop {
        let mut out = Vec::new();
        let mut next = || (taken < most.min(20)).then(|| (taken, taken += 1).0);
        exchange.write(&mut out, &mut next, &|| true);
        server.bytes.extend_from_slice(&out);
        fates.extend(exchange.fates());
        if exchange.is_finished() {
            let is_worn = manner == Manner::Chunked && exchange.refused() >= REFUSALS;
            if exchange.is_lost() || is_worn || taken == 20 {
                return (fates, server, taken);
            }
            // The same connection, another conversation.
            exchange = Exchange::new(&items, manner).after(exchange.refused());
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
        for manner in [Manner::Chunked, Manner::Pipelined, Manner::LockStep] {
            let (fates, server, taken) = play(seed, manner, 20, 10, if seed % 3 == 0 { 3 } else { 12 });
            let mut seen: Vec<usize> = fates.iter().map(|(item, _)| *item).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..taken).collect::<Vec<_>>(), "seed {seed}: each mail taken has one fate");
            for (item, fate) in fates {
                let got = server.accepted.get(&format!("p{item}@c.example")).map_or(0, Vec::len);
                match fate {
                    Fate::Accepted => assert_eq!(got, 1, "seed {seed} {manner:?} {item}"),
                    Fate::Unknown(_) => assert!(got <= 1),
                    _ => assert_eq!(got, 0, "seed {seed} {manner:?} {item}: {fate:?}"),
                }
            }
        }
    }
}

#[test]
fn a_pipelined_mail_costs_one_round_trip_a_lock_step_one_four_and_chunks_share_theirs() {
    let (fates, server, _) = play(1, Manner::Pipelined, 0, 0, 20);
    assert!(fates.iter().all(|(_, fate)| *fate == Fate::Accepted) && fates.len() == 20);
    assert_eq!(server.reads, 21);
    let (_, server, _) = play(1, Manner::LockStep, 0, 0, 20);
    assert_eq!(server.reads, 80);
    // The first envelope, then eight mails a time.
    let (fates, server, _) = play(1, Manner::Chunked, 0, 0, 20);
    assert!(fates.iter().all(|(_, fate)| *fate == Fate::Accepted) && fates.len() == 20);
    assert_eq!(server.reads, 4);
}

#[test]
fn a_connection_found_dead_leaves_nobody_in_doubt() {
    for manner in [Manner::Chunked, Manner::Pipelined, Manner::LockStep] {
        let items = items(20);
        let (mut exchange, mut out, mut taken) = (Exchange::new(&items, manner), Vec::new(), 0);
        exchange.write(&mut out, &mut || (taken < 20).then(|| (taken, taken += 1).0), &|| true);
        exchange.lose("it had closed long ago");
        let fates = exchange.fates();
        assert!(!fates.is_empty() && fates.iter().all(|(_, fate)| matches!(fate, Fate::Later(_))), "{manner:?}");
    }
}

#[test]
fn a_server_that_says_goodbye_took_nothing_more() {
    let items = items(3);
    let (mut exchange, mut out, mut taken) = (Exchange::new(&items, Manner::Chunked), Vec::new(), 0);
    let mut next = || (taken < 3).then(|| (taken, taken += 1).0);
    exchange.write(&mut out, &mut next, &|| true);
    let say = |exchange: &mut Exchange<'_>, code| exchange.hear(&Reply { code, text: String::new() }, said);
    say(&mut exchange, 250);
    exchange.write(&mut out, &mut next, &|| true);
    // The rest of the first mail, then the second one's RSET is answered with a farewell.
    for code in [250, 250, 421] {
        say(&mut exchange, code);
    }
    let fates = exchange.fates();
    assert!(matches!(fates[..], [(0, Fate::Accepted), (1, Fate::Later(_)), (2, Fate::Later(_))]), "{fates:?}");
    assert!(exchange.is_lost());
}

#[test]
fn dots_are_doubled_and_the_text_ends() {
    let (_, server, _) = play(3, Manner::Pipelined, 0, 0, 20);
    let text = &server.accepted["p7@c.example"][0];
    assert_eq!(String::from_utf8_lossy(text), "Subject: 7\r\n\r\n..first\r\n...second 7\r\n..");
    // A chunk is as it is.
    let (_, server, _) = play(3, Manner::Chunked, 0, 0, 20);
    let text = &server.accepted["p7@c.example"][0];
    assert_eq!(String::from_utf8_lossy(text), "Subject: 7\r\n\r\n.first\r\n..second 7\r\n.\r\n");
}

#[test]
fn whoever_lost_the_right_to_send_sends_no_text() {
    for (manner, codes) in [(Manner::Pipelined, [250, 250, 354].as_slice()), (Manner::Chunked, &[250, 250])] {
        let items = items(2);
        let (mut exchange, mut out, mut taken) = (Exchange::new(&items, manner), Vec::new(), 0);
        let mut next = || (taken < 2).then(|| (taken, taken += 1).0);
        exchange.write(&mut out, &mut next, &|| false);
        for code in codes {
            exchange.hear(&Reply { code: *code, text: String::new() }, said);
        }
        let before = out.len();
        exchange.write(&mut out, &mut next, &|| false);
        assert_eq!(out.len(), before, "{manner:?}");
        assert!(exchange.is_finished() && matches!(exchange.fates()[..], [(0, Fate::Later(_))]), "{manner:?}");
    }
}

#[test]
fn a_connection_in_chunks_is_given_up_before_the_server_has_enough_of_refusals() {
    // Everything is refused: as many as are borne, and nobody is taken into the conversation for nothing.
    let (fates, server, taken) = play(7, Manner::Chunked, 100, 0, 20);
    assert!(fates.iter().all(|(_, fate)| !matches!(fate, Fate::Accepted | Fate::Unknown(_))));
    assert_eq!((taken, fates.len(), server.accepted.len()), (REFUSALS, REFUSALS, 0));
}

#[test]
fn the_right_to_send_is_asked_for_before_every_mail_that_runs_ahead() {
    let items = items(20);
    let (mut exchange, mut out, mut taken) = (Exchange::new(&items, Manner::Chunked), Vec::new(), 0);
    let asked = std::cell::Cell::new(0);
    // Lost after the third.
    let may_still = || {
        asked.set(asked.get() + 1);
        asked.get() <= 3
    };
    let mut next = || (taken < 20).then(|| (taken, taken += 1).0);
    exchange.write(&mut out, &mut next, &may_still);
    exchange.hear(&Reply { code: 250, text: String::new() }, said);
    exchange.write(&mut out, &mut next, &may_still);
    assert!(out.windows(5).filter(|window| window == b"BDAT ").count() <= 4);
}
