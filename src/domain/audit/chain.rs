//! Follows the chain entry by entry, beside the checkpoints that were kept elsewhere, and says where it is broken: exactly,
//! where the chain itself shows it; between two checkpoints, where somebody recomputed every hash.

use super::{Checkpoint, ERASED, Entry, GENESIS};
use std::collections::BTreeMap;

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A number is missing, or comes where another should.
    OutOfOrder,
    /// The entry does not name the hash of the one before it.
    Unlinked,
    /// The hash stored beside it is not its hash.
    Changed,
    /// Reason or salt are not what was written.
    WordsChanged,
    /// Reason and salt are gone without an act that says so.
    SilentlyErased,
    /// The stored head and the last entry differ.
    Head,
    /// A checkpoint counted more entries than there are.
    Missing,
    /// The hashes fit each other but not the checkpoint: somebody wrote them anew.
    Rewritten,
}

impl Why {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutOfOrder => "out-of-order",
            Self::Unlinked => "unlinked",
            Self::Changed => "changed",
            Self::WordsChanged => "words-changed",
            Self::SilentlyErased => "silently-erased",
            Self::Head => "head",
            Self::Missing => "missing",
            Self::Rewritten => "rewritten",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::OutOfOrder => "is missing or out of order",
            Self::Unlinked => "does not continue the entry before it",
            Self::Changed => "was changed after it was written",
            Self::WordsChanged => "has another reason or salt than was written",
            Self::SilentlyErased => "lost its reason without an act of erasure",
            Self::Head => "is where the stored head and the entries part",
            Self::Missing => "is the first that may be gone: a checkpoint counted more entries than there are",
            Self::Rewritten => {
                "is the first that may be rewritten: from here on the hashes are not those of the checkpoint"
            }
        }
    }
}

/// Where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The first entry that does not fit, or the first of the range that holds it.
    pub seq: u64,
    /// The last of that range; `seq` itself where the place is known exactly.
    pub upto: u64,
    /// What does not fit.
    pub why: Why,
    /// The checkpoint that shows it, where one does.
    pub checkpoint: Option<u64>,
}

impl Broken {
    const fn at(seq: u64, why: Why) -> Self {
        Self { seq, upto: seq, why, checkpoint: None }
    }

    /// Whether `seq` is the first bad entry itself; else it is somewhere from `seq` to `upto`.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        self.seq == self.upto
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "entry {} {}", self.seq, self.why.words())
    }
}

impl std::error::Error for Broken {}

/// Follows a chain by its own hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainWalk {
    seq: u64,
    hash: String,
}

impl Default for ChainWalk {
    fn default() -> Self {
        Self::after(0, GENESIS)
    }
}

impl ChainWalk {
    /// Goes on behind a known entry.
    #[must_use]
    pub fn after(seq: u64, hash: &str) -> Self {
        Self { seq, hash: hash.to_owned() }
    }

    /// Takes the next entry and the hash stored beside it.
    pub fn follow(&mut self, entry: &Entry, stored: &str) -> Result<(), Broken> {
        let broken = |why| Broken::at(self.seq + 1, why);
        if entry.seq != self.seq + 1 {
            return Err(broken(Why::OutOfOrder));
        }
        if entry.prev_hash != self.hash {
            return Err(broken(Why::Unlinked));
        }
        if entry.hash() != stored {
            return Err(broken(Why::Changed));
        }
        if !entry.words_hold() {
            return Err(broken(Why::WordsChanged));
        }
        self.seq = entry.seq;
        stored.clone_into(&mut self.hash);
        Ok(())
    }

    /// Compares with where the chain should end: a cut tail shows here.
    pub fn end(&self, seq: u64, hash: &str) -> Result<(), Broken> {
        if self.seq == seq && self.hash == hash { Ok(()) } else { Err(Broken::at(self.seq + 1, Why::Head)) }
    }

    /// How far it came.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.seq
    }

    /// The hash of the last entry it took.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.hash
    }
}

/// What an unbroken chain showed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Entries.
    pub entries: u64,
    /// Checkpoints that agree.
    pub checkpoints: usize,
    /// Entries up to the last of them; those after it are only linked to each other.
    pub covered: u64,
    /// Entries whose reason was erased, with an act that says so.
    pub erased: u64,
}

/// Follows a chain beside its checkpoints.
#[derive(Clone, Debug, Default)]
pub struct Verifier {
    walk: ChainWalk,
    checkpoints: Vec<Checkpoint>,
    agreed: usize,
    covered: u64,
    /// Objects with an erased entry that no act of erasure named yet, with the first such entry.
    emptied: BTreeMap<String, u64>,
    erased: u64,
    texts_withheld: bool,
}

impl Verifier {
    /// With genuine checkpoints, ordered by number and followed by [`super::follow_checkpoints`].
    #[must_use]
    pub fn new(mut checkpoints: Vec<Checkpoint>) -> Self {
        checkpoints.sort_by_key(|checkpoint| checkpoint.mark.size);
        Self { checkpoints, ..Self::default() }
    }

    /// For an export whose reasons were left out on purpose: that they are missing is then nothing to remark on.
    #[must_use]
    pub fn without_texts(mut self) -> Self {
        self.texts_withheld = true;
        self
    }

    fn compare(&mut self) -> Result<(), Broken> {
        let length = self.walk.length();
        while let Some(checkpoint) = self.checkpoints.get(self.agreed).filter(|c| c.mark.size <= length) {
            let mark = &checkpoint.mark;
            if mark.size != length || mark.head != self.walk.head() {
                let why = Why::Rewritten;
                let first = (self.covered + 1).min(mark.size.max(1));
                return Err(Broken { seq: first, upto: mark.size.max(1), why, checkpoint: Some(mark.number) });
            }
            self.covered = mark.size;
            self.agreed += 1;
        }
        Ok(())
    }

    /// Takes the next entry and the hash stored beside it.
    pub fn follow(&mut self, entry: &Entry, stored: &str) -> Result<(), Broken> {
        self.walk.follow(entry, stored)?;
        if entry.is_erased() {
            self.erased += 1;
            self.emptied.entry(entry.object.clone()).or_insert(entry.seq);
        }
        if entry.action == ERASED {
            self.emptied.remove(&entry.object);
        }
        self.compare()
    }

    /// Compares with where the chain should end by its stored head and by its checkpoints.
    pub fn end(mut self, head: Option<(u64, &str)>) -> Result<Verdict, Broken> {
        // A checkpoint of an empty chain has no entry after which it would be compared.
        self.compare()?;
        if let Some(checkpoint) = self.checkpoints.get(self.agreed) {
            // What stands between the last agreeing checkpoint and the cut may be rewritten too: nothing vouches for it.
            let (seq, upto) = (self.covered + 1, checkpoint.mark.size);
            let first = Broken { seq, upto, why: Why::Missing, checkpoint: Some(checkpoint.mark.number) };
            return Err(first);
        }
        if let Some((seq, hash)) = head {
            self.walk.end(seq, hash)?;
        }
        match self.emptied.values().min() {
            Some(seq) if !self.texts_withheld => Err(Broken::at(*seq, Why::SilentlyErased)),
            _ => Ok(Verdict {
                entries: self.walk.length(),
                checkpoints: self.agreed,
                covered: self.covered,
                erased: self.erased,
            }),
        }
    }
}
