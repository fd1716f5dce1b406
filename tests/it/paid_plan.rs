//! What a plan says of its advertisements before a cent is spent, what came of them, and how accounts are set up.

use crate::support::platforms::{PAID, Platforms, authorised, blockers, dispatched, effects, plan};
use crate::support::workers::was_told;
use crate::support::{TestApp, area, missing_minor};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::process::Command;
use tocsin::domain::advert::AdContent;

const BUDGET: i64 = 9_000;

fn parts(plan: &Value) -> Vec<&Value> {
    plan["paid"].as_array().unwrap().iter().collect()
}

#[actix_web::test]
async fn a_plan_shows_whom_each_advertisement_reaches_and_what_it_costs_before_anything_is_made() {
    if was_told() {
        return;
    }
    let platforms = Platforms::start().await;
    let app = platforms.installation().await;
    let id = authorised(&app, &PAID, BUDGET).await;
    let first = plan(&app, &id).await;
    assert_eq!(blockers(&first), Vec::<String>::new(), "{:#}", first["blockers"]);
    assert_eq!(parts(&first).len(), 6, "three platforms, two languages");
    assert!(parts(&first).iter().all(|part| part["estimate"].is_null()), "no platform is called inside a request");
    app.work().await;
    let second = plan(&app, &id).await;
    assert_eq!(first["digest"], second["digest"], "what a platform says changes no plan");
    assert_eq!(platforms.campaigns().0.len(), 0, "nothing is made by asking");
    let mut ceilings = 0;
    for part in parts(&second) {
        let fit = &part["aim"]["fit"];
        assert!(fit["recall"].as_f64().unwrap() > 0.9, "{part:#}");
        assert!(fit["over_reach"]["inhabitants"].is_number() && fit["spill"].is_array(), "{part:#}");
        assert!(part["forecast"]["people"].as_i64().unwrap() > 500, "{part:#}");
        assert!(part["forecast"]["cost_cents"].as_i64().unwrap() <= part["ceiling_cents"].as_i64().unwrap());
        assert!(!part["estimate"]["asked_at"].is_null() && part["estimate"]["trouble"].is_null(), "{part:#}");
        assert_eq!(part["estimate"]["people_from"].is_number(), part["platform"] == "meta", "{part:#}");
        assert_eq!(part["last_day"].is_string(), part["platform"] == "google", "{part:#}");
        assert!(part["said"].as_array().unwrap().len() >= 3, "{part:#}");
        ceilings += part["ceiling_cents"].as_i64().unwrap();
        let picture = part["picture"].as_str().unwrap().strip_prefix("/api/v1").unwrap();
        let answer = app.http.http.get(format!("{}/api/v1{picture}", app.http.base));
        let answer = answer.bearer_auth(&app.team.investigator.token).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
    }
    assert_eq!(ceilings, BUDGET, "not a cent more than the authorised ceiling");

    // What is signed is what the engine orders: text, page and circles of each language.
    let items = second["plan"]["items"].as_array().unwrap();
    for item in items.iter().filter(|item| item["channel"].as_str().unwrap().ends_with("_ads")) {
        let (channel, language) = (item["channel"].as_str().unwrap(), item["language"].as_str().unwrap());
        let content = AdContent::from_document(&item["content"]).unwrap_or_else(|| panic!("{item:#}"));
        assert!(content.link.contains(&format!("/{language}/a/")) && content.link.ends_with(&format!("?c={channel}")));
        let (_, alt) = content.picture.unwrap();
        assert_eq!(alt, if language == "fr" { "Dessin d'une fille" } else { "Tekening van een meisje" });
        assert!(item["content"]["aim"]["recall_thousandths"].as_i64().unwrap() > 900);
    }
    let order = json!({"budget_cents": BUDGET - 1});
    let version = app.appeal(&id).await["version"].as_i64().unwrap();
    app.http.patch(&app.team.investigator, &format!("/appeals/{id}"), version, &order).await;
    assert_ne!(plan(&app, &id).await["digest"], second["digest"], "the ceiling is signed");
}

#[actix_web::test]
async fn what_cannot_fit_or_is_too_little_money_blocks_the_plan_in_words() {
    let platforms = Platforms::start().await;
    let app = platforms.installation().await;
    // Meta's least is known from the set-up check, Google's from what it says of the plan.
    let id = authorised(&app, &["meta_ads", "google_ads"], 200).await;
    plan(&app, &id).await;
    app.work().await;
    let poor = plan(&app, &id).await;
    assert_eq!(blockers(&poor), ["CH-04-least"], "{:#}", poor["blockers"]);
    assert_eq!(poor["blockers"].as_array().unwrap().len(), 4, "{:#}", poor["blockers"]);
    assert!(poor["blockers"][0]["detail"].as_str().unwrap().contains("0.50"), "{:#}", poor["blockers"]);

    let mut long = missing_minor();
    long["notices"]["fr"]["headline"] =
        json!("Lina, onze ans, a disparu à Ixelles en sortant de son école de la rue du Trône vendredi après-midi");
    long["notices"]["fr"]["lead"] = json!(
        "Elle portait une veste rouge à capuche et un sac à dos bleu et a peut-être pris le tram vers Kraainem ou Stockel"
    );
    (long["channels"], long["budget_cents"]) = (json!(["page", "google_ads"]), json!(BUDGET));
    let id = app.filed_as(&long).await;
    let mut decision = crate::support::decision(&app.appeal(&id).await);
    decision["scope"]["channels"] = json!(["page", "google_ads"]);
    decision["scope"]["paid_ads_cents"] = json!(BUDGET);
    let authorisation = app.recorded(&id, &decision).await;
    app.verified(&authorisation).await;
    let unfit = plan(&app, &id).await;
    assert!(blockers(&unfit).contains(&"CH-03-unfit".to_owned()), "{:#}", unfit["blockers"]);
    let mut said = std::collections::BTreeSet::new();
    for language in ["fr", "nl", "de", "en"] {
        let asked = app.http.http.get(format!("{}/api/v1/appeals/{id}/plan", app.http.base));
        let asked = asked.bearer_auth(&app.team.investigator.token).header("accept-language", language);
        let plan: Value = asked.send().await.unwrap().json().await.unwrap();
        let blocker = plan["blockers"].as_array().unwrap().iter().find(|one| one["code"] == "CH-03-unfit").unwrap();
        said.insert(blocker["detail"].as_str().unwrap().to_owned());
    }
    assert_eq!(said.len(), 4, "{said:?}");
    // The part is named in the reader's language, not by a code.
    for name in ["titre court", "kop", "Überschrift", "headline"] {
        assert!(said.iter().any(|said| said.contains(name)), "{name}: {said:?}");
    }
}

#[actix_web::test]
async fn languages_are_advertised_only_where_they_are_spoken() {
    let platforms = Platforms::start().await;
    let app = platforms.installation().await;
    let mut appeal = missing_minor();
    appeal["notices"]["de"] =
        json!({"headline": "Lina wird vermisst", "lead": "Haben Sie Lina gesehen?", "look_for": []});
    (appeal["channels"], appeal["budget_cents"]) = (json!(["page", "meta_ads"]), json!(BUDGET));
    let id = app.filed_as(&appeal).await;
    // Kraainem alone: Dutch with facilities for French; German nowhere.
    let version = app.appeal(&id).await["version"].as_i64().unwrap();
    app.http.put(&app.team.investigator, &format!("/appeals/{id}/area"), version, &area()).await;
    let mut decision = crate::support::decision(&app.appeal(&id).await);
    decision["scope"]["channels"] = json!(["page", "meta_ads"]);
    decision["scope"]["languages"] = json!(["fr", "nl", "de"]);
    decision["scope"]["paid_ads_cents"] = json!(BUDGET);
    let authorisation = app.recorded(&id, &decision).await;
    app.verified(&authorisation).await;
    let plan = plan(&app, &id).await;
    let languages: Vec<&str> = parts(&plan).iter().map(|part| part["language"].as_str().unwrap()).collect();
    assert_eq!(languages, ["fr", "nl"], "nobody there has German: {plan:#}");
    assert_eq!(parts(&plan).iter().map(|part| part["ceiling_cents"].as_i64().unwrap()).sum::<i64>(), BUDGET);
}

#[actix_web::test]
async fn what_came_of_advertisements_is_counted_per_platform_and_language() {
    let platforms = Platforms::start().await;
    let app = platforms.installation().await;
    let id = authorised(&app, &PAID, BUDGET).await;
    plan(&app, &id).await;
    app.work().await;
    dispatched(&app, &id).await;
    platforms.settle(&app, TimeDelta::minutes(5)).await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    // Whoever comes through an advertisement keeps its mark from the page to the form.
    let (_, page) = app.http.page(&format!("/nl/a/{slug}?c=x_ads&twclid=7")).await;
    assert!(page.contains(&format!("/nl/a/{slug}/respond?c=x_ads")), "{page}");
    let (_, plain) = app.http.page(&format!("/nl/a/{slug}?c=nonsense&c=twice")).await;
    assert!(plain.contains(&format!("/nl/a/{slug}/respond\"")), "{plain}");
    app.http.fill(&format!("/nl/a/{slug}/respond?c=x_ads"), &[("kind", "tip"), ("what", "Gezien in de tram")]).await;
    app.http.fill(&format!("/fr/a/{slug}/respond?c=meta_ads"), &[("kind", "tip"), ("what", "Vue au parc")]).await;
    for _ in 0..8 {
        platforms.advance(&app, TimeDelta::hours(6));
        app.work().await;
    }
    let appeal = tocsin::domain::ids::AppealId::parse(&id).unwrap();
    let rows = app.app.db.read_now(|conn| tocsin::app::ad_report::results(conn, &appeal)).unwrap();
    assert_eq!(rows.len(), 6);
    for (row, trouble) in &rows {
        let what = format!("{} {} {row:?}", row.platform, row.language);
        assert!(row.spent.0 > 100 && row.spent <= row.ceiling && trouble.is_empty(), "{what}");
        assert!(row.impressions > 100 && row.clicks > 0 && row.forecast.people > 0, "{what}");
        let answered = [("x", "nl"), ("meta", "fr")].contains(&(row.platform.code(), row.language.code()));
        assert_eq!(row.responses, i64::from(answered), "{what}");
        assert_eq!(row.cost_per_response().is_some(), answered, "{what}");
    }
    let spent: i64 = effects(&app, &id).iter().map(|effect| effect.committed_cents).sum();
    assert_eq!(spent, rows.iter().map(|(row, _)| row.spent.0).sum::<i64>(), "the ledger has every cent");
}

#[actix_web::test]
async fn a_report_is_also_a_table_for_a_spreadsheet() {
    let platforms = Platforms::start().await;
    let app = platforms.installation().await;
    let id = authorised(&app, &["meta_ads"], BUDGET).await;
    plan(&app, &id).await;
    dispatched(&app, &id).await;
    platforms.settle(&app, TimeDelta::minutes(2)).await;
    let address = format!("{}/api/v1/appeals/{id}/report/paid.csv", app.http.base);
    let answer = app.http.http.get(address).bearer_auth(&app.team.responder.token).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    let table = answer.text().await.unwrap();
    let lines: Vec<&str> = table.split("\r\n").collect();
    assert!(lines[0].starts_with("appeal,platform,language,ceiling_eur,spent_eur"), "{table}");
    assert!(lines[1].starts_with("Disparition Lina,meta,fr,45.00,") && lines[2].contains(",meta,nl,45.00,"), "{table}");
    let report = app.http.get(&app.team.responder, &format!("/appeals/{id}/report")).await;
    assert_eq!(report["paid"].as_array().unwrap().len(), 2, "{report:#}");
    assert_eq!(report["paid"][0]["ceiling_cents"], 4_500);
}

/// Beside the simulators, which answer on this thread.
async fn tocsin(app: &TestApp, platforms: &Platforms, without: &str, arguments: &[&str]) -> (i32, String, String) {
    let variables = platforms.variables().into_iter().filter(|(name, _)| *name != without);
    let mut command = Command::new(env!("CARGO_BIN_EXE_tocsin"));
    command
        .args(arguments)
        .current_dir(app.folder.path())
        .env("TOCSIN_DATABASE__URL", &app.url)
        .env("TOCSIN_KEYS__SERVER_KEY_FILE", app.folder.path().join("server.key"))
        .env("TOCSIN_MEDIA__DIRECTORY", app.folder.path().join("media"))
        .envs(variables);
    let out = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.code().unwrap_or(-1), text(&out.stdout), text(&out.stderr))
}

#[actix_web::test]
async fn accounts_are_checked_from_the_command_line_and_their_credentials_may_be_sealed() {
    let platforms = Platforms::start().await;
    let app = platforms.installation().await;
    let (code, out, words) = tocsin(&app, &platforms, "", &["channel", "check", "--json"]).await;
    assert_eq!(code, 0, "{out}{words}");
    let told: Value = serde_json::from_str(&out).unwrap();
    let meta = told["accounts"].as_array().unwrap().iter().find(|one| one["account"] == "meta_ads:1001").unwrap();
    assert_eq!((&meta["currency"], &meta["least_daily_cents"]), (&json!("EUR"), &json!(100)), "{told:#}");
    assert!(meta["languages"]["fr"].as_array().is_some_and(|ids| !ids.is_empty()), "{told:#}");
    let kept = app.app.db.read_now(tocsin::db::ad_accounts::all).unwrap();
    assert_eq!(kept.len(), 3, "stored with a date");
    assert!(kept.iter().all(|row| row.trouble.is_empty() && row.checked_at <= chrono::Utc::now()));

    // Without a token in the configuration the sealed one of the account's name is used; without that, it is said.
    let token = "TOCSIN_META_ADS__TOKEN";
    let (code, out, words) =
        tocsin(&app, &platforms, token, &["channel", "check", "meta_ads", "--language", "fr"]).await;
    assert!(code == 1 && out.contains("FAILED") && words.contains("n’a pas encore été vérifié"), "{out}{words}");
    let account = json!({"platform": "meta-ads", "name": "1001", "language": "fr"});
    let account = app.http.post(&app.team.dispatcher, "/channels", &account).await;
    let sealed = json!({"credential": "simulated-meta-token"});
    let path = format!("{}/api/v1/channels/{}/credential", app.http.base, account["id"].as_str().unwrap());
    let set = app.http.http.put(path).bearer_auth(&app.team.dispatcher.token).json(&sealed).send().await.unwrap();
    assert_eq!(set.status(), 200);
    let (code, out, words) = tocsin(&app, &platforms, token, &["channel", "check", "meta_ads"]).await;
    assert!(code == 0 && out.contains("meta_ads:1001") && out.contains("ok"), "{out}{words}");
    assert!(!out.contains("simulated-meta-token") && !words.contains("simulated-meta-token"));
}

#[actix_web::test]
async fn a_plan_is_answered_at_once_and_cannot_be_submitted_before_its_aims_are_found() {
    let platforms = Platforms::start().await;
    let app = platforms.installation().await;
    let id = authorised(&app, &["meta_ads", "x_ads"], BUDGET).await;
    let asked = app.http.http.get(format!("{}/api/v1/appeals/{id}/plan", app.http.base));
    let answer = asked.bearer_auth(&app.team.investigator.token).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (200, &"3".parse().unwrap()));
    let first: Value = answer.json().await.unwrap();
    assert_eq!(first["aims"], json!({"state": "computing", "retry_after_seconds": 3}));
    assert!(blockers(&first).contains(&"CH-02-pending".to_owned()), "{:#}", first["blockers"]);
    let path = format!("/appeals/{id}/submission");
    let digest = first["digest"].as_str().unwrap();
    let (status, codes) = app.http.refused(&app.team.investigator, &path, Some(digest), &json!({})).await;
    assert_eq!((status, codes.contains(&"CH-02-pending".to_owned())), (409, true), "{codes:?}");
    let ready = plan(&app, &id).await;
    assert_eq!((&ready["aims"]["state"], blockers(&ready)), (&json!("ready"), Vec::new()));
    assert_ne!(ready["digest"], first["digest"], "what is advertised where is signed");
    // X is shown by its places, with the names people know.
    let x = parts(&ready).into_iter().find(|part| part["platform"] == "x").unwrap();
    let places: Vec<&str> =
        x["aim"]["places"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert!(places.contains(&"NIS:21009") && x["picture"].as_str().unwrap().contains("platform=x"), "{x:#}");
    let names = &x["aim"]["places"][0]["names"];
    assert!(names["fr"].is_string() && names["nl"].is_string(), "{x:#}");
}

#[actix_web::test]
async fn an_adult_age_band_is_signed_and_told_to_each_platform_in_its_own_words() {
    let platforms = Platforms::start().await;
    let app = platforms.installation().await;
    let id = authorised(&app, &PAID, BUDGET).await;
    let first = plan(&app, &id).await;
    assert!(
        parts(&first).iter().all(|part| part["ages"] == json!({"from": 18, "to": 65})),
        "adults unless filed otherwise"
    );
    let version = app.appeal(&id).await["version"].as_i64().unwrap();
    let (path, who) = (format!("/appeals/{id}"), &app.team.investigator);
    app.http.patch(who, &path, version, &json!({"ad_ages": {"from": 30, "to": 50}})).await;
    let odd = plan(&app, &id).await;
    let said: Vec<&Value> = odd["blockers"].as_array().unwrap().iter().filter(|b| b["code"] == "CH-07-ages").collect();
    assert_eq!(said.len(), 2, "Meta takes any: {:#}", odd["blockers"]);
    assert!(said.iter().all(|one| one["detail"].as_str().unwrap().contains("30–50")), "{said:#?}");
    app.http.patch(who, &path, version + 1, &json!({"ad_ages": {"from": 25, "to": 54}})).await;
    // The decision was about the appeal as it was; its scope names texts, pictures and area, all of them the same.
    let mut next = crate::support::decision(&app.appeal(&id).await);
    next["scope"]["channels"] = json!(["page", "meta_ads", "google_ads", "x_ads"]);
    next["scope"]["paid_ads_cents"] = json!(BUDGET);
    let authorisation = app.recorded(&id, &next).await;
    app.verified(&authorisation).await;
    let banded = plan(&app, &id).await;
    assert_eq!(blockers(&banded), Vec::<String>::new(), "{:#}", banded["blockers"]);
    assert_ne!(banded["digest"], first["digest"], "the ages are signed");
    app.work().await;
    dispatched(&app, &id).await;
    platforms.settle(&app, TimeDelta::minutes(5)).await;
    assert_eq!(platforms.campaigns().1, 6);
    let sent = |simulator: &tocsin::simulators::Simulator| {
        let all = simulator.recorded();
        all.iter().map(|one| String::from_utf8_lossy(&one.call.body).into_owned()).collect::<String>()
    };
    assert!(sent(&platforms.meta).contains("age_min%22%3A25") && sent(&platforms.meta).contains("age_max%22%3A54"));
    assert!(sent(&platforms.x).contains("AGE_25_TO_54"));
    let google = sent(&platforms.google);
    for (range, left_out) in [("AGE_RANGE_18_24", true), ("AGE_RANGE_UNDETERMINED", true), ("AGE_RANGE_35_44", false)] {
        assert_eq!(google.contains(range), left_out, "{range}");
    }
}

#[actix_web::test]
async fn a_channel_without_an_account_blocks_the_plan() {
    let app = TestApp::start().await;
    let mut appeal = missing_minor();
    (appeal["channels"], appeal["budget_cents"]) = (json!(["page", "x_ads"]), json!(BUDGET));
    let id = app.filed_as(&appeal).await;
    let mut decision = crate::support::decision(&app.appeal(&id).await);
    decision["scope"]["channels"] = json!(["page", "x_ads"]);
    decision["scope"]["paid_ads_cents"] = json!(BUDGET);
    let authorisation = app.recorded(&id, &decision).await;
    app.verified(&authorisation).await;
    let plan = plan(&app, &id).await;
    let codes = blockers(&plan);
    assert_eq!(codes, ["CH-01-not-served", "CH-02-no-list"], "{plan:#}");
}
