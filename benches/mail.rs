//! Mass mail end to end, beside postfix's `smtp-source` into the same sink: `cargo bench --features postgres --bench mail`.
//!
//! An appeal in French and Dutch goes to `MAIL_PEOPLE` (200,000) subscribers behind `MAIL_DOMAINS` (200) domains, half of
//! them in each language, through `tocsin worker` processes of the release build: what each recipient became is in the
//! database before the next ones leave. The time is from the workers' start, their reading of the installation included,
//! to the last row written down. The sink takes SMTP with pipelining on one thread and forgets it; `smtp-source` sends it as
//! many mails of the same size over as many connections (`-s`), in turns with ours; medians are printed.
//!
//! With `MAIL_STORM=1` instead: how fast the domains that are well get theirs, first in calm, then while 30 % of the domains
//! put everybody off, 5 % know nobody, 5 % hang up in the text and 5 % are tarpits.
//!
//! `MAIL_WORKERS` (1), `MAIL_CONNECTIONS` (32), `MAIL_PER_CONNECTION` (10000: all of them, as `smtp-source`),
//! `MAIL_IN_FLIGHT` (4000: the most that a sudden death repeats), `MAIL_SHARD` (10000), `MAIL_TURNS` (3),
//! `MAIL_ANSWER_MILLIS` (0: at once; otherwise every answer of the sink waits so long), `MAIL_CHUNKING` (1; 0: the sink takes
//! texts by DATA alone), `TOCSIN_TEST_DATABASE=postgres`, `SMTP_SOURCE` (its path; from Debian's `postfix`; without it there
//! is no comparison).
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::too_many_lines,
    reason = "a bench may"
)]

#[path = "../tests/it/support/mod.rs"]
mod support;

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use support::workers::{Process, count};
use support::{ANY, TestApp};
use tocsin::app::subscribe::{self, ImportLine};
use tocsin::catcher::{Storm, Weather};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[derive(Default)]
struct Taken {
    mails: AtomicU64,
    bytes: AtomicU64,
    /// Of those, to domains that are well.
    fair: AtomicU64,
}

/// How the sink behaves.
#[derive(Clone, Copy)]
struct Manner {
    /// Every answer waits so long.
    wait: Duration,
    storm: Storm,
    /// The storm is only counted with, not let loose.
    is_calm: bool,
    /// It takes texts in chunks.
    chunking: bool,
}

/// One thread that takes mails and forgets them.
fn sink(manner: Manner) -> (SocketAddr, Arc<Taken>) {
    let taken = Arc::new(Taken::default());
    let (ours, (tell, told)) = (taken.clone(), std::sync::mpsc::channel());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, async move {
            let listener = TcpListener::bind(SocketAddr::from((ANY, 0))).await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let taken = ours.clone();
                tokio::task::spawn_local(async move {
                    let _ = take(stream, &taken, manner).await;
                });
            }
        });
    });
    (told.recv().unwrap(), taken)
}

/// What the storm does to the envelope of a RCPT line.
fn weather(manner: Manner, line: &[u8]) -> Weather {
    let line = String::from_utf8_lossy(line);
    let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(address, _)| address);
    manner.storm.over(address)
}

/// A conversation: everything that came is answered in one write. In a storm the domains of its first kind are put off for
/// as long as the bench lasts.
async fn take(mut stream: TcpStream, taken: &Taken, manner: Manner) -> std::io::Result<()> {
    stream.write_all(b"220 sink ESMTP\r\n").await?;
    let (mut buffer, mut out) = (Vec::with_capacity(128 * 1024), Vec::new());
    let (mut is_text, mut searched) = (false, 0_usize);
    // Bytes of a chunk that is on its way.
    let mut chunk = None::<usize>;
    // Of the domain, and what is done about it.
    let (mut over, mut does) = (Weather::Fair, Weather::Fair);
    loop {
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
        let (mut at, mut is_end) = (0, false);
        loop {
            let rest = &buffer[at..];
            if let Some(size) = chunk {
                if rest.len() < size {
                    break;
                }
                (at, chunk) = (at + size, None);
                if matches!(does, Weather::Later | Weather::Never) {
                    out.extend_from_slice(b"554 5.5.1 no valid recipients\r\n");
                    continue;
                }
                taken.mails.fetch_add(1, Relaxed);
                taken.fair.fetch_add(u64::from(over == Weather::Fair), Relaxed);
                taken.bytes.fetch_add(size as u64, Relaxed);
                out.extend_from_slice(b"250 2.0.0 taken\r\n");
                continue;
            }
            if is_text {
                // The closing dot may come in two reads.
                let from = searched.saturating_sub(4);
                if let Some(end) = memchr::memmem::find(&rest[from..], b"\r\n.\r\n") {
                    at += from + end + 5;
                    taken.mails.fetch_add(1, Relaxed);
                    taken.fair.fetch_add(u64::from(over == Weather::Fair), Relaxed);
                    taken.bytes.fetch_add((from + end + 2) as u64, Relaxed);
                    out.extend_from_slice(b"250 2.0.0 taken\r\n");
                    (is_text, searched) = (false, 0);
                } else {
                    searched = rest.len();
                    break;
                }
                continue;
            }
            let Some(end) = memchr::memchr(b'\n', rest) else { break };
            let line = &rest[..end];
            at += end + 1;
            match line.first().map(u8::to_ascii_uppercase) {
                Some(b'E') => {
                    let chunking: &[u8] = if manner.chunking { b"250-CHUNKING\r\n" } else { b"" };
                    out.extend_from_slice(b"250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n");
                    out.extend_from_slice(chunking);
                    out.extend_from_slice(b"250 PIPELINING\r\n");
                }
                Some(b'R') if line.len() > 4 => {
                    over = weather(manner, line);
                    does = if manner.is_calm { Weather::Fair } else { over };
                    match does {
                        Weather::Later => out.extend_from_slice(b"451 4.7.1 greylisted\r\n"),
                        Weather::Never => out.extend_from_slice(b"550 5.1.1 no such user\r\n"),
                        Weather::Tarpit => {
                            // Whoever waits on purpose sends what it has said before.
                            stream.write_all(&out).await?;
                            out.clear();
                            tokio::time::sleep(manner.storm.tarpit_wait).await;
                            out.extend_from_slice(b"250 2.1.5 ok\r\n");
                        }
                        _ => out.extend_from_slice(b"250 2.1.5 ok\r\n"),
                    }
                }
                Some(b'B') => {
                    let size = String::from_utf8_lossy(line).split(' ').nth(1).and_then(|size| size.parse().ok());
                    chunk = Some(size.expect("a chunk's size"));
                    if does == Weather::Reset {
                        stream.write_all(&out).await?;
                        return Ok(());
                    }
                }
                Some(b'D') if matches!(does, Weather::Later | Weather::Never) => {
                    out.extend_from_slice(b"554 5.5.1 no valid recipients\r\n");
                }
                Some(b'D') => {
                    out.extend_from_slice(b"354 go on\r\n");
                    is_text = true;
                    if does == Weather::Reset {
                        stream.write_all(&out).await?;
                        return Ok(());
                    }
                }
                Some(b'Q') => {
                    out.extend_from_slice(b"221 2.0.0 bye\r\n");
                    is_end = true;
                }
                _ => out.extend_from_slice(b"250 2.0.0 ok\r\n"),
            }
        }
        buffer.drain(..at);
        if !out.is_empty() {
            if !manner.wait.is_zero() {
                tokio::time::sleep(manner.wait).await;
            }
            stream.write_all(&out).await?;
            out.clear();
        }
        if is_end {
            return Ok(());
        }
    }
}

fn smtp_source() -> Option<String> {
    let named = std::env::var("SMTP_SOURCE").ok();
    let usual = ["/usr/sbin/smtp-source".to_owned(), "/usr/bin/smtp-source".to_owned()];
    named.into_iter().chain(usual).find(|path| std::path::Path::new(path).exists())
}

/// Mails a second of `smtp-source`.
fn compare(program: &str, sink: SocketAddr, mails: u64, length: u64, connections: u64) -> f64 {
    let began = Instant::now();
    let ended = Command::new(program)
        .args(["-s", &connections.to_string(), "-m", &mails.to_string(), "-l", &length.to_string(), "-d"])
        .args(["-f", "alerts@police.example.be", "-t", "reader@mail.example.be", &format!("inet:{sink}")])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(ended.success());
    mails as f64 / began.elapsed().as_secs_f64()
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// Subscribers in the two municipalities of the appeal.
fn subscribe_everybody(app: &TestApp, people: u64, domains: u64) {
    let began = Instant::now();
    let now = app.app.db.read_now(|conn| app.app.clock.now(conn)).unwrap();
    let cells: Vec<String> = ["NIS:21009", "NIS:23099"]
        .iter()
        .flat_map(|nis| {
            let place = tocsin::domain::place::PlaceCode::parse(nis).unwrap();
            let cells = app.app.gazetteer.cells_of(&place).unwrap();
            let of_place: Vec<_> = cells.cells_at(tocsin::domain::area::SUBSCRIBER_RESOLUTION).collect();
            of_place.into_iter().map(|cell| cell.to_string())
        })
        .collect();
    for from in (0..people).step_by(20_000) {
        let lines: Vec<_> = (from..people.min(from + 20_000))
            .map(|n| {
                let email = format!("reader{n}@d{}.example", n % domains);
                let language = if n % 2 == 0 { "fr" } else { "nl" };
                let cell = &cells[(n / 2) as usize % cells.len()];
                let line = ImportLine { email: &email, language, cell, place: "" };
                subscribe::parse_line(&app.app, &line, "bench", now).unwrap()
            })
            .collect();
        app.app.db.write_now(|conn| subscribe::import(conn, &app.app, &lines)).unwrap();
    }
    println!("{people} subscribers in {:.1} s", began.elapsed().as_secs_f64());
}

fn start_workers(app: &TestApp, sink: SocketAddr) -> Vec<Process> {
    let (port, connections) = (sink.port().to_string(), setting("MAIL_CONNECTIONS", 32).to_string());
    // The comparison keeps its connections for all its mails.
    let per_connection = setting("MAIL_PER_CONNECTION", 10_000).to_string();
    let (in_flight, shard) = (setting("MAIL_IN_FLIGHT", 4000).to_string(), setting("MAIL_SHARD", 10_000).to_string());
    let settings = [
        ("TOCSIN_EMAIL__PORT", port.as_str()),
        ("TOCSIN_EMAIL__CONNECTIONS", &connections),
        ("TOCSIN_EMAIL__PER_CONNECTION", &per_connection),
        ("TOCSIN_EMAIL__IN_FLIGHT", &in_flight),
        ("TOCSIN_WORKER__SHARD_RECIPIENTS", &shard),
        ("TOCSIN_WORKER__LEASE_SECONDS", "60"),
    ];
    (0..setting("MAIL_WORKERS", 1)).map(|_| Process::worker(app, &settings)).collect()
}

struct Turn {
    rate: f64,
    steady: f64,
}

/// One appeal to everybody; from the workers' start to the last row.
async fn turn(app: &TestApp, sink: SocketAddr, taken: &Taken, people: u64) -> Turn {
    app.dispatched().await;
    let state = |state: &str| format!("SELECT COUNT(*) AS n FROM deliveries WHERE state {state} AND channel = 'email'");
    let open = state("NOT IN ('done', 'failed', 'cancelled')");
    let reached = "SELECT COALESCE(SUM(sent), 0) AS n FROM deliveries WHERE channel = 'email'";
    let reached = format!("SELECT CAST(({reached}) AS BIGINT) AS n");
    let (before, mails_before) = (count(app, &reached), taken.mails.load(Relaxed));
    let began = Instant::now();
    let workers = start_workers(app, sink);
    let mut first = None;
    let mut samples: Vec<(f64, u64)> = Vec::new();
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let mails = taken.mails.load(Relaxed) - mails_before;
        if mails > 0 && first.is_none() {
            first = Some(began.elapsed());
        }
        samples.push((began.elapsed().as_secs_f64(), mails));
        if mails >= people && count(app, &open) == 0 {
            break;
        }
        assert!(began.elapsed() < Duration::from_mins(50), "{mails} of {people}; {}", workers[0].words());
    }
    let took = began.elapsed();
    assert_eq!(count(app, &reached) - before, people as i64, "everybody's row says so");
    assert_eq!(taken.mails.load(Relaxed) - mails_before, people, "one mail each");
    let at = |share: f64| samples.iter().find(|(_, mails)| *mails as f64 >= people as f64 * share).unwrap();
    let ((from, few), (to, many)) = (at(0.1), at(0.9));
    let peak_mib = workers.iter().map(Process::peak_mib).max().unwrap_or(0);
    let cpu: Duration = workers.iter().map(Process::cpu).sum();
    println!(
        "  {people} mails in {:.1} s ({:.1} s to the first): {:.0}/s, {:.0}/s from the tenth to the ninetieth percent; at most {peak_mib} MiB a worker, {:.0} µs of processor a mail",
        took.as_secs_f64(),
        first.unwrap_or_default().as_secs_f64(),
        people as f64 / took.as_secs_f64(),
        (many - few) as f64 / (to - from),
        cpu.as_secs_f64() * 1e6 / people as f64,
    );
    Turn { rate: people as f64 / took.as_secs_f64(), steady: (many - few) as f64 / (to - from) }
}

/// What domains that are well get a second, until 95 % of theirs is there; with `to_end`, everything is waited for.
async fn to_the_well(app: &TestApp, manner: Manner, people: u64, domains: u64, to_end: bool) -> f64 {
    let (sink, taken) = sink(manner);
    let well =
        (0..people).filter(|n| manner.storm.over(&format!("@d{}.example", n % domains)) == Weather::Fair).count();
    let enough = well as u64 * 95 / 100;
    app.dispatched().await;
    let began = Instant::now();
    let workers = start_workers(app, sink);
    let mut reached = None;
    while reached.is_none() || (to_end && taken.mails.load(Relaxed) < people) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if reached.is_none() && taken.fair.load(Relaxed) >= enough {
            reached = Some(began.elapsed());
        }
        assert!(began.elapsed() < Duration::from_mins(20), "{}", workers[0].words());
    }
    if to_end {
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let rate = enough as f64 / reached.unwrap_or_default().as_secs_f64();
    let name = if manner.is_calm { "calm" } else { "storm" };
    println!(
        "{name}: {enough} of {well} mails to domains that are well in {:.1} s: {rate:.0}/s",
        reached.unwrap_or_default().as_secs_f64()
    );
    rate
}

async fn storm(app: &TestApp, people: u64, domains: u64, wait: Duration, chunking: bool) {
    let tarpit_wait = Duration::from_millis(1200);
    let storm = Storm { seed: setting("MAIL_SEED", 1), later: 30, never: 5, reset: 5, tarpit: 5, tarpit_wait };
    let calm = to_the_well(app, Manner { wait, storm, is_calm: true, chunking }, people, domains, true).await;
    let rough = to_the_well(app, Manner { wait, storm, is_calm: false, chunking }, people, domains, false).await;
    println!("domains that are well keep {:.0} % of their calm throughput", 100.0 * rough / calm);
}

async fn run() {
    let (people, domains) = (setting("MAIL_PEOPLE", 200_000), setting("MAIL_DOMAINS", 200));
    let (connections, turns) = (setting("MAIL_CONNECTIONS", 32), setting("MAIL_TURNS", 3).max(1));
    let wait = Duration::from_millis(setting("MAIL_ANSWER_MILLIS", 0));
    let chunking = setting("MAIL_CHUNKING", 1) == 1;
    let (sink, taken) = sink(Manner { wait, storm: Storm::default(), is_calm: true, chunking });
    let shard = u32::try_from(setting("MAIL_SHARD", 10_000)).unwrap();
    let app = TestApp::start_with(|config| config.worker.shard_recipients = shard).await;
    subscribe_everybody(&app, people, domains);
    if setting("MAIL_STORM", 0) == 1 {
        return storm(&app, people, domains, wait, chunking).await;
    }
    let source = smtp_source().filter(|_| wait.is_zero());
    let (mut ours, mut steady, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for number in 1..=turns {
        println!("turn {number}:");
        let turn = turn(&app, sink, &taken, people).await;
        ours.push(turn.rate);
        steady.push(turn.steady);
        let length = taken.bytes.load(Relaxed) / taken.mails.load(Relaxed).max(1);
        if let Some(program) = &source {
            let rate = compare(program, sink, people.min(200_000), length, connections);
            println!("  smtp-source -s {connections} -l {length}: {rate:.0}/s");
            theirs.push(rate);
        }
    }
    let (rate, steady) = (median(&mut ours), median(&mut steady));
    println!("medians: {rate:.0}/s from start to end, {steady:.0}/s in the middle");
    if !wait.is_zero() {
        let bound = connections as f64 / wait.as_secs_f64();
        println!(
            "round-trip bound {bound:.0}/s: {:.0} % from start to end, {:.0} % in the middle",
            100.0 * rate / bound,
            100.0 * steady / bound
        );
    }
    if theirs.is_empty() {
        println!("no comparison with smtp-source: not found, or the sink answers late");
    } else {
        let them = median(&mut theirs);
        println!("smtp-source {them:.0}/s: ours are {:.2} times as many", rate / them);
    }
}

fn main() {
    actix_web::rt::System::new().block_on(run());
}
