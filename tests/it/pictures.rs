//! What is measured and seen on pictures: sharpness from the pixels that are published, handcuffs by two people.

use crate::support::{TestApp, member, missing_minor};
use base64::Engine;
use image::imageops;
use image::{GrayImage, ImageFormat, Luma};
use serde_json::{Value, json};
use tocsin::domain::actor::Role;

/// A face-like scene with edges, as drawn or out of focus, in base64.
fn scene(blur: Option<f32>) -> String {
    let drawn = GrayImage::from_fn(600, 750, |x, y| {
        let (u, v) = (f64::from(x) / 600.0, f64::from(y) / 750.0);
        let near = |cx: f64, cy: f64, r: f64| (u - cx).hypot(v - cy) < r;
        let shade = if v < 0.22 && (x / 8) % 2 == 0 {
            50
        } else if near(0.4, 0.4, 0.04) || near(0.6, 0.4, 0.04) {
            30
        } else if near(0.5, 0.6, 0.07) {
            110
        } else if near(0.5, 0.45, 0.28) {
            200
        } else {
            90
        };
        Luma([shade])
    });
    let picture = blur.map_or_else(|| drawn.clone(), |sigma| imageops::blur(&drawn, sigma));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    base64::engine::general_purpose::STANDARD.encode(bytes.into_inner())
}

/// An appeal with one picture: its id and the picture as kept.
async fn with_picture(app: &TestApp, data: &str) -> (String, Value) {
    let filed = app.http.post(&app.team.investigator, "/appeals", &missing_minor()).await;
    let id = filed["id"].as_str().unwrap().to_owned();
    let picture = json!({"data": data, "portrait": true, "minor": true, "alt": {"fr": "Dessin", "nl": "Tekening"}});
    let kept = app.http.post(&app.team.investigator, &format!("/appeals/{id}/media"), &picture).await;
    (id, kept["media"].clone())
}

/// Whether a rule found something, and whether it was not checked.
async fn judged(app: &TestApp, id: &str, rule: &str) -> (bool, bool) {
    let plan = app.http.get(&app.team.investigator, &format!("/appeals/{id}/plan")).await;
    let names = |list: &str| plan[list].as_array().unwrap().iter().any(|found| found["rule"] == rule);
    (names("findings"), names("not_checked"))
}

#[actix_web::test]
async fn a_blurred_picture_is_told_from_a_sharp_one_by_its_published_pixels() {
    let app = TestApp::start().await;
    let (sharp, kept) = with_picture(&app, &scene(None)).await;
    let (soft, blurred) = with_picture(&app, &scene(Some(6.0))).await;
    let variance = |media: &Value| media["sharpness"]["thousandths"].as_i64().unwrap();
    println!("sharp {}, blurred {}", variance(&kept), variance(&blurred));
    assert!(variance(&kept) > 40_000 && variance(&blurred) < 40_000);
    assert_eq!(kept["sharpness"]["side"], 512);
    assert_eq!(judged(&app, &sharp, "IM-02").await, (false, false));
    assert_eq!(judged(&app, &soft, "IM-02").await, (true, false));
    // A picture kept before anything was measured is not judged, and that is said.
    let parsed = tocsin::domain::ids::AppealId::parse(&sharp).unwrap();
    let old = app.app.db.read_now(|conn| tocsin::db::appeals::any(conn, &parsed)).unwrap().media.remove(0);
    let mut document = old.to_document();
    document.as_object_mut().unwrap().remove("sharpness");
    assert_eq!(tocsin::domain::media::Media::from_document(&document).unwrap().sharpness, None);
    let before = tocsin::domain::media::Media {
        id: tocsin::domain::ids::MediaId::from_parts(chrono::Utc::now(), [3; 10]),
        sharpness: None,
        ..old
    };
    app.app.db.write_now(|conn| tocsin::db::appeals::add_media(conn, &parsed, &before, 1, chrono::Utc::now())).unwrap();
    assert_eq!(judged(&app, &sharp, "IM-02").await, (false, true));
}

#[actix_web::test]
async fn two_people_look_for_handcuffs_and_one_that_sees_them_is_enough() {
    let app = TestApp::start().await;
    let (id, media) = with_picture(&app, &scene(None)).await;
    let path = format!("/appeals/{id}/media/{}/views", media["id"].as_str().unwrap());
    assert_eq!(judged(&app, &id, "PI-06").await, (false, true), "nobody looked");
    let nothing = json!({"restraint": false});
    let seen = app.http.post(&app.team.investigator, &path, &nothing).await;
    assert_eq!(seen["viewed_by"], 1);
    assert_eq!(judged(&app, &id, "PI-06").await, (false, true), "one person is not enough");
    let (status, codes) = app.http.refused(&app.team.investigator, &path, None, &nothing).await;
    assert_eq!((status, codes[0].as_str()), (409, "already-exists"));
    let second = member(&app.app, &app.http, "unit", "second", &[Role::Investigator]).await;
    app.http.post(&second, &path, &nothing).await;
    assert_eq!(judged(&app, &id, "PI-06").await, (false, false));
    let (other, media) = with_picture(&app, &scene(Some(1.0))).await;
    let path = format!("/appeals/{other}/media/{}/views", media["id"].as_str().unwrap());
    app.http.post(&app.team.validator, &path, &json!({"restraint": true})).await;
    assert_eq!(judged(&app, &other, "PI-06").await, (true, true));
    let plan = app.http.get(&app.team.investigator, &format!("/appeals/{other}/plan")).await;
    let blockers = plan["blockers"].as_array().unwrap();
    assert!(blockers.iter().any(|blocker| blocker["code"] == "check"), "{blockers:?}");
    let foreign = format!("/appeals/{id}/media/{}/views", media["id"].as_str().unwrap());
    assert_eq!(app.http.refused(&second, &foreign, None, &nothing).await.0, 404, "a picture of another appeal");
}
