//! Who is reached where: memory, database and a plain filter agree, through sign-ups, confirmations, imports and
//! erasures, and after a migration of a database that already holds people.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers of a test"
)]

use crate::support::{TestApp, on_postgres};
use chrono::{TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tocsin::app::App;
use tocsin::app::audience::{AudienceIndex, View};
use tocsin::db::subscribers::{self, NewSubscriber};
use tocsin::db::{Conn, DbError, audience, migrate};
use tocsin::domain::area::{CellRange, CellSet, SUBSCRIBER_RESOLUTION};
use tocsin::domain::ids::SubscriberId;
use tocsin::domain::language::Language;

/// A small generator of its own, so that a failure repeats.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn language(&mut self) -> Language {
        Language::ALL[self.below(3) as usize]
    }

    /// A cell in or around Brussels; few enough that people share them.
    fn cell(&mut self) -> u64 {
        let (row, column) = (self.below(30) as f64, self.below(30) as f64);
        let at = h3o::LatLng::new(50.80 + row / 300.0, 4.30 + column / 200.0).unwrap();
        at.to_cell(SUBSCRIBER_RESOLUTION).into()
    }

    /// A few cells of mixed sizes, or the whole Earth, as ranges.
    fn ranges(&mut self) -> Vec<CellRange> {
        if self.below(6) == 0 {
            return CellSet::everything().ranges(SUBSCRIBER_RESOLUTION);
        }
        let cells = (0..=self.below(20)).map(|_| {
            let cell = h3o::CellIndex::try_from(self.cell()).unwrap();
            cell.parent(h3o::Resolution::try_from(7 + self.below(4) as u8).unwrap()).unwrap()
        });
        cells.collect::<CellSet>().ranges(SUBSCRIBER_RESOLUTION)
    }
}

/// What should be true: id to language and cell of whoever is active.
type People = BTreeMap<String, (Language, u64)>;

struct Story<'a> {
    app: &'a App,
    dice: Dice,
    people: People,
    made: u64,
}

impl Story<'_> {
    fn newcomer(&mut self, waits: bool) -> NewSubscriber {
        self.made += 1;
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.made.to_be_bytes());
        NewSubscriber {
            id: SubscriberId::from_parts(Utc::now(), random),
            email: format!("p{}@mail.example.be", self.made),
            language: self.dice.language(),
            cell: self.dice.cell() as i64,
            source: "test".to_owned(),
            confirmation: waits.then(|| (format!("digest{}", self.made), Utc::now() + TimeDelta::hours(1))),
        }
    }

    fn write<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, DbError>) -> T {
        self.app.db.write_now(work).unwrap()
    }

    fn comes(&mut self, new: &NewSubscriber) {
        self.people.insert(new.id.to_string(), (new.language, new.cell as u64));
    }

    fn anybody(&mut self) -> Option<String> {
        let at = self.dice.below(self.people.len().max(1) as u64) as usize;
        self.people.keys().nth(at).cloned()
    }

    fn step(&mut self) {
        match self.dice.below(6) {
            0 => {
                let new = self.newcomer(true);
                self.write(|conn| subscribers::sign_up(conn, &new, Utc::now()));
                let digest = new.confirmation.clone().unwrap().0;
                if self.dice.below(3) > 0 {
                    self.write(|conn| subscribers::confirm(conn, &digest, Utc::now()));
                    self.comes(&new);
                }
            }
            1 | 2 => {
                let count = self.dice.below(40);
                let mut new: Vec<_> = (0..count).map(|_| self.newcomer(false)).collect();
                let expected = new.len();
                // The same people again, under new ids, must change nothing.
                let again: Vec<_> = new
                    .iter()
                    .map(|known| NewSubscriber { email: known.email.clone(), ..self.newcomer(false) })
                    .collect();
                new.extend(again);
                assert_eq!(self.write(|conn| subscribers::import(conn, &new, Utc::now())), expected);
                for new in new.iter().take(expected) {
                    self.comes(new);
                }
            }
            // A move: the person leaves and comes back elsewhere.
            3 => {
                let new = self.newcomer(false);
                if let Some(id) = self.anybody() {
                    self.write(|conn| {
                        subscribers::erase(conn, &SubscriberId::parse(&id).unwrap(), Utc::now())?;
                        subscribers::import(conn, std::slice::from_ref(&new), Utc::now())
                    });
                    self.people.remove(&id);
                    self.comes(&new);
                }
            }
            _ => {
                for _ in 0..self.dice.below(12) {
                    let Some(id) = self.anybody() else { return };
                    assert!(self.write(|conn| subscribers::erase(
                        conn,
                        &SubscriberId::parse(&id).unwrap(),
                        Utc::now()
                    )));
                    self.people.remove(&id);
                }
            }
        }
    }

    /// Asks a view and the plain filter the same.
    fn compare(&mut self, view: &View) {
        for _ in 0..6 {
            let (language, ranges) = (self.dice.language(), self.dice.ranges());
            let inside = |cell: u64| ranges.iter().any(|range| range.first <= cell && cell <= range.last);
            let mut wanted: BTreeMap<u64, i64> = BTreeMap::new();
            for (spoken, cell) in self.people.values().filter(|(_, cell)| inside(*cell)) {
                if *spoken == language {
                    *wanted.entry(*cell).or_default() += 1;
                }
            }
            let mut cells = Vec::new();
            let people = self
                .app
                .db
                .read_now(|conn| {
                    view.cells(conn, language, &ranges, |_, cell, people| {
                        cells.push((cell, people));
                        Ok(())
                    })?;
                    view.count(conn, language, &ranges)
                })
                .unwrap();
            assert_eq!(people, wanted.values().sum::<i64>());
            assert_eq!(cells, wanted.into_iter().collect::<Vec<_>>());
        }
    }

    fn numbers(&self, view: &View) -> Vec<u32> {
        let earth = CellSet::everything().ranges(SUBSCRIBER_RESOLUTION);
        let mut all = Vec::new();
        for language in Language::ALL {
            let add = |_: &mut Conn, numbers: &[u32]| {
                all.extend_from_slice(numbers);
                Ok(())
            };
            self.app.db.read_now(|conn| view.numbers(conn, language, &earth, add)).unwrap();
        }
        all
    }

    fn view(&self, index: &AudienceIndex) -> View {
        self.app.db.read_now(|conn| index.view(conn)).unwrap()
    }

    fn follow(&self, index: &AudienceIndex) {
        self.app.db.read_now(|conn| index.follow_now(conn)).unwrap();
    }
}

#[actix_web::test]
async fn memory_and_database_agree_whoever_comes_moves_and_leaves() {
    let app = TestApp::start().await;
    let mut story = Story { app: &app.app, dice: Dice(7), people: People::new(), made: 0 };
    let (followed, stale) = (AudienceIndex::new(16), AudienceIndex::new(16));
    story.follow(&stale);
    for round in 0..12 {
        for _ in 0..4 {
            story.step();
        }
        if round % 3 != 0 {
            story.follow(&followed);
        }
        let (memory, behind) = (story.view(&followed), story.view(&stale));
        assert!(round == 0 || matches!(memory, View::Memory(_)), "a loaded copy catches up by itself");
        assert!(matches!(behind, View::Memory(_)));
        for view in [&View::Database, &memory, &behind] {
            story.compare(view);
        }
        let fresh = AudienceIndex::new(16);
        story.follow(&fresh);
        let everybody = story.numbers(&View::Database);
        assert_eq!(everybody.len(), story.people.len());
        assert_eq!(story.numbers(&memory), everybody);
        assert_eq!(story.numbers(&story.view(&fresh)), everybody, "as after a restart");
    }
}

#[actix_web::test]
async fn a_copy_that_missed_forgotten_changes_reads_everything_anew() {
    let app = TestApp::start().await;
    let mut story = Story { app: &app.app, dice: Dice(11), people: People::new(), made: 0 };
    let index = AudienceIndex::new(16);
    story.step();
    story.follow(&index);
    let new = story.newcomer(false);
    story.write(|conn| subscribers::import(conn, std::slice::from_ref(&new), Utc::now()));
    story.comes(&new);
    story.write(|conn| audience::forget_old_changes(conn, Utc::now() + TimeDelta::hours(2)));
    let head = app.app.db.read_now(audience::head).unwrap();
    assert_eq!((head.kept_after, head.people), (head.change, story.people.len() as i64));
    assert!(matches!(story.view(&index), View::Database), "what it missed is no longer told");
    story.follow(&index);
    let view = story.view(&index);
    assert!(matches!(view, View::Memory(_)));
    story.compare(&view);
}

#[actix_web::test]
async fn a_copy_above_its_limit_leaves_the_answers_to_the_database() {
    let app = TestApp::start().await;
    let mut story = Story { app: &app.app, dice: Dice(13), people: People::new(), made: 0 };
    let off = AudienceIndex::new(0);
    story.follow(&off);
    assert!(matches!(story.view(&off), View::Memory(_)), "nobody fits into nothing");
    let new: Vec<_> = (0..100).map(|_| story.newcomer(false)).collect();
    story.write(|conn| subscribers::import(conn, &new, Utc::now()));
    for new in &new {
        story.comes(new);
    }
    story.follow(&off);
    story.follow(&off);
    let view = story.view(&off);
    assert!(matches!(view, View::Database));
    assert_eq!(off.bytes(), 0);
    story.compare(&view);
}

#[actix_web::test]
async fn a_database_that_holds_people_is_migrated_with_them() {
    let app = TestApp::start().await;
    let folder =
        format!("{}/migrations/{}", env!("CARGO_MANIFEST_DIR"), if on_postgres() { "postgres" } else { "sqlite" });
    let down = |name: &str| std::fs::read_to_string(format!("{folder}/2026-11-21-{name}/down.sql")).unwrap();
    let mut story = Story { app: &app.app, dice: Dice(17), people: People::new(), made: 0 };
    let mut text = down("000022_audience_blocks") + &down("000002_audience");
    text += "DELETE FROM __diesel_schema_migrations WHERE version IN ('20261121000002', '20261121000022');";
    for number in 0..600_u64 {
        // Some live on pentagons: base cell 4 is one.
        let pentagon = 0x08a0_8000_0000_7fff | ((number / 20 % 5 + 2) << 15);
        let cell = if number % 20 == 0 { pentagon } else { story.dice.cell() };
        let new = NewSubscriber { cell: cell as i64, ..story.newcomer(false) };
        let state = if number % 7 == 0 { "pending" } else { "active" };
        write!(
            text,
            "INSERT INTO subscribers (id, email, language, cell, state, source, created_at) \
             VALUES ('{}', '{}', '{}', {cell}, '{state}', 'test', '2026-11-01 10:00:00');",
            new.id, new.email, new.language
        )
        .unwrap();
        if state == "active" {
            story.comes(&new);
        }
    }
    app.app.db.bare(|conn| Ok(conn.batch_execute(&text)?)).unwrap();
    let ran = app.app.db.bare(migrate).unwrap();
    assert_eq!(ran.len(), 2, "{ran:?}");
    assert_eq!(app.app.db.read_now(audience::head).unwrap().people, story.people.len() as i64);
    story.compare(&View::Database);
    let index = AudienceIndex::new(16);
    story.follow(&index);
    let memory = story.view(&index);
    story.compare(&memory);
    for _ in 0..8 {
        story.step();
    }
    let view = story.view(&index);
    story.compare(&view);
    assert_eq!(story.numbers(&View::Database).len(), story.people.len());
}
