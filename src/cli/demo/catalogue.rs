//! The second story: a catalogue of recovered objects whose owners are sought, in three languages.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value by key gives null, never a panic")]

use super::stories::{magistrate, receipt_code, sent};
use super::{Stage, pictures};
use anyhow::ensure;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

/// A catalogue of recovered objects whose owners are sought.
pub async fn stolen_art(stage: &Stage) -> anyhow::Result<()> {
    println!("STOLEN-ART CATALOGUE for Liège and Antwerp, French, Dutch and German");
    let area = json!({"include": [{"place": "NIS:62063"}, {"place": "NIS:11002"}]});
    let lot = |number: i64, fr: [&str; 2], nl: [&str; 2], de: [&str; 2], height: i64| {
        json!({"number": number, "measurements": [{"dimension": "height", "value": height, "unit": "mm"}], "seizure_reference": "DEMO-SAISIE-7",
            "hidden": {"question": "What stands on the back?", "answer": "a family name"},
            "texts": {"fr": {"object_type": fr[0], "title": fr[1]}, "nl": {"object_type": nl[0], "title": nl[1]}, "de": {"object_type": de[0], "title": de[1]}}})
    };
    let lots = [
        lot(
            1,
            ["Peinture", "Paysage au soleil couchant"],
            ["Schilderij", "Landschap bij zonsondergang"],
            ["Gemälde", "Landschaft bei Sonnenuntergang"],
            480,
        ),
        lot(
            2,
            ["Vase", "Vase rayé bleu et blanc"],
            ["Vaas", "Blauw-wit gestreepte vaas"],
            ["Vase", "Blau-weiß gestreifte Vase"],
            310,
        ),
        lot(
            3,
            ["Pendule", "Pendule ronde en laiton"],
            ["Klok", "Ronde messing klok"],
            ["Uhr", "Runde Messinguhr"],
            270,
        ),
    ];
    let notice = |headline: &str, lead: &str| json!({"headline": headline, "lead": lead, "body": [], "look_for": []});
    let appeal = json!({
        "kind": "objects_found", "country": "BE", "title": "Objets retrouvés (démonstration)", "channels": ["page", "feed", "email"],
        "subject": {"seizure_reference": "DEMO-SAISIE-7", "found": {"at": Utc::now() - TimeDelta::days(20), "place": "NIS:62063"}},
        "notices": {
            "fr": notice("Ces objets sont-ils à vous ?", "La police a retrouvé des objets volés à Liège et à Anvers et cherche leurs propriétaires."),
            "nl": notice("Zijn deze voorwerpen van u?", "De politie vond gestolen voorwerpen terug in Luik en Antwerpen en zoekt de eigenaars."),
            "de": notice("Gehören diese Gegenstände Ihnen?", "Die Polizei hat in Lüttich und Antwerpen gestohlene Gegenstände gefunden und sucht die Eigentümer."),
        },
    });
    let picture = |kind, colour, fr: &str, nl: &str, de: &str| -> anyhow::Result<(Vec<u8>, Value)> {
        Ok((pictures::object(kind, colour)?, json!({"alt": {"fr": fr, "nl": nl, "de": de}})))
    };
    let shown = [
        picture(
            0,
            [150, 190, 220],
            "Peinture encadrée d'un paysage",
            "Ingelijst schilderij van een landschap",
            "Gerahmtes Landschaftsgemälde",
        )?,
        picture(1, [40, 90, 170], "Vase rayé", "Gestreepte vaas", "Gestreifte Vase")?,
        picture(2, [176, 140, 60], "Pendule ronde", "Ronde klok", "Runde Uhr")?,
    ];
    let filed = stage.file(&appeal, &shown, &lots, &area).await?;
    let decision = json!({"country": "BE", "authority_type": "be_ji", "magistrate": magistrate(), "case_reference": "DEMO/2026/002",
        "legal_basis": ["BE-AVIS-2005"], "requested_by": "judicial",
        "consents": [{"kind": "seizure_record", "given_by": "record DEMO-SAISIE-7", "at": Utc::now() - TimeDelta::days(19)}]});
    stage.authorise(&filed, decision, &area).await?;
    let view = stage.dispatch(&filed).await?;
    println!(
        "  3 lots dispatched: {} mails in French, {} in Dutch, {} in German",
        sent(&view, "email", "fr"),
        sent(&view, "email", "nl"),
        sent(&view, "email", "de")
    );
    let (status, page) = stage.api.page(&format!("/nl/a/{}", filed.slug)).await?;
    ensure!(
        status == 200 && page.contains("messing klok") && !page.contains("laiton"),
        "the Dutch catalogue is not Dutch only"
    );
    let path = format!("/nl/a/{}/respond?lot=2", filed.slug);
    let receipt = stage
        .api
        .fill(
            &path,
            &[
                ("kind", "claim"),
                ("what", "De vaas is van mijn grootmoeder, gestolen in 2019."),
                ("contact_name", "Jan Voorbeeld"),
            ],
        )
        .await?;
    ensure!(receipt_code(&receipt).is_some(), "no receipt for the claim");
    let report = stage.api.get(&stage.team.responder, &format!("/appeals/{}/report", filed.id)).await?;
    ensure!(report.pointer("/responses/by/kind/claim") == Some(&json!(1)), "the claim is not counted");
    println!("  an owner claimed lot 2; counted as a claim; the catalogue stays open\n");
    Ok(())
}
