//! An appeal that is out, what the public answered, and whether any of it lies in the clear.

use super::{TestApp, decision, missing_minor, portrait, worrying};
use serde_json::{Value, json};

impl TestApp {
    /// An appeal that is out in French, Dutch and German, with Eupen in its area: its id and the last part of its address.
    pub async fn out_in_three_languages(&self) -> (String, String) {
        let mut appeal = missing_minor();
        appeal["notices"]["de"] = json!({"headline": "Lina wird vermisst", "lead": "Haben Sie Lina gesehen?", "look_for": ["Eine rote Jacke"]});
        let filed = self.http.post(&self.team.investigator, "/appeals", &appeal).await;
        let id = filed["id"].as_str().unwrap().to_owned();
        let alt =
            json!({"fr": "Dessin d'une fille", "nl": "Tekening van een meisje", "de": "Zeichnung eines Mädchens"});
        let picture = json!({"data": portrait(1), "portrait": true, "minor": true, "alt": alt});
        self.http.post(&self.team.investigator, &format!("/appeals/{id}/media"), &picture).await;
        self.http.post(&self.team.investigator, &format!("/appeals/{id}/assessments"), &worrying("yes")).await;
        let area = json!({"include": [{"place": "NIS:21009"}, {"place": "NIS:23099"}, {"place": "NIS:63023"}]});
        let version = self.appeal(&id).await["version"].as_i64().unwrap();
        self.http.put(&self.team.investigator, &format!("/appeals/{id}/area"), version, &area).await;
        let mut decision = decision(&self.appeal(&id).await);
        (decision["scope"]["area"], decision["scope"]["languages"]) = (area, json!(["fr", "nl", "de"]));
        let authorisation = self.recorded(&id, &decision).await;
        self.verified(&authorisation).await;
        let digest = self.plan_digest(&id).await;
        self.http.decide(&self.team.investigator, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
        self.say_yes(&id, &digest).await;
        self.http.decide(&self.team.dispatcher, &format!("/appeals/{id}/dispatches"), &digest, &json!({})).await;
        self.work().await;
        let slug = self.appeal(&id).await["slug"].as_str().unwrap().to_owned();
        (id, slug)
    }

    /// An appeal that is out: its id and the last part of its address.
    pub async fn live(&self) -> (String, String) {
        let (id, _) = self.dispatched().await;
        self.work().await;
        let slug = self.appeal(&id).await["slug"].as_str().unwrap().to_owned();
        (id, slug)
    }

    /// All responses of an appeal, opened by the reader.
    pub async fn opened(&self, id: &str) -> Vec<Value> {
        let list = self.http.get(&self.team.responder, &format!("/appeals/{id}/responses?limit=200")).await;
        let mut all = Vec::new();
        for item in list["items"].as_array().unwrap() {
            let path = format!("/responses/{}?reason=triage", item["id"].as_str().unwrap());
            all.push(self.http.get(&self.team.responder, &path).await);
        }
        all
    }

    /// Whether a text lies in the clear in any file of the installation's folder.
    pub fn lies_open(&self, text: &str) -> bool {
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else if std::fs::read(entry.path())
                    .is_ok_and(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
                {
                    return true;
                }
            }
        }
        false
    }
}
