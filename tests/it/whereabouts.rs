//! Where and when, in the form: a map without scripts and without anybody else, places by name, a day and a time with how exactly
//! they are known; in four languages and few bytes.

use crate::support::TestApp;
use crate::support::client::{between, receipt};
use serde_json::json;
use std::io::Write;

/// What a browser would send back of a form: hidden fields with their values.
fn hidden(page: &str) -> Vec<(String, String)> {
    page.split("<input type=\"hidden\"")
        .skip(1)
        .filter_map(|rest| {
            let tag = rest.split('>').next()?;
            Some((between(tag, "name=\"", "\"")?, between(tag, "value=\"", "\"")?))
        })
        .collect()
}

async fn step(app: &TestApp, path: &str, page: &str, more: &[(&str, &str)]) -> (u16, String) {
    let kept = hidden(page);
    let mut fields: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend(more);
    let (status, page) = app.http.send_form(path, &fields).await;
    (status.as_u16(), page)
}

#[actix_web::test]
async fn a_place_is_found_by_name_pointed_at_and_kept_with_its_precision() {
    let app = TestApp::start().await;
    let (id, slug) = app.live().await;
    let path = format!("/nl/a/{slug}/respond");
    let typed = [("kind", "sighting"), ("what", "Zij wachtte op de tram"), ("contact_phone", "0470 00 00 00")];
    let with = |more: &[(&'static str, &'static str)]| [&typed[..], more].concat();
    let (_, page) = app.http.page(&path).await;
    assert!(!page.contains("type=\"image\"") && !page.contains("data:image"), "no map before one is asked for");
    let (status, found) = step(&app, &path, &page, &with(&[("where", "Flageyplein, Elsene"), ("step", "find")])).await;
    assert_eq!(status, 200);
    assert!(found.contains("Plaats gevonden: Elsene") && found.contains("type=\"image\""), "{found}");
    assert!(found.contains("Zij wachtte op de tram") && found.contains("0470 00 00 00"), "what was typed stays");
    assert_eq!(hidden(&found).iter().find(|(name, _)| name == "place_code").unwrap().1, "NIS:21009");
    // A press in the upper left, and one more: closer each time, and marked.
    let (_, first) =
        step(&app, &path, &found, &with(&[("where", "Flageyplein, Elsene"), ("map.x", "100"), ("map.y", "90")])).await;
    assert!(first.contains("Gemarkeerd: "), "{first}");
    let (_, second) =
        step(&app, &path, &first, &with(&[("where", "Flageyplein, Elsene"), ("map.x", "140"), ("map.y", "140")])).await;
    let spot = hidden(&second).into_iter().find(|(name, _)| name == "spot").unwrap().1;
    let (status, receipt_page) =
        step(&app, &path, &second, &with(&[("where", "Flageyplein, Elsene"), ("step", "send")])).await;
    assert_eq!(status, 200, "{receipt_page}");
    receipt(&receipt_page);
    let read = app.opened(&id).await[0]["text"]["read"].clone();
    let (lat, lng) = spot.split_once(',').unwrap();
    assert!((read["lat"].as_f64().unwrap() - lat.parse::<f64>().unwrap()).abs() < 1e-4, "{read}");
    assert!((read["lng"].as_f64().unwrap() - lng.parse::<f64>().unwrap()).abs() < 1e-4);
    assert_eq!((&read["read_by"], &read["place_precision"]), (&json!("map"), &json!("street")));
    assert!(read["place"].as_str().unwrap().starts_with("NIS:"));

    // By keyboard alone: the map moved with buttons, its middle marked, the precision said.
    let (_, page) = app.http.page(&path).await;
    let (_, mut page) = step(&app, &path, &page, &with(&[("where", "1950"), ("step", "find")])).await;
    assert!(page.contains("Kraainem"), "{page}");
    for press in ["closer", "north", "east", "west", "south", "farther", "pin"] {
        page = step(&app, &path, &page, &with(&[("where", "1950"), ("step", press)])).await.1;
    }
    let (_, unpinned) = step(&app, &path, &page, &with(&[("where", "1950"), ("step", "unpin")])).await;
    assert!(!unpinned.contains("Gemarkeerd: "));
    let sent = with(&[("where", "1950"), ("place_precision", "exact"), ("what", "Zij at een ijsje")]);
    let (status, _) = step(&app, &path, &page, &sent).await;
    assert_eq!(status, 200);
    let read = app.opened(&id).await[1]["text"]["read"].clone();
    assert_eq!((&read["place"], &read["place_precision"]), (&json!("NIS:23099"), &json!("exact")), "{read}");

    // Several places of a name: one is chosen; none: it is said; words changed after finding count as words again.
    let (_, page) = app.http.page(&path).await;
    let (_, several) = step(&app, &path, &page, &with(&[("where", "Halen of Halle?"), ("step", "find")])).await;
    assert!(several.contains("name=\"place_code\"") || several.contains("Plaats gevonden"), "{several}");
    let (status, unknown) = step(&app, &path, &page, &with(&[("where", "Xyzzyville"), ("step", "find")])).await;
    assert!(status == 422 || unknown.contains("type=\"radio\" id=\"field-place_code-1\""), "{status}");
    assert!(unknown.contains("type=\"image\""), "the map is there all the same");
    let (_, page) = app.http.page(&path).await;
    let (_, found) = step(&app, &path, &page, &with(&[("where", "Elsene"), ("step", "find")])).await;
    let changed = with(&[("where", "Tervuren"), ("what", "Zij liep door het park")]);
    assert_eq!(step(&app, &path, &found, &changed).await.0, 200);
    assert_eq!(app.opened(&id).await[2]["text"]["read"]["place"], "NIS:24104");
    // Off the map, off the earth: nothing breaks.
    for (view, x) in [("91,0@9", "5"), ("50.5,4.45@1", "99999999"), ("", "-3"), ("0,0@5", "1")] {
        let fields = [("view", view), ("map.x", x), ("map.y", "7"), ("step", "find"), ("where", "")];
        assert_eq!(step(&app, &path, "", &with(&fields)).await.0, 200, "{view} {x}");
    }
}

#[actix_web::test]
async fn a_time_is_kept_with_how_exactly_it_is_known_on_the_clocks_of_the_country() {
    let app = TestApp::start().await;
    let (id, slug) = app.live().await;
    let path = format!("/fr/a/{slug}/respond");
    let send = |n: usize, date: &'static str, time: &'static str, part: &'static str, certainty: &'static str| {
        let (app, path) = (&app, path.clone());
        async move {
            let what = format!("Le détail numéro {n} avec la voiture {n}{n}");
            let fields = [
                ("kind", "tip"),
                ("what", what.as_str()),
                ("when_date", date),
                ("when_time", time),
                ("when_part", part),
                ("when_certainty", certainty),
            ];
            let (status, page) = app.http.fill(&path, &fields).await;
            (status.as_u16(), page)
        }
    };
    let cases = [
        ("2026-07-14", "18:30", "", "exact", Some("2026-07-14T16:30:00Z"), "minute"),
        ("2026-01-14", "18:30", "", "about", Some("2026-01-14T17:30:00Z"), "hour"),
        ("14/07/2026", "18h30", "", "", Some("2026-07-14T16:30:00Z"), "hour"),
        ("2026-07-14", "", "evening", "", Some("2026-07-14T19:00:00Z"), "part_of_day"),
        ("2026-07-14", "", "", "day", Some("2026-07-14T10:00:00Z"), "day"),
        ("2026-07-14", "18:30", "", "unknown", None, ""),
        // Shown twice: the first of them, to the hour.
        ("2025-10-26", "02:30", "", "exact", Some("2025-10-26T00:30:00Z"), "hour"),
    ];
    for (n, (date, time, part, certainty, ..)) in cases.iter().enumerate() {
        let (status, page) = send(n, date, time, part, certainty).await;
        assert_eq!(status, 200, "{date} {time}: {page}");
    }
    for (opened, (date, time, .., at, precision)) in app.opened(&id).await.iter().zip(cases) {
        let read = &opened["text"]["read"];
        assert_eq!(read["at"].as_str(), at, "{date} {time}: {read}");
        assert_eq!(read["at_precision"].as_str().unwrap_or_default(), precision, "{date} {time}");
    }
    for (date, time, part, certainty, field) in [
        ("2026-03-29", "02:30", "", "exact", "when_time"),
        ("2026-02-30", "", "", "day", "when_date"),
        ("", "18:30", "", "exact", "when_date"),
        ("2026-07-14", "", "", "exact", "when_time"),
        ("2026-07-14", "", "", "part_of_day", "when_part"),
        ("2026-07-14", "", "", "maybe", "when_certainty"),
        ("2099-07-14", "", "", "day", "when_date"),
    ] {
        let (status, page) = send(90, date, time, part, certainty).await;
        assert_eq!(status, 422, "{date} {time} {certainty}");
        assert!(page.contains(&format!("id=\"mistake-{field}\"")), "{date} {time} {certainty}: {page}");
        assert!(page.contains("<details class=\"contact\" open>"), "what is wrong is open to be seen");
    }
}

#[actix_web::test]
async fn the_form_weighs_little_sets_no_cookie_and_asks_nobody_else_in_four_languages() {
    let app = TestApp::start().await;
    let (id, slug) = app.out_in_three_languages().await;
    let assets: usize = {
        let mut sum = 0;
        for asset in ["/assets/tocsin.css", "/assets/tocsin.svg", "/assets/work.js"] {
            sum += app.http.page(asset).await.1.len();
        }
        sum
    };
    let mut heaviest = 0;
    for (language, word) in
        [("fr", "Chercher le lieu"), ("nl", "De plaats zoeken"), ("de", "Den Ort suchen"), ("en", "Find the place")]
    {
        let path = format!("/{language}/a/{slug}/respond");
        let response = app.http.http.get(format!("{}{path}", app.http.base)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert!(response.headers().get("set-cookie").is_none());
        assert!(!response.headers()["content-security-policy"].to_str().unwrap().contains("data:"));
        let form = response.text().await.unwrap();
        assert!(form.contains(&format!("<html lang=\"{language}\">")) && form.contains(word), "{path}: {form}");
        let (_, map) = step(&app, &path, &form, &[("step", "find"), ("where", "Eupen")]).await;
        let with_map = app
            .http
            .http
            .post(format!("{}{path}", app.http.base))
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = with_map.body("step=find&where=Eupen").send().await.unwrap();
        assert!(answer.headers().get("set-cookie").is_none());
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("img-src 'self' data:;"));
        for page in [&form, &map] {
            for part in page.split(['"', '\'']).filter(|part| part.starts_with("http")) {
                assert!(part.starts_with(&app.http.base) || part.starts_with("http://www.w3.org/"), "{part}");
            }
            assert!(!page.contains("<script"), "{path}");
        }
        heaviest = heaviest.max(map.len() + assets);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(map.as_bytes()).unwrap();
        println!(
            "{language}: form {} bytes, with a map {} ({} packed)",
            form.len(),
            map.len(),
            packed.finish().unwrap().len()
        );
        let (status, page) = step(
            &app,
            &path,
            &map,
            &[("kind", "tip"), ("what", &format!("Detail {language} {word}")), ("where", "Eupen")],
        )
        .await;
        assert_eq!(status, 200, "{page}");
        let code = receipt(&page);
        let (status, thread) = app.http.send_form(&format!("/{language}/r"), &[("code", &code)]).await;
        assert_eq!(status, 200);
        assert!(thread.contains(&format!("<html lang=\"{language}\">")));
    }
    println!("the heaviest page with everything it loads: {heaviest} bytes");
    assert!(heaviest <= 100_000, "{heaviest}");
    let languages: Vec<String> =
        app.opened(&id).await.iter().map(|one| one["language"].as_str().unwrap().to_owned()).collect();
    assert_eq!(languages, ["fr", "nl", "de", "en"]);
    let read = app.opened(&id).await[2]["text"]["read"].clone();
    assert_eq!((&read["place"], &read["read_by"]), (&json!("NIS:63023"), &json!("choice")));
}
