//! Reading: lists with cursors, searches, estimates and figures.
#![allow(clippy::indexing_slicing, reason = "fields of JSON objects made or checked here")]

use serde_json::{Value, json};

use super::errors::No;
use super::node::{Kind, Node};
use super::{Asked, MetaAds, missing, targeting};
use crate::simulators::ledger::Ledger;

/// Rows of a page unless asked otherwise.
const PAGE: usize = 25;

impl MetaAds {
    pub(super) fn search(asked: &Asked<'_>, ledger: &mut Ledger) -> Result<Value, No> {
        ledger.read("search");
        let q = asked.one("q").unwrap_or_default().to_lowercase();
        match asked.one("type") {
            Some("adlocale") => {
                let found = targeting::LOCALES.iter().filter(|(_, name)| name.to_lowercase().contains(&q));
                let limit = asked.one("limit").and_then(|limit| limit.parse().ok()).unwrap_or(8);
                let rows: Vec<Value> = found.take(limit).map(|(key, name)| json!({"key": key, "name": name})).collect();
                Ok(json!({"data": rows}))
            }
            _ => Err(No::wrong("(#100) type must be adlocale here")),
        }
    }

    pub(super) fn list(&self, asked: &Asked<'_>, edge: &str, ledger: &mut Ledger) -> Result<Value, No> {
        ledger.read(edge);
        let kind = match edge {
            "campaigns" => Kind::Campaign,
            "adsets" => Kind::AdSet,
            "adcreatives" => Kind::Creative,
            "ads" => Kind::Ad,
            "minimum_budgets" => {
                let least = self.account.least_daily;
                return Ok(json!({"data": [{"currency": self.account.currency, "min_daily_budget_imp": least,
                    "min_daily_budget_high_freq": least * 5, "min_daily_budget_low_freq": least * 40,
                    "min_daily_budget_video_views": least}]}));
            }
            "delivery_estimate" => return Self::estimate(asked),
            other => return Err(No::wrong(format!("Unknown path components: /{other}"))),
        };
        self.listed(asked, kind, None)
    }

    /// `GET /{campaign}/adsets` and `/ads`: what belongs to it; a deleted campaign still shows its own.
    pub(super) fn below(&self, asked: &Asked<'_>, id: &str, edge: &str, ledger: &mut Ledger) -> Result<Value, No> {
        ledger.read(edge);
        self.nodes.all.get(id).filter(|node| node.kind == Kind::Campaign).ok_or_else(|| missing(id))?;
        self.listed(asked, if edge == "adsets" { Kind::AdSet } else { Kind::Ad }, Some(id))
    }

    fn listed(&self, asked: &Asked<'_>, kind: Kind, campaign: Option<&str>) -> Result<Value, No> {
        let under = |node: &Node| {
            let parent = node.parent.as_deref();
            let above = parent.and_then(|id| self.nodes.all.get(id)).and_then(|set| set.parent.as_deref());
            campaign.is_none_or(|id| parent == Some(id) || above == Some(id))
        };
        let name = match asked.one("filtering") {
            None => None,
            Some(text) => Some(name_filter(text)?),
        };
        let all: Vec<&Node> = self
            .nodes
            .all
            .values()
            .filter(|node| node.kind == kind && !node.is_gone() && node.listed_at <= asked.now)
            .filter(|node| under(node))
            .filter(|node| name.as_ref().is_none_or(|name| node.text("name") == name))
            .collect();
        let limit = asked.one("limit").and_then(|limit| limit.parse().ok()).unwrap_or(PAGE).clamp(1, 500);
        let from = match asked.one("after") {
            None => 0,
            Some(cursor) => {
                cursor.strip_prefix("c").and_then(|n| n.parse().ok()).ok_or_else(|| No::wrong("(#100) after"))?
            }
        };
        let fields = asked.one("fields").unwrap_or_default();
        let data: Vec<Value> =
            all.iter().skip(from).take(limit).map(|node| self.nodes.view(node, fields, asked.now)).collect();
        let mut paging = json!({"cursors": {"before": format!("c{from}"), "after": format!("c{}", from + data.len())}});
        if from + data.len() < all.len() {
            let host = asked.call.header("host").unwrap_or_default();
            let rest: Vec<String> =
                asked.call.query.split('&').filter(|p| !p.starts_with("after=")).map(str::to_owned).collect();
            paging["next"] =
                json!(format!("http://{host}{}?{}&after=c{}", asked.call.path, rest.join("&"), from + data.len()));
        }
        Ok(json!({"data": data, "paging": paging}))
    }

    fn estimate(asked: &Asked<'_>) -> Result<Value, No> {
        if !matches!(asked.one("optimization_goal"), Some("REACH" | "IMPRESSIONS" | "LINK_CLICKS")) {
            return Err(No::wrong("(#100) The parameter optimization_goal is required"));
        }
        let spec: Value = serde_json::from_str(asked.one("targeting_spec").unwrap_or_default())
            .map_err(|_| No::wrong("(#100) targeting_spec must be JSON"))?;
        let object = spec.as_object().ok_or_else(|| No::wrong("(#100) targeting_spec must be an object"))?;
        targeting::checked(object, true)?;
        // 60 users a square kilometre of circle: plausible, and the same each time.
        let circles = spec.pointer("/geo_locations/custom_locations").and_then(Value::as_array);
        let km2: f64 = circles
            .into_iter()
            .flatten()
            .filter_map(|c| c.get("radius")?.as_f64())
            .map(|r| std::f64::consts::PI * r * r)
            .sum();
        #[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "an area on Earth times 60 fits")]
        let people = (km2 * 60.0) as i64;
        Ok(
            json!({"data": [{"estimate_ready": true, "estimate_mau_lower_bound": people, "estimate_mau_upper_bound": people * 6 / 5}]}),
        )
    }

    pub(super) fn insights(&self, asked: &Asked<'_>, id: &str, ledger: &mut Ledger) -> Result<Value, No> {
        ledger.read("insights");
        let node = self.nodes.all.get(id).ok_or_else(|| missing(id))?;
        let fields = asked.one("fields").unwrap_or_default();
        if asked.one("date_preset") != Some("maximum") && asked.one("time_range").is_none() {
            return Err(No::wrong("(#100) date_preset or time_range is required here"));
        }
        let spent = self.nodes.spent(node);
        if spent.impressions == 0 {
            return Ok(json!({"data": []}));
        }
        let mut row = json!({});
        for field in fields.split(',') {
            row[field] = match field {
                "reach" => json!(spent.reach.to_string()),
                "impressions" => json!(spent.impressions.to_string()),
                "frequency" => json!("1.6"),
                "clicks" | "inline_link_clicks" => json!(spent.clicks.to_string()),
                "spend" => {
                    json!(format!("{}.{:02}", spent.spent_micros / 1_000_000, spent.spent_micros % 1_000_000 / 10_000))
                }
                "account_currency" => json!(self.account.currency),
                "date_start" | "date_stop" => json!(asked.now.format("%Y-%m-%d").to_string()),
                other => return Err(No::wrong(format!("(#100) {other} is not valid for fields param"))),
            };
        }
        Ok(json!({"data": [row]}))
    }
}

/// `[{"field":"name","operator":"EQUAL","value":".."}]`.
fn name_filter(text: &str) -> Result<String, No> {
    let value: Value = serde_json::from_str(text).map_err(|_| No::wrong("(#100) filtering must be JSON"))?;
    let one = value.as_array().filter(|all| all.len() == 1).and_then(|all| all.first());
    let is = |key: &str, word: &str| one.and_then(|one| one.get(key)).and_then(Value::as_str) == Some(word);
    match one.and_then(|one| one.get("value")).and_then(Value::as_str) {
        Some(name) if is("field", "name") && is("operator", "EQUAL") => Ok(name.to_owned()),
        _ => Err(No::wrong("(#100) Filtering field or operator is invalid")),
    }
}
