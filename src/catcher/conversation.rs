//! One SMTP conversation (RFC 5321) with pipelining (2920), chunks (3030), AUTH (4954) and STARTTLS (3207). Strict where a
//! lax server would hide a client's mistake: order of commands, brackets, and the lone dot between two CRLF.

use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::sleep;

use super::server::{Options, Protection};
use super::store::{Arrival, Script, Store};
use super::storm::Weather;
use crate::smtp::{Heard, Talk, Text, Wire, path};

/// Larger than any mail we send.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// RFC 5321 §4.5.3.1.8 asks for at least 100.
const MOST_RECIPIENTS: usize = 100;
/// RFC 5321 §4.5.3.2.7: a server waits at least five minutes.
const PATIENCE: Duration = Duration::from_mins(5);
/// All of a text.
const LONGEST_TEXT: Duration = Duration::from_hours(1);

struct Conversation<'a> {
    talk: Talk,
    store: &'a Store,
    options: &'a Options,
    is_encrypted: bool,
    login: Option<String>,
    from: Option<String>,
    to: Vec<String>,
    /// Chunks of a text that is not complete.
    chunks: Vec<u8>,
    /// Close in the middle of the next text.
    resets: bool,
}

/// What happens after a command.
#[derive(PartialEq, Eq)]
enum Then {
    Continue,
    Close,
    Encrypt,
}

/// Talks until the client leaves, goes silent or is hung up on.
pub async fn converse(wire: Box<dyn Wire>, is_encrypted: bool, store: &Store, options: &Options) -> io::Result<()> {
    let mut conversation = Conversation {
        talk: Talk::new(wire, PATIENCE),
        store,
        options,
        is_encrypted,
        login: None,
        from: None,
        to: Vec::new(),
        chunks: Vec::new(),
        resets: false,
    };
    conversation.say("220 catcher ESMTP, delivers nothing");
    loop {
        let Heard::Line(line) = conversation.talk.command().await? else {
            return Ok(());
        };
        match conversation.answer(&line).await? {
            Then::Continue => {}
            Then::Close => return conversation.talk.flush().await,
            Then::Encrypt => {
                conversation.talk.flush().await?;
                let Protection::StartTls(tls) = &options.protection else {
                    return Ok(());
                };
                let talk = Talk::new(tls.encrypt(conversation.talk.into_wire()).await?, PATIENCE);
                conversation = Conversation {
                    talk,
                    is_encrypted: true,
                    login: None,
                    from: None,
                    to: Vec::new(),
                    chunks: Vec::new(),
                    resets: false,
                    ..conversation
                };
            }
        }
    }
}

impl Conversation<'_> {
    fn say(&mut self, answer: &str) {
        self.talk.say(answer);
    }

    fn reply(&mut self, answer: &str) -> Then {
        self.say(answer);
        Then::Continue
    }

    async fn answer(&mut self, line: &str) -> io::Result<Then> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        Ok(match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" if rest.trim().is_empty() => self.reply("501 5.5.4 who are you?"),
            "EHLO" => self.greet(),
            "HELO" => {
                self.forget();
                self.reply("250 catcher")
            }
            "STARTTLS" => match self.options.protection {
                Protection::StartTls(_) if !self.is_encrypted => {
                    self.say("220 2.0.0 go on");
                    Then::Encrypt
                }
                _ => self.reply("502 5.5.1 not offered"),
            },
            "AUTH" => self.authenticate(rest).await?,
            "MAIL" => self.mail(rest),
            "RCPT" => self.rcpt(rest).await?,
            "DATA" => self.data().await?,
            "BDAT" if self.options.chunking => self.chunk(rest).await?,
            "RSET" => {
                self.forget();
                self.reply("250 2.0.0 forgotten")
            }
            "NOOP" => self.reply("250 2.0.0 still here"),
            "VRFY" => self.reply("252 2.0.0 try and see"),
            "QUIT" => {
                self.say("221 2.0.0 bye");
                Then::Close
            }
            _ => self.reply("500 5.5.2 unknown command"),
        })
    }

    fn forget(&mut self) {
        self.from = None;
        self.resets = false;
        self.to.clear();
        self.chunks.clear();
    }

    fn greet(&mut self) -> Then {
        self.forget();
        let mut offers = vec!["catcher".to_owned(), "8BITMIME".to_owned(), "SMTPUTF8".to_owned()];
        offers.extend(["ENHANCEDSTATUSCODES".to_owned(), "DSN".to_owned()]);
        if self.options.pipelining {
            offers.push("PIPELINING".to_owned());
        }
        if self.options.chunking {
            offers.push("CHUNKING".to_owned());
        }
        if !self.is_encrypted && matches!(self.options.protection, Protection::StartTls(_)) {
            offers.push("STARTTLS".to_owned());
        }
        if self.options.login.is_some() {
            offers.push(format!("AUTH {}", self.options.mechanisms));
        }
        for offer in offers {
            self.say(&format!("250-{offer}"));
        }
        self.reply(&format!("250 SIZE {MOST_BYTES}"))
    }

    async fn authenticate(&mut self, arguments: &str) -> io::Result<Then> {
        let Some(wanted) = &self.options.login else {
            return Ok(self.reply("502 5.5.1 no login needed"));
        };
        let (mechanism, initial) = arguments.split_once(' ').unwrap_or((arguments, ""));
        let given = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let text = if initial.is_empty() { self.ask("").await? } else { initial.to_owned() };
                // [authorisation] NUL user NUL password (RFC 4616).
                let decoded = decoded(&text);
                let mut fields = decoded.splitn(3, '\0').skip(1).map(str::to_owned);
                fields.next().zip(fields.next())
            }
            "LOGIN" => {
                let user = if initial.is_empty() { self.ask("Username:").await? } else { initial.to_owned() };
                let password = self.ask("Password:").await?;
                Some((decoded(&user), decoded(&password)))
            }
            _ => return Ok(self.reply("504 5.5.4 unknown mechanism")),
        };
        if given.as_ref() == Some(wanted) {
            self.login = given.map(|(user, _)| user);
            return Ok(self.reply("235 2.7.0 welcome"));
        }
        Ok(self.reply("535 5.7.8 wrong user name or password"))
    }

    async fn ask(&mut self, question: &str) -> io::Result<String> {
        self.say(&format!("334 {}", STANDARD.encode(question)));
        self.talk.flush().await?;
        let Heard::Line(line) = self.talk.command().await? else { return Ok(String::new()) };
        Ok(line)
    }

    fn mail(&mut self, arguments: &str) -> Then {
        if self.options.login.is_some() && self.login.is_none() {
            return self.reply("530 5.7.0 log in first");
        }
        if self.from.is_some() {
            return self.reply("503 5.5.1 one sender at a time");
        }
        let Some((address, parameters)) = path(arguments, "FROM:") else {
            return self.reply("501 5.5.4 MAIL FROM:<address>");
        };
        let mut parameters = parameters.split_whitespace().filter_map(|pair| pair.split_once('='));
        let declared = parameters.find(|(name, _)| name.eq_ignore_ascii_case("SIZE"));
        if declared.and_then(|(_, size)| size.parse::<usize>().ok()).is_some_and(|size| size > MOST_BYTES) {
            return self.reply("552 5.3.4 too large");
        }
        self.from = Some(address.to_owned());
        self.reply("250 2.1.0 ok")
    }

    async fn rcpt(&mut self, arguments: &str) -> io::Result<Then> {
        let Some((address, _)) = path(arguments, "TO:").filter(|(address, _)| address.contains('@')) else {
            return Ok(self.reply("501 5.1.3 RCPT TO:<address>"));
        };
        if self.from.is_none() {
            return Ok(self.reply("503 5.5.1 a sender first"));
        }
        if self.to.len() >= MOST_RECIPIENTS {
            return Ok(self.reply("452 4.5.3 too many recipients"));
        }
        match self.store.scripted(address, false) {
            Some(Script::Later(_)) => return Ok(self.reply(&format!("451 4.3.0 <{address}>: come back later"))),
            Some(Script::Never) => return Ok(self.reply(&format!("550 5.1.1 <{address}>: no such user"))),
            Some(Script::CloseAtRecipient(_)) => {
                self.say("421 4.3.2 closing");
                return Ok(Then::Close);
            }
            Some(Script::SlowAtRecipient(wait)) => sleep(wait).await,
            _ => {}
        }
        if let Some(storm) = self.options.storm {
            match storm.over(address) {
                Weather::Later if self.store.try_of(address) < 2 => return Ok(self.reply("451 4.7.1 greylisted")),
                Weather::Never => {
                    self.store.try_of(address);
                    return Ok(self.reply("550 5.1.1 no such user"));
                }
                Weather::Reset => self.resets = self.store.try_of(address) == 0,
                Weather::Tarpit => sleep(storm.tarpit_wait).await,
                Weather::Later | Weather::Fair => {}
            }
        }
        self.to.push(address.to_owned());
        Ok(self.reply("250 2.1.5 ok"))
    }

    async fn data(&mut self) -> io::Result<Then> {
        if self.from.is_none() || self.to.is_empty() || !self.chunks.is_empty() {
            return Ok(self.reply("503 5.5.1 a sender and a recipient first"));
        }
        self.say("354 end with a lone dot");
        self.talk.flush().await?;
        if std::mem::take(&mut self.resets) {
            return Ok(Then::Close);
        }
        match self.talk.text(MOST_BYTES, LONGEST_TEXT).await? {
            Text::Gone => Ok(Then::Close),
            Text::TooLarge => {
                self.forget();
                Ok(self.reply("552 5.3.4 too large"))
            }
            Text::Whole(raw) => self.taken(raw).await,
        }
    }

    /// RFC 3030 §2: what follows a refused envelope is read and refused, and only RSET clears it.
    async fn chunk(&mut self, arguments: &str) -> io::Result<Then> {
        let (size, last) = arguments.split_once(' ').unwrap_or((arguments, ""));
        let Ok(size) = size.parse::<u64>() else { return Ok(self.reply("501 5.5.4 BDAT size [LAST]")) };
        let is_welcome = self.from.is_some() && !self.to.is_empty();
        if is_welcome && std::mem::take(&mut self.resets) {
            return Ok(Then::Close);
        }
        let most = if is_welcome { MOST_BYTES.saturating_sub(self.chunks.len()) } else { 0 };
        match self.talk.chunk(size, most, LONGEST_TEXT).await {
            Text::Gone => Ok(Then::Close),
            _ if !is_welcome => Ok(self.reply("503 5.5.1 a sender and a recipient first")),
            Text::TooLarge => Ok(self.reply("552 5.3.4 too large")),
            Text::Whole(bytes) => {
                self.chunks.extend_from_slice(&bytes);
                if last.eq_ignore_ascii_case("LAST") {
                    let raw = std::mem::take(&mut self.chunks);
                    return self.taken(raw).await;
                }
                Ok(self.reply("250 2.0.0 go on"))
            }
        }
    }

    /// A whole text.
    async fn taken(&mut self, raw: Vec<u8>) -> io::Result<Then> {
        let (from, to) = (self.from.take().unwrap_or_default(), std::mem::take(&mut self.to));
        let script = to.iter().find_map(|recipient| self.store.scripted(recipient, true));
        match script {
            Some(Script::LaterAfterData(_)) => return Ok(self.reply("452 4.3.1 no room now")),
            Some(Script::NeverAfterData) => return Ok(self.reply("554 5.6.0 not this text")),
            Some(Script::Slow(wait)) => sleep(wait).await,
            _ => {}
        }
        let (is_encrypted, login) = (self.is_encrypted, self.login.clone());
        let number = self.store.keep(Arrival { from, to, raw, is_encrypted, login });
        if matches!(script, Some(Script::HangUpAfterData(_))) {
            return Ok(Then::Close);
        }
        Ok(self.reply(&format!("250 2.0.0 kept as {number}")))
    }
}

fn decoded(text: &str) -> String {
    STANDARD.decode(text.trim()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

#[cfg(test)]
#[path = "conversation_tests.rs"]
mod tests;
