//! Reading: lists with cursors, places and languages, figures.

use serde_json::{Value, json};

use super::entity::{Entity, Kind};
use super::errors::No;
use super::fields::moment;
use super::{Asked, XAds};
use crate::simulators::ledger::Ledger;

/// Rows of a page: as asked, up to 1,000; 200 otherwise.
fn page<T>(rows: &[T], asked: &Asked<'_>, shown: impl Fn(&T) -> Value) -> Result<Value, No> {
    let count =
        asked.one("count").map_or(Ok(200), |count| count.parse::<usize>().map_err(|_| No::invalid("count", count)))?;
    if !(1..=1_000).contains(&count) {
        return Err(No::invalid("count", "1 to 1000"));
    }
    let from = match asked.one("cursor") {
        None => 0,
        Some(cursor) => {
            cursor.strip_prefix("cur").and_then(|n| n.parse().ok()).ok_or_else(|| No::invalid("cursor", cursor))?
        }
    };
    let data: Vec<Value> = rows.iter().skip(from).take(count).map(shown).collect();
    let next = (from + data.len() < rows.len()).then(|| format!("cur{}", from + data.len()));
    Ok(json!({"data": data, "next_cursor": next, "request": {"params": {}}}))
}

impl XAds {
    pub(super) fn targets(&self, asked: &Asked<'_>, list: &str, ledger: &mut Ledger) -> Result<Value, No> {
        ledger.read(list);
        let rows: Vec<Value> = match list {
            "locations" => {
                let is = |name: &str, value: &str| asked.one(name).is_none_or(|wanted| wanted == value);
                let q = asked.one("q").unwrap_or_default().to_lowercase();
                let places = self.account.places.iter().filter(|place| {
                    is("location_type", &place.kind)
                        && is("country_code", &place.country)
                        && place.name.to_lowercase().contains(&q)
                });
                places
                    .map(|place| {
                        json!({"name": place.name, "country_code": place.country, "location_type": place.kind,
                            "targeting_value": place.id, "targeting_type": "LOCATION"})
                    })
                    .collect()
            }
            "languages" => [("English", "en"), ("French", "fr"), ("Dutch", "nl"), ("German", "de")]
                .iter()
                .map(|(name, value)| json!({"name": name, "targeting_value": value, "targeting_type": "LANGUAGE"}))
                .collect(),
            other => return Err(No::new(404, "ROUTE_NOT_FOUND", other)),
        };
        page(&rows, asked, Value::clone)
    }

    pub(super) fn list(&self, asked: &Asked<'_>, list: &str, ledger: &mut Ledger) -> Result<Value, No> {
        ledger.read(list);
        match list {
            "funding_instruments" => {
                let row = json!({"id": self.account.funding, "currency": self.account.currency, "able_to_fund": !self.is_suspended,
                    "type": "CREDIT_CARD", "deleted": false});
                return page(&[row], asked, Value::clone);
            }
            "promotable_users" => {
                let row = json!({"id": "pu1", "user_id": self.account.user, "promotable_user_type": "FULL", "deleted": false});
                return page(&[row], asked, Value::clone);
            }
            _ => {}
        }
        let kind = Kind::of(list).ok_or_else(|| No::new(404, "ROUTE_NOT_FOUND", list))?;
        let among = |name: &str, value: &str| asked.one(name).is_none_or(|ids| ids.split(',').any(|id| id == value));
        let q = asked.one("q").unwrap_or_default().to_lowercase();
        let named = asked.one("name").unwrap_or_default().to_lowercase();
        let with_deleted = asked.one("with_deleted") == Some("true");
        let is_named = |one: &Entity| {
            let name = one.text("name").to_lowercase();
            // `q` matches loosely: any word of it.
            name.starts_with(&named) && (q.is_empty() || q.split_whitespace().any(|word| name.contains(word)))
        };
        let fits = |one: &&Entity| {
            one.kind == kind
                && one.listed_at <= asked.now
                && (with_deleted || !one.deleted)
                && is_named(one)
                && match kind {
                    Kind::Campaign => among("campaign_ids", &one.id),
                    Kind::LineItem => among("line_item_ids", &one.id) && among("campaign_ids", one.text("campaign_id")),
                    Kind::Criterion | Kind::Promoted => among("line_item_ids", one.text("line_item_id")),
                    Kind::Tweet => true,
                }
        };
        if kind == Kind::Tweet && asked.one("tweet_type").is_none() {
            return Err(No::missing("tweet_type"));
        }
        if kind == Kind::Criterion && asked.one("line_item_ids").is_none() {
            return Err(No::missing("line_item_ids"));
        }
        let rows: Vec<&Entity> = self.entities.all.values().filter(fits).collect();
        page(&rows, asked, |one| self.entities.view(one, asked.now))
    }

    pub(super) fn stats(&self, asked: &Asked<'_>, rest: &[&str], ledger: &mut Ledger) -> Result<Value, No> {
        let needed = |name: &'static str| asked.one(name).ok_or_else(|| No::missing(name));
        let hour = |name: &'static str| {
            let at = moment(needed(name)?).filter(|at| at.timestamp() % 3_600 == 0);
            at.ok_or_else(|| No::invalid(name, "a whole hour"))
        };
        let (from, until) = (hour("start_time")?, hour("end_time")?);
        if until <= from || until - from > chrono::TimeDelta::days(7) && rest.is_empty() {
            return Err(No::invalid("end_time", "at most 7 days after start_time"));
        }
        if rest == ["reach", "campaigns"] {
            ledger.read("reach");
            let row = |id: &str| {
                let spent = self.entities.all.get(id).map(|campaign| self.entities.spent(campaign)).unwrap_or_default();
                json!({"id": id, "total_audience_reach": spent.reach, "average_frequency": 1.6})
            };
            let rows: Vec<Value> = needed("campaign_ids")?.split(',').map(row).collect();
            return Ok(json!({"data": rows, "request": {"params": {}}}));
        }
        if !rest.is_empty() {
            return Err(No::new(404, "ROUTE_NOT_FOUND", "stats"));
        }
        ledger.read("stats");
        if needed("entity")? != "CAMPAIGN" && needed("entity")? != "LINE_ITEM" {
            return Err(No::invalid("entity", "CAMPAIGN or LINE_ITEM"));
        }
        for (name, known) in [
            ("granularity", &["TOTAL", "DAY", "HOUR"][..]),
            ("placement", &["ALL_ON_TWITTER"]),
            ("metric_groups", &["ENGAGEMENT,BILLING", "ENGAGEMENT", "BILLING"]),
        ] {
            if !known.contains(&needed(name)?) {
                return Err(No::invalid(name, known.join(" or ")));
            }
        }
        let row = |id: &str| {
            let entity = self.entities.all.get(id);
            let spending = match entity.map(|entity| entity.kind) {
                // What was spent so far counts in the span it is asked in; a simulator keeps no days.
                Some(Kind::LineItem) if (from..until).contains(&asked.now) => {
                    entity.map(|item| item.spending.clone()).unwrap_or_default()
                }
                _ => crate::simulators::spending::Spending::default(),
            };
            // A figure that is nothing is null.
            let figure = |number: i64| if number == 0 { Value::Null } else { json!([number]) };
            let metrics = json!({"impressions": figure(spending.impressions()), "clicks": figure(spending.clicks()),
                "url_clicks": figure(spending.clicks()), "engagements": figure(spending.clicks()),
                "billed_charge_local_micro": figure(spending.micros)});
            json!({"id": id, "id_data": [{"segment": null, "metrics": metrics}]})
        };
        let ids: Vec<&str> = needed("entity_ids")?.split(',').collect();
        if ids.len() > 20 {
            return Err(No::invalid("entity_ids", "at most 20"));
        }
        let rows: Vec<Value> = ids.into_iter().map(row).collect();
        Ok(json!({"data_type": "stats", "time_series_length": 1, "data": rows, "request": {"params": {}}}))
    }
}
