//! Many mails over one connection, as a conversation without sockets: what to write next, and what each answer means for
//! which mail. Where the server pipelines (RFC 2920) the next envelope leaves together with the text before it, so that a
//! mail costs one round trip; where it takes texts in chunks as well (RFC 3030) several whole mails are on their way at a
//! time; otherwise it is lock step. Knows for every mail whether the point of no return was passed.

use std::collections::VecDeque;

use super::reply::Reply;

/// One mail for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Return path; where bounces go.
    pub from: String,
    /// Recipient.
    pub to: String,
    /// The text, lines ended by CRLF, dots not yet doubled; ASCII.
    pub text: Vec<u8>,
}

/// What became of a mail, in the server's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Accepted: it is the server's from now on.
    Accepted,
    /// Refused for good.
    Never(String),
    /// Refused for now; nothing happened.
    Later(String),
    /// Our sender address or our mails in general are refused: about nobody in particular.
    Us(String),
    /// The connection was lost after the text had left.
    Unknown(String),
}

/// How much may leave before an answer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// One command.
    LockStep,
    /// A text and the envelope after it.
    Pipelined,
    /// [`AHEAD`] whole mails.
    Chunked,
}

impl Manner {
    /// The same without whole mails running ahead.
    #[must_use]
    pub const fn text_by_text(self) -> Self {
        match self {
            Self::Chunked | Self::Pipelined => Self::Pipelined,
            Self::LockStep => Self::LockStep,
        }
    }
}

/// Whole mails on their way at a time; a lost connection leaves so many in doubt. More are written when half of them are
/// answered, so that a write and a read carry four.
const AHEAD: usize = 8;
/// Refused mails on one connection in chunks, after which another one is opened: servers count what is no mail, such as the
/// RSET after a refusal, and hang up (Exim at ten, its default, in the middle of what runs ahead).
pub const REFUSALS: usize = 9;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Reset,
    Mail(usize),
    Recipient(usize),
    Data(usize),
    Text(usize),
    /// A text whose length is said before it.
    Chunk(usize),
    /// The dot alone, to a server that wants a text for nobody.
    Nothing(usize),
}

impl Step {
    /// The mail it decides about.
    const fn of(self) -> Option<usize> {
        match self {
            Self::Mail(item) | Self::Recipient(item) | Self::Data(item) | Self::Text(item) | Self::Chunk(item) => {
                Some(item)
            }
            Self::Reset | Self::Nothing(_) => None,
        }
    }
}

/// A conversation about the mails that `next` hands out, by number.
#[allow(clippy::struct_excessive_bools, reason = "four facts that do not depend on each other")]
pub struct Exchange<'a> {
    items: &'a [Item],
    manner: Manner,
    /// An answer came on this connection: it is not one that died while nobody used it.
    is_alive: bool,
    /// The server takes wishes about reports (RFC 3461).
    reports: bool,
    /// To be written, in order.
    todo: VecDeque<Step>,
    /// Written and not answered, in order.
    waiting: VecDeque<Step>,
    /// Why the envelope now on the wire is refused.
    refusal: Option<Fate>,
    /// Left over from a refused envelope.
    needs_reset: bool,
    fates: Vec<(usize, Fate)>,
    /// Mails that this connection's server refused.
    refused: usize,
    is_over: bool,
    is_lost: bool,
}

/// A server's words, short and without addresses, by `said`.
type Said = fn(&Reply) -> String;

impl<'a> Exchange<'a> {
    /// A conversation with a server that has been greeted.
    pub const fn new(items: &'a [Item], manner: Manner) -> Self {
        Self {
            items,
            manner,
            is_alive: false,
            reports: false,
            todo: VecDeque::new(),
            waiting: VecDeque::new(),
            refusal: None,
            needs_reset: false,
            fates: Vec::new(),
            refused: 0,
            is_over: false,
            is_lost: false,
        }
    }

    /// Asks for reports of failures alone and without the text, where the server takes such wishes (RFC 3461 §4).
    #[must_use]
    pub const fn with_reports(mut self, offered: bool) -> Self {
        self.reports = offered;
        self
    }

    /// Goes on counting refused mails where the conversation before left off.
    #[must_use]
    pub const fn after(mut self, refused: usize) -> Self {
        self.refused = refused;
        self
    }

    /// Mails that the server refused on this connection.
    pub const fn refused(&self) -> usize {
        self.refused
    }

    fn begin(&mut self, item: Option<usize>) {
        // Also at the end: whoever talks next on this connection must find no envelope open.
        if std::mem::take(&mut self.needs_reset) {
            self.todo.push_back(Step::Reset);
        }
        let Some(item) = item else { return };
        let last = if self.manner == Manner::Chunked { Step::Chunk(item) } else { Step::Data(item) };
        self.todo.extend([Step::Mail(item), Step::Recipient(item), last]);
    }

    /// Lets whole mails follow those on their way. Each is kept apart from the one before it, whose envelope may be refused
    /// and would still be open.
    fn run_ahead(&mut self, next: &mut dyn FnMut() -> Option<usize>, may_still: &dyn Fn() -> bool) {
        let mut texts = self.waiting.iter().chain(&self.todo).filter(|step| matches!(step, Step::Chunk(_))).count();
        // Whatever is on its way may be refused too.
        let ahead = AHEAD.min(REFUSALS.saturating_sub(self.refused));
        if !self.is_alive || self.is_over || texts > ahead / 2 {
            return;
        }
        while texts < ahead && may_still() {
            let Some(item) = next() else { return };
            self.needs_reset = true;
            self.begin(Some(item));
            texts += 1;
        }
    }

    /// Writes whatever may be written now. `next` hands out another mail's number; `may_still` is asked right before a
    /// text, and a no ends the conversation.
    pub fn write(&mut self, out: &mut Vec<u8>, next: &mut dyn FnMut() -> Option<usize>, may_still: &dyn Fn() -> bool) {
        if self.todo.is_empty() && self.waiting.is_empty() && !self.is_over {
            let is_worn = self.manner == Manner::Chunked && self.refused >= REFUSALS;
            let item = if is_worn { None } else { next() };
            self.is_over = item.is_none();
            self.begin(item);
        }
        if self.manner == Manner::Chunked {
            self.run_ahead(next, may_still);
        }
        while let Some(step) = self.todo.front().copied() {
            // Nothing may follow DATA before its answer; without pipelining nothing may follow anything. The first text
            // waits for its envelope's answers: on a connection found dead nothing was begun.
            let waits = match self.manner {
                Manner::LockStep => !self.waiting.is_empty(),
                Manner::Pipelined => matches!(self.waiting.back(), Some(Step::Data(_))),
                Manner::Chunked => matches!(step, Step::Chunk(_)) && !self.is_alive,
            };
            if waits {
                return;
            }
            self.todo.pop_front();
            match step {
                Step::Reset => out.extend_from_slice(b"RSET\r\n"),
                Step::Mail(item) => self.line(out, item, "MAIL FROM:<", |item| &item.from),
                Step::Recipient(item) => self.line(out, item, "RCPT TO:<", |item| &item.to),
                Step::Data(_) => out.extend_from_slice(b"DATA\r\n"),
                Step::Nothing(_) => out.extend_from_slice(b".\r\n"),
                // Chunks that follow others were asked about when they were begun, which was now.
                Step::Text(item) | Step::Chunk(item) if self.waiting.is_empty() && !may_still() => {
                    // Closing the connection instead of the text tells the server to forget the envelope.
                    self.fates.push((item, Fate::Later("the right to send ran out".to_owned())));
                    self.end();
                    return;
                }
                Step::Chunk(item) => {
                    if let Some(item) = self.items.get(item) {
                        let end: &[u8] = if item.text.ends_with(b"\r\n") { b"" } else { b"\r\n" };
                        let length = item.text.len() + end.len();
                        out.extend_from_slice(format!("BDAT {length} LAST\r\n").as_bytes());
                        out.extend_from_slice(&item.text);
                        out.extend_from_slice(end);
                    }
                }
                Step::Text(item) => {
                    if let Some(item) = self.items.get(item) {
                        stuffed(&item.text, out);
                    }
                    if self.manner == Manner::Pipelined {
                        // The next envelope leaves in the same write.
                        let item = next();
                        self.begin(item);
                    }
                }
            }
            self.waiting.push_back(step);
        }
    }

    fn line(&self, out: &mut Vec<u8>, item: usize, verb: &str, of: impl Fn(&Item) -> &String) {
        let Some(item) = self.items.get(item) else { return };
        out.extend_from_slice(verb.as_bytes());
        out.extend_from_slice(of(item).as_bytes());
        // An address beyond ASCII needs the server to say so; `post` asks before it hands one out.
        let is_plain = item.to.is_ascii() && item.from.is_ascii();
        let is_sender = verb.starts_with("MAIL");
        out.push(b'>');
        if is_sender && !is_plain {
            out.extend_from_slice(b" SMTPUTF8");
        }
        if self.reports {
            out.extend_from_slice(if is_sender { b" RET=HDRS".as_slice() } else { b" NOTIFY=FAILURE" });
        }
        out.extend_from_slice(b"\r\n");
    }

    fn end(&mut self) {
        self.is_over = true;
        self.is_lost = true;
        self.todo.clear();
    }

    /// Hears the next answer.
    pub fn hear(&mut self, reply: &Reply, said: Said) {
        let Some(step) = self.waiting.pop_front() else {
            // An answer to nothing: whatever comes next would belong to another mail.
            self.lose("an answer to no question");
            return;
        };
        self.is_alive = true;
        let words = || said(reply);
        let of_text = || {
            if reply.is_yes() {
                Fate::Accepted
            } else if reply.is_never() {
                Fate::Never(words())
            } else {
                Fate::Later(words())
            }
        };
        match step {
            Step::Mail(_) if !reply.is_yes() => self.refusal = Some(Fate::Us(words())),
            Step::Recipient(_) if !reply.is_yes() && self.refusal.is_none() => {
                self.refusal = Some(if reply.is_never() { Fate::Never(words()) } else { Fate::Later(words()) });
            }
            Step::Reset | Step::Mail(_) | Step::Recipient(_) | Step::Nothing(_) => {}
            Step::Data(item) if reply.is_go_on() => match self.refusal.take() {
                None => self.todo.push_front(Step::Text(item)),
                Some(fate) => {
                    self.fates.push((item, fate));
                    self.todo.push_front(Step::Nothing(item));
                }
            },
            Step::Data(item) => {
                let fate = self.refusal.take();
                let own = if reply.is_never() { Fate::Never(words()) } else { Fate::Later(words()) };
                self.fates.push((item, fate.unwrap_or(own)));
                self.needs_reset = true;
            }
            Step::Text(item) => self.fates.push((item, of_text())),
            Step::Chunk(item) => {
                let fate = self.refusal.take().unwrap_or_else(of_text);
                self.needs_reset = fate != Fate::Accepted;
                self.refused += usize::from(self.needs_reset);
                self.fates.push((item, fate));
            }
        }
        // A refused envelope goes no further where its text has not left with it.
        if self.manner != Manner::Pipelined
            && self.waiting.is_empty()
            && let Some(Step::Recipient(item) | Step::Data(item) | Step::Chunk(item)) = self.todo.front().copied()
            && let Some(fate) = self.refusal.take()
        {
            self.todo.clear();
            self.fates.push((item, fate));
            self.needs_reset = true;
            self.refused += 1;
        }
        if reply.is_farewell() {
            // It reads nothing more: texts that left after what this answers were not taken. About nobody in particular.
            self.refusal = None;
            self.close(&said(reply), Fate::Later);
        }
    }

    /// The connection is gone, or of no use: what had left and was not answered may have arrived, the rest did not.
    pub fn lose(&mut self, why: &str) {
        self.close(why, Fate::Unknown);
    }

    /// Everything that has no answer ends: texts that left as `of_text`, the rest as not sent.
    fn close(&mut self, why: &str, of_text: fn(String) -> Fate) {
        let (mut refusal, mut ended) = (self.refusal.take(), Vec::new());
        let left = self.waiting.len();
        // From the last step of each mail, which says how far it went.
        let steps: Vec<_> = self.waiting.drain(..).chain(self.todo.drain(..)).enumerate().collect();
        for (at, step) in steps.into_iter().rev() {
            let fate = match step {
                Step::Text(_) | Step::Chunk(_) if at < left => of_text(why.to_owned()),
                _ => Fate::Later(why.to_owned()),
            };
            let Some(item) = step.of() else { continue };
            if ended.last().is_none_or(|(last, _)| *last != item) {
                ended.push((item, fate));
            }
        }
        // The oldest of them is the one whose envelope was refused.
        if let (Some((_, fate)), Some(refusal)) = (ended.last_mut(), refusal.take()) {
            *fate = refusal;
        }
        self.fates.extend(ended.into_iter().rev());
        self.end();
    }

    /// Nothing is left to write or to hear.
    pub fn is_finished(&self) -> bool {
        self.waiting.is_empty() && self.todo.is_empty()
    }

    /// The connection is of no more use: gone, or in the middle of an envelope nobody may finish.
    pub const fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// What became of mails since the last question.
    pub fn fates(&mut self) -> Vec<(usize, Fate)> {
        std::mem::take(&mut self.fates)
    }
}

/// A text with its dots doubled (RFC 5321 §4.5.2), and the dot that ends it.
fn stuffed(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() + 8);
    let mut rest = text;
    if rest.first() == Some(&b'.') {
        out.push(b'.');
    }
    while let Some(at) = memchr::memmem::find(rest, b"\r\n.") {
        let (line, more) = rest.split_at(at + 2);
        out.extend_from_slice(line);
        out.push(b'.');
        rest = more;
    }
    out.extend_from_slice(rest);
    if !text.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
