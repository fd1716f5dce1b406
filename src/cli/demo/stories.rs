//! Three appeals from filing to their end, each step through the public faces, each checked.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value by key gives null, never a panic")]

use super::client::{between, text};
use super::{Stage, paid, pictures};
use crate::app::App;
use crate::db::audit;
use crate::domain::audit::ChainWalk;
use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use std::time::Duration;

/// A filed appeal with its decision's parts.
pub struct Filed {
    pub(super) id: String,
    pub(super) slug: String,
}

impl Stage {
    /// Files an appeal with its pictures and lots, and sets its area.
    pub(super) async fn file(
        &self,
        appeal: &Value,
        pictures: &[(Vec<u8>, Value)],
        lots: &[Value],
        area: &Value,
    ) -> anyhow::Result<Filed> {
        let who = &self.team.investigator;
        let filed = self.api.post(who, "/appeals", appeal).await?;
        let id = text(&filed, "/id");
        for (bytes, statement) in pictures {
            let mut body = statement.clone();
            if let Some(object) = body.as_object_mut() {
                object.insert("data".to_owned(), json!(STANDARD.encode(bytes)));
            }
            self.api.post(who, &format!("/appeals/{id}/media"), &body).await?;
        }
        if !lots.is_empty() {
            let known = self.api.get(who, &format!("/appeals/{id}")).await?;
            let lots: Vec<Value> = lots
                .iter()
                .enumerate()
                .map(|(i, lot)| {
                    let mut lot = lot.clone();
                    if let Some(object) = lot.as_object_mut() {
                        object.insert("media".to_owned(), json!([text(&known, &format!("/media/{i}/id"))]));
                    }
                    lot
                })
                .collect();
            self.api.post(who, &format!("/appeals/{id}/lots:import"), &Value::Array(lots)).await?;
        }
        let version = text(&self.api.get(who, &format!("/appeals/{id}")).await?, "/version");
        self.api.put(who, &format!("/appeals/{id}/area"), &version, area).await?;
        Ok(Filed { id, slug: text(&filed, "/slug") })
    }

    /// Answers the questions of a worrying disappearance: yes to one, no to the others.
    async fn ask_worrying_signs(&self, filed: &Filed, yes: &str) -> anyhow::Result<()> {
        let rules = self.api.get(&self.team.investigator, "/rules?kind=missing_minor&country=BE").await?;
        let questions = rules.pointer("/criteria/0/questions").and_then(Value::as_array).into_iter().flatten();
        let answer =
            |q: &Value| json!({"question": q["question"], "answer": if q["question"] == yes { "yes" } else { "no" }});
        let answers: Vec<Value> = questions.map(answer).collect();
        let body = json!({"criteria": "BE-DISP", "answers": answers});
        let kept = self.api.post(&self.team.investigator, &format!("/appeals/{}/assessments", filed.id), &body).await?;
        ensure!(text(&kept, "/outcome") == "triggered", "the signs did not trigger: {kept}");
        Ok(())
    }

    /// A witness answers on the public page; the responder reads it with a reason and answers back.
    async fn answered(&self, filed: &Filed) -> anyhow::Result<()> {
        let path = format!("/fr/a/{}/respond?c=email", filed.slug);
        let receipt = self
            .api
            .fill(
                &path,
                &[
                    ("kind", "sighting"),
                    ("what", "Je l'ai vue descendre du tram 44 à Kraainem vers 17 h."),
                    ("where", "Kraainem"),
                    ("when", "hier, 17 h"),
                ],
            )
            .await?;
        let code = receipt_code(&receipt).context("no receipt code on the page")?;
        println!("  a witness answered without an account; receipt {}…", code.chars().take(4).collect::<String>());
        let list = self.api.get(&self.team.responder, &format!("/appeals/{}/responses", filed.id)).await?;
        let response = text(&list, "/items/0/id");
        let opened = self
            .api
            .get(&self.team.responder, &format!("/responses/{response}?reason=triage%20of%20new%20sightings"))
            .await?;
        ensure!(text(&opened, "/text/what").contains("tram 44"), "the response does not open");
        self.api
            .post(
                &self.team.responder,
                &format!("/responses/{response}/messages"),
                &json!({"text": "Merci. Portait-elle son sac ?"}),
            )
            .await?;
        let thread = self.api.fill("/fr/r", &[("code", &code)]).await?;
        ensure!(thread.contains("Portait-elle son sac"), "the answer did not reach the witness");
        println!("  read by the responder with an audited reason, answered; the witness read it with the receipt code");
        Ok(())
    }

    /// Records the magistrate's decision over everything the appeal shows now; another person verifies it.
    pub(super) async fn authorise(&self, filed: &Filed, decision: Value, area: &Value) -> anyhow::Result<()> {
        let who = &self.team.investigator;
        let appeal = self.api.get(who, &format!("/appeals/{}", filed.id)).await?;
        let media: Vec<Value> = appeal
            .pointer("/media")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|m| json!({"digest": m["digest"], "portrait": m["portrait"], "minor": m["minor"], "blur_required": false}))
            .collect();
        let lots: Vec<Value> = appeal
            .pointer("/lots")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|l| l["number"].clone())
            .collect();
        let texts: Vec<&Value> =
            appeal.pointer("/notice_digests").and_then(Value::as_object).into_iter().flat_map(|o| o.values()).collect();
        let languages: Vec<&String> =
            appeal.pointer("/notice_digests").and_then(Value::as_object).into_iter().flat_map(|o| o.keys()).collect();
        let mut body = decision;
        if let Some(object) = body.as_object_mut() {
            object.insert(
                "decision".to_owned(),
                json!({"form": "written_signed", "at": Utc::now() - TimeDelta::hours(1)}),
            );
            object.insert("valid_until".to_owned(), json!(Utc::now() + TimeDelta::days(7)));
            object.insert("document".to_owned(), json!({"sha256": "0".repeat(64), "bytes": 48213, "mime": "application/pdf", "signature_kind": "qualified"}));
            object.insert(
                "scope".to_owned(),
                json!({"elements": ["name", "age", "description", "circumstances"], "media": media, "texts": texts, "lots": lots,
                    "area": area, "channels": appeal["channels"], "languages": languages, "tips": "sightings and whereabouts",
                    "paid_ads_cents": appeal["budget_cents"]}),
            );
        }
        let recorded = self.api.post(who, &format!("/appeals/{}/authorisations", filed.id), &body).await?;
        let verification = json!({"called_back_on": "+32 2 508 00 00"});
        let path = format!("/authorisations/{}/verification", text(&recorded, "/id"));
        self.api.post(&self.team.verifier, &path, &verification).await?;
        Ok(())
    }

    /// Through the chain and out; waits until everything was sent.
    pub(super) async fn dispatch(&self, filed: &Filed) -> anyhow::Result<Value> {
        let dispatch = self.launch(filed).await?;
        self.finished(&text(&dispatch, "/id")).await
    }

    /// Through the chain into the outbox.
    pub async fn launch(&self, filed: &Filed) -> anyhow::Result<Value> {
        let plan = self.api.get(&self.team.investigator, &format!("/appeals/{}/plan", filed.id)).await?;
        ensure!(plan["blockers"] == json!([]), "blockers: {}", plan["blockers"]);
        let digest = text(&plan, "/digest");
        self.api
            .decide(&self.team.investigator, &format!("/appeals/{}/submission", filed.id), &digest, &json!({}))
            .await?;
        let path = format!("/appeals/{}/validations", filed.id);
        let said = self.api.decide(&self.team.validator, &path, &digest, &json!({"verdict": "yes"})).await?;
        if text(&said, "/stage") == "submitted" {
            self.api.decide(&self.team.head, &path, &digest, &json!({"verdict": "yes"})).await?;
        }
        let path = format!("/appeals/{}/dispatches", filed.id);
        self.api.decide(&self.team.dispatcher, &path, &digest, &json!({})).await
    }

    pub async fn finished(&self, dispatch: &str) -> anyhow::Result<Value> {
        for _ in 0..400 {
            let view = self.api.get(&self.team.dispatcher, &format!("/dispatches/{dispatch}")).await?;
            if view["finished"] == json!(true) {
                ensure!(view["failed"] == json!(0), "deliveries failed: {view}");
                return Ok(view);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("dispatch {dispatch} did not finish within 40 s")
    }
}

pub(super) fn sent(view: &Value, channel: &str, language: &str) -> i64 {
    let rows = view.pointer("/progress").and_then(Value::as_array).into_iter().flatten();
    rows.filter(|row| {
        row["channel"] == json!(channel) && row["language"] == json!(language) && row["purpose"] == json!("appeal")
    })
    .filter_map(|row| row["sent"].as_i64())
    .sum()
}

pub(super) fn magistrate() -> Value {
    json!({"family_name": "Exemple", "given_name": "Claire", "function": "substitut du procureur du Roi", "office_code": "brussel",
        "office": "Parquet de Bruxelles", "contact": "+32 2 508 00 01"})
}

/// A missing minor in a bilingual and a facility municipality: answered, read, replied to, taken down, closed.
pub async fn missing_minor(stage: &Stage) -> anyhow::Result<()> {
    println!("MISSING MINOR in Ixelles/Elsene and Kraainem, French and Dutch");
    let area = json!({"include": [{"place": "NIS:21009"}, {"place": "NIS:23099"}]});
    let appeal = json!({
        "kind": "missing_minor", "country": "BE", "title": "Disparition Lina (démonstration)", "channels": paid::CHANNELS, "budget_cents": paid::BUDGET,
        "subject": {"given_name": "Lina", "age": 11, "appearance": {"sex": "female", "height_cm": 142, "hair": "brown", "eyes": "brown", "build": "slim"},
            "last_seen": {"at": Utc::now() - TimeDelta::hours(5), "place": "NIS:21009"}},
        "notices": {
            "fr": {"headline": "Lina, 11 ans, a disparu à Ixelles", "lead": "Lina n'est pas rentrée de l'école. Elle a peut-être pris le tram vers Kraainem.",
                "body": ["Lina a quitté son école à pied et n'est pas arrivée chez elle."], "look_for": ["Une veste rouge à capuche", "Un sac à dos bleu avec un porte-clés en forme de renard"]},
            "nl": {"headline": "Lina, 11 jaar, is verdwenen in Elsene", "lead": "Lina is niet thuisgekomen van school. Mogelijk nam ze de tram naar Kraainem.",
                "body": ["Lina verliet haar school te voet en kwam niet thuis aan."], "look_for": ["Een rode jas met kap", "Een blauwe rugzak met een sleutelhanger in de vorm van een vos"]},
        },
    });
    let portrait = pictures::portrait([84, 54, 34], [196, 40, 44], [206, 220, 230])?;
    let statement = json!({"portrait": true, "minor": true, "alt": {"fr": "Dessin d'une fille aux cheveux bruns, veste rouge", "nl": "Tekening van een meisje met bruin haar, rode jas"}});
    let filed = stage.file(&appeal, &[(portrait, statement)], &[], &area).await?;
    println!("  filed {} with a picture and its area", filed.id);
    stage.ask_worrying_signs(&filed, "under_13").await?;
    println!("  the six signs of a worrying disappearance were asked one by one; younger than 13: it is one");

    let nothing = "0".repeat(64);
    let refused = stage
        .api
        .refused(&stage.team.dispatcher, &format!("/appeals/{}/dispatches", filed.id), &nothing, &json!({}))
        .await?;
    println!("  dispatch before any authorisation: refused ({})", refused.join(", "));

    let decision = json!({"country": "BE", "authority_type": "be_pdr", "magistrate": magistrate(), "case_reference": "DEMO/2026/001",
        "legal_basis": ["BE-DISP"], "requested_by": "judicial",
        "consents": [{"kind": "custodian", "given_by": "mother (demo)", "at": Utc::now() - TimeDelta::hours(2)}]});
    stage.authorise(&filed, decision, &area).await?;
    println!("  authorisation recorded by one person, verified by another");
    stage.phases.over("missing minor: filed and authorised");
    stage.foretold(&filed).await?;
    stage.phases.over("missing minor: aims found, platforms asked");
    let view = stage.dispatch(&filed).await?;
    stage.phases.over("missing minor: validated and sent");
    let (fr, nl) = (sent(&view, "email", "fr"), sent(&view, "email", "nl"));
    println!(
        "  validated by two more people, as a minor's appeal needs; sent: {fr} mails in French, {nl} in Dutch, 2 pages,"
    );
    println!("  2 feed entries, 6 campaigns");
    ensure!(fr == 24 && nl == 24, "48 subscribers live there, 24 of each language");

    let (status, page) = stage.api.page(&format!("/fr/a/{}", filed.slug)).await?;
    ensure!(
        status == 200 && page.contains("Lina") && !page.contains("Elsene") && !page.contains("rode jas"),
        "the French page is not French only"
    );
    let (_, feed) = stage.api.page("/feeds/nl.atom").await?;
    ensure!(feed.contains("Elsene") && !feed.contains("Ixelles"), "the Dutch feed is not Dutch only");

    stage.answered(&filed).await?;
    stage.answered_an_advertisement(&filed).await?;
    stage.platforms.pass_time();
    stage.phases.over("missing minor: answered");

    let report = stage
        .api
        .post(
            &stage.team.dispatcher,
            &format!("/appeals/{}/takedown", filed.id),
            &json!({"reason": "child found, magistrate informed"}),
        )
        .await?;
    let (status, gone) = stage.api.page(&format!("/fr/a/{}", filed.slug)).await?;
    ensure!(status == 410 && !gone.contains("Lina"), "the page is still there");
    println!(
        "  taken down: pages and feed entries gone at once ({} proofs), corrections on their way",
        report["channels"].as_array().map_or(0, Vec::len)
    );
    stage
        .api
        .post(&stage.team.dispatcher, &format!("/appeals/{}/closure", filed.id), &json!({"outcome": "located_minor"}))
        .await?;
    verified(stage, &filed).await?;
    stage.paid_report(&filed).await?;
    println!(
        "  closed as located_minor; everyone alerted was told, without whereabouts. {} mails caught so far\n",
        stage.catcher.accepted()
    );
    Ok(())
}

async fn verified(stage: &Stage, filed: &Filed) -> anyhow::Result<()> {
    for _ in 0..400 {
        let appeal = stage.api.get(&stage.team.investigator, &format!("/appeals/{}", filed.id)).await?;
        if text(&appeal, "/stage") == "takedown_verified" {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("the takedown was not verified within 40 s")
}

/// The 24 characters in groups of four, each in a tag of its own.
pub(super) fn receipt_code(page: &str) -> Option<String> {
    let inside = between(page, "<p class=\"code\">", "</p>")?;
    let code: String = inside.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.trim()).collect();
    (code.len() == 24).then_some(code)
}

/// A convict on the run: the yes of the chain, then the magistrate changes their mind.
pub async fn wanted_convict(stage: &Stage) -> anyhow::Result<()> {
    println!("WANTED CONVICT around Charleroi, French");
    let area = json!({"include": [{"circle": {"lat": 50.4114, "lon": 4.4447, "radius_m": 9000}}], "mode": "covers"});
    let appeal = json!({
        "kind": "wanted_convict", "country": "BE", "title": "Condamné en fuite (démonstration)", "channels": ["page", "feed", "email"], "dangerous": true,
        "subject": {"given_name": "Igor", "family_name": "Modèle", "age": 46, "adult_proven": true, "appearance": {"sex": "male", "height_cm": 183, "hair": "grey"},
            "conviction": {"final": true, "years": 8, "warrant": true}},
        "notices": {"fr": {"headline": "Igor Modèle, condamné en fuite", "lead": "Il ne s'est pas présenté à la prison. N'intervenez pas vous-même.", "look_for": ["Une cicatrice au-dessus du sourcil gauche"]}},
    });
    let portrait = pictures::portrait([128, 128, 126], [54, 60, 72], [220, 222, 224])?;
    let statement = json!({"portrait": true, "alt": {"fr": "Dessin d'un homme aux cheveux gris"}});
    let filed = stage.file(&appeal, &[(portrait, statement)], &[], &area).await?;
    let decision = json!({"country": "BE", "authority_type": "be_fed", "magistrate": magistrate(), "case_reference": "DEMO/2026/003",
        "legal_basis": ["BE-MW"], "requested_by": "judicial",
        "consents": [{"kind": "conviction", "given_by": "judgment DEMO", "at": Utc::now() - TimeDelta::days(40)},
            {"kind": "federal_prosecutor", "given_by": "federal prosecutor's office (demo)", "at": Utc::now() - TimeDelta::days(2)}]});
    stage.authorise(&filed, decision, &area).await?;
    let people: Vec<String> =
        (0..12).flat_map(|n| [0, 1].map(|side| format!("p{n}.{side}.52011@mail.example.be"))).collect();
    let view = stage.dispatch_through_a_death(&filed, &people).await?;
    println!("  aimed at a 9 km circle, dispatched: {} mails in French", sent(&view, "email", "fr"));
    let list = stage.api.get(&stage.team.verifier, &format!("/appeals/{}/authorisations", filed.id)).await?;
    let path = format!("/authorisations/{}/withdrawal", text(&list, "/items/0/id"));
    stage.api.post(&stage.team.verifier, &path, &json!({"reason": "the person surrendered this morning"})).await?;
    let (status, _) = stage.api.page(&format!("/fr/a/{}", filed.slug)).await?;
    ensure!(status == 410, "a withdrawn decision left the page up");
    println!("  the magistrate withdrew: page and feed were gone in the same transaction\n");
    stage
        .api
        .post(&stage.team.dispatcher, &format!("/appeals/{}/closure", filed.id), &json!({"outcome": "surrendered"}))
        .await?;
    verified(stage, &filed).await
}

/// The chain of everything that was done.
pub fn after_all(app: &App) -> anyhow::Result<()> {
    let (entries, head) = app.db.read_now(|conn| {
        Ok::<_, crate::db::DbError>((audit::entries_after(conn, 0, None, None, 100_000)?, audit::head(conn)?))
    })?;
    let mut walk = ChainWalk::default();
    for stored in &entries {
        walk.follow(&stored.entry, &stored.hash)?;
    }
    walk.end(u64::try_from(head.0)?, &head.1)?;
    println!("AUDIT: {} acts, chain unbroken", entries.len());
    Ok(())
}
