//! What is wrong with a filed area, and where in the document; and the limits a filing must keep.

use super::lookup::Candidate;

/// One fault of a filing. The pointer is a JSON pointer (RFC 6901) into the filed document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", if pointer.is_empty() { "the document" } else { pointer.as_str() })]
pub struct AreaFault {
    /// Where.
    pub pointer: String,
    /// A stable word for programs.
    pub code: &'static str,
    /// A sentence for people, with the value and the limit.
    pub message: String,
    /// The places to choose from, where a name was not one place.
    pub candidates: Vec<Candidate>,
}

impl AreaFault {
    pub(super) fn new(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: plain(message.into()), candidates: Vec::new() }
    }

    pub(super) fn with_candidates(mut self, candidates: &[Candidate]) -> Self {
        self.candidates = candidates.to_vec();
        self
    }
}

/// Messages quote what was filed, which may be megabytes long or drive a terminal: cut, and without control characters.
fn plain(message: String) -> String {
    /// A sentence with a quoted value that helps; beyond, nobody reads.
    const LONGEST: usize = 300;
    let harmless =
        |c: char| !c.is_control() && !('\u{202a}'..='\u{202e}').contains(&c) && !('\u{2066}'..='\u{2069}').contains(&c);
    if message.chars().count() <= LONGEST && message.chars().all(harmless) {
        return message;
    }
    let mut cut: String =
        message.chars().take(LONGEST).map(|c| if harmless(c) { c } else { char::REPLACEMENT_CHARACTER }).collect();
    if message.chars().nth(LONGEST).is_some() {
        cut.push('…');
    }
    cut
}

/// What a filing may not exceed.
pub mod limits {
    /// Bytes of one filed geometry: the whole Belgian border in full detail is about 2 MB.
    pub const BYTES: usize = 5 * 1024 * 1024;
    /// Positions of one filing; checking and covering stay under a second.
    pub const VERTICES: usize = 50_000;
    /// Compacted cells a filing's shapes may become: what is stored as evidence, about 2 MB of it. Belgium at resolution
    /// 11, or its box at resolution 10, fit. Place codes are looked up, not covered, and do not count.
    pub const CELLS: u32 = 100_000;
    /// Edge tests a filing's shapes may take, each 2 to 4 ns: about a second.
    pub const WORK: u64 = 300_000_000;
    /// Straight pieces of a corridor's lines: uniting as many capsules takes about a second.
    pub const PIECES: usize = 10_000;
    /// Letters of a place's name; the longest has fewer than 60, in two languages and with its province 200.
    pub const NAME: usize = 200;
    /// Collections inside collections.
    pub const DEPTH: usize = 4;
    /// Parts of a filing, included and excluded together; all of Belgium's municipalities fit.
    pub const PARTS: usize = 1_000;
    /// Faults reported at once; more help nobody.
    pub const FAULTS: usize = 50;
}
