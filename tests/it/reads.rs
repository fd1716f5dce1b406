//! Who looked at what: reading lists, areas and plans leaves one entry each, with counts and filters and nobody's name.

use crate::support::TestApp;

fn entries(app: &TestApp, action: &str) -> Vec<(String, String, String)> {
    let told = app.app.db.read_now(|conn| tocsin::db::audit::entries_after(conn, 0, None, None, 1000)).unwrap();
    let of_action = told.into_iter().map(|stored| stored.entry).filter(|entry| entry.action == action);
    of_action.map(|entry| (entry.actor, entry.object, entry.reason)).collect()
}

#[actix_web::test]
async fn reading_a_list_an_area_or_a_plan_is_in_the_audit_once_a_request() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    let who = &app.team.verifier;
    app.http.get(who, "/appeals?kind=missing_minor&stage=filed").await;
    app.http.get(who, "/appeals?kind=Lina%20Exemple").await;
    let listed = entries(&app, "appeals.listed");
    let unit = app.http.get(who, "/units").await["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(listed.iter().map(|(_, object, _)| object.as_str()).collect::<Vec<_>>(), [unit.as_str(); 2]);
    assert_eq!(listed[0].2, "1 shown; kind missing_minor, stage filed, first page");
    assert_eq!(listed[1].2, "0 shown; kind unknown, stage any, first page", "nobody's name, not even from a query");
    app.http.get(who, &format!("/appeals/{id}/area?as=cells")).await;
    app.http.get(who, &format!("/appeals/{id}/plan")).await;
    app.http.get(who, &format!("/appeals/{id}/assessments")).await;
    let reader = &app.team.responder;
    app.http.get(reader, &format!("/appeals/{id}/responses")).await;
    let mut readers = Vec::new();
    for action in ["appeal.area_read", "appeal.plan_read", "assessments.listed", "responses.listed"] {
        let read = entries(&app, action);
        assert_eq!(read.len(), 1, "{action}");
        assert_eq!(read[0].1, id, "{action}");
        readers.push(read[0].0.clone());
    }
    assert_eq!(readers[0], listed[0].0);
    assert_ne!(readers[3], readers[0]);
    // Somebody of another unit leaves a denial, and no reading.
    let foreign =
        crate::support::member(&app.app, &app.http, "other", "foreign", tocsin::domain::actor::Role::ALL).await;
    assert_eq!(app.http.refused_get(&foreign, &format!("/appeals/{id}/area")).await.0, 404);
    assert_eq!(entries(&app, "appeal.area_read").len(), 1);
}
