//! Somebody copies the whole installation: database, files, configuration, server key. Without a reader's own key nothing
//! that the public wrote can be read, whatever they make of the copy.

use crate::support::client::{Client, receipt};
use crate::support::{TestApp, member, on_postgres, postgres};
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use tocsin::app::App;
use tocsin::db::access as rows;
use tocsin::domain::actor::Role;
use tocsin::domain::ids::AppealId;

const TOLD: [&str; 6] = [
    "Elle attendait sous l'horloge de la gare centrale",
    "Anne Exemple-Canari",
    "anne.canari@mail.example.be",
    "Encore un détail: le canari jaune",
    "Comparer avec le canari du bureau",
    "Victime Canari",
];

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file below a folder, one after the other.
pub fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            all.extend(bytes_below(&entry.path()));
        } else {
            all.extend(std::fs::read(entry.path()).unwrap_or_default());
        }
    }
    all
}

#[actix_web::test]
async fn a_copy_of_everything_but_a_readers_key_reads_nothing() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    let path = format!("/fr/a/{slug}/respond");
    let fields = [("kind", "sighting"), ("what", TOLD[0]), ("contact_name", TOLD[1]), ("contact_email", TOLD[2])];
    let code = receipt(&app.http.fill(&path, &fields).await.1);
    app.http.fill("/fr/r", &[("code", &code), ("message", TOLD[3])]).await;
    let reader = &app.team.responder;
    let list = app.http.get(reader, &format!("/appeals/{id}/responses")).await;
    let response = format!("/responses/{}", list["items"][0]["id"].as_str().unwrap());
    app.http.post(reader, &format!("{response}/notes"), &json!({"text": TOLD[4], "visibility": "unit"})).await;
    app.http.post(reader, &format!("{response}/identifications"), &json!({"of": "victim", "name": TOLD[5]})).await;
    let opened = app.http.get(reader, &format!("{response}?reason=the%20reader%20may")).await.to_string();
    for told in TOLD {
        assert!(opened.contains(told), "its reader reads {told}");
    }

    // The copy, and a process on it with the same configuration and the same keys.
    let folder = tempfile::tempdir().unwrap();
    app.app.db.settle().await.unwrap();
    copy(app.folder.path(), folder.path());
    let url = if on_postgres() {
        let url = postgres::cluster().empty();
        let dump = std::process::Command::new("pg_dump").arg(&app.url).output().unwrap();
        assert!(dump.status.success());
        let file = folder.path().join("dump.sql");
        std::fs::write(&file, &dump.stdout).unwrap();
        let out = std::process::Command::new("psql").args(["-q", "-f"]).arg(&file).arg(&url).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        url
    } else {
        format!("sqlite:{}", folder.path().join("test.db").display())
    };
    let everything = bytes_below(folder.path());
    for told in TOLD.into_iter().chain([code.as_str()]) {
        let hex = tocsin::domain::canonical::hex(told.as_bytes());
        assert!(!crate::responses::holds(&everything, told.as_bytes()), "{told} stands readable in the copy");
        assert!(!crate::responses::holds(&everything, hex.as_bytes()), "{told} stands readable in the copy");
    }
    let mut config = (*app.app.config).clone();
    config.database.url = url.as_str().into();
    config.media.directory = folder.path().join("media");
    config.keys.server_key_file = folder.path().join("server.key");
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let stolen = App::open(config, &base).unwrap();
    let server = tocsin::http::serve(stolen.clone(), listener, 1).unwrap();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let http = Client::new(&base);

    // An account of their own with every role.
    let thief = member(&stolen, &http, "unit", "thief", Role::ALL).await;
    let refused = http.refused_get(&thief, &format!("{response}?reason=because%20I%20can")).await;
    assert_eq!(refused, (403, vec!["no-reader-key".to_owned()]));
    let me = http.get(&thief, "/me").await["id"].clone();
    let add = http.refused(&thief, &format!("/appeals/{id}/readers"), None, &json!({"user": me})).await;
    assert_eq!(add, (403, vec!["no-reader-key".to_owned()]));
    // The reader's account taken over: a password and a second factor of their own over the reader's.
    let (victim, own) = stolen
        .db
        .write_now(|conn| {
            let (victim, own) = (rows::user_by_login(conn, "reader")?, rows::user_by_login(conn, "thief")?);
            let key = stolen.key.open_sealed(&format!("totp {}", own.id), &unhex(own.totp_sealed.as_deref().unwrap()));
            let factor = stolen.key.seal(&format!("totp {}", victim.id), &key.unwrap(), [9; 12]).unwrap();
            let credentials = rows::Credentials {
                password_hash: own.password_hash.as_deref().unwrap(),
                totp_sealed: &tocsin::domain::canonical::hex(&factor),
                reader_public: victim.reader_public.as_deref().unwrap(),
                reader_wrapped: victim.reader_wrapped.as_deref().unwrap(),
            };
            rows::activate(conn, &victim.id, &credentials)?;
            Ok::<_, tocsin::db::DbError>((victim.id, own.id))
        })
        .unwrap();
    assert_ne!(victim, own);
    let mut taken = thief.clone();
    "reader".clone_into(&mut taken.login);
    let url = format!("{base}/api/v1/sessions");
    // A code counts once: the next one.
    stolen.clock.advance(chrono::TimeDelta::minutes(2));
    let now = stolen.db.read_now(|conn| stolen.clock.now(conn)).unwrap();
    let answer = http.http.post(url).json(&taken.credentials_at(now)).send().await.unwrap();
    let status = answer.status().as_u16();
    let session: Value = answer.json().await.unwrap();
    assert_eq!(status, 201, "signed in as the reader: {session}");
    session["token"].as_str().unwrap().clone_into(&mut taken.token);
    let refused = http.refused_get(&taken, &format!("{response}?reason=because%20I%20can")).await;
    assert_eq!(refused, (403, vec!["no-reader-key".to_owned()]));
    // The server key opens none of it, under any of the names it seals under.
    let of = AppealId::parse(&id).unwrap();
    let sealed = stolen.db.read_now(|conn| tocsin::db::responses::of_appeal(conn, &of, "", 10)).unwrap();
    for blob in sealed.iter().flat_map(|r| [Some(&r.sealed_text), r.sealed_sender.as_ref()]).flatten() {
        for place in [id.clone(), format!("likeness key {id}"), format!("likeness head {id}"), format!("totp {own}")] {
            assert!(stolen.key.open_sealed(&place, blob).is_none(), "{place}");
        }
    }
    drop(handle.stop(false));
}

fn unhex(text: &str) -> Vec<u8> {
    tocsin::domain::canonical::unhex(text).unwrap()
}
