//! What stories share: an installation on a fresh database, people signed in, an appeal ready for the next step.

pub mod answers;
pub mod authenticator;
pub mod browser;
pub mod client;
#[cfg(feature = "openid")]
pub mod identity;
pub mod market;
pub mod platforms;
pub mod postgres;
pub mod receiver;
pub mod tamper;
pub mod workers;

use client::{Client, Person};
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use tempfile::TempDir;
use tocsin::app::App;
use tocsin::app::access::{self, Invitation};
use tocsin::app::audit::By;
use tocsin::app::chain_duties;
use tocsin::app::grants;
use tocsin::app::subscribe::{self, ImportLine};
use tocsin::catcher::SmtpCatcher;
use tocsin::config::{Config, SmtpSecurity};
use tocsin::db::{Db, migrate};
use tocsin::domain::actor::Role;
use tocsin::domain::grant::Field;
use tocsin::domain::place::Country;
use tocsin::domain::rules::Level;
use tocsin::worker::Worker;

pub const ANY: [u8; 4] = [127, 0, 0, 1];

/// Which database this run is about.
pub fn on_postgres() -> bool {
    std::env::var("TOCSIN_TEST_DATABASE").is_ok_and(|name| name == "postgres")
}

/// A fresh database's address: a file in `folder`, or a database of the run's own cluster.
pub fn database(folder: &TempDir) -> String {
    if on_postgres() {
        postgres::cluster().database()
    } else {
        format!("sqlite:{}", folder.path().join("test.db").display())
    }
}

/// A configuration that touches nothing outside `folder` and its database.
pub fn configuration(folder: &TempDir, url: &str, smtp: SocketAddr) -> Config {
    let mut config = Config::default();
    config.database.url = url.into();
    config.database.connections = 6;
    config.media.directory = folder.path().join("media");
    config.keys.server_key_file = folder.path().join("server.key");
    config.keys.cheap_passwords_for_tests = true;
    config.email.host = smtp.ip().to_string();
    config.email.port = smtp.port();
    config.email.security = SmtpSecurity::None;
    "alerts@police.example.be".clone_into(&mut config.email.from);
    config.email.timeout_seconds = 5;
    config.worker.poll_millis = 20;
    config.ads.aim_effort = tocsin::config::AimEffort::Quick;
    config
}

/// Everybody with a seat.
pub struct Team {
    pub investigator: Person,
    pub verifier: Person,
    pub validator: Person,
    pub head: Person,
    pub dispatcher: Person,
    pub responder: Person,
}

/// An installation with its server running; the worker is driven by hand, so nothing sleeps.
pub struct TestApp {
    pub app: App,
    pub http: Client,
    pub catcher: SmtpCatcher,
    pub team: Team,
    pub folder: TempDir,
    pub url: String,
    server: actix_web::dev::ServerHandle,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(change, |_| {}).await
    }

    /// [`TestApp::start_with`] on an installation that is changed before anybody uses it.
    pub async fn start_on(change: impl FnOnce(&mut Config), fit: impl FnOnce(&mut App)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database(&folder);
        let catcher = SmtpCatcher::start(SocketAddr::from((ANY, 0))).await.unwrap();
        let mut config = configuration(&folder, &url, catcher.address);
        change(&mut config);
        // A story may bring a database of its own.
        let url = config.database.url.reveal().to_owned();
        let listener = TcpListener::bind(SocketAddr::from((ANY, 0))).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let db = Db::open(config.database_url().unwrap(), 2).unwrap();
        db.bare(migrate).unwrap();
        drop(db);
        let mut app = App::open(config, &base).unwrap();
        fit(&mut app);
        let server = tocsin::http::serve(app.clone(), listener, 1).unwrap();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let http = Client::new(&base);
        let team = Team {
            responder: member(&app, &http, "unit", "reader", &[Role::Responder, Role::Auditor]).await,
            investigator: member(&app, &http, "unit", "author", &[Role::Investigator, Role::Validator]).await,
            verifier: member(&app, &http, "unit", "verifier", &[Role::Verifier, Role::Validator]).await,
            validator: member(&app, &http, "unit", "validator", &[Role::Validator]).await,
            head: member(&app, &http, "unit", "head", &[Role::Validator]).await,
            dispatcher: member(&app, &http, "unit", "dispatcher", &[Role::Dispatcher, Role::Administrator]).await,
        };
        seat(&app, "head", Level::HeadOfCommunication);
        Self { app, http, catcher, team, folder, url, server: handle }
    }

    /// Does everything that is due.
    pub async fn work(&self) {
        Worker::new(self.app.clone()).unwrap().run_until_idle().await.unwrap();
    }

    /// Adds confirmed subscribers of a language in a municipality.
    pub fn subscribe(&self, nis: &str, language: &str, count: usize) -> Vec<String> {
        let now = self.app.db.read_now(|conn| self.app.clock.now(conn)).unwrap();
        let emails: Vec<String> = (0..count).map(|n| format!("p{n}.{language}.{nis}@mail.example.be")).collect();
        let people: Vec<_> = emails
            .iter()
            .map(|email| {
                let line = ImportLine { email, language, cell: "", place: &format!("NIS:{nis}") };
                subscribe::parse_line(&self.app, &line, "test", now).unwrap()
            })
            .collect();
        let added = self.app.db.write_now(|conn| subscribe::import(conn, &self.app, &people)).unwrap().added;
        assert_eq!(added, count);
        emails
    }

    /// [`TestApp::subscribe`] with everybody in another cell as long as there are some: mass mail is cut between cells.
    pub fn subscribe_apart(&self, nis: &str, language: &str, count: usize) -> Vec<String> {
        let now = self.app.db.read_now(|conn| self.app.clock.now(conn)).unwrap();
        let place = tocsin::domain::place::PlaceCode::parse(&format!("NIS:{nis}")).unwrap();
        let cells = self.app.gazetteer.cells_of(&place).unwrap();
        let cells: Vec<_> = cells.cells_at(tocsin::domain::area::SUBSCRIBER_RESOLUTION).collect();
        let emails: Vec<String> = (0..count).map(|n| format!("q{n}.{language}.{nis}@mail.example.be")).collect();
        let line = |(n, email): (usize, &String)| {
            let cell = cells[n % cells.len()].to_string();
            let line = ImportLine { email, language, cell: &cell, place: "" };
            subscribe::parse_line(&self.app, &line, "test", now).unwrap()
        };
        let people: Vec<_> = emails.iter().enumerate().map(line).collect();
        assert_eq!(self.app.db.write_now(|conn| subscribe::import(conn, &self.app, &people)).unwrap().added, count);
        emails
    }

    /// Files the missing minor of Ixelles and Kraainem with a picture; its id.
    pub async fn filed(&self) -> String {
        self.filed_as(&missing_minor()).await
    }

    /// [`TestApp::filed`] with another document.
    pub async fn filed_as(&self, appeal: &Value) -> String {
        let filed = self.http.post(&self.team.investigator, "/appeals", appeal).await;
        let id = filed["id"].as_str().unwrap().to_owned();
        let picture = json!({"data": portrait(1), "portrait": true, "minor": true, "alt": {"fr": "Dessin d'une fille", "nl": "Tekening van een meisje"}});
        self.http.post(&self.team.investigator, &format!("/appeals/{id}/media"), &picture).await;
        self.http.put(&self.team.investigator, &format!("/appeals/{id}/area"), 2, &area()).await;
        self.http.post(&self.team.investigator, &format!("/appeals/{id}/assessments"), &worrying("yes")).await;
        id
    }

    /// Both levels say yes to a submitted plan.
    pub async fn say_yes(&self, id: &str, digest: &str) {
        for who in [&self.team.validator, &self.team.head] {
            self.http.decide(who, &format!("/appeals/{id}/validations"), digest, &json!({"verdict": "yes"})).await;
        }
    }

    /// Where an appeal stands, also when every session has ended because the clock went on.
    pub fn stage_in_database(&self, id: &str) -> &'static str {
        let id = tocsin::domain::ids::AppealId::parse(id).unwrap();
        self.app.db.read_now(|conn| tocsin::db::appeals::any(conn, &id)).unwrap().stage.code()
    }

    pub async fn appeal(&self, id: &str) -> Value {
        self.http.get(&self.team.investigator, &format!("/appeals/{id}")).await
    }

    /// Records the decision `decision(appeal)`; its id.
    pub async fn recorded(&self, id: &str, decision: &Value) -> String {
        let recorded =
            self.http.post(&self.team.investigator, &format!("/appeals/{id}/authorisations"), decision).await;
        recorded["id"].as_str().unwrap().to_owned()
    }

    pub async fn verified(&self, authorisation: &str) {
        let body = json!({"called_back_on": "+32 2 508 00 00"});
        self.http.post(&self.team.verifier, &format!("/authorisations/{authorisation}/verification"), &body).await;
    }

    /// An appeal with a verified decision over everything it shows; its id.
    pub async fn authorised(&self) -> String {
        let id = self.filed().await;
        let decision = decision(&self.appeal(&id).await);
        let authorisation = self.recorded(&id, &decision).await;
        self.verified(&authorisation).await;
        id
    }

    pub async fn plan_digest(&self, id: &str) -> String {
        self.aimed().await;
        let plan = self.http.get(&self.team.investigator, &format!("/appeals/{id}/plan")).await;
        assert_eq!(plan["blockers"], json!([]), "the plan is blocked");
        plan["digest"].as_str().unwrap().to_owned()
    }

    /// Has the aims found that are waited for, and nothing else done.
    pub async fn aimed(&self) {
        while tocsin::worker::find_aims(&self.app).await.unwrap() {}
    }

    /// A plan that has its yes: the appeal's id and the plan's digest.
    pub async fn validated(&self) -> (String, String) {
        let id = self.authorised().await;
        let digest = self.plan_digest(&id).await;
        self.http.decide(&self.team.investigator, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
        self.say_yes(&id, &digest).await;
        (id, digest)
    }

    /// A dispatched appeal with a fact that is never published: a green bracelet with a key.
    pub async fn validated_with_secret(&self) -> String {
        let id = self.authorised().await;
        let secret =
            json!({"hold_back": [{"wordings": ["bracelet vert avec une clé", "groene armband met een sleutel"]}]});
        let path = format!("/appeals/{id}/secrets");
        let ask = client::Ask {
            method: reqwest::Method::PUT,
            path: &path,
            who: Some(&self.team.investigator),
            seen: None,
            key: None,
            body: Some(&secret),
        };
        assert_eq!(self.http.ask(ask).await.status(), 200);
        let digest = self.plan_digest(&id).await;
        self.http.decide(&self.team.investigator, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
        self.say_yes(&id, &digest).await;
        self.http.decide(&self.team.dispatcher, &format!("/appeals/{id}/dispatches"), &digest, &json!({})).await;
        id
    }

    /// A dispatch whose outbox nobody worked on yet: the appeal's and the dispatch's id.
    pub async fn dispatched(&self) -> (String, String) {
        let (id, digest) = self.validated().await;
        let dispatch =
            self.http.decide(&self.team.dispatcher, &format!("/appeals/{id}/dispatches"), &digest, &json!({})).await;
        (id, dispatch["id"].as_str().unwrap().to_owned())
    }

    /// What was mailed to somebody, as source.
    pub fn mails_to(&self, address: &str) -> Vec<String> {
        let mails = self.catcher.mails();
        mails
            .iter()
            .filter(|mail| mail.to == [address])
            .map(|mail| String::from_utf8_lossy(&mail.raw).into_owned())
            .collect()
    }
}

/// Somebody of a unit, activated and signed in. The unit is made when missing.
pub async fn member(app: &App, http: &Client, unit: &str, login: &str, roles: &[Role]) -> Person {
    let (unit, login, roles) = (unit.to_owned(), login.to_owned(), roles.to_vec());
    let context = app.clone();
    let name = login.clone();
    let code = app
        .db
        .write(move |conn| {
            let known = tocsin::db::access::all_units(conn)?.into_iter().find(|known| known.name == unit);
            let unit = match known {
                Some(unit) => unit,
                None => access::found_unit(conn, &context, &unit, Country::Be, "0800 30 300")?,
            };
            let invitation = Invitation { unit: &unit.id, login: &login, name: &login, roles: &roles, person: None };
            let (id, code) = access::invite(conn, &context, By::service("test"), &invitation)?;
            // What the unit's own people may see is given at its beginning.
            for (role, field) in [
                (Role::Responder, Field::SenderIdentity),
                (Role::Investigator, Field::Magistrate),
                (Role::Verifier, Field::Magistrate),
            ] {
                if roles.contains(&role) {
                    grants::bootstrap_field(conn, &context, By::service("test"), &id, field)?;
                }
            }
            Ok::<_, tocsin::app::AppError>(code)
        })
        .await
        .unwrap();
    let now = app.db.read_now(|conn| app.clock.now(conn)).unwrap();
    http.join(&name, code.grouped().expose(), now).await
}

/// Lets an account say yes at a level.
pub fn seat(app: &App, login: &str, level: Level) {
    app.db
        .write_now(|conn| {
            let user = tocsin::db::access::user_by_login(conn, login)?;
            chain_duties::found_seat(conn, app, By::service("test"), &user.unit, &user.id, level, "test")
        })
        .unwrap();
}

/// The six signs of a worrying disappearance: one answer to the first, no to the others.
pub fn worrying(first: &str) -> Value {
    let codes = ["under_13", "dependent", "vital_treatment", "danger", "threat", "out_of_character"];
    let answer = |(i, code): (usize, &&str)| json!({"question": code, "answer": if i == 0 { first } else { "no" }});
    json!({"criteria": "BE-DISP", "answers": codes.iter().enumerate().map(answer).collect::<Vec<_>>()})
}

pub fn area() -> Value {
    json!({"include": [{"place": "NIS:21009"}, {"place": "NIS:23099"}]})
}

pub fn missing_minor() -> Value {
    json!({
        "kind": "missing_minor", "country": "BE", "title": "Disparition Lina", "channels": ["page", "feed", "email"],
        "subject": {"given_name": "Lina", "age": 11, "appearance": {"height_cm": 142, "hair": "brown"},
            "last_seen": {"at": "2026-11-20T15:10:00Z", "place": "NIS:21009"}},
        "notices": {
            "fr": {"headline": "Lina a disparu", "lead": "Avez-vous vu Lina ?", "look_for": ["Une veste rouge"]},
            "nl": {"headline": "Lina is verdwenen", "lead": "Hebt u Lina gezien?", "look_for": ["Een rode jas"]},
        },
    })
}

/// A decision over everything an appeal shows, as the investigator would record it.
pub fn decision(appeal: &Value) -> Value {
    let media: Vec<Value> = appeal["media"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| json!({"digest": m["digest"], "portrait": m["portrait"], "minor": m["minor"]}))
        .collect();
    let texts: Vec<&Value> = appeal["notice_digests"].as_object().unwrap().values().collect();
    let now = chrono::Utc::now();
    json!({
        "country": "BE", "authority_type": "be_pdr",
        "magistrate": {"family_name": "Exemple", "given_name": "Claire", "function": "substitut", "office_code": "brussel", "office": "Parquet de Bruxelles", "contact": "+32 2 508 00 01"},
        "case_reference": "TEST/2026/001", "legal_basis": ["BE-DISP"], "requested_by": "judicial",
        "decision": {"form": "written_signed", "at": now - chrono::TimeDelta::hours(1)},
        "valid_until": now + chrono::TimeDelta::days(7),
        "document": {"sha256": "0".repeat(64), "bytes": 1000, "mime": "application/pdf", "signature_kind": "qualified"},
        "consents": [{"kind": "custodian", "given_by": "mother", "at": now}],
        "scope": {"elements": ["name", "age", "description", "circumstances"], "media": media, "texts": texts, "area": area(),
            "channels": ["page", "feed", "email"], "languages": ["fr", "nl"]},
    })
}

/// A small picture in base64; another shade is another picture.
pub fn portrait(shade: u8) -> String {
    use base64::Engine;
    let picture = image::RgbImage::from_pixel(64, 80, image::Rgb([200, 150, shade]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    base64::engine::general_purpose::STANDARD.encode(bytes.into_inner())
}
