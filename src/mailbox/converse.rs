//! One conversation with the mail server, in LMTP or SMTP, with PIPELINING (2920), SIZE (1870), 8BITMIME (6152), SMTPUTF8 (6531)
//! and enhanced status codes (2034). No mail is relayed, so nobody logs in and nothing is encrypted: the doors open on this
//! machine only. Answers name no address: what stands in a log of the mail server is its own.

use super::listen::House;
use crate::app::AppError;
use crate::app::inbound_mail::{self, Delivered, Letter, Recipient};
use crate::config::MailDialect;
use crate::smtp::{Heard, Talk, Text, Wire, path};
use std::io;
use tokio::sync::watch;
use tokio::time::timeout;

const LATER: &str = "451 4.3.0 it cannot be kept now, please try again";
const BUSY: &str = "452 4.3.1 too many mails at once, please try again";
const ENDED: &str = "550 5.2.1 this appeal has ended and takes no answers any more";
const UNKNOWN: &str = "550 5.1.1 no appeal and no mailbox has this address";

struct Visit<'a> {
    talk: Talk,
    house: &'a House,
    dialect: MailDialect,
    greeted: bool,
    from: Option<String>,
    to: Vec<String>,
    mistakes: u32,
}

/// Whether to go on.
#[derive(PartialEq, Eq)]
enum Then {
    Continue,
    Close,
}

/// Talks until the peer leaves, goes silent or is hung up on. Asked to stop, it ends between two mails.
pub(super) async fn converse(
    wire: Box<dyn Wire>,
    dialect: MailDialect,
    house: &House,
    mut stopped: watch::Receiver<bool>,
) -> io::Result<()> {
    let talk = Talk::new(wire, house.limits.patience);
    let mut visit = Visit { talk, house, dialect, greeted: false, from: None, to: Vec::new(), mistakes: 0 };
    visit.talk.say(match dialect {
        MailDialect::Lmtp => "220 tocsin LMTP takes answers of the public",
        MailDialect::Smtp => "220 tocsin ESMTP takes answers of the public",
    });
    loop {
        let heard = tokio::select! {
            heard = visit.talk.command() => heard?,
            () = asked_to_stop(&mut stopped) => {
                visit.talk.say("421 4.3.2 closing, please come back");
                return visit.talk.hang_up().await;
            }
        };
        let line = match heard {
            Heard::Line(line) => line,
            Heard::Gone => return Ok(()),
            Heard::Endless => {
                visit.talk.say("500 5.5.6 line too long");
                return visit.talk.hang_up().await;
            }
        };
        if visit.answer(&line).await? == Then::Close {
            return visit.talk.hang_up().await;
        }
    }
}

async fn asked_to_stop(stopped: &mut watch::Receiver<bool>) {
    // A sender that is gone has closed its doors too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// What is to be said for each recipient.
async fn deliver(house: &House, letter: &Letter<'_>, to: &[String]) -> Vec<&'static str> {
    let app = &house.app;
    let mut answers = Vec::with_capacity(to.len());
    for address in to {
        let outcome = async {
            // Asked again: an appeal may have ended since the envelope.
            let recipient = inbound_mail::recipient(app, address).await?;
            let delivered = inbound_mail::deliver(app, letter, &recipient).await?;
            Ok::<_, AppError>((recipient, delivered))
        };
        answers.push(match outcome.await {
            Ok((_, Delivered::Taken)) => "250 2.0.0 kept",
            Ok((_, Delivered::Boxed)) => "250 2.0.0 kept for the people of the mailbox",
            Ok((_, Delivered::Repeated)) => "250 2.0.0 kept before",
            Ok((Recipient::Ended, Delivered::Refused)) => ENDED,
            Ok((_, Delivered::Refused)) => UNKNOWN,
            Err(cause) => {
                tracing::error!(event = "mailbox.deliver", %cause);
                LATER
            }
        });
    }
    answers
}

impl Visit<'_> {
    fn reply(&mut self, answer: &str) -> Then {
        self.talk.say(answer);
        Then::Continue
    }

    /// A reply that says the peer did something wrong; too many of them, and it is hung up on.
    fn mistake(&mut self, answer: &str) -> Then {
        self.mistakes += 1;
        if self.mistakes > self.house.limits.mistakes {
            self.talk.say("421 4.7.0 too many mistakes");
            return Then::Close;
        }
        self.reply(answer)
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
    }

    async fn answer(&mut self, line: &str) -> io::Result<Then> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let verb = verb.to_ascii_uppercase();
        let hello = match self.dialect {
            MailDialect::Lmtp => verb == "LHLO",
            MailDialect::Smtp => verb == "EHLO" || verb == "HELO",
        };
        Ok(match verb.as_str() {
            _ if hello && rest.trim().is_empty() => self.mistake("501 5.5.4 who are you?"),
            _ if hello => self.greet(verb == "HELO"),
            "NOOP" => self.reply("250 2.0.0 still here"),
            "RSET" => {
                self.forget();
                self.reply("250 2.0.0 forgotten")
            }
            "QUIT" => {
                self.talk.say("221 2.0.0 bye");
                Then::Close
            }
            "VRFY" => self.mistake("252 2.5.0 try and see"),
            "MAIL" | "RCPT" | "DATA" if !self.greeted => self.mistake("503 5.5.1 greet first"),
            "MAIL" => self.mail(rest),
            "RCPT" => self.rcpt(rest).await,
            "DATA" => self.data().await?,
            "EXPN" | "HELP" | "STARTTLS" | "AUTH" | "BDAT" | "TURN" | "ETRN" => self.mistake("502 5.5.1 not offered"),
            _ => self.mistake("500 5.5.2 unknown command"),
        })
    }

    fn greet(&mut self, is_short: bool) -> Then {
        self.forget();
        self.greeted = true;
        if is_short {
            return self.reply("250 tocsin");
        }
        for offer in ["tocsin", "PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"] {
            self.talk.say(&format!("250-{offer}"));
        }
        let size = self.house.limits.bytes;
        self.reply(&format!("250 SIZE {size}"))
    }

    fn mail(&mut self, arguments: &str) -> Then {
        if self.from.is_some() {
            return self.mistake("503 5.5.1 one sender at a time");
        }
        let Some((address, parameters)) = path(arguments, "FROM:") else {
            return self.mistake("501 5.5.4 MAIL FROM:<address>");
        };
        for parameter in parameters.split_whitespace() {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.to_ascii_uppercase().as_str() {
                "SIZE" => match value.parse::<u64>() {
                    Ok(size) if usize::try_from(size).is_ok_and(|size| size <= self.house.limits.bytes) => {}
                    Ok(_) => return self.reply("552 5.3.4 too large"),
                    Err(_) => return self.mistake("501 5.5.4 SIZE is a number"),
                },
                "BODY" if ["7BIT", "8BITMIME"].iter().any(|body| value.eq_ignore_ascii_case(body)) => {}
                "SMTPUTF8" if value.is_empty() => {}
                _ => return self.mistake("555 5.5.4 unknown parameter"),
            }
        }
        self.from = Some(address.to_owned());
        self.reply("250 2.1.0 ok")
    }

    async fn rcpt(&mut self, arguments: &str) -> Then {
        let Some((address, parameters)) = path(arguments, "TO:").filter(|(address, _)| !address.is_empty()) else {
            return self.mistake("501 5.1.3 RCPT TO:<address>");
        };
        if !parameters.trim().is_empty() {
            return self.mistake("555 5.5.4 unknown parameter");
        }
        if self.from.is_none() {
            return self.mistake("503 5.5.1 a sender first");
        }
        if self.to.len() >= self.house.limits.recipients {
            return self.reply("452 4.5.3 too many recipients");
        }
        match inbound_mail::recipient(&self.house.app, address).await {
            Ok(Recipient::Appeal(_) | Recipient::Letterbox) => {
                self.to.push(address.to_owned());
                self.reply("250 2.1.5 ok")
            }
            Ok(Recipient::Ended) => self.mistake(ENDED),
            Ok(Recipient::Nobody) => self.mistake(UNKNOWN),
            Err(cause) => {
                tracing::error!(event = "mailbox.recipient", %cause);
                self.reply(LATER)
            }
        }
    }

    async fn data(&mut self) -> io::Result<Then> {
        if self.from.is_none() || self.to.is_empty() {
            return Ok(self.mistake("503 5.5.1 a sender and a recipient first"));
        }
        let limits = self.house.limits;
        // A place for the text is taken before it is asked for: what does not fit is not read.
        let Ok(Ok(turn)) = timeout(limits.patience, self.house.texts.acquire()).await else {
            return Ok(self.reply(BUSY));
        };
        self.talk.say("354 end with a lone dot");
        self.talk.flush().await?;
        let text = self.talk.text(limits.bytes, limits.text).await?;
        let (from, to) = (self.from.take().unwrap_or_default(), std::mem::take(&mut self.to));
        let answers = match &text {
            Text::Gone => return Ok(Then::Close),
            Text::TooLarge => vec!["552 5.3.4 too large"; to.len()],
            Text::Whole(raw) => match Letter::read(raw, Some(from)) {
                None => vec!["554 5.6.0 this is no mail"; to.len()],
                Some(letter) => deliver(self.house, &letter, &to).await,
            },
        };
        drop((text, turn));
        match self.dialect {
            MailDialect::Lmtp => answers.iter().for_each(|answer| self.talk.say(answer)),
            // One answer for all: the worst of them, and of equals the first. Whoever was told 250 is not told twice: a mail
            // that comes again is known.
            MailDialect::Smtp => {
                let worst = answers.iter().find(|answer| answer.starts_with('4'));
                let worst = worst.or_else(|| answers.iter().find(|answer| answer.starts_with('5')));
                let answer = worst.or(answers.first()).copied().unwrap_or(LATER);
                self.talk.say(answer);
            }
        }
        Ok(Then::Continue)
    }
}
