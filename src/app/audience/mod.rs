//! Who is reached where: one answer from memory when the copy is as new as the caller's transaction, else from the
//! database, page by page; the same either way. Only numbers come out: whether somebody is still there to be written
//! to, the database decides at send time.

mod columns;

pub use columns::Columns;

use super::AppError;
use crate::db::audience::{self, Head, Seat, Spot, Walk};
use crate::db::{Conn, Db, DbError};
use crate::domain::area::CellRange;
use crate::domain::language::Language;
use std::sync::{Arc, PoisonError, RwLock};

/// Changes a caller catches up with by itself; for more, the database is as quick.
const CATCH_UP: i64 = 4096;

#[derive(Clone)]
enum State {
    Empty,
    /// As of this change.
    Loaded(Columns, i64),
    /// It did not fit when there were so many people.
    TooLarge(i64),
}

/// The copy in memory of one process.
pub struct AudienceIndex {
    limit: usize,
    state: RwLock<State>,
}

/// What one transaction asks.
pub enum View {
    /// The copy, as new as the transaction.
    Memory(Columns),
    /// The table.
    Database,
}

impl AudienceIndex {
    /// An empty copy that may take so many mebibytes; with 0 it stays empty.
    #[must_use]
    pub fn new(mebibytes: u32) -> Self {
        let limit = usize::try_from(mebibytes).unwrap_or(usize::MAX).saturating_mul(1 << 20);
        Self { limit, state: RwLock::new(State::Empty) }
    }

    fn state(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn become_state(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Memory the copy takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        if let State::Loaded(columns, _) = self.state() { columns.bytes() } else { 0 }
    }

    /// What this transaction asks: the copy if it is as new or a few changes behind, else the database. A transaction
    /// that changes subscribers itself must ask before it does.
    pub fn view(&self, conn: &mut Conn) -> Result<View, DbError> {
        let State::Loaded(columns, change) = self.state() else { return Ok(View::Database) };
        let head = audience::head(conn)?;
        if change == head.change {
            return Ok(View::Memory(columns));
        }
        if !follows(head, change, CATCH_UP) {
            return Ok(View::Database);
        }
        // Not shared: what this transaction sees may be its own and never be committed.
        Ok(View::Memory(columns.changed(&audience::changes(conn, change, head.change)?)))
    }

    /// Brings the copy up to date with one snapshot of the database: reads what changed, or everything.
    pub async fn follow(self: &Arc<Self>, db: &Db) -> Result<(), DbError> {
        if self.limit == 0 {
            return Ok(());
        }
        let index = self.clone();
        db.read(move |conn| index.follow_now(conn)).await
    }

    /// [`AudienceIndex::follow`] on a connection whose statements see one snapshot, without changes of its own.
    pub fn follow_now(&self, conn: &mut Conn) -> Result<(), DbError> {
        let head = audience::head(conn)?;
        match self.state() {
            State::Loaded(_, change) if change == head.change => return Ok(()),
            State::Loaded(columns, change) if follows(head, change, i64::MAX) => {
                let columns = columns.changed(&audience::changes(conn, change, head.change)?);
                self.keep(columns, head);
                return Ok(());
            }
            // A tenth fewer is worth another try.
            State::TooLarge(people) if head.people > people - people / 10 => return Ok(()),
            _ => {}
        }
        // The old copy goes first: two would be twice the limit.
        self.become_state(State::Empty);
        let mut columns = Columns::default();
        let (mut walk, mut page) = (audience::everybody(), Vec::new());
        loop {
            walk.next(conn, &mut page)?;
            if page.is_empty() || columns.bytes() > self.limit {
                break;
            }
            for block in page.chunks(columns::ROWS) {
                columns.append(block);
            }
        }
        self.keep(columns, head);
        Ok(())
    }

    fn keep(&self, columns: Columns, head: Head) {
        if columns.bytes() <= self.limit {
            self.become_state(State::Loaded(columns, head.change));
            return;
        }
        tracing::warn!(
            event = "audience",
            people = head.people,
            "the audience does not fit worker.audience_index_mb; the database answers instead"
        );
        self.become_state(State::TooLarge(head.people));
    }
}

/// Whether a copy at this change can get to the head by what is kept, and is no further behind than `most`. A copy ahead
/// of its database is of another past: a restored one.
fn follows(head: Head, change: i64, most: i64) -> bool {
    head.kept_after <= change && change <= head.change && head.change - change <= most
}

impl View {
    /// How many people of a language live in these ranges (sorted, disjoint).
    pub fn count(&self, conn: &mut Conn, language: Language, ranges: &[CellRange]) -> Result<i64, AppError> {
        let mut people = 0;
        self.numbers(conn, language, ranges, |_, numbers| {
            people += i64::try_from(numbers.len()).unwrap_or(i64::MAX);
            Ok(())
        })?;
        Ok(people)
    }

    /// The numbers of the people of a language in these ranges, in order of their cells, a bounded slice at a time.
    /// Between slices the connection is free.
    pub fn numbers(
        &self,
        conn: &mut Conn,
        language: Language,
        ranges: &[CellRange],
        mut each: impl FnMut(&mut Conn, &[u32]) -> Result<(), AppError>,
    ) -> Result<(), AppError> {
        match self {
            Self::Memory(columns) => columns.between(spots(language, ranges), |part| each(conn, part.numbers())),
            Self::Database => {
                let mut numbers = Vec::new();
                pages(conn, language, ranges, |conn, page| {
                    numbers.clear();
                    numbers.extend(page.iter().map(|seat| seat.number()));
                    each(conn, &numbers)
                })
            }
        }
    }

    /// The cells of these ranges where people of a language live, with how many, in order.
    pub fn cells(
        &self,
        conn: &mut Conn,
        language: Language,
        ranges: &[CellRange],
        mut each: impl FnMut(&mut Conn, u64, i64) -> Result<(), AppError>,
    ) -> Result<(), AppError> {
        let mut open: Option<(Spot, i64)> = None;
        // A spot's people may be spread over two blocks or pages.
        let mut add = |conn: &mut Conn, spot: Spot, people: i64| match &mut open {
            Some((last, sum)) if *last == spot => {
                *sum += people;
                Ok(())
            }
            open => open.replace((spot, people)).map_or(Ok(()), |(spot, people)| each(conn, spot.cell(), people)),
        };
        match self {
            Self::Memory(columns) => columns.between(spots(language, ranges), |part| {
                part.spots().try_for_each(|(spot, people)| add(conn, spot, people))
            })?,
            Self::Database => pages(conn, language, ranges, |conn, page| {
                page.chunk_by(|a, b| a.spot() == b.spot()).try_for_each(|run| {
                    let people = i64::try_from(run.len()).unwrap_or(i64::MAX);
                    run.first().map_or(Ok(()), |seat| add(conn, seat.spot(), people))
                })
            })?,
        }
        open.map_or(Ok(()), |(spot, people)| each(conn, spot.cell(), people))
    }
}

fn spots(language: Language, ranges: &[CellRange]) -> impl Iterator<Item = (Spot, Spot)> + '_ {
    ranges.iter().map(move |range| Spot::range(language, *range))
}

fn pages(
    conn: &mut Conn,
    language: Language,
    ranges: &[CellRange],
    mut each: impl FnMut(&mut Conn, &[Seat]) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let (mut walk, mut page) = (Walk::new(language, ranges), Vec::new());
    loop {
        walk.next(conn, &mut page)?;
        if page.is_empty() {
            return Ok(());
        }
        each(conn, &page)?;
    }
}
