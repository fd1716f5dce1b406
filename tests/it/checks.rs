//! The list of checks as an editor sees it: the record's own checks among them, official hashtags, dictionaries found.

use crate::support::{TestApp, decision, missing_minor};
use serde_json::{Value, json};

fn of<'a>(plan: &'a Value, rule: &str) -> Vec<&'a Value> {
    plan["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule).collect()
}

#[actix_web::test]
async fn what_the_record_lacks_stands_among_the_checks_under_its_number() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    let mut short = decision(&app.appeal(&id).await);
    short["scope"]["channels"] = json!(["page", "feed"]);
    short["scope"]["area"] = json!({"include": [{"place": "NIS:21009"}]});
    short["scope"]["languages"] = json!(["fr"]);
    short["consents"] = json!([]);
    app.recorded(&id, &short).await;
    let plan = app.http.get(&app.team.investigator, &format!("/appeals/{id}/plan")).await;
    for rule in ["AU-02", "AU-04", "AU-05", "AU-06", "AU-08"] {
        let found = of(&plan, rule);
        assert!(!found.is_empty(), "{rule} in {plan:#}");
        assert!(found.iter().all(|finding| finding["severity"] == "block"), "{rule}");
        assert!(
            found
                .iter()
                .all(|f| !f["reason"].as_str().unwrap().is_empty() && !f["suggestion"].as_str().unwrap().is_empty())
        );
    }
    assert!(of(&plan, "AU-01").is_empty() && of(&plan, "AU-03").is_empty() && of(&plan, "AU-07").is_empty());
    let good = decision(&app.appeal(&id).await);
    let authorisation = app.recorded(&id, &good).await;
    app.verified(&authorisation).await;
    let plan = app.http.get(&app.team.investigator, &format!("/appeals/{id}/plan")).await;
    assert!(plan["findings"].as_array().unwrap().iter().all(|f| !f["rule"].as_str().unwrap().starts_with("AU-")));
}

#[actix_web::test]
async fn a_hashtag_is_official_for_the_place_or_it_is_said() {
    let app = TestApp::start_with(|config| {
        let file = config.media.directory.with_file_name("tags.toml");
        let rows = "[[locality]]\nplace = \"NIS:21009\"\nsource = \"zone\"\nfr = [\"Ixelles\"]\nnl = [\"Elsene\"]\n\
            [[locality]]\nplace = \"NIS:44021\"\nsource = \"zone\"\nfr = [\"Gand\"]\nnl = [\"Gent\"]\n";
        std::fs::write(&file, rows).unwrap();
        config.lint.hashtags = vec![file];
    })
    .await;
    let mut appeal = missing_minor();
    appeal["notices"]["fr"]["lead"] = json!("Avez-vous vu Lina ? #Ixelles #Gand");
    appeal["notices"]["nl"]["lead"] = json!("Hebt u Lina gezien? #Elsene");
    let filed = app.http.post(&app.team.investigator, "/appeals", &appeal).await;
    let id = filed["id"].as_str().unwrap();
    app.http.put(&app.team.investigator, &format!("/appeals/{id}/area"), 1, &crate::support::area()).await;
    let plan = app.http.get(&app.team.investigator, &format!("/appeals/{id}/plan")).await;
    let found = of(&plan, "HT-01");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        (found[0]["language"].as_str(), found[0]["excerpt"].as_str()),
        (Some("fr"), Some("Gand")),
        "of another town"
    );
}

#[actix_web::test]
async fn a_language_without_a_dictionary_is_said_not_to_be_checked() {
    let app = TestApp::start_with(|config| {
        let folder = config.media.directory.with_file_name("words");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("fr_BE.aff"), "SET UTF-8\n").unwrap();
        std::fs::write(folder.join("fr_BE.dic"), "3\navez\nvous\nvu\n").unwrap();
        config.lint.dictionaries = vec![folder];
    })
    .await;
    let told = tocsin::app::check_texts::dictionaries(&app.app);
    assert!(told.contains("words/fr_BE.dic") && told.contains("nl not checked"), "{told}");
    let filed = app.http.post(&app.team.investigator, "/appeals", &missing_minor()).await;
    let plan = app.http.get(&app.team.investigator, &format!("/appeals/{}/plan", filed["id"].as_str().unwrap())).await;
    let missed: Vec<_> = plan["not_checked"].as_array().unwrap().iter().filter(|n| n["rule"] == "LA-03").collect();
    assert_eq!(missed.len(), 1, "{missed:?}");
    assert_eq!(missed[0]["language"], "nl");
    assert!(of(&plan, "LA-03").iter().any(|finding| finding["language"] == "fr"), "three words know little");
}
