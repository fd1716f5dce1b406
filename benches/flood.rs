//! Answers of the public in a rush, through the real form over loopback: `cargo bench --features postgres --bench flood`.
//!
//! First the most that goes through, in turns with the same endpoint storing nothing, and with one that does not even seal
//! (closed loop, medians);
//! then a steady rate (open loop: a late answer counts from when it should have been sent), and at the end the rows that
//! are there against the receipts that were given, a sample of which is shown to the service again. The server is a process
//! of its own with two request threads; sender and server share the machine, as the goal asks.
//!
//! `FLOOD_SECONDS` (20), `FLOOD_RATE` (3056), `FLOOD_CONNECTIONS` (256), `FLOOD_TURNS` (3, of 5 seconds; 0: none),
//! `FLOOD_KILLS` (1), `TOCSIN_TEST_DATABASE=postgres`.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::too_many_lines,
    reason = "a bench may"
)]

#[path = "../tests/it/support/mod.rs"]
mod support;

use futures_util::future::join_all;
use std::cell::{Cell, RefCell};
use std::io::BufRead;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};
use support::TestApp;
use tocsin::app::App;
use tocsin::app::intake::Cost;
use tocsin::app::respond::form_token;
use tocsin::config::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The server's process: the service, and one route beside it that stores nothing.
fn serve(url: &str, key: &str) {
    let mut config = Config::default();
    config.database.url = url.into();
    config.database.connections = 8;
    config.keys.server_key_file = key.into();
    config.media.directory = std::path::Path::new(key).with_file_name("media");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app = App::open(config, &base).unwrap();
    println!("{}", listener.local_addr().unwrap());
    actix_web::rt::System::new().block_on(async move {
        let nothing = |config: &mut actix_web::web::ServiceConfig| {
            let sealed = actix_web::web::post().to(tocsin::http::send_storing_nothing);
            config.service(actix_web::web::resource("/nothing/{language}/{slug}").route(sealed));
            let read = actix_web::web::post().to(tocsin::http::send_sealing_nothing);
            config.service(actix_web::web::resource("/unsealed/{language}/{slug}").route(read));
        };
        tocsin::http::serve_with(app, listener, 2, nothing).unwrap().await.unwrap();
    });
}

struct Server(Child, String);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    fn start(app: &TestApp) -> Self {
        let key = app.folder.path().join("server.key");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["serve-child", &app.url, key.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self(child, line.trim().to_owned())
    }

    /// Processor time so far.
    fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 10)
    }
}

/// Half of a rush repeats five stories, half says something of its own.
fn text(n: u64) -> String {
    const STORIES: [&str; 5] = [
        "Vue à la gare de Charleroi à 9h15 avec un homme âgé. Il portait un manteau noir et marchait très vite.",
        "Ma voisine dit qu'elle l'a vue hier à Waterloo, dans une camionnette blanche, elle dormait à l'arrière.",
        "Elle a demandé son chemin devant la poste de Dinant. C'était à 14h05 exactement. Chapeau gris.",
        "Une fille qui lui ressemble joue de la guitare tous les soirs sur la place de Wavre, pull vert.",
        "Je l'ai servie à la boulangerie de Ciney vers 7h45, elle a payé en pièces et portait des gants roses.",
    ];
    const WORDS: [&str; 64] = [
        "arbre", "banc", "carton", "dame", "échelle", "feu", "gilet", "herbe", "idée", "jupe", "képi", "lampe", "mur",
        "nappe", "olive", "pelle", "quai", "radio", "sable", "table", "usine", "vitre", "wagon", "yaourt", "zinc",
        "abri", "balle", "canal", "digue", "étang", "forêt", "grange", "haie", "île", "jardin", "kiosque", "lac",
        "moulin", "neige", "ombre", "parking", "quartier", "rue", "sentier", "tunnel", "verger", "clocher", "barque",
        "ferme", "garage", "horloge", "jetée", "loge", "marché", "niche", "orage", "passage", "rempart", "serre",
        "toit", "veranda", "atelier", "brume", "cave",
    ];
    let mut x = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5555;
    let mut dice = |sides: u64| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x % sides) as usize
    };
    if n.is_multiple_of(2) {
        let story = STORIES[dice(5)];
        return match dice(3) {
            0 => story.to_owned(),
            1 => format!("Bonjour, {story} Merci."),
            _ => story.to_lowercase().replace('é', "e"),
        };
    }
    let words: Vec<&str> = (0..24).map(|_| WORDS[dice(64)]).collect();
    format!("{} {} numéro {n}.", words.join(" "), dice(1000))
}

fn encode(text: &str, out: &mut String) {
    use std::fmt::Write;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() { out.push(char::from(byte)) } else { write!(out, "%{byte:02X}").unwrap() }
    }
}

fn request(app: &App, path: &str, n: u64) -> Vec<u8> {
    let mut body = format!("token={}&kind=tip&what=", form_token(app, Cost::NOTHING));
    encode(&text(n), &mut body);
    format!(
        "POST {path} HTTP/1.1\r\nHost: flood\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Reads one answer; its status and body.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(u16, std::ops::Range<usize>)> {
    buffer.clear();
    let mut head = None;
    loop {
        let read = stream.read_buf(buffer).await.ok()?;
        if read == 0 {
            return None;
        }
        if head.is_none()
            && let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n")
        {
            let text = std::str::from_utf8(&buffer[..end]).ok()?.to_ascii_lowercase();
            let length: usize = text.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().ok()?;
            head = Some((text.get(9..12)?.parse().ok()?, end + 4, length));
        }
        if let Some((status, from, length)) = head
            && buffer.len() >= from + length
        {
            return Some((status, from..from + length));
        }
    }
}

async fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(&server.1).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Kills the server in the middle of a rush; how many receipts it had given, all of which answer afterwards.
async fn killed(app: &TestApp, path: &str, (connections, rate): (u64, u64), from: u64) -> usize {
    let server = Server::start(app);
    let moment = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let life = Duration::from_millis(1_500 + u64::from(moment.subsec_micros()) % 8_000);
    let (began, next) = (Instant::now(), Cell::new(0_u64));
    let senders = join_all((0..connections).map(|_| {
        let (next, server) = (&next, &server);
        async move {
            let (mut stream, mut buffer) = (connect(server).await, Vec::with_capacity(16_384));
            let mut given = Vec::new();
            loop {
                let n = next.get();
                next.set(n + 1);
                tokio::time::sleep_until((began + Duration::from_secs_f64(n as f64 / rate as f64)).into()).await;
                if stream.write_all(&request(&app.app, path, from + n)).await.is_err() {
                    return given;
                }
                let Some((200, body)) = answer(&mut stream, &mut buffer).await else { return given };
                given.push(support::client::receipt(&String::from_utf8_lossy(&buffer[body])));
            }
        }
    }));
    let killer = async {
        tokio::time::sleep(life).await;
        let id = server.0.id().to_string();
        assert!(Command::new("kill").args(["-KILL", &id]).status().unwrap().success());
    };
    let (given, ()) = futures_util::join!(senders, killer);
    let again = Server::start(app);
    let shown = given.iter().map(|codes| {
        let server = &again;
        async move {
            let (mut stream, mut buffer) = (connect(server).await, Vec::with_capacity(16_384));
            for code in codes {
                let body = format!("code={code}");
                let head = "POST /fr/r HTTP/1.1\r\nHost: flood\r\nContent-Type: application/x-www-form-urlencoded\r\n";
                let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
                stream.write_all(request.as_bytes()).await.unwrap();
                let (status, _) = answer(&mut stream, &mut buffer).await.expect("an answer");
                assert_eq!(status, 200, "a receipt that was given answers");
            }
            codes.len()
        }
    });
    let shown = join_all(shown).await.into_iter().sum();
    println!("killed after {:.1} s with {shown} receipts given: all of them answer", life.as_secs_f64());
    shown
}

/// As much as goes through; answers a second.
async fn most(app: &App, server: &Server, path: &str, connections: u64, length: Duration, from: u64) -> f64 {
    let (began, sent) = (Instant::now(), Rc::new(Cell::new(from)));
    let first = sent.get();
    join_all((0..connections).map(|_| {
        let sent = sent.clone();
        async move {
            let (mut stream, mut buffer) = (connect(server).await, Vec::with_capacity(16_384));
            while began.elapsed() < length {
                sent.set(sent.get() + 1);
                stream.write_all(&request(app, path, sent.get())).await.unwrap();
                let (status, _) = answer(&mut stream, &mut buffer).await.expect("an answer");
                assert_eq!(status, 200);
            }
        }
    }))
    .await;
    (sent.get() - first) as f64 / began.elapsed().as_secs_f64()
}

fn percentile(sorted: &[u32], share: f64) -> f64 {
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len() - 1);
    f64::from(sorted[at]) / 1000.0
}

async fn rows(app: &App) -> u64 {
    app.db
        .read(|conn| {
            let counts = tocsin::db::responses::received(conn)?;
            Ok::<_, tocsin::db::DbError>(counts)
        })
        .await
        .unwrap()
}

async fn run() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    let real = format!("/fr/a/{slug}/respond");
    let (nothing, unsealed) = (format!("/nothing/fr/{slug}"), format!("/unsealed/fr/{slug}"));
    let server = Server::start(&app);
    let connections = setting("FLOOD_CONNECTIONS", 256);
    let mut given = 0;
    let mut figures = [Vec::new(), Vec::new(), Vec::new()];
    let turn = Duration::from_secs(5);
    for n in 1..=setting("FLOOD_TURNS", 3) {
        let read = most(&app.app, &server, &unsealed, connections, turn, n << 40).await;
        let sealed = most(&app.app, &server, &nothing, connections, turn, n << 41).await;
        let cpu = server.cpu();
        let stored = most(&app.app, &server, &real, connections, turn, n << 42).await;
        let spent = server.cpu().saturating_sub(cpu).as_secs_f64() / (stored * turn.as_secs_f64());
        given += (stored * turn.as_secs_f64()) as u64;
        println!(
            "turn {n}: read and answered {read:.0}/s, storing nothing {sealed:.0}/s, sealed and durable {stored:.0}/s \
             ({:.0} µs of processor each in the server)",
            spent * 1e6
        );
        for (all, one) in figures.iter_mut().zip([read, sealed, stored]) {
            all.push(one);
        }
    }
    if setting("FLOOD_TURNS", 3) > 0 {
        let [read, sealed, stored] = figures.map(|mut all| {
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        });
        println!(
            "medians: storing nothing {sealed:.0}/s, sealed and durable {stored:.0}/s: {:.0} % ({:.0} % of the {read:.0}/s \
             that are only read and answered)",
            100.0 * stored / sealed,
            100.0 * stored / read
        );
    }

    let (seconds, rate) = (setting("FLOOD_SECONDS", 20), setting("FLOOD_RATE", 3056));
    let before = rows(&app.app).await;
    let cpu = server.cpu();
    let latencies = Rc::new(RefCell::new(Vec::with_capacity((seconds * rate) as usize)));
    let codes: Rc<RefCell<Vec<String>>> = Rc::default();
    let (accepted, refused, next) = (Rc::new(Cell::new(0_u64)), Rc::new(Cell::new(0_u64)), Rc::new(Cell::new(0_u64)));
    let began = Instant::now();
    let total = seconds * rate;
    join_all((0..connections).map(|_| {
        let (latencies, codes, accepted, refused, next) =
            (latencies.clone(), codes.clone(), accepted.clone(), refused.clone(), next.clone());
        let (app, server, real) = (&app.app, &server, &real);
        async move {
            let (mut stream, mut buffer) = (connect(server).await, Vec::with_capacity(16_384));
            loop {
                let n = next.get();
                if n >= total {
                    break;
                }
                next.set(n + 1);
                let due = began + Duration::from_secs_f64(n as f64 / rate as f64);
                tokio::time::sleep_until(due.into()).await;
                stream.write_all(&request(app, real, n)).await.unwrap();
                let Some((status, body)) = answer(&mut stream, &mut buffer).await else {
                    refused.set(refused.get() + 1);
                    stream = connect(server).await;
                    continue;
                };
                latencies.borrow_mut().push(due.elapsed().as_micros() as u32);
                if status == 200 {
                    accepted.set(accepted.get() + 1);
                    if n.is_multiple_of(997) {
                        let page = String::from_utf8_lossy(&buffer[body]).into_owned();
                        codes.borrow_mut().push(support::client::receipt(&page));
                    }
                } else {
                    refused.set(refused.get() + 1);
                }
            }
        }
    }))
    .await;
    let took = began.elapsed();
    let spent = server.cpu().saturating_sub(cpu).as_secs_f64();
    let mut sorted = latencies.borrow().clone();
    sorted.sort_unstable();
    println!(
        "{rate}/s for {seconds} s: {} accepted, {} not, {:.0}/s, p50 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms, longest {:.0} ms; \
         {:.0} µs of processor each in the server",
        accepted.get(),
        refused.get(),
        accepted.get() as f64 / took.as_secs_f64(),
        percentile(&sorted, 0.5),
        percentile(&sorted, 0.99),
        percentile(&sorted, 0.999),
        percentile(&sorted, 1.0),
        spent * 1e6 / accepted.get().max(1) as f64
    );
    let stored = rows(&app.app).await - before;
    assert_eq!(stored, accepted.get(), "rows against receipts");
    let shown = codes.take();
    for code in &shown {
        let (status, _) = app.http.send_form("/fr/r", &[("code", code)]).await;
        assert_eq!(status, 200, "a receipt that was given answers");
    }
    println!("{stored} rows for {} receipts; {} receipts shown again, all answered", accepted.get(), shown.len());
    println!("{given} more were stored in the turns before");
    drop(server);
    for kill in 1..=setting("FLOOD_KILLS", 1) {
        let shown = killed(&app, &real, (connections, rate), kill << 43).await;
        assert!(shown > 0, "a rush that gave no receipt shows nothing");
    }
    if let Ok(file) = std::fs::metadata(app.folder.path().join("test.db")) {
        println!("database {} MB", file.len() / 1_000_000);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).map(String::as_str) == Some("serve-child") {
        return serve(&arguments[2], &arguments[3]);
    }
    actix_web::rt::System::new().block_on(run());
}
