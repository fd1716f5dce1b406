//! Answers in a rush: durable before they are acknowledged, together when they say the same, in an order in which the one
//! that matters is found. Figures at full size: `cargo bench --bench flood`.

use crate::support::TestApp;
use crate::support::client::{Ask, receipt};
use crate::support::workers::is_long;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tocsin::app::AppError;
use tocsin::app::intake::{self, Cost, Sent};
use tocsin::app::respond::{Told, form_of, form_token};
use tocsin::domain::language::Language;
use tocsin::domain::response::ResponseKind;

async fn live(app: &TestApp) -> (String, String) {
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    (id, slug)
}

/// Sends a text the way the form does, past HTTP.
async fn tell(app: &TestApp, slug: &str, from: u32, token: &str, what: &str) -> Result<String, AppError> {
    let place = app.app.intake.place(&app.app, Language::Fr, slug).await?;
    let told = Told { kind: Some(ResponseKind::Tip), what: what.to_owned(), ..Told::default() };
    let from = Some(IpAddr::V4(Ipv4Addr::from(from)));
    let sent = Sent { channel: "page", token, nonce: "", from, told: &told, files: &[] };
    Ok(intake::receive(&app.app, &place, &sent).await?.grouped().expose().clone())
}

/// Copies as people make them: greetings, slips, lost accents and capitals.
fn copy(n: usize) -> String {
    let greeting = ["", "Bonjour, ", "Bonsoir. ", "Transféré : ", "URGENT ", "svp partagez ! "][n % 6];
    let farewell = ["", " Merci.", " Bon courage.", " !!", " Bien à vous"][n % 5];
    let mut text =
        "Vue à la gare de Charleroi à 9h15 avec un homme âgé. Il portait un manteau noir et marchait très vite."
            .to_owned();
    match n % 7 {
        1 => text = text.to_lowercase(),
        2 => text = text.replace(['.', ','], ""),
        3 => text = text.replace("très ", ""),
        4 => text = text.replace("portait", "portiat"),
        5 => text = text.replace('é', "e").replace('à', "a").replace('è', "e"),
        _ => {}
    }
    format!("{greeting}{text}{farewell}")
}

#[actix_web::test]
async fn ten_thousand_copies_do_not_bury_the_one_that_says_more() {
    let all: usize = if is_long() { 10_000 } else { 2_500 };
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    let real = "Vue à la gare de Charleroi à 9h15 avec un homme âgé, manteau noir. Ils sont montés dans une Volvo grise, plaque 1-XYZ-987.";
    let texts = (0..all).map(|n| if n == all * 2 / 3 { real.to_owned() } else { copy(n) });
    let (app_, slug_) = (&app, slug.as_str());
    let sent: Vec<_> = stream::iter(texts.enumerate())
        .map(|(n, text)| async move {
            let token = form_token(&app_.app, Cost::NOTHING);
            tell(app_, slug_, u32::try_from(n).unwrap() << 8, &token, &text).await
        })
        .buffer_unordered(256)
        .collect()
        .await;
    assert!(sent.iter().all(Result::is_ok), "none refused");
    let report = app.http.get(&app.team.responder, &format!("/appeals/{id}/report")).await;
    assert_eq!(report["responses"]["received"], all, "none lost");
    let queue = app.http.get(&app.team.responder, &format!("/appeals/{id}/queue?limit=20")).await;
    let items = queue["items"].as_array().unwrap();
    let copies: i64 = items.iter().map(|item| item["copies"].as_i64().unwrap()).sum();
    assert!(copies > i64::try_from(all * 8 / 10).unwrap(), "{copies} copies stand behind the first page");
    let mut place = None;
    for (n, item) in items.iter().enumerate() {
        let path = format!("/responses/{}?reason=triage%20of%20the%20rush", item["id"].as_str().unwrap());
        let opened = app.http.get(&app.team.responder, &path).await;
        if opened["text"]["what"] == real {
            place = Some(n + 1);
        }
    }
    println!("the one that says more is number {place:?} of {} shown, {copies} copies behind them", items.len());
    assert!(place.is_some(), "the real one is among the first 20");
}

#[actix_web::test]
async fn the_same_form_counts_once_also_within_one_batch() {
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    let token = form_token(&app.app, Cost::NOTHING);
    let (app_, slug_, token_) = (&app, slug.as_str(), token.as_str());
    let sent: Vec<_> = stream::iter(0..20)
        .map(|n| async move { tell(app_, slug_, n, token_, "Vue à la mer").await })
        .buffer_unordered(20)
        .collect()
        .await;
    assert_eq!(sent.iter().filter(|one| one.is_ok()).count(), 1);
    assert!(sent.iter().all(|one| matches!(one, Ok(_) | Err(AppError::Conflict { .. }))));
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_crowd_behind_one_address_is_asked_for_work_and_nobody_is_refused() {
    let app = TestApp::start_with(|config| config.responses.proof_bits = 4).await;
    let (id, slug) = live(&app).await;
    let path = format!("/nl/a/{slug}/respond");
    let (_, quiet) = app.http.page(&path).await;
    assert!(!quiet.contains("<script") && !quiet.contains("data-bits"), "nothing is asked while it is quiet");
    let words = ["appel", "boom", "citroen", "druif", "ezel", "fazant", "gans", "hert", "iris", "jas", "kers", "lam"];
    for word in words {
        let text = format!("Ik zag haar bij de {word} met {word} en {word}");
        assert_eq!(app.http.fill(&path, &[("kind", "tip"), ("what", &text)]).await.0, 200, "never refused");
    }
    let response = app.http.http.get(format!("{}{path}", app.http.base)).send().await.unwrap();
    let csp = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(csp.contains("script-src 'self'") && !csp.contains("unsafe"), "{csp}");
    let form = response.text().await.unwrap();
    assert!(form.contains("<script src=\"/assets/work.js\" defer>"));
    let token = crate::support::client::between(&form, "name=\"token\" value=\"", "\"").unwrap();
    let asked = form_of(&app.app, &token).unwrap();
    let nonce = (0..u32::MAX).map(|n| n.to_string()).find(|nonce| asked.is_worked(nonce)).unwrap();
    let fields =
        [("token", token.as_str()), ("proof", &nonce), ("kind", "tip"), ("what", "Gezien in Oostende, zeedijk")];
    assert_eq!(app.http.send_form(&path, &fields).await.0, 200);
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    let proofs: Vec<_> = list["items"].as_array().unwrap().iter().map(|r| r["proof"].as_str().unwrap()).collect();
    assert_eq!(proofs.iter().filter(|proof| **proof == "not_asked").count(), 10);
    assert_eq!(proofs.iter().filter(|proof| **proof == "none").count(), 2);
    assert_eq!(proofs.last(), Some(&"work"));
}

struct Serving(Child, String);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(app: &TestApp) -> Serving {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .args(["serve", "--listen", "127.0.0.1:0", "--no-worker"])
        .env("TOCSIN_DATABASE__URL", &app.url)
        .env("TOCSIN_KEYS__SERVER_KEY_FILE", app.folder.path().join("server.key"))
        .env("TOCSIN_MEDIA__DIRECTORY", app.folder.path().join("media"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).expect("an address");
    std::thread::spawn(move || lines.for_each(drop));
    Serving(child, address)
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[actix_web::test]
async fn kill_9_in_a_rush_loses_no_answer_whose_receipt_was_given() {
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    let rounds = if std::env::var("TOCSIN_TEST_LONG").is_ok() { 10 } else { 2 };
    let mut given: Vec<String> = Vec::new();
    let random = std::process::id();
    for round in 0..rounds {
        let mut serving = serve(&app);
        let address = format!("{}/fr/a/{slug}/respond", serving.1);
        let (http, app_) = (reqwest::Client::new(), &app);
        // The first one finds everything still to be read; the rush, and the clock of its end, begin after it.
        let token = form_token(&app.app, Cost::NOTHING);
        let body = format!("token={}&kind=tip&what=Premier", encoded(&token));
        let request = http.post(&address).header("content-type", "application/x-www-form-urlencoded");
        given.push(receipt(&request.body(body).send().await.unwrap().text().await.unwrap()));
        let began = Instant::now();
        let life = Duration::from_millis(700 + u64::from((random + round * 377) % 900));
        let senders = (0..16).map(|sender| {
            let (http, address) = (http.clone(), address.clone());
            async move {
                let mut codes = Vec::new();
                for n in 0.. {
                    let token = form_token(&app_.app, Cost::NOTHING);
                    let what = format!("Message {n} de {sender} au tour {round}");
                    let body = format!("token={}&kind=tip&what={}", encoded(&token), encoded(&what));
                    let request = http.post(&address).header("content-type", "application/x-www-form-urlencoded");
                    let Ok(answer) = request.body(body).send().await else { break };
                    if answer.status() != 200 {
                        break;
                    }
                    // A page that was cut off is no receipt.
                    let Ok(page) = answer.text().await else { break };
                    codes.push(receipt(&page));
                }
                codes
            }
        });
        let killer = async {
            tokio::time::sleep(life.saturating_sub(began.elapsed())).await;
            serving.0.kill().unwrap();
            serving.0.wait().unwrap();
        };
        let (codes, ()) = futures_util::join!(futures_util::future::join_all(senders), killer);
        given.extend(codes.into_iter().flatten());
    }
    println!("{} receipts given in {rounds} rounds", given.len());
    assert!(given.len() >= 10, "{} receipts: the rush was none", given.len());
    let again = serve(&app);
    for code in &given {
        let http = reqwest::Client::new();
        let request =
            http.post(format!("{}/fr/r", again.1)).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(format!("code={code}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "a receipt that was given does not answer");
    }
    let report = app.http.get(&app.team.responder, &format!("/appeals/{id}/report")).await;
    assert!(report["responses"]["received"].as_u64().unwrap() >= u64::try_from(given.len()).unwrap());
    let (code, verified) = {
        let out = Command::new(env!("CARGO_BIN_EXE_tocsin"))
            .args(["audit", "verify"])
            .env("TOCSIN_DATABASE__URL", &app.url)
            .env("TOCSIN_KEYS__SERVER_KEY_FILE", app.folder.path().join("server.key"))
            .current_dir(app.folder.path())
            .output()
            .unwrap();
        (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned())
    };
    assert_eq!(code, Some(0), "the chain holds after the kill: {verified}");
}

#[actix_web::test]
async fn two_processes_agree_on_what_repeats_what() {
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    let (first, second) = (serve(&app), serve(&app));
    let http = reqwest::Client::new();
    // Two messages, each five times, turn about: what one process took, the other one knows at the next. Copies with slips
    // of the pen are judged by an estimate under a random key; equal ones are certain.
    let texts = [copy(0), "Un homme en gilet jaune réparait un vélo devant la bibliothèque de Gand".to_owned()];
    for n in 0..10 {
        let token = form_token(&app.app, Cost::NOTHING);
        let address = format!("{}/fr/a/{slug}/respond", if n % 2 == 0 { &first.1 } else { &second.1 });
        let body = format!("token={}&kind=tip&what={}", encoded(&token), encoded(&texts[n / 5]));
        let request = http.post(address).header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(request.body(body).send().await.unwrap().status(), 200);
    }
    let queue = app.http.get(&app.team.responder, &format!("/appeals/{id}/queue")).await;
    let copies: Vec<i64> =
        queue["items"].as_array().unwrap().iter().map(|item| item["copies"].as_i64().unwrap()).collect();
    assert_eq!(copies, [4, 4]);
}

#[actix_web::test]
async fn an_answer_that_knows_what_was_never_told_is_raised() {
    let app = TestApp::start().await;
    let id = app.validated_with_secret().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    let path = format!("/fr/a/{slug}/respond");
    for text in [
        "Je l'ai vue à la boulangerie",
        "Elle portait un bracelet vert avec une clé, je l'ai croisée au parc",
        "Courage à la famille",
    ] {
        assert_eq!(app.http.fill(&path, &[("kind", "tip"), ("what", text)]).await.0, 200);
    }
    let queue = app.http.get(&app.team.responder, &format!("/appeals/{id}/queue")).await;
    assert_eq!(queue["items"][0]["signs"], json!(["withheld_fact"]));
    assert!(queue["items"][0]["weight"].as_i64() > queue["items"][1]["weight"].as_i64());
    assert!(queue.to_string().len() < 5_000 && !queue.to_string().contains("bracelet"));
}

#[actix_web::test]
async fn sightings_of_one_place_and_hour_bear_each_other_out_and_impossible_ones_say_so() {
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    let path = format!("/fr/a/{slug}/respond");
    // The picture of the appeal says: last seen in Ixelles on 20 November 2026 at 15:10 UTC.
    for (what, place, when) in [
        ("Une fille avec une veste rouge attendait seule", "Namur", "20/11/2026 18h30"),
        ("J'ai croisé quelqu'un qui pleurait près des quais", "gare de Namur", "20/11/2026 18h50"),
        ("Elle achetait une glace au kiosque de la plage", "Marseille 13", "20/11/2026 16h30"),
    ] {
        let fields = [("kind", "sighting"), ("what", what), ("where", place), ("when", when)];
        assert_eq!(app.http.fill(&path, &fields).await.0, 200);
    }
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    let signs: Vec<_> = list["items"].as_array().unwrap().iter().map(|r| r["signs"].clone()).collect();
    assert_eq!(signs[..2], [json!([]), json!(["corroborated"])]);
    assert_eq!(list["items"][0]["sighting"], list["items"][1]["sighting"]);
    assert_eq!(signs[2], json!(["implausible"]), "Marseille an hour after Ixelles");
}

#[actix_web::test]
async fn work_goes_from_hand_to_hand_and_two_never_read_the_same() {
    let app = TestApp::start().await;
    let second =
        crate::support::member(&app.app, &app.http, "unit", "colleague", &[tocsin::domain::actor::Role::Responder])
            .await;
    let (id, slug) = live(&app).await;
    for text in ["Vue à Mons devant le théâtre", "Merci pour votre travail à tous", "Un vélo bleu traîne rue Haute"]
    {
        app.http.fill(&format!("/fr/a/{slug}/respond"), &[("kind", "tip"), ("what", text)]).await;
    }
    let first = &app.team.responder;
    let next = format!("/appeals/{id}/queue/next");
    let mine = app.http.post(first, &next, &json!({"reason": "triage"})).await["response"].clone();
    let theirs = app.http.post(&second, &next, &json!({"reason": "triage"})).await["response"].clone();
    assert_ne!(mine["id"], theirs["id"], "two readers, two responses");
    let path = format!("/responses/{}", mine["id"].as_str().unwrap());
    let read = format!("{path}?reason=curious");
    assert_eq!(app.http.refused_get(&second, &read).await, (409, vec!["response-locked".to_owned()]));

    // A note for the unit and one for oneself; tags; a link.
    for (text, visibility) in [("À comparer avec les images de la gare", "unit"), ("Rappeler demain", "own")] {
        app.http.post(first, &format!("{path}/notes"), &json!({"text": text, "visibility": visibility})).await;
    }
    let put = |body: Value| {
        let (app, path) = (&app, format!("{path}/tags"));
        async move {
            let ask =
                Ask { method: Method::PUT, path: &path, who: Some(first), seen: None, key: None, body: Some(&body) };
            app.http.ask(ask).await.status().as_u16()
        }
    };
    assert_eq!(
        (put(json!({"tags": ["vehicle", "witness"]})).await, put(json!({"tags": ["nonsense"]})).await),
        (200, 422)
    );
    let link = json!({"response": theirs["id"], "kind": "confirms"});
    app.http.post(first, &format!("{path}/links"), &link).await;

    // Handed on: it stays with the giver until the receiver takes it, and only who holds the key can.
    let me = app.http.get(&second, "/me").await;
    let offer = json!({"to": me["id"], "reason": "my shift ends"});
    app.http.post(first, &format!("{path}/transfers"), &offer).await;
    let stranger = json!({"to": app.http.get(&app.team.dispatcher, "/me").await["id"], "reason": "my shift ends"});
    assert_eq!(
        app.http.refused(first, &format!("{path}/transfers"), None, &stranger).await.1,
        ["receiver-without-key"]
    );
    let decision = format!("{path}/transfers/decision");
    assert_eq!(app.http.refused(first, &decision, None, &json!({"accepted": true})).await.1, ["nothing-offered"]);
    app.http.post(&second, &decision, &json!({"accepted": true})).await;
    app.http.delete(first, &format!("{path}/lock")).await;
    let opened = app.http.get(&second, &format!("{path}?reason=taken%20over")).await;
    assert_eq!(opened["assigned_to"], me["id"]);
    assert_eq!(opened["tags"], json!(["vehicle", "witness"]));
    assert_eq!(opened["links"], json!([{"kind": "confirms", "response": theirs["id"]}]));
    let notes: Vec<_> = opened["notes"].as_array().unwrap().iter().map(|n| n["text"].as_str().unwrap()).collect();
    assert_eq!(notes, ["À comparer avec les images de la gare"], "what is one's own stays one's own");

    // A verdict lets it go: three strokes for a plain tip are next, verdict, next.
    let version = theirs["version"].as_i64().unwrap();
    app.http
        .patch(
            &second,
            &format!("/responses/{}", theirs["id"].as_str().unwrap()),
            version,
            &json!({"state": "not_useful"}),
        )
        .await;
    let left = app.http.post(first, &next, &json!({"reason": "triage"})).await["response"].clone();
    assert!(left["id"] != mine["id"] && left["id"] != theirs["id"], "what is done or somebody's is not next");
    assert_eq!(
        app.http.get(first, &format!("/audit?object={}", mine["id"].as_str().unwrap())).await["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|e| e["action"] == "response.read")
            .count(),
        2
    );
}
