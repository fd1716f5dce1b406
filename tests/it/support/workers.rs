//! Worker processes: started on a test's installation, stopped and killed at a chosen moment.

use super::tamper::Draw;
use super::{TestApp, on_postgres};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Mails in flight of one worker here: the most a sudden death may repeat.
pub const IN_FLIGHT: usize = 8;
/// Lease of these workers, seconds.
pub const LEASE: u64 = 5;

/// A worker process; killed when dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Starts a worker. Its words go into a file of the test's folder.
    pub fn worker(app: &TestApp, more: &[(&str, &str)]) -> Self {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let log = app.folder.path().join(format!("worker.{number}.log"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_tocsin"));
        command.arg("worker");
        Self::start(command, log, app, more)
    }

    /// [`Process::worker`] of which files can be kept from growing ([`Process::room`]): a write beyond that fails instead of
    /// ending the process. Any command of the program will do.
    pub fn limited(app: &TestApp, arguments: &[&str], more: &[(&str, &str)]) -> Self {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let log = app.folder.path().join(format!("limited.{number}.log"));
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_tocsin")]).args(arguments);
        Self::start(command, log, app, more)
    }

    /// How many bytes a file written by this process may have from now on; none: as many as it likes.
    pub fn room(&self, bytes: Option<u64>) {
        let limit = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
        let set = Command::new("prlimit")
            .args(["--pid", &self.child.id().to_string(), &format!("--fsize={limit}:unlimited")])
            .status();
        assert!(set.unwrap().success(), "{limit}");
    }

    fn start(mut command: Command, log: PathBuf, app: &TestApp, more: &[(&str, &str)]) -> Self {
        let child = command
            .env("TOCSIN_DATABASE__URL", &app.url)
            .env("TOCSIN_DATABASE__CONNECTIONS", "4")
            .env("TOCSIN_KEYS__SERVER_KEY_FILE", app.folder.path().join("server.key"))
            .env("TOCSIN_MEDIA__DIRECTORY", app.folder.path().join("media"))
            .env("TOCSIN_SERVER__PUBLIC_URL", &app.http.base)
            .env("TOCSIN_EMAIL__HOST", "127.0.0.1")
            .env("TOCSIN_EMAIL__PORT", app.catcher.address.port().to_string())
            .env("TOCSIN_EMAIL__SECURITY", "none")
            .env("TOCSIN_EMAIL__CONNECTIONS", IN_FLIGHT.to_string())
            .env("TOCSIN_WORKER__LEASE_SECONDS", LEASE.to_string())
            .env("TOCSIN_WORKER__POLL_MILLIS", "20")
            .envs(more.iter().copied())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { child, log }
    }

    /// Stops it between two transactions: SQLite's one writer's place is not taken from a process that is stopped in the
    /// middle of one (PostgreSQL ends its session).
    pub async fn stop_between_writes(&self, app: &TestApp) {
        self.signal("STOP");
        // On a thread of its own: what answers the processes of stories side by side runs on this one.
        while !on_postgres() {
            let clock = app.app.clock.clone();
            if app.app.db.write(move |conn| clock.now(conn).map(drop)).await.is_ok() {
                return;
            }
            self.signal("CONT");
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.signal("STOP");
        }
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success(), "{name}");
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Processor time so far.
    #[allow(dead_code, reason = "`benches/mail.rs` asks")]
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 10)
    }

    /// The most memory it had so far.
    #[allow(dead_code, reason = "`benches/mail.rs` asks")]
    pub fn peak_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    /// Whether it ended, and if so well.
    pub fn ended(&mut self) -> Option<bool> {
        self.child.try_wait().unwrap().map(|status| status.success())
    }

    /// What it said so far.
    pub fn words(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// Waits until `is_so`, at most `limit`; whether it became so.
pub async fn until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if is_so() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    is_so()
}

/// How often each mail arrived, by Message-ID: the same for every try of one mail to one person.
pub fn arrivals(app: &TestApp) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for mail in app.catcher.mails() {
        let text = String::from_utf8_lossy(&mail.raw).into_owned();
        let id = super::client::between(&text, "Message-ID: ", "\r\n").unwrap();
        *counts.entry(id).or_default() += 1;
    }
    counts
}

/// Mails that arrived again.
pub fn repeated(arrivals: &BTreeMap<String, usize>) -> usize {
    arrivals.values().map(|count| count - 1).sum()
}

/// Long runs are asked for by a variable.
pub fn is_long() -> bool {
    std::env::var("TOCSIN_TEST_LONG").is_ok()
}

/// A story in which the database has no part is told once, in SQLite's run; a long run tells it in both.
pub fn was_told() -> bool {
    on_postgres() && !is_long()
}

/// Chance from `TOCSIN_TEST_SEED`, or from the clock; printed, so that a failure can be repeated.
pub fn draw(story: &str) -> Draw {
    let given = std::env::var("TOCSIN_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| chrono::Utc::now().timestamp_micros().unsigned_abs());
    println!("{story}: TOCSIN_TEST_SEED={seed}");
    Draw(seed)
}

/// Deliveries that have not ended.
pub fn open_deliveries(app: &TestApp) -> i64 {
    count(app, "SELECT COUNT(*) AS n FROM deliveries WHERE state IN ('pending', 'leased', 'effect_unknown', 'held')")
}

/// The number `n` a query gives.
pub fn count(app: &TestApp, query: &str) -> i64 {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let query = query.to_owned();
    app.app
        .db
        .read_now(|conn| {
            let row: Row = match conn {
                tocsin::db::Conn::Sqlite(c) => diesel::sql_query(query).get_result(c),
                #[cfg(feature = "postgres")]
                tocsin::db::Conn::Postgres(c) => diesel::sql_query(query).get_result(c),
            }
            .map_err(tocsin::db::DbError::from)?;
            Ok::<_, tocsin::db::DbError>(row.n)
        })
        .unwrap()
}

/// How deliveries that have not ended stand, for the words of a failed story.
pub fn standing(app: &TestApp) -> Vec<String> {
    use diesel::prelude::*;
    use tocsin::db::schema::deliveries as d;
    type Row = (String, String, String, i64, Option<chrono::NaiveDateTime>, chrono::NaiveDateTime);
    let rows = app.app.db.read_now(|conn| {
        let query = d::table.filter(d::state.ne_all(["done", "failed", "cancelled"])).order(d::id).limit(20);
        let query = query.select((d::channel, d::state, d::note, d::fence, d::leased_until, d::due_at));
        let rows: Vec<Row> = match conn {
            tocsin::db::Conn::Sqlite(c) => query.load(c),
            #[cfg(feature = "postgres")]
            tocsin::db::Conn::Postgres(c) => query.load(c),
        }
        .map_err(tocsin::db::DbError::from)?;
        Ok::<_, tocsin::db::DbError>(rows)
    });
    rows.unwrap().into_iter().map(|row| format!("{row:?}")).collect()
}
